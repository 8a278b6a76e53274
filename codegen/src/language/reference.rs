//! The language as tables for people, as they stand in `docs/manifests.md`.

use super::{Form, Key, MANIFEST, Needed, Of, PROPERTY, formats, types};

/// The reference of the language in Markdown.
#[must_use]
pub fn reference() -> String {
    let words =
        |words: Vec<&str>| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let mut out = String::from("### Keys of a manifest\n\n| Key | | |\n|---|---|---|\n");
    for key in &MANIFEST {
        out.push_str(&row(key, &words));
    }
    out.push_str("\n### Keys of a parameter\n\n`type` is one of ");
    out.push_str(&words(types().collect()));
    out.push_str(". The other keys are spelled as in JSON Schema where it has them.\n");
    for (of, title) in [
        (Of::All, "every type"),
        (Of::Place, "every type, where the value goes"),
        (Of::Strings, "string"),
        (Of::Numbers, "integer, number"),
        (Of::Fractions, "number"),
        (Of::Arrays, "array"),
        (Of::Objects, "object"),
    ] {
        out.push_str(&format!("\n| For {title} | | |\n|---|---|---|\n"));
        for (_, key) in PROPERTY.iter().filter(|(one, _)| *one == of) {
            out.push_str(&row(key, &words));
        }
    }
    out
}

fn row(key: &Key, words: &dyn Fn(Vec<&str>) -> String) -> String {
    let needed = match key.needed {
        Needed::Always => "required",
        Needed::Sometimes => "depends",
        Needed::Never => "",
    };
    let choices = match key.form {
        Form::Words(list) => Some(words(list.to_vec())),
        Form::Formats => Some(words(formats().collect())),
        _ => None,
    };
    let choices = choices.map(|choices| format!("One of {choices}. ")).unwrap_or_default();
    format!("| `{}` | {needed} | {choices}{} |\n", key.name, key.text)
}
