//! The IR as Rust: infallible and deterministic. It decides nothing; every decision is in the IR.

use crate::ir::Tool;

mod idents;
mod index;
mod input;
mod paths;
pub(crate) mod schema;
pub(crate) mod tool;

/// One generated file: Rust, or the index as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Where it belongs, relative to the folder of generated files.
    pub path: String,
    /// The text, formatted.
    pub text: String,
}

pub(crate) fn emit(tools: &[Tool], services: &[String]) -> Vec<GeneratedFile> {
    let mut files: Vec<GeneratedFile> = tools
        .iter()
        .map(|tool| {
            let header =
                format!("// Generated from manifests/{}/{}.yaml; edit that file.", tool.domain, tool.stem);
            let path = format!("{}/{}.rs", tool.domain, tool.stem);
            GeneratedFile { path, text: format(&header, tool::tokens(tool)) }
        })
        .collect();
    let header = "// Generated from the folder of manifests; edit a file there.";
    files.push(GeneratedFile {
        path: "tools.rs".to_owned(),
        text: format(header, index::tokens(tools, services)),
    });
    files.push(GeneratedFile { path: "index.txt".to_owned(), text: index::text(tools) });
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// Formats items; the header is put in front afterwards because the printer drops comments.
fn format(header: &str, tokens: proc_macro2::TokenStream) -> String {
    match syn::parse2::<syn::File>(tokens) {
        Ok(file) => format!("{header}\n\n{}", prettyplease::unparse(&file)),
        // What passed the check is emitted as legal Rust; if not, the build says whose fault it is.
        Err(error) => format!("{header}\n\ncompile_error!({:?});\n", format!("a fault of codegen: {error}")),
    }
}
