//! Arguments of a command: words in their order, and options by name.

use std::collections::BTreeMap;

/// Arguments, taken apart.
pub(super) struct Args {
    words: Vec<String>,
    options: BTreeMap<String, Vec<String>>,
}

impl Args {
    /// Takes arguments apart. `valued` names the options that a value follows, `flags` those that stand alone.
    ///
    /// # Errors
    /// What was not understood.
    pub(super) fn parse(args: &[String], valued: &[&str], flags: &[&str]) -> Result<Self, String> {
        let mut parsed = Self { words: Vec::new(), options: BTreeMap::new() };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let Some(option) = arg.strip_prefix("--") else {
                parsed.words.push(arg.clone());
                continue;
            };
            let (name, value) = match option.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (option, None),
            };
            let value = if valued.contains(&name) {
                value.or_else(|| args.next().cloned()).ok_or(format!("--{name} takes a value"))?
            } else if flags.contains(&name) && value.is_none() {
                String::new()
            } else {
                return Err(format!("there is no option --{name} here"));
            };
            parsed.options.entry(name.to_owned()).or_default().push(value);
        }
        Ok(parsed)
    }

    /// The words, if there are as many as these bounds allow.
    ///
    /// # Errors
    /// That there are too few or too many.
    pub(super) fn words(&self, least: usize, most: usize) -> Result<Vec<&str>, String> {
        if (least..=most).contains(&self.words.len()) {
            return Ok(self.words.iter().map(String::as_str).collect());
        }
        Err(format!("{} words were given, not {least} to {most}", self.words.len()))
    }

    /// Whether an option stands there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.options.contains_key(name)
    }

    /// The value of an option, the last one if there are several.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.values(name).last().map(String::as_str)
    }

    /// All values of an option.
    pub(super) fn values(&self, name: &str) -> &[String] {
        self.options.get(name).map_or(&[], Vec::as_slice)
    }
}
