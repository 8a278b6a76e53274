//! Names in generated code.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;

/// Names of types that are taken in one file.
pub(super) struct TypeNames {
    taken: BTreeSet<String>,
}

/// A name in snake_case as an identifier; a keyword becomes a raw one. The check has refused the few words that
/// have no raw form.
pub(super) fn ident(name: &str) -> Ident {
    match syn::parse_str::<Ident>(name) {
        Ok(ident) => ident,
        Err(_) => Ident::new_raw(name, Span::call_site()),
    }
}

/// The local variable that holds a parameter while decoding; it must not hide the arguments themselves.
pub(super) fn local(name: &str, all: &[&str]) -> Ident {
    let mut local = name.to_owned();
    if name == "args" {
        while all.contains(&local.as_str()) {
            local.push('_');
        }
    }
    ident(&local)
}

/// `define_pipeline` as `DefinePipeline`.
pub(super) fn pascal(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for word in name.split('_') {
        let mut chars = word.chars();
        out.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        out.push_str(chars.as_str());
    }
    out
}

/// A literal that reads as it was written: raw where escapes would get in the way.
pub(super) fn text(value: &str) -> TokenStream {
    let raw = value.contains(['"', '\\']) && !value.contains(|c: char| c.is_control());
    if raw {
        let hashes =
            (1..).map(|count| "#".repeat(count)).find(|hashes| !value.contains(&format!("\"{hashes}")));
        if let Some(literal) =
            hashes.and_then(|hashes| format!("r{hashes}\"{value}\"{hashes}").parse::<Literal>().ok())
        {
            return quote!(#literal);
        }
    }
    let literal = Literal::string(value);
    quote!(#literal)
}

/// A documentation comment.
pub(super) fn doc(text: &str) -> TokenStream {
    let lines = text.lines().map(|line| format!(" {}", line.trim_end()));
    quote!(#(#[doc = #lines])*)
}

// === impl TypeNames ===

impl TypeNames {
    pub(super) fn new() -> Self {
        Self { taken: BTreeSet::new() }
    }

    /// The name, or the name with the first free number.
    pub(super) fn take(&mut self, name: &str) -> Ident {
        let numbered = (2..).map(|number| format!("{name}{number}"));
        let free = std::iter::once(name.to_owned()).chain(numbered).find(|name| !self.taken.contains(name));
        let name = free.unwrap_or_else(|| name.to_owned());
        let ident = Ident::new(&name, Span::call_site());
        self.taken.insert(name);
        ident
    }
}
