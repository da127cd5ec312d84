//! What the fuzz targets run, and what `cargo test` runs over the committed corpus: every parser of the register, and of the ledger's files
//! that come from elsewhere, on any bytes. None may panic; what is accepted is written back as it came.

use crate::draft::Draft;
use crate::entry;
use crate::folder::Settings;
use habeas_codebook::tree::Codebook;
use habeas_ledger::keyfile;
use habeas_ledger::leaf::Class;
use habeas_ledger::parcel::Parcel;

/// What a key file may ask for here, in KiB: stretching is slow by design.
const LIGHT: u32 = 64;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The open bytes of a part of an entry.
pub fn part(bytes: &[u8]) {
    let Some(fields) = entry::read_part(bytes, Class::Custody) else { return };
    let written = entry::part(&fields, Class::Custody).ok();
    assert_eq!(written.as_ref().map(|part| part.reveal()), Some(bytes), "a part has one encoding");
}

/// A draft as it is sent to the register: the draft, if it has the form of one.
#[must_use]
pub fn draft(bytes: &[u8], codebook: &Codebook) -> Option<Draft> {
    let json = serde_json::from_slice(bytes).ok()?;
    let draft = Draft::from_json(&json, codebook).ok()?;
    assert!(draft.recorded_at.is_none() && draft.by.is_none(), "only the register says who entered it and when");
    Some(draft)
}

/// `habeas.toml`: what is accepted is read again as it is written.
pub fn settings(bytes: &[u8]) {
    let Ok(settings) = toml::from_str::<Settings>(&text(bytes)) else { return };
    let again = toml::to_string(&settings).ok().and_then(|text| toml::from_str(&text).ok());
    assert_eq!(again, Some(settings), "settings are read as they are written");
}

/// A parcel of a station.
pub fn parcel(bytes: &[u8]) {
    let Ok(parcel) = Parcel::from_bytes(bytes) else { return };
    assert_eq!(parcel.to_bytes().as_deref(), Ok(bytes), "a parcel has one encoding");
    let _origin = parcel.origin();
}

/// A key file. One that asks for much work is passed over.
pub fn key_file(bytes: &[u8]) {
    let text = text(bytes);
    let memory = text.lines().nth(1).and_then(|line| line.split(' ').nth(1)?.parse::<u32>().ok());
    let passes = text.lines().nth(1).and_then(|line| line.split(' ').nth(2)?.parse::<u32>().ok());
    if memory.is_none_or(|kib| kib <= LIGHT) && passes.is_none_or(|passes| passes <= 2) {
        let opened = keyfile::decode(&text, "passphrase");
        assert!(opened.is_err() || text.starts_with("habeas-keys/1\n"), "no key file without its head");
    }
}
