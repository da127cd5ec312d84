//! Every file of one return, by name: what `--out` writes, byte for byte the same each time.

use super::{charts, csv, csvw, html, json, markdown, proof, schema, sdmx};
use crate::cells::Return;
use crate::withhold::Audit;
use serde_json::Value;

/// What anybody who holds the ledger needs to recount a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The ledger's checkpoint at the as-of, as its note says it; none where the table comes from a plain log.
    pub checkpoint: Option<String>,
    /// SHA-256 of the codebook's files, in hex.
    pub codebook_hash: String,
    /// SHA-256 of the log's entries in order of record, in hex; empty where the checkpoint says it.
    pub log_hash: String,
    /// The program and its version.
    pub program: String,
}

/// A file: its name and what it holds.
pub type File = (String, String);

/// The files of a table, and the reader's pages of it as it is told in other languages. `hash` is SHA-256 in hex, handed in so that this
/// crate needs none.
#[must_use]
pub fn write(made: &Return, told: &[Return], origin: &Origin, audit: Option<&Audit>, hash: &dyn Fn(&[u8]) -> String) -> Vec<File> {
    let id = made.id.as_str();
    let mut files = vec![
        (format!("{id}.csv"), csv::write(made)),
        (format!("{id}.sdmx.csv"), sdmx::csv(made)),
        (format!("{id}.json"), format!("{}\n", json::pretty(made))),
        (format!("{id}.csv-metadata.json"), pretty(&csvw::write(made))),
        (format!("{id}.sdmx.json"), pretty(&sdmx::message(made))),
        (format!("{id}.html"), html::write(made)),
        (format!("{id}.md"), markdown::write(made)),
    ];
    for other in told {
        let language = other.language.code();
        files.push((format!("{id}.{language}.html"), html::write(other)));
        files.push((format!("{id}.{language}.md"), markdown::write(other)));
    }
    files.extend(charts::write(made).into_iter().map(|(name, svg)| (format!("{id}-{name}.svg"), svg)));
    files.extend(schema::code_lists(made));
    files.push((format!("{id}.proof.json"), pretty(&proof::write(made, origin, audit, &files, hash))));
    let described = schema::write(made, &files, hash);
    files.push(("datapackage.json".to_owned(), pretty(&described)));
    files.sort();
    files
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
