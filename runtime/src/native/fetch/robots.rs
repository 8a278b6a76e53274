//! What a site asks of robots (RFC 9309).

use std::sync::Arc;

/// Bytes of a file that are read, as the standard asks for at least.
pub(super) const MOST_BYTES: usize = 500 * 1024;
/// Rules that are kept.
const MOST_RULES: usize = 2_000;

/// The rules of one site that hold for this robot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Robots {
    rules: Arc<[Rule]>,
}

#[derive(Debug, PartialEq, Eq)]
struct Rule {
    allow: bool,
    /// Parts between the stars.
    parts: Vec<String>,
    /// Whether it has to match to the end.
    anchored: bool,
    length: usize,
}

impl Robots {
    /// Nothing is asked.
    pub(super) fn none() -> Self {
        Self::default()
    }

    /// Reads a file for the robot that calls itself `agent`: its own groups, or else those for all.
    pub(super) fn parse(text: &str, agent: &str) -> Self {
        let (mut own, mut of_all) = (Vec::new(), Vec::new());
        let mut has_own = false;
        let (mut for_own, mut for_all, mut in_rules) = (false, false, true);
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            match key.trim().to_ascii_lowercase().as_str() {
                "user-agent" => {
                    if in_rules {
                        (for_own, for_all, in_rules) = (false, false, false);
                    }
                    let name = value.split('/').next().unwrap_or_default().trim();
                    for_own |= name.eq_ignore_ascii_case(agent);
                    for_all |= name == "*";
                    has_own |= for_own;
                }
                key @ ("allow" | "disallow") => {
                    in_rules = true;
                    if value.is_empty() {
                        continue;
                    }
                    for (wanted, rules) in [(for_own, &mut own), (for_all, &mut of_all)] {
                        if wanted && rules.len() < MOST_RULES {
                            rules.push(Rule::new(key == "allow", value));
                        }
                    }
                }
                _ => {}
            }
        }
        Self { rules: if has_own { own } else { of_all }.into() }
    }

    /// Whether the page may be fetched: the longest rule that matches decides, and of two `Allow` does.
    pub(super) fn allow(&self, path_and_query: &str) -> bool {
        let matching = self.rules.iter().filter(|rule| rule.matches(path_and_query));
        matching.max_by_key(|rule| (rule.length, rule.allow)).is_none_or(|rule| rule.allow)
    }
}

impl Rule {
    fn new(allow: bool, pattern: &str) -> Self {
        let (body, anchored) = pattern.strip_suffix('$').map_or((pattern, false), |body| (body, true));
        Self { allow, parts: body.split('*').map(str::to_owned).collect(), anchored, length: pattern.len() }
    }

    /// Each part is looked for once, from where the one before ended, so no pattern is expensive.
    fn matches(&self, path: &str) -> bool {
        let Some((first, middle)) = self.parts.split_first() else { return true };
        let Some(mut rest) = path.strip_prefix(first.as_str()) else { return false };
        let Some((last, middle)) = middle.split_last() else { return !self.anchored || rest.is_empty() };
        for part in middle {
            match rest.split_once(part.as_str()) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
        if self.anchored { rest.ends_with(last.as_str()) } else { rest.contains(last.as_str()) }
    }
}

#[cfg(test)]
mod tests {
    use super::Robots;

    #[test]
    fn the_longest_matching_rule_of_the_right_group_decides() {
        let text = "\
User-agent: *
Disallow: /private
Allow: /private/open   # but this
Disallow: /*.pdf$
Disallow: /a*b*c

user-agent: Other/1.0
user-agent: page-reader
disallow: /readers

User-agent: nobody
Disallow: /
";
        for (agent, path, expected) in [
            ("anyone", "/", true),
            ("anyone", "/private", false),
            ("anyone", "/private/x", false),
            ("anyone", "/private/open/x", true),
            ("anyone", "/file.pdf", false),
            ("anyone", "/file.pdf?x=1", true),
            ("anyone", "/a1b2c3", false),
            ("anyone", "/a1c2b3", true),
            ("anyone", "/readers", true),
            ("Page-Reader", "/readers/1", false),
            ("Page-Reader", "/private", true),
            ("other", "/readers", false),
            ("nobody", "/", false),
        ] {
            assert_eq!(Robots::parse(text, agent).allow(path), expected, "{agent} {path}");
        }
    }

    #[test]
    fn odd_files_ask_for_nothing_they_do_not_say() {
        for (text, path, expected) in [
            ("", "/", true),
            ("<html>not found</html>", "/", true),
            ("Disallow: /", "/", true),
            ("User-agent: *\nDisallow:", "/", true),
            ("User-agent: *\nDisallow: /\nAllow: /", "/x", true),
            ("User-agent: *\nDisallow: *", "/x", false),
            ("User-agent: *\nDisallow: /$", "/", false),
            ("User-agent: *\nDisallow: /$", "/x", true),
            ("User-agent: a\nUser-agent: *\nDisallow: /", "/x", false),
            ("User-agent: *\nCrawl-delay: 1\nUser-agent: b\nDisallow: /", "/x", false),
        ] {
            assert_eq!(Robots::parse(text, "me").allow(path), expected, "{text:?} {path}");
        }
        assert!(Robots::none().allow("/x"));
    }
}
