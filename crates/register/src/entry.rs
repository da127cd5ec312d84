//! An entry between its draft and its bytes: fields in their order, each in its class; parts that can be sealed; what keys open again.
//!
//! What is not a field of the codebook is one of ours, and its name begins with `@`: `@kind`, `@id`, `@at`, `@subject.custody`, `@by`.
//! Fields of ours come first, then those of the codebook in the order declared. A part holds the fields of one class, each with its place
//! in that order, so that the parts that are open give the root in the header back.

use crate::checking::{Checked, Given};
use crate::error::RegisterError;
use crate::files::{FILE, File};
use crate::spelling::{self, Texts};
use habeas_codebook::log::Value;
use habeas_codebook::moment::{At, Moment};
use habeas_codebook::tree::{ClassId, Codebook, Field as Declared, FieldId, FieldType, Kind, KindId, Required, Sensitivity};
use habeas_codebook::value;
use habeas_ledger::fields::Field;
use habeas_ledger::leaf::{Class, Handle, Header};
use habeas_ledger::sealing::Plaintext;
use serde_json::Value as Json;
use std::borrow::Cow;

/// The class in the log of a class in the codebook.
#[must_use]
pub fn class_of(sensitivity: Sensitivity) -> Class {
    match sensitivity {
        Sensitivity::Public => Class::Public,
        Sensitivity::Custody => Class::Custody,
        Sensitivity::Identity => Class::Identity,
        Sensitivity::Medical => Class::Medical,
        Sensitivity::Privileged => Class::Privileged,
    }
}

/// The class in the codebook of a class in the log.
#[must_use]
pub fn sensitivity_of(class: Class) -> Sensitivity {
    match class {
        Class::Public => Sensitivity::Public,
        Class::Custody => Sensitivity::Custody,
        Class::Identity => Sensitivity::Identity,
        Class::Medical => Sensitivity::Medical,
        Class::Privileged => Sensitivity::Privileged,
    }
}

/// What a header shows of a kind that would tell.
const SEALED: &str = "sealed";

/// The kind as the header shows it: a kind that would tell that somebody was tested, complained or sheltered stands as `sealed`.
pub(crate) fn shown_kind(kind: &Kind) -> String {
    let tells = |class: Sensitivity| class >= Sensitivity::Medical;
    if tells(kind.seen_as) || kind.fields.iter().any(|field| tells(field.sensitivity)) {
        return SEALED.to_owned();
    }
    spelt(kind)
}

/// A kind as headers spell it where they show it.
pub(crate) fn spelt(kind: &Kind) -> String {
    kind.name.replace([' ', '-'], "_")
}

/// Whether a header tells the kind.
pub(crate) fn shows_kind(header: &Header) -> bool {
    header.kind != SEALED
}

/// The field of a correction that is the corrected entry's new time.
pub(crate) fn time_field(name: FieldId) -> Declared {
    Declared { name, list: false, of: FieldType::Time, sensitivity: Sensitivity::Custody, required: Required::No, mark: Default::default() }
}

/// The subject whose record an entry belongs to: the register itself, if it is the register's own, so that an order to erase outlives what
/// it erases; else its custody, its person, or its first subject.
pub(crate) fn record_of<'s>(codebook: &Codebook, subjects: &'s [(ClassId, String)]) -> Option<&'s (ClassId, String)> {
    let of_class = |name: &str| subjects.iter().find(|(class, _)| codebook.class(*class).name == name);
    let own = subjects.iter().find(|(class, name)| name == "register" && codebook.class(*class).name == "programme");
    own.or_else(|| of_class("custody")).or_else(|| of_class("person")).or(subjects.first())
}

/// What an order to erase names: records by their handles, and classes.
pub(crate) fn erased_by(order: &Known) -> Vec<(Handle, Class)> {
    let words = |name: &str| -> Vec<&str> {
        let value = order.spelt.iter().find(|(field, ..)| field == name).map(|(.., value)| value);
        value.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect()
    };
    let classes: Vec<Class> = words("what").into_iter().filter_map(Class::from_word).collect();
    let handles = words("records").into_iter().filter_map(spelling::unhex);
    handles.flat_map(|handle| classes.iter().map(move |class| (handle, *class))).collect()
}

/// One field with its class and its place among all fields of the entry.
pub(crate) struct Placed {
    pub(crate) place: u16,
    pub(crate) class: Class,
    pub(crate) field: Field,
}

