//! What generated code calls the runtime: the one place that knows those paths.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

macro_rules! paths {
    ($($name:ident => [$($path:tt)+];)*) => {
        $(pub(super) fn $name() -> TokenStream {
            quote!($($path)+)
        })*
    };
}

paths! {
    tool => [::runtime::Tool];
    spec => [::runtime::Spec];
    tool_input => [::runtime::ToolInput];
    object_input => [::runtime::ObjectInput];
    args => [::runtime::Args];
    request_parts => [::runtime::RequestParts];
    object_writer => [::runtime::ObjectWriter];
    json => [::runtime::Json];
    effect => [::runtime::Effect];
    roles => [::runtime::Roles];
    target => [::runtime::Target];
    method => [::runtime::Method];
    format => [::runtime::Format];
    text => [::runtime::Text];
    pattern => [::runtime::Pattern];
    choice => [::runtime::Choice];
    integer => [::runtime::Integer];
    number => [::runtime::Number];
    flag => [::runtime::Flag];
    list => [::runtime::List];
    record => [::runtime::Record];
    free_object => [::runtime::FreeObject];
    any_json => [::runtime::AnyJson];
    native_input => [::runtime::native::NativeInput];
    native_call => [::runtime::native::NativeCall];
    native_answer => [::runtime::native::NativeAnswer];
    duration => [::core::time::Duration];
}

/// The module of a handler, which holds its `run` and its `Arguments`.
pub(super) fn handler(name: &str) -> TokenStream {
    let name = Ident::new(name, Span::call_site());
    quote!(::runtime::native::#name)
}
