//! A sample of the records of the place, drawn so that nobody chooses it and anybody can draw it again: each record's number is hashed with
//! the log's root as it was when the visit began, which nobody could foresee, and with the number of the visit; the lowest come first.

use crate::account::SignedIn;
use crate::clock::Teller;
use crate::desk::{Desk, Sight};
use crate::error::DeskError;
use crate::names::Names;
use crate::station::record::entries;
use crate::station::rows::row;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::KindId;
use habeas_register::files::hash;

/// Records in a sample.
const RECORDS: usize = 5;
/// Newest entries of each that are taken along with their receipts.
const ENTRIES: usize = 4;
/// People of one place at most.
const MOST: u32 = 5_000;

/// What a sample was drawn from.
pub struct Drawn {
    /// Name of the place.
    pub place: String,
    /// Entries of the log when the visit began.
    pub size: u64,
    /// Its root then, in base64.
    pub root: String,
    /// The signed checkpoint.
    pub note: String,
    /// How many records it was drawn from.
    pub of: usize,
}

/// An entry of a sampled record.
pub struct Proof {
    /// Place in the log.
    pub index: u64,
    /// Kind in words.
    pub kind: String,
    /// When it happened.
    pub at: String,
    /// Leaf hash, in base64.
    pub leaf: String,
    /// The receipt, as text.
    pub receipt: String,
}

/// A sampled record.
pub struct Sampled {
    /// Its number.
    pub number: String,
    /// Cell, where the record says it.
    pub cell: String,
    /// Since when.
    pub since: String,
    /// How many entries the reader may know of.
    pub entries: usize,
    /// The newest of them.
    pub proofs: Vec<Proof>,
    /// Address of the form that says whether it agrees.
    pub enter: Option<String>,
}

/// Draws the sample of a visit; nothing where the visit names no place.
///
/// # Errors
/// Trouble with the register.
pub fn drawn(
    desk: &Desk,
    who: &SignedIn,
    sight: &Sight<'_>,
    (visit, began): (&str, Moment),
    teller: &Teller<'_>,
) -> Result<(Option<Drawn>, Vec<Sampled>), DeskError> {
    let Some((_, place)) = sight.tied.tied.iter().find(|(class, _)| class == "place") else { return Ok((None, Vec::new())) };
    let signed = desk.register.checkpoint_known_at(began)?;
    let root = signed.root.to_string();
    let lives = desk.register.subjects("custody", Some(place), None, MOST)?;
    let was_there = |life: &habeas_register::Life| {
        life.opened_at.is_some_and(|opened| opened <= began) && life.closed_at.is_none_or(|closed| closed > began)
    };
    let mut numbers: Vec<String> = lives.into_iter().filter(was_there).map(|life| life.subject.1).collect();
    let of = numbers.len();
    numbers.sort_by_cached_key(|number| lot(&root, visit, number));
    let (reader, mut sample) = (desk.reader(who), Vec::new());
    for number in numbers {
        if sample.len() == RECORDS {
            break;
        }
        let Ok(of_record) = reader.sight("custody", &number) else { continue };
        desk.note_sampled(who, &of_record)?;
        sample.push(sampled(desk, &of_record, &number, teller)?);
    }
    Ok((Some(Drawn { place: desk.place_name(place), size: signed.size, root, note: signed.note, of }), sample))
}

/// The lot of a record.
fn lot(root: &str, visit: &str, number: &str) -> String {
    hash(format!("{root}\n{visit}\n{number}").as_bytes()).to_hex()
}

fn sampled(desk: &Desk, sight: &Sight<'_>, number: &str, teller: &Teller<'_>) -> Result<Sampled, DeskError> {
    let names = Names::new(&desk.codebook, teller.language);
    let row = row(desk, "custody", number, teller.now)?;
    let mut known = entries(desk, sight, ("custody", number), None)?;
    known.sort_by_key(|entry| std::cmp::Reverse(entry.index));
    let mut proofs = Vec::new();
    for entry in known.iter().take(ENTRIES) {
        proofs.push(Proof {
            index: entry.index,
            kind: names.kind(&entry.kind),
            at: teller.at(entry.when),
            leaf: entry.leaf.clone(),
            receipt: desk.register.receipt(entry.index)?,
        });
    }
    Ok(Sampled {
        number: number.to_owned(),
        cell: row.cell.clone().unwrap_or_default(),
        since: row.opened_at.map(|at| teller.instant(at)).unwrap_or_default(),
        entries: known.len(),
        proofs,
        enter: None,
    })
}

/// The same with the form that says whether a record agrees: the first of the visit's kinds that names a custody and a checkpoint.
pub fn with_forms(desk: &Desk, sample: Vec<Sampled>, kinds: &[KindId], form: impl Fn(KindId) -> String) -> Vec<Sampled> {
    let compares = |kind: &&KindId| {
        let kind = desk.codebook.kind(**kind);
        let names_custody = kind.subjects.iter().any(|class| desk.codebook.class(*class).name == "custody");
        names_custody && kind.fields.iter().any(|field| desk.codebook.field_names[field.name.index()] == "checkpoint")
    };
    let kind = kinds.iter().find(compares).copied();
    let enter = |number: &str| kind.map(|kind| format!("{}&s.custody={number}", form(kind)));
    sample.into_iter().map(|one| Sampled { enter: enter(&one.number), ..one }).collect()
}