/// The bytes of a part, before sealing: for each field its place (2), salt (16), length (1) and name, length (4) and value.
pub(crate) fn part(fields: &[Placed], class: Class) -> Result<Plaintext, RegisterError> {
    let mut bytes = Vec::new();
    for placed in fields.iter().filter(|placed| placed.class == class) {
        let too_long = |_| RegisterError::field(format!("fields.{}", placed.field.id), "the value is too long", "", "less than 4 GiB");
        bytes.extend_from_slice(&placed.place.to_be_bytes());
        bytes.extend_from_slice(&placed.field.salt);
        bytes.push(u8::try_from(placed.field.id.len()).map_err(too_long)?);
        bytes.extend_from_slice(placed.field.id.as_bytes());
        let value = placed.field.value.reveal();
        bytes.extend_from_slice(&u32::try_from(value.len()).map_err(too_long)?.to_be_bytes());
        bytes.extend_from_slice(value);
    }
    Ok(Plaintext::new(bytes))
}

/// Reads what [`part`] wrote. `None`: anything else.
pub(crate) fn read_part(bytes: &[u8], class: Class) -> Option<Vec<Placed>> {
    let mut rest = bytes;
    let mut fields = Vec::new();
    while !rest.is_empty() {
        let (place, after) = rest.split_first_chunk::<2>()?;
        let (salt, after) = after.split_first_chunk::<16>()?;
        let (length, after) = after.split_first()?;
        let (id, after) = after.split_at_checked(usize::from(*length))?;
        let (length, after) = after.split_first_chunk::<4>()?;
        let (value, after) = after.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        let field = Field { salt: *salt, id: String::from_utf8(id.to_vec()).ok()?, value: Plaintext::new(value.to_vec()) };
        fields.push(Placed { place: u16::from_be_bytes(*place), class, field });
        rest = after;
    }
    Some(fields)
}

/// An entry as far as the keys here open it.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) index: u64,
    pub(crate) header: Header,
    pub(crate) id: String,
    pub(crate) kind: KindId,
    pub(crate) at: At,
    pub(crate) recorded_at: Moment,
    pub(crate) by: Option<String>,
    pub(crate) subjects: Vec<(ClassId, String)>,
    pub(crate) fields: Vec<(FieldId, Value)>,
    pub(crate) texts: Texts,
    /// Fields of the codebook as they are stored: name, class, spelling.
    pub(crate) spelt: Vec<(String, Class, Json)>,
    /// Our own further fields: `@on_behalf_of`, `@late_reason`, `@source`, `@station`.
    pub(crate) ours: Vec<(String, Json)>,
    /// Files that are kept with it: `@file`.
    pub(crate) files: Vec<File>,
    /// Classes of parts that the keys here do not open.
    pub(crate) sealed: Vec<Class>,
}

/// When an entry was recorded, by the register's clock.
fn moment_of(header: &Header) -> Option<Moment> {
    Some(Moment(i64::try_from(header.recorded_at_ms).ok()?.checked_mul(1000)?))
}

/// Puts an entry together from the fields that are open. `None`: what an entry must have is not among them.
pub(crate) fn known(codebook: &Codebook, index: u64, header: Header, open: Vec<Placed>, sealed: Vec<Class>) -> Option<Known> {
    let mut entry = Known {
        index,
        id: String::new(),
        kind: KindId(0),
        at: crate::draft::unknown(),
        recorded_at: moment_of(&header)?,
        header,
        by: None,
        subjects: Vec::new(),
        fields: Vec::new(),
        texts: Texts::default(),
        spelt: Vec::new(),
        ours: Vec::new(),
        files: Vec::new(),
        sealed,
    };
    let (mut kind, mut corrected) = (None, None);
    let named =
        |name: &str| codebook.kinds.iter().position(|kind| kind.name == name).and_then(|place| u16::try_from(place).ok()).map(KindId);
    for placed in open {
        let json: Json = serde_json::from_slice(placed.field.value.reveal()).ok()?;
        let Some(own) = placed.field.id.strip_prefix('@') else {
            entry.spelt.push((placed.field.id.clone(), placed.class, json));
            continue;
        };
        if placed.field.id == FILE {
            entry.files.extend(File::read(placed.class, json));
            continue;
        }
        match (own, json.as_str()) {
            ("kind", Some(name)) => kind = named(name),
            ("corrects_kind", Some(name)) => corrected = named(name),
            ("id", Some(id)) => id.clone_into(&mut entry.id),
            ("at", _) => entry.at = crate::draft::time(&json, codebook)?,
            ("recorded_at", Some(text)) => entry.recorded_at = value::moment(text)?,
            ("by", Some(by)) => entry.by = Some(by.to_owned()),
            (other, text) => match (other.strip_prefix("subject."), text) {
                (Some(class), Some(name)) => entry.subjects.push((codebook.class_named(class)?, name.to_owned())),
                _ => entry.ours.push((other.to_owned(), json)),
            },
        }
    }
    entry.kind = kind?;
    entry.end_with_record();
    for (name, _, json) in &entry.spelt {
        let (field, declared) = declared(codebook, entry.kind, corrected, name)?;
        entry.fields.push((field, spelling::read(codebook, &declared, json, &mut entry.texts).ok()?));
    }
    hide_sealed(codebook, &mut entry);
    Some(entry)
}

