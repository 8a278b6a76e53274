//! The index: every tool as a module, and the sorted list of all of them.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;

use super::idents::{self, ident};
use super::paths;
use crate::ir::Tool;

/// For tests that read the generated files: a line `name domain/stem` for each tool.
pub(super) fn text(tools: &[Tool]) -> String {
    tools.iter().map(|tool| format!("{} {}/{}\n", tool.name, tool.domain, tool.stem)).collect()
}

/// The modules and the lists.
pub(super) fn tokens(tools: &[Tool], services: &[String]) -> TokenStream {
    let mut domains: BTreeMap<&str, Vec<&Tool>> = BTreeMap::new();
    for tool in tools {
        domains.entry(&tool.domain).or_default().push(tool);
    }
    let modules = domains.iter().map(|(domain, tools)| {
        let (name, doc) = (ident(domain), format!(" The tools of the domain `{domain}`."));
        let tools = tools.iter().map(|tool| {
            let (name, doc) = (ident(&tool.stem), format!(" The tool `{}` and its typed input.", tool.name));
            let path = format!("/{}/{}.rs", tool.domain, tool.stem);
            quote! {
                #[doc = #doc]
                pub mod #name { include!(concat!(env!("OUT_DIR"), #path)); }
            }
        });
        quote!(#[doc = #doc] pub mod #name { #(#tools)* })
    });
    let paths = tools.iter().map(|tool| {
        let (domain, stem) = (ident(&tool.domain), ident(&tool.stem));
        quote!(&#domain::#stem::TOOL)
    });
    let (tool, services) = (paths::tool(), services.iter().map(|service| idents::text(service)));
    quote! {
        #(#modules)*
        /// All tools, sorted by name.
        pub static TOOLS: &[&#tool] = &[#(#paths),*];
        /// The names of the backend services, sorted.
        pub static SERVICES: &[&str] = &[#(#services),*];
    }
}
