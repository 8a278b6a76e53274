//! "Did you mean": one rule for keys, names and arguments.

/// The candidate nearest to `word`, if it is near enough to be meant: within three edits (a swap of two
/// neighbours counts as one, another case as none), and fewer than the word has characters. Never a guess beyond
/// that.
/// Among equals the first wins.
pub fn suggest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let (length, lower) = (word.chars().count(), word.to_lowercase());
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let distance = strsim::osa_distance(&lower, &candidate.to_lowercase());
        let near = distance <= 3 && distance < length && word != candidate;
        if near && best.is_none_or(|(nearest, _)| distance < nearest) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::suggest;

    fn check(word: &str, candidates: &[&'static str], expected: Option<&str>) {
        assert_eq!(suggest(word, candidates.iter().copied()), expected, "{word} among {candidates:?}");
    }

    #[test]
    fn suggests_only_what_is_near() {
        check("aproval", &["title", "approval", "aliases"], Some("approval"));
        check("tga", &["limit", "tag"], Some("tag"));
        check("dealid", &["deal_id"], Some("deal_id"));
        check("größe", &["grösse"], Some("grösse"));
        check("x", &["y"], None);
        check("window", &["limit", "query"], None);
        check("limit", &["limit"], None);
        check("CRM", &["cm", "crm"], Some("crm"));
        check("mim", &["min", "max"], Some("min"));
    }
}
