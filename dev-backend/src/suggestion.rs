//! "Did you mean": the near miss among the names that exist.

/// `; did you mean "crm"?` where a known name is within edit distance 3, else nothing.
pub(crate) fn hint<'n>(given: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    known
        .into_iter()
        .map(|name| (strsim::levenshtein(&given.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= 3 && *distance < name.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| format!("; did you mean {name:?}?"))
        .unwrap_or_default()
}
