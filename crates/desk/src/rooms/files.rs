//! Files that were handed in with the entries of a record: opened by whoever may read the field that they belong to, and nobody else; each
//! opening is an entry. And their custody: what came, what is kept, who handed it in, who opened it and when.

use crate::account::SignedIn;
use crate::clock::Teller;
use crate::desk::{Desk, Sight};
use crate::error::{Answer, DeskError};
use crate::files::waiting::{removed, size};
use crate::names::Names;
use crate::reading::FILE_OPENED;
use crate::station::record::entries;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;
use habeas_register::Entry;
use habeas_register::files::File;

/// Whatever a file holds, it runs nothing, asks for nothing and is shown by nobody's page.
const POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// Its address.
pub fn routes() -> Router<Desk> {
    Router::new().route("/record/{class}/{id}/file/{entry}/{place}", get(file))
}

/// A file, to save. One that is not there and one that is not for this reader are one answer.
async fn file(State(desk): State<Desk>, who: SignedIn, Path((class, id, entry, place)): Path<(String, String, String, u8)>) -> Answer {
    desk.work(move |desk| {
        let sight = desk.asked_for(&who, &class, &id)?;
        let entries = entries(desk, &sight, (&class, &id), None)?;
        let entry = entries.iter().find(|one| one.id == entry).ok_or(DeskError::Absent)?;
        let file = sight.files(entry).find(|file| file.told.place == place).ok_or(DeskError::Absent)?;
        desk.note_file_opened(&who, &sight, entry, file)?;
        let bytes = desk.register.file(entry.index, place)?;
        let headers = [
            (CONTENT_TYPE, file.told.media.clone()),
            (CONTENT_DISPOSITION, disposition(&file.told.name)),
            (CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        ];
        Ok((headers, bytes.reveal().to_vec()).into_response())
    })
    .await
}

/// To be saved under this name, also by programs that know only ASCII (RFC 6266).
fn disposition(name: &str) -> String {
    let plain: String =
        name.chars().map(|letter| if letter.is_ascii_alphanumeric() || ".-_ ".contains(letter) { letter } else { '_' }).collect();
    let coded: String = name
        .bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() || b".-_".contains(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
            },
        )
        .collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{coded}")
}

/// A file and its custody, as shown.
pub struct Custody {
    /// Name for people.
    pub name: String,
    /// Where it is opened.
    pub href: String,
    /// Size in words.
    pub size: String,
    /// What it was handed in with.
    pub kind: String,
    /// The id of that entry, for a link.
    pub entry: String,
    /// When it happened, and who entered it.
    pub handed_in: (String, String),
    /// SHA-256 of what is kept.
    pub sha256: String,
    /// SHA-256 of what came, where that is another.
    pub original: Option<String>,
    /// What was taken out, in words.
    pub removed: String,
    /// Who opened it: when, stamp and who.
    pub opened: Vec<(String, String, String)>,
}

/// The files of some entries of a record that this reader may open, and who has opened those of a case.
///
/// # Errors
/// Trouble with the register.
pub fn custody(desk: &Desk, teller: &Teller<'_>, sight: &Sight<'_>, shown: &[Entry]) -> Result<Vec<Custody>, DeskError> {
    let Some((class, id)) = sight.tied.subjects.first() else { return Ok(Vec::new()) };
    let with_files: Vec<&Entry> = shown.iter().filter(|entry| sight.files(entry).next().is_some()).collect();
    if with_files.is_empty() {
        return Ok(Vec::new());
    }
    let mut readings = Vec::new();
    if class == "case" {
        desk.register.settle_readings()?;
        readings = desk.register.history(class, id, None)?;
        readings.retain(|entry| entry.kind == FILE_OPENED && sight.entry(entry));
    }
    let names = Names::new(&desk.codebook, teller.language);
    let one = |entry: &Entry, file: &File| Custody {
        name: file.told.name.clone(),
        href: format!("/record/{class}/{id}/file/{}/{}", entry.id, file.told.place),
        size: size(teller, file.told.size),
        kind: names.kind(&entry.kind),
        entry: entry.id.clone(),
        handed_in: (teller.at(entry.when), entry.by.as_deref().map(|by| desk.person_name(by)).unwrap_or_default()),
        sha256: file.told.sha256.clone(),
        original: Some(file.told.original.clone()).filter(|original| *original != file.told.sha256),
        removed: removed(teller, &file.told.removed),
        opened: readings.iter().filter(|reading| is_of(reading, entry, file)).map(|reading| opened(desk, teller, sight, reading)).collect(),
    };
    Ok(with_files.iter().flat_map(|entry| sight.files(entry).map(|file| one(entry, file))).collect())
}

fn text<'e>(entry: &'e Entry, name: &str) -> Option<&'e str> {
    entry.fields.iter().find(|told| told.name == name).and_then(|told| told.value.as_str())
}

fn is_of(reading: &Entry, entry: &Entry, file: &File) -> bool {
    text(reading, "evidence") == Some(&entry.id) && text(reading, "hash") == Some(&file.told.sha256)
}

fn opened(desk: &Desk, teller: &Teller<'_>, sight: &Sight<'_>, reading: &Entry) -> (String, String, String) {
    let by = text(reading, "done by").filter(|_| sight.field(reading, "done by")).unwrap_or_default();
    (teller.instant(reading.recorded_at), teller.stamp(reading.recorded_at), desk.person_name(by))
}
