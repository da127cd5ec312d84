//! The language as an author meets it: packs in, codebooks and diagnostics out.

mod language;
mod mistakes;
mod packs;
mod robustness;

use habeas_codebook::diagnostic::{Diagnostic, Severity, SourceFile};
use habeas_codebook::pack::PackSource;
use habeas_codebook::{Reading, read};
use std::path::Path;

fn folder(path: &str) -> PackSource {
    PackSource::from_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).expect("a pack of this repository")
}

/// The conformance codebook with one more chapter, listed last.
fn with_chapter(text: &str) -> PackSource {
    let mut pack = folder("tests/conformance");
    let manifest = &mut pack.files.iter_mut().find(|f| f.path == "codebook.toml").expect("its manifest").text;
    *manifest = manifest.replace("\"70-places-and-visits.md\"]", "\"70-places-and-visits.md\", \"99-specimen.md\"]");
    pack.files.push(SourceFile { path: "chapters/99-specimen.md".to_owned(), text: text.to_owned() });
    pack
}

/// Errors as an author reads them: `8 E101 interview undr way` (line, code, the words pointed at).
fn errors(reading: &Reading) -> Vec<String> {
    let errors = reading.diagnostics.iter().filter(|d| d.severity == Severity::Error);
    errors.map(|d| format!("{} {} {}", line(reading, d), d.code, words(reading, d))).collect()
}

fn line(reading: &Reading, told: &Diagnostic) -> u32 {
    reading.files[told.mark.file as usize].line_column(told.mark.bytes.start).0
}

fn words<'a>(reading: &'a Reading, told: &Diagnostic) -> &'a str {
    &reading.files[told.mark.file as usize].text[told.mark.bytes.start as usize..told.mark.bytes.end as usize]
}

/// A pack of two small files, and what stands in them.
fn small_pack(manifest: &str, chapter: &str) -> PackSource {
    PackSource {
        files: vec![
            SourceFile { path: "codebook.toml".to_owned(), text: manifest.to_owned() },
            SourceFile { path: "chapters/one.md".to_owned(), text: chapter.to_owned() },
        ],
    }
}

fn read_alone(pack: &PackSource) -> Reading {
    read(pack, &|_| None)
}
