//! The typed input of a tool: a struct for the call and for each object in it, with its decoder and encoder.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;

use super::idents::{TypeNames, doc, ident, local, pascal, text};
use super::paths;
use crate::ir::{Format, List, Number, Place, Presence, Property, Shape, Target, Text, Tool};

/// Items of one file, outermost struct first.
pub(super) struct Structs {
    names: TypeNames,
    items: Vec<TokenStream>,
}

/// A property and what its shape became.
struct FieldTokens<'p> {
    property: &'p Property,
    value: ValueTokens,
}

/// What a shape became.
struct ValueTokens {
    ty: TokenStream,
    /// The rule that reads it.
    rule: TokenStream,
    /// The pattern that the rule refers to, as a static item, because it is compiled once.
    pattern: Option<TokenStream>,
}

/// The struct of the call and everything inside it; and the name of that struct.
pub(super) fn tokens(tool: &Tool) -> (Ident, TokenStream) {
    let mut structs = Structs { names: TypeNames::new(), items: Vec::new() };
    let base = pascal(&tool.name);
    let name = structs.names.take(&base);
    let fields = structs.fields(tool.params.iter().map(|param| &param.property), &base);
    let (args, parts, input) = (paths::args(), paths::request_parts(), paths::tool_input());
    let encode = tool.params.iter().map(|param| {
        let setter = match param.place {
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
            Place::Body => "body",
        };
        let (setter, wire, field) = (ident(setter), text(&param.property.wire), ident(&param.property.name));
        if param.place == Place::Header {
            // A header cannot carry all text, so a problem names the argument.
            let name = text(&param.property.name);
            return quote!(request.header(#name, #wire, &self.#field););
        }
        quote!(request.#setter(#wire, &self.#field);)
    });
    let (definition, decode) = (definition(&name, &tool.description, &fields), decode(&fields));
    let (args_name, request) = match tool.params.is_empty() {
        true => (quote!(_args), quote!(_request)),
        false => (quote!(args), quote!(request)),
    };
    let native = native(tool, &name);
    let nested = &structs.items;
    let items = quote! {
        #definition
        impl #input for #name {
            fn decode(#args_name: &mut #args<'_>) -> Option<Self> { #decode }
            fn encode(&self, #request: &mut #parts) { #(#encode)* }
        }
        #native
        #(#nested)*
    };
    (name, items)
}

fn native(tool: &Tool, name: &Ident) -> TokenStream {
    let Target::Native { handler } = &tool.target else { return TokenStream::new() };
    let (input, call, answer) = (paths::native_input(), paths::native_call(), paths::native_answer());
    let handler = paths::handler(handler);
    let fields = tool.params.iter().map(|param| {
        let field = ident(&param.property.name);
        quote!(#field: self.#field)
    });
    quote! {
        impl #input for #name {
            fn run(self, call: #call) -> #answer {
                #handler::run(call, #handler::Arguments { #(#fields),* })
            }
        }
    }
}

fn definition(name: &Ident, text: &str, fields: &[FieldTokens<'_>]) -> TokenStream {
    let doc_of_struct = doc(text);
    let fields = fields.iter().map(|FieldTokens { property, value }| {
        let (field, ty) = (ident(&property.name), &value.ty);
        let doc = match &property.element.description {
            Some(description) => doc(description),
            None => doc(&format!("`{}`.", property.name)),
        };
        let ty = match property.presence {
            Presence::Optional => quote!(Option<#ty>),
            Presence::Required | Presence::Default(_) => quote!(#ty),
        };
        quote!(#doc pub #field: #ty)
    });
    quote!(#doc_of_struct pub struct #name { #(#fields),* })
}

/// Reads every field before the first `?`, so that all problems come back at once.
fn decode(fields: &[FieldTokens<'_>]) -> TokenStream {
    let names: Vec<&str> = fields.iter().map(|field| field.property.name.as_str()).collect();
    let patterns = fields.iter().filter_map(|field| field.value.pattern.as_ref());
    let reads = fields.iter().map(|FieldTokens { property, value: ValueTokens { rule, .. } }| {
        let (local, name) = (local(&property.name, &names), text(&property.name));
        match &property.presence {
            Presence::Required => quote!(let #local = args.required(#name, &#rule);),
            Presence::Optional => quote!(let #local = args.optional(#name, &#rule);),
            Presence::Default(value) => {
                let value = text(&value.to_string());
                quote!(let #local = args.or(#name, &#rule, #value);)
            }
        }
    });
    let values = fields.iter().map(|FieldTokens { property, .. }| {
        let (field, local) = (ident(&property.name), local(&property.name, &names));
        quote!(#field: #local?)
    });
    quote!(#(#patterns)* #(#reads)* Some(Self { #(#values),* }))
}

// === impl Structs ===

impl Structs {
    fn fields<'p>(
        &mut self,
        properties: impl Iterator<Item = &'p Property>,
        base: &str,
    ) -> Vec<FieldTokens<'p>> {
        properties
            .map(|property| {
                let base = format!("{base}{}", pascal(&property.name));
                FieldTokens { property, value: self.value(&property.element.shape, &property.name, &base) }
            })
            .collect()
    }

    fn value(&mut self, shape: &Shape, property: &str, base: &str) -> ValueTokens {
        let (ty, rule) = match shape {
            Shape::Text(constraints) => return text_value(constraints, property),
            Shape::List(list) => return self.list(list, property, base),
            Shape::Choice(choices) => {
                let (rule, choices) = (paths::choice(), choices.iter().map(|choice| text(choice)));
                (quote!(&'static str), quote!(#rule::new(&[#(#choices),*])))
            }
            Shape::Integer { minimum, maximum } => {
                let (rule, mut calls) = (paths::integer(), TokenStream::new());
                add(&mut calls, "minimum", minimum.map(integer));
                add(&mut calls, "maximum", maximum.map(integer));
                (quote!(i64), quote!(#rule::new() #calls))
            }
            Shape::Number(number) => (quote!(f64), number_rule(number)),
            Shape::Flag => (quote!(bool), paths::flag()),
            Shape::Record(properties) => {
                return self.record(properties, &format!("The value of `{property}`."), base);
            }
            Shape::FreeObject => (paths::json(), paths::free_object()),
            Shape::Any => (paths::json(), paths::any_json()),
        };
        ValueTokens { ty, rule, pattern: None }
    }

    fn list(&mut self, list: &List, property: &str, base: &str) -> ValueTokens {
        let ValueTokens { ty, rule: item, pattern } = match &list.item.shape {
            Shape::Record(properties) => {
                self.record(properties, &format!("One entry of `{property}`."), base)
            }
            other => self.value(other, property, base),
        };
        let (rule, mut calls) = (paths::list(), TokenStream::new());
        add(&mut calls, "min_items", list.min_items.map(Literal::u32_unsuffixed));
        add(&mut calls, "max_items", list.max_items.map(Literal::u32_unsuffixed));
        if list.unique {
            calls.extend(quote!(.unique()));
        }
        ValueTokens { ty: quote!(Vec<#ty>), rule: quote!(#rule::new(&#item) #calls), pattern }
    }

    fn record(&mut self, properties: &[Property], text_of_doc: &str, base: &str) -> ValueTokens {
        let name = self.names.take(base);
        // The place is kept for it, in front of what it holds.
        let at = self.items.len();
        self.items.push(TokenStream::new());
        let fields = self.fields(properties.iter(), base);
        let (args, writer, input) = (paths::args(), paths::object_writer(), paths::object_input());
        let (definition, decode) = (definition(&name, text_of_doc, &fields), decode(&fields));
        let writes = properties.iter().map(|property| {
            let (wire, field) = (text(&property.wire), ident(&property.name));
            quote!(object.field(#wire, &self.#field);)
        });
        let item = quote! {
            #definition
            impl #input for #name {
                fn decode(args: &mut #args<'_>) -> Option<Self> { #decode }
                fn encode(&self, object: &mut #writer<'_>) { #(#writes)* }
            }
        };
        if let Some(place) = self.items.get_mut(at) {
            *place = item;
        }
        let rule = paths::record();
        ValueTokens { ty: quote!(#name), rule: quote!(#rule::<#name>::new()), pattern: None }
    }
}

fn text_value(constraints: &Text, property: &str) -> ValueTokens {
    let (rule, mut calls) = (paths::text(), TokenStream::new());
    let pattern = constraints.pattern.as_deref().map(|pattern| {
        let name = Ident::new(&format!("{}_PATTERN", property.to_ascii_uppercase()), Span::call_site());
        (name, text(pattern))
    });
    add(&mut calls, "min_length", constraints.min_length.map(Literal::u32_unsuffixed));
    add(&mut calls, "max_length", constraints.max_length.map(Literal::u32_unsuffixed));
    add(&mut calls, "pattern", pattern.as_ref().map(|(name, _)| quote!(&#name)));
    add(&mut calls, "format", constraints.format.map(format));
    let pattern = pattern.map(|(name, source)| {
        let ty = paths::pattern();
        quote!(static #name: #ty = #ty::new(#source);)
    });
    ValueTokens { ty: quote!(String), rule: quote!(#rule::new() #calls), pattern }
}

fn number_rule(bounds: &Number) -> TokenStream {
    let (rule, mut calls) = (paths::number(), TokenStream::new());
    add(&mut calls, "minimum", bounds.minimum.map(float));
    add(&mut calls, "maximum", bounds.maximum.map(float));
    add(&mut calls, "exclusive_minimum", bounds.exclusive_minimum.map(float));
    add(&mut calls, "exclusive_maximum", bounds.exclusive_maximum.map(float));
    quote!(#rule::new() #calls)
}

/// Adds `.method(value)` where there is a value.
fn add(calls: &mut TokenStream, method: &str, value: Option<impl quote::ToTokens>) {
    if let Some(value) = value {
        let method = ident(method);
        calls.extend(quote!(.#method(#value)));
    }
}

fn integer(value: i64) -> TokenStream {
    let magnitude = Literal::u64_unsuffixed(value.unsigned_abs());
    if value < 0 { quote!(-#magnitude) } else { quote!(#magnitude) }
}

fn float(value: f64) -> TokenStream {
    let magnitude = Literal::f64_unsuffixed(value.abs());
    if value < 0.0 { quote!(-#magnitude) } else { quote!(#magnitude) }
}

fn format(format: Format) -> TokenStream {
    let path = paths::format();
    let variant = ident(match format {
        Format::Email => "Email",
        Format::Date => "Date",
        Format::DateTime => "DateTime",
        Format::Uri => "Uri",
        Format::Uuid => "Uuid",
    });
    quote!(#path::#variant)
}