impl Known {
    /// The id of the entry that this one corrects or withdraws.
    pub(crate) fn changes(&self) -> Option<&str> {
        self.spelt.iter().find(|(name, ..)| name == "corrects").and_then(|(.., value)| value.as_str())
    }

    /// Nobody knows when it happened, but not after it was recorded.
    fn end_with_record(&mut self) {
        if self.at.precision == habeas_codebook::moment::Precision::Unknown {
            self.at.latest = self.recorded_at;
        }
    }

    /// The entry of a draft that was just sealed, as it would open if it were read ([`known`]). `ours`: what was said with it beyond the
    /// codebook's fields. `None`: the canonical spelling does not read back, which is a fault of ours.
    pub(crate) fn of_draft(
        codebook: &Codebook,
        header: Header,
        draft: Told,
        checked: Checked,
        (ours, files): (Vec<(String, Json)>, Vec<File>),
    ) -> Option<Known> {
        let Checked { kind, at, subjects, fields: given, mut texts, corrects } = checked;
        let (mut fields, mut spelt) = (Vec::with_capacity(given.len()), Vec::with_capacity(given.len()));
        for Given { name, class, spelt: json, value } in given {
            let word = &codebook.field_names[name.index()];
            let value = match value {
                Value::Choice(_) | Value::YesNo(_) | Value::Text(_) | Value::Hash(_) | Value::Role(_) | Value::Foreign(_) => value,
                // What has several spellings is what its canonical one says.
                Value::Number(_) | Value::Money(..) | Value::Date(..) | Value::Time(_) | Value::Span(..) => {
                    reread(codebook, kind, corrects.as_ref().map(|entry| entry.kind), (word, &json), &mut texts)?
                }
                Value::Duration(_) | Value::Several(_) | Value::Sealed => {
                    reread(codebook, kind, corrects.as_ref().map(|entry| entry.kind), (word, &json), &mut texts)?
                }
            };
            fields.push((name, value));
            spelt.push((word.clone(), class, json));
        }
        let at = if at.is_exact() { at } else { crate::draft::time(&spelling::spell_time(at, codebook), codebook)? };
        let recorded_at = draft.recorded_at.or_else(|| moment_of(&header))?;
        let Told { index, id, by, .. } = draft;
        let by = Some(by);
        let sealed = Vec::new();
        let mut entry = Known { index, header, id, kind, at, recorded_at, by, subjects, fields, texts, spelt, ours, files, sealed };
        entry.end_with_record();
        Some(entry)
    }
}

/// What a draft says of itself.
pub(crate) struct Told {
    pub(crate) index: u64,
    pub(crate) id: String,
    pub(crate) by: String,
    /// When another system learnt it.
    pub(crate) recorded_at: Option<Moment>,
}

fn reread(codebook: &Codebook, kind: KindId, corrected: Option<KindId>, (name, json): (&str, &Json), texts: &mut Texts) -> Option<Value> {
    let (_, field) = declared(codebook, kind, corrected, name)?;
    spelling::read(codebook, &field, json, texts).ok()
}

/// Fields that stand in parts that are not open: there or not, they are unknown in every test.
fn hide_sealed(codebook: &Codebook, entry: &mut Known) {
    let kind = codebook.kind(entry.kind);
    for field in &kind.fields {
        let class = class_of(field.sensitivity.max(kind.seen_as));
        if entry.sealed.contains(&class) && !entry.fields.iter().any(|(name, _)| *name == field.name) {
            entry.fields.push((field.name, Value::Sealed));
        }
    }
}

/// The declaration of a field of a kind; of a correction also the fields that it replaces: those of the corrected entry's kind, or, where
/// that is not known, of any kind that has one so called.
pub(crate) fn declared<'c>(
    codebook: &'c Codebook,
    kind: KindId,
    corrected: Option<KindId>,
    name: &str,
) -> Option<(FieldId, Cow<'c, Declared>)> {
    if let Some(own) = codebook.kind(kind).fields.iter().find(|field| codebook.field_names[field.name.index()] == name) {
        return Some((own.name, Cow::Borrowed(own)));
    }
    let id = FieldId(u16::try_from(codebook.field_names.iter().position(|field| field == name)?).ok()?);
    if name == "at" {
        return Some((id, Cow::Owned(time_field(id))));
    }
    let replaced = match corrected {
        Some(kind) => codebook.field(kind, id),
        None => codebook.kinds.iter().flat_map(|kind| &kind.fields).find(|field| field.name == id),
    };
    replaced.map(|field| (id, Cow::Borrowed(field)))
}
