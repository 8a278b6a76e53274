//! Names of others in the spelling of this language.

use crate::check::names::is_snake_case;

/// Parameters have at most this many characters.
const MAX_PARAM: usize = 40;

/// A name in snake_case: `contactId` and `X-Contact-ID` become `contact_id` and `x_contact_id`.
pub(super) fn snake(name: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_ascii_alphanumeric() {
            let after_small = before.is_ascii_lowercase() || before.is_ascii_digit();
            let before_small = chars.peek().is_some_and(char::is_ascii_lowercase);
            let begins =
                c.is_ascii_uppercase() && (after_small || (before.is_ascii_uppercase() && before_small));
            if begins && !out.ends_with('_') {
                out.push('_');
            }
            out.push(c.to_ascii_lowercase());
        } else if !out.ends_with('_') {
            out.push('_');
        }
        before = c;
    }
    out.trim_matches('_').to_owned()
}

/// The name of a parameter that is not taken.
pub(super) fn param(name: &str, taken: &[String]) -> String {
    let mut base: String = snake(name).chars().take(MAX_PARAM - 3).collect();
    if !base.starts_with(|c: char| c.is_ascii_lowercase()) {
        base = format!("p_{base}").trim_end_matches('_').to_owned();
    }
    if !is_snake_case(&base) {
        base = format!("the_{base}");
    }
    free(&base, |name| taken.iter().any(|other| other == name))
}

/// The name of a tool below its domain, from the id of an operation or from its request.
pub(super) fn tool(domain: &str, id: Option<&str>, request: &str, taken: impl Fn(&str) -> bool) -> String {
    let room = 40_usize.saturating_sub(domain.len() + 4).max(8);
    let source = id.unwrap_or(request);
    // Some ids begin with the whole path, of which the end tells most.
    let segments: Vec<&str> = source.split('/').collect();
    let end = segments.get(segments.len().saturating_sub(2)..).unwrap_or_default().join("_");
    let whole = snake(source);
    let mut words: Vec<String> = Vec::new();
    let chosen = if source.contains('/') && id.is_some() { snake(&end) } else { whole };
    for word in chosen.split('_').filter(|word| !word.is_empty()) {
        if words.last().is_none_or(|last| last != word) {
            words.push(word.to_owned());
        }
    }
    while words.len() > 1 && words.join("_").len() > room {
        words.remove(0);
    }
    let mut base: String = words.join("_").chars().take(room).collect();
    base = base.trim_end_matches('_').to_owned();
    if !is_snake_case(&base) {
        base = format!("call_{base}").trim_end_matches('_').to_owned();
    }
    free(&base, taken)
}

fn free(base: &str, taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..1_000).map(|number| format!("{base}_{number}"));
    let mut names = std::iter::once(base.to_owned()).chain(numbered);
    names.find(|name| !taken(name)).unwrap_or_else(|| base.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_others_become_ours() {
        for (name, expected) in [
            ("contactId", "contact_id"),
            ("X-Contact-ID", "x_contact_id"),
            ("HTTPServer2Port", "http_server2_port"),
            ("already_snake", "already_snake"),
            ("a--b..c", "a_b_c"),
        ] {
            assert_eq!(snake(name), expected);
        }
        for (name, expected) in [("9lives", "p_9lives"), ("größe", "gr_e"), ("", "p"), ("self", "the_self")]
        {
            assert_eq!(param(name, &[]), expected);
        }
        assert_eq!(param("id", &["id".to_owned(), "id_2".to_owned()]), "id_3");
        let none = |_: &str| false;
        assert_eq!(tool("pets", Some("find pet by id"), "GET /pets/{id}", none), "find_pet_by_id");
        assert_eq!(tool("crm", Some("post-/v3/contacts/batch/read_read"), "", none), "batch_read");
        assert_eq!(tool("crm", None, "GET /v3/contacts/{id}", none), "get_v3_contacts_id");
        assert_eq!(tool("crm", Some(&"word ".repeat(30)), "", none), "word");
    }
}
