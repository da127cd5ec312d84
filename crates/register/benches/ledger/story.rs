//! What is entered: custodies told from a codebook's own declarations. Each kind of event that a custody may have takes its turn, with
//! every field that the register insists on.

use habeas_codebook::moment::Moment;
use habeas_codebook::pack::PackSource;
use habeas_codebook::tree::{Builtin, Choices, Codebook, Field, FieldType, Kind, Required};
use habeas_ledger::leaf::Class;
use habeas_ledger::note::SigningKey;
use habeas_ledger::sealing::AuthorityKey;
use habeas_register::{Actor, Authority, Draft, Everybody, Keys, Options, Register, draft};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const MINUTE: i64 = 60_000_000;

/// Custodies numbered from here on are measured; below are those that fill the register.
pub(crate) const MEASURED: u64 = 1 << 40;

/// Places that all custodies are spread over, however many there are.
const PLACES: u64 = 50;

/// 1 March 2026, 00:00 UTC.
const BEGAN: i64 = 1_772_323_200_000_000;

/// The pack of this repository with most rules, whole.
pub(crate) fn codebook() -> Result<Codebook, String> {
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../codebooks");
    let from = |name: &str| PackSource::from_folder(&packs.join(name)).ok();
    let folders = std::fs::read_dir(&packs).map_err(|error| error.to_string())?;
    let names = folders.filter_map(|folder| folder.ok()?.file_name().into_string().ok());
    let read = names.filter_map(|name| habeas_codebook::read(&from(&name)?, &from).codebook);
    read.max_by_key(|codebook| codebook.rules.len()).ok_or_else(|| "there is no pack beside the crates".to_owned())
}

/// The same law without its rules: what an entry costs before anything is judged.
pub(crate) fn without_rules(codebook: &Codebook) -> Codebook {
    Codebook { rules: Vec::new(), ..codebook.clone() }
}

pub(crate) fn keys() -> Result<Keys, String> {
    let authority = |class: Class| {
        let key = AuthorityKey::from_bytes(&[class.id() + 1; 32]).map_err(|error| error.to_string())?;
        Ok((class, Authority::here(key)))
    };
    let log = SigningKey::from_seed("custody.example/bench", &[7; 32]).map_err(|error| error.to_string())?;
    let authorities = Class::ALL.into_iter().map(authority).collect::<Result<BTreeMap<_, _>, String>>()?;
    Ok(Keys { log: Arc::new(log), authorities })
}

/// Opens the register in a folder.
pub(crate) fn open(folder: &Path, codebook: &Arc<Codebook>) -> Result<Register, String> {
    let options = Options::in_folder(folder, Arc::clone(codebook), keys()?, Arc::new(Everybody));
    Register::open(options).map_err(|error| error.to_string())
}

pub(crate) fn officer() -> Actor {
    Actor::named("officer:1042")
}

/// Tells custodies.
pub(crate) struct Teller {
    codebook: Arc<Codebook>,
    opening: usize,
    kinds: Vec<usize>,
}

impl Teller {
    /// Kinds are tried in a register in `scratch` first: one that it refuses, because more must be true of it, is left out.
    pub(crate) fn new(codebook: &Arc<Codebook>, scratch: &Path) -> Result<Self, String> {
        let custody = codebook.class_named("custody").ok_or("the codebook has no class `custody`")?;
        let all = || codebook.kinds.iter().enumerate();
        let opens = |kind: &Kind| kind.opens.contains(&custody) && kind.subjects.first() == Some(&custody);
        let opening = all().find(|(_, kind)| opens(kind)).map(|(place, _)| place).ok_or("no kind opens a custody")?;
        let plain = |(place, kind): &(usize, &Kind)| {
            kind.subjects.first() == Some(&custody)
                && *place > Builtin::BreachFound as usize
                && !(kind.corrects || kind.withdraws || opens(kind))
                && kind.closes.is_empty()
        };
        let kinds = all().filter(plain).map(|(place, _)| place).collect();
        let mut teller = Teller { codebook: Arc::clone(codebook), opening, kinds };
        let register = open(scratch, codebook)?;
        let drafts = (0..teller.kinds.len() as u64 + 1).map(|step| teller.entry(0, step)).collect();
        let answers = register.append_all(drafts, &officer(), teller.moment(0, 1_000)).map_err(|error| error.to_string())?;
        let mut taken = answers.iter().skip(1).map(Result::is_ok);
        teller.kinds.retain(|_| taken.next().unwrap_or(false));
        if teller.kinds.len() < 10 { Err("fewer than ten kinds can be told".to_owned()) } else { Ok(teller) }
    }

