//! One tool: its typed input and its entry in the catalogue.

use std::time::Duration;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::idents::{ident, text};
use super::schema::{self, Objects};
use super::{input, paths};
use crate::ir::{Effect, Element, Method, Property, Roles, Shape, Target, Tool};

/// Everything that one file holds.
pub(super) fn tokens(tool: &Tool) -> TokenStream {
    let (input, structs) = input::tokens(tool);
    let entry = entry(tool, &input);
    quote!(#structs #entry)
}

fn entry(tool: &Tool, input: &Ident) -> TokenStream {
    let (path, spec) = (paths::tool(), paths::spec());
    let constructor = match tool.target {
        Target::Backend { .. } => ident("new"),
        Target::Native { .. } => ident("native"),
    };
    let doc = format!(" The tool `{}`.", tool.name);
    let (name, title, description) = (text(&tool.name), text(&tool.title), text(&tool.description));
    let aliases = tool.aliases.iter().map(|alias| text(alias));
    let (effect, roles, target) = (effect(tool.effect), roles(&tool.roles), target(&tool.target));
    let (approval, timeout) = (tool.approval, timeout(tool.timeout));
    let rate_limit = option(tool.rate_limit.map(Literal::u32_unsuffixed));
    let properties = tool.properties();
    let input_schema = text(&schema::text(properties.clone(), Objects::Closed));
    let output = tool.output.as_ref().map(|output| text(&schema::text(output.iter(), Objects::Open)));
    let output_schema = option(output);
    let sensitive = sensitive(properties);
    let sensitive = sensitive.iter().map(|path| text(path));
    let examples = tool.examples.iter().map(|example| text(&example.to_string()));
    quote! {
        static SPEC: #spec = #spec {
            name: #name,
            aliases: &[#(#aliases),*],
            title: #title,
            description: #description,
            effect: #effect,
            approval: #approval,
            roles: #roles,
            target: #target,
            timeout: #timeout,
            rate_limit: #rate_limit,
            input_schema: #input_schema,
            output_schema: #output_schema,
            sensitive: &[#(#sensitive),*],
            examples: &[#(#examples),*],
        };
        #[doc = #doc]
        pub static TOOL: #path = #path::#constructor::<#input>(&SPEC);
    }
}

fn option(value: Option<impl quote::ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(Some(#value)),
        None => quote!(None),
    }
}

fn effect(effect: Effect) -> TokenStream {
    let path = paths::effect();
    let variant = ident(match effect {
        Effect::Read => "Read",
        Effect::Write => "Write",
        Effect::Destructive => "Destructive",
    });
    quote!(#path::#variant)
}

fn roles(roles: &Roles) -> TokenStream {
    let path = paths::roles();
    match roles {
        Roles::Default => quote!(#path::Default),
        Roles::Only(roles) => {
            let roles = roles.iter().map(|role| text(role));
            quote!(#path::Only(&[#(#roles),*]))
        }
    }
}

fn target(target: &Target) -> TokenStream {
    let path = paths::target();
    match target {
        Target::Native { .. } => {
            let open_world = target.is_open_world();
            quote!(#path::Native { open_world: #open_world })
        }
        Target::Backend { service, method, path: template } => {
            let (service, methods, template) = (text(service), paths::method(), text(template));
            let method = ident(match method {
                Method::Get => "Get",
                Method::Post => "Post",
                Method::Put => "Put",
                Method::Patch => "Patch",
                Method::Delete => "Delete",
            });
            quote!(#path::Backend { service: #service, method: #methods::#method, path: #template })
        }
    }
}

fn timeout(timeout: Duration) -> TokenStream {
    let path = paths::duration();
    if timeout.subsec_millis() == 0 {
        let seconds = Literal::u64_unsuffixed(timeout.as_secs());
        return quote!(#path::from_secs(#seconds));
    }
    let milliseconds = Literal::u128_unsuffixed(timeout.as_millis());
    quote!(#path::from_millis(#milliseconds))
}

/// The paths of arguments that must never be logged: `secret`, `stages[].token`.
pub(crate) fn sensitive<'p>(properties: impl Iterator<Item = &'p Property>) -> Vec<String> {
    let mut paths = Vec::new();
    for property in properties {
        sensitive_parts(&property.element, &property.name, &mut paths);
    }
    paths
}

fn sensitive_parts(element: &Element, path: &str, out: &mut Vec<String>) {
    if element.sensitive {
        out.push(path.to_owned());
        return;
    }
    match &element.shape {
        Shape::List(list) => sensitive_parts(&list.item, &format!("{path}[]"), out),
        Shape::Record(properties) => {
            for property in properties {
                sensitive_parts(&property.element, &format!("{path}.{}", property.name), out);
            }
        }
        _ => {}
    }
}
