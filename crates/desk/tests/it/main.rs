//! The desk through its public door: forms, texts, and stories over HTTP.

mod clients;
mod confidential;
mod corrections;
mod dialogue;
mod drafts;
mod files;
mod forgery;
mod forms;
mod glass;
mod interviews;
mod papers;
mod places;
mod signing;
mod station;
mod statistics;
mod stops;
mod stories;
mod texts;
mod ties;
mod views;
mod whereabouts;

use habeas_codebook::pack::PackSource;
use habeas_codebook::tree::Codebook;
use std::path::Path;

fn folder(pack: &str) -> PackSource {
    PackSource::from_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../codebooks").join(pack)).expect("a pack")
}

/// The vocabulary that every pack shares, with one chapter more.
fn core_with(chapter: &str) -> Codebook {
    let mut source = folder("core");
    source.files.push(habeas_codebook::diagnostic::SourceFile { path: "chapters/99-more.md".to_owned(), text: chapter.to_owned() });
    for file in source.files.iter_mut().filter(|file| file.path == "codebook.toml") {
        file.text = file.text.replace("chapters = [", "chapters = [\"99-more.md\", ");
        file.text.push_str("\n[[sources]]\nname = \"Questions\"\nsection = [\"1-9\"]\n");
    }
    let reading = habeas_codebook::read(&source, &|_| None);
    let said: Vec<String> = reading.diagnostics.iter().map(|found| format!("{} {}", found.code, found.message)).collect();
    assert!(reading.codebook.is_some(), "{said:?}");
    reading.codebook.expect("there is one")
}