    /// How many kinds take their turn.
    pub(crate) fn kinds(&self) -> usize {
        self.kinds.len()
    }

    /// When a step of a custody happens: one entry each ten minutes, a custody each minute; those that are measured at the same times.
    pub(crate) fn moment(&self, custody: u64, step: u64) -> Moment {
        Moment(BEGAN + i64::try_from(custody % MEASURED + step * 10).unwrap_or(0) * MINUTE)
    }

    /// One entry of a custody; step 0 opens it.
    pub(crate) fn entry(&self, custody: u64, step: u64) -> Draft {
        let turn = (custody * 7 + step.saturating_sub(1)) as usize % self.kinds.len().max(1);
        let kind = &self.codebook.kinds[if step == 0 { self.opening } else { self.kinds[turn] }];
        let at = self.moment(custody, step);
        let mut told = Draft::new(&format!("c{custody}-{step}"), &kind.name, draft::exactly(at), &[]);
        for class in &kind.subjects {
            let name = &self.codebook.class(*class).name;
            let id = match name.as_str() {
                "custody" => format!("C{custody}"),
                "person" => format!("P{custody}"),
                "place" => format!("place {}", custody % PLACES),
                _ => continue,
            };
            told.subjects.push((name.clone(), id));
        }
        // Batches are entered as of their last moment, and late entries say why.
        told.late_reason = Some("the whole day is entered at its end".to_owned());
        // Dates too: of whom no birth date is known, every rule about children is judged twice.
        let is_told = |field: &&Field| matches!(field.required, Required::Always) || field.of == FieldType::Date;
        for field in kind.fields.iter().filter(is_told) {
            told.fields.insert(self.codebook.field_names[field.name.index()].clone(), self.value(field, at, &format!("c{custody}-0")));
        }
        told
    }

    fn value(&self, field: &Field, at: Moment, first_entry: &str) -> Json {
        let stamp = |at: Moment| json!(at.timestamp().to_string());
        let first = |choices: &Choices| {
            let values = match choices {
                Choices::Here(values) => values,
                Choices::Of(list) => &self.codebook.lists[list.index()].values,
            };
            json!(values.first().map_or("", |value| self.codebook.value_names[value.index()].as_str()))
        };
        match &field.of {
            FieldType::Choice(choices) | FieldType::Choices(choices) => first(choices),
            FieldType::Text => json!("as the officer at the desk saw it and wrote it down"),
            FieldType::YesNo => json!("no"),
            FieldType::Number(_) => json!("4"),
            FieldType::Money => json!({"amount": "12.50", "currency": "EUR"}),
            FieldType::Date => json!("1990-05-17"),
            FieldType::Time => stamp(at),
            FieldType::Span => json!({"start": stamp(at), "end": stamp(Moment(at.0 + 5 * MINUTE))}),
            FieldType::Duration => json!("PT30M"),
            FieldType::FileHash => json!({"sha256": "ab".repeat(32)}),
            FieldType::Language => json!("en"),
            FieldType::Country => json!("SE"),
            FieldType::Signature => json!("signed"),
            FieldType::BodyMark => json!({"side": "front", "x": 10, "y": 20, "what": "bruise"}),
            FieldType::Role => json!(self.codebook.roles.first().map_or("", |role| role.name.as_str())),
            FieldType::Place => json!("place 7"),
            FieldType::Person => json!("P7"),
            FieldType::Officer => json!("officer:7"),
            FieldType::Subject(_) => json!("S7"),
            FieldType::Ref(_) => json!(first_entry),
        }
    }
}
