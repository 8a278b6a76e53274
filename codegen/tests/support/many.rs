//! As many manifests as a test of growth wants.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use codegen::check_dir;

/// So many manifests, by their paths, with the list of services: those of this repository over and over, under
/// other names and with other requests.
pub(crate) fn manifests(count: usize) -> BTreeMap<String, Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../manifests");
    let tools = check_dir(&folder).unwrap();
    let names: Vec<&str> = tools.tool_names().collect();
    let texts: Vec<String> = tools.rewritten().into_iter().map(|file| file.text).collect();
    let services = fs::read(folder.join("services.yaml")).unwrap();
    let mut files = BTreeMap::from([("services.yaml".to_owned(), services)]);
    for index in 0..count {
        let (domain, stem) = (format!("domain_{}", index % 40), format!("tool_{index}_x"));
        let text = texts[index % names.len()].lines().map(|line| {
            if line.starts_with("aliases: ") {
                format!("aliases: [{domain}.{stem}]\n")
            } else if let Some(request) = line.strip_prefix("request: ") {
                format!("request: {}\n", request.replacen(" /", &format!(" /v{index}/"), 1))
            } else {
                format!("{line}\n")
            }
        });
        files.insert(format!("{domain}/{stem}.yaml"), text.collect::<String>().into_bytes());
    }
    files
}
