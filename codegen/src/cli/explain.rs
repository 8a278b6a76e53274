//! `explain`: what a code means.

use std::fmt::Write as _;
use std::io;

use super::{Done, print};

pub(super) fn run(args: &[String]) -> io::Result<Done> {
    match args {
        [] => {
            let mut list = String::new();
            for rule in codegen::RULES.iter().chain(codegen::NOTES) {
                // Writing to a String cannot fail.
                let _ = writeln!(list, "{}  {}", rule.code, rule.title);
            }
            print(&list)
        }
        [code] => match codegen::RULES
            .iter()
            .chain(codegen::NOTES)
            .find(|rule| rule.code.eq_ignore_ascii_case(code))
        {
            Some(rule) => print(&format!("{}: {}\n\n{}\n", rule.code, rule.title, rule.explanation)),
            None => Ok(Done::NotUnderstood(format!(
                "there is no rule `{code}`; `manifest explain` lists all of them"
            ))),
        },
        _ => Ok(Done::NotUnderstood("one code at a time".to_owned())),
    }
}
