//! Tests of access through its public door, over the packs of this repository.

mod denials;
mod sentences;

use habeas_access::{Access, Principal, Ties, What};
use habeas_codebook::pack::PackSource;
use habeas_codebook::tree::{Act, Codebook, KindId, Tie};
use std::path::Path;

fn folder(pack: &str) -> PackSource {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../codebooks").join(pack);
    PackSource::from_folder(&path).expect("a pack")
}

fn pack(name: &str) -> Codebook {
    let reading = habeas_codebook::read(&folder(name), &|base| Some(folder(base)));
    reading.codebook.expect("a pack without errors")
}

/// The pack with one chapter more.
fn pack_with(name: &str, block: &str) -> habeas_codebook::Reading {
    let mut source = folder(name);
    let chapter = format!("# One more\n\n```access\n{block}\n```\n");
    source.files.push(habeas_codebook::diagnostic::SourceFile { path: "chapters/99-more.md".to_owned(), text: chapter });
    for file in source.files.iter_mut().filter(|file| file.path == "codebook.toml") {
        file.text = file.text.replace("chapters = [", "chapters = [\"99-more.md\", ");
    }
    habeas_codebook::read(&source, &|base| Some(folder(base)))
}

fn kind(codebook: &Codebook, name: &str) -> KindId {
    let place = codebook.kinds.iter().position(|kind| kind.name == name).expect("a kind of the pack");
    KindId(u16::try_from(place).expect("few kinds"))
}

fn field(codebook: &Codebook, event: &str, name: &str) -> What {
    let id = kind(codebook, event);
    let place = codebook.kind(id).fields.iter().find(|field| codebook.field_names[field.name.index()] == name);
    What::Field(id, place.expect("a field of the kind").name)
}

fn a(access: &Access, role: &str) -> Principal {
    let role = access.role_named(role).expect("a desk role");
    Principal { user: "officer:1".to_owned(), roles: [role].into(), places: ["sahil".to_owned()].into() }
}

fn ties(all: &[Tie]) -> Ties {
    all.iter().copied().collect()
}

fn reads(access: &Access, role: &str, what: &What, with: &[Tie]) -> bool {
    access.may(&a(access, role), Act::Read, what, ties(with))
}
