//! What was not recorded: gathered from the rows that cannot be told, so that the report can say which column would tell.

use crate::verdicts::names::Names;
use habeas_codebook::log::{EventId, Log};
use habeas_codebook::tree::{ClassId, Codebook, FieldId, KindId};
use habeas_monitor::{Missing, MissingWhat};
use std::collections::BTreeMap;

/// Something that one column of a source could hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    /// The exact time of events of a kind.
    Time(Option<KindId>),
    /// A field of events of a kind.
    Field(Option<KindId>, FieldId),
    /// A fact of subjects of a class.
    Fact(ClassId, FieldId),
}

impl Wanted {
    /// The column that would tell `missing`.
    #[must_use]
    pub fn of(log: &Log, missing: &Missing) -> Self {
        let kind = missing.event.map(|event| log.kind(event));
        match missing.what {
            MissingWhat::Time => Wanted::Time(kind),
            MissingWhat::Field(field) => Wanted::Field(kind, field),
            MissingWhat::Fact(subject, field) => Wanted::Fact(log.class_of(subject), field),
        }
    }

    /// In words: `the exact time of arrived`.
    #[must_use]
    pub fn words(&self, codebook: &Codebook) -> String {
        let kind = |kind: Option<KindId>| kind.map_or("the event", |kind| &codebook.kind(kind).name).to_owned();
        let field = |field: FieldId| &codebook.field_names[field.index()];
        match self {
            Wanted::Time(k) => format!("the exact time of {}", kind(*k)),
            Wanted::Field(k, f) => format!("{} of {}", field(*f), kind(*k)),
            Wanted::Fact(class, f) => format!("{} of the {}", field(*f), codebook.class(*class).name),
        }
    }
}

/// How often each thing was wanted, with the first entry that lacks it.
#[derive(Clone, Debug, Default)]
pub struct Wants(BTreeMap<Wanted, (u64, Option<EventId>)>);

impl Wants {
    /// Counts what one row lacks; a thing that it lacks twice counts once.
    pub fn add(&mut self, log: &Log, missing: &[Missing]) {
        let mut seen: Vec<Wanted> = Vec::new();
        for thing in missing {
            let wanted = Wanted::of(log, thing);
            if seen.contains(&wanted) {
                continue;
            }
            seen.push(wanted);
            let (count, example) = self.0.entry(wanted).or_default();
            *count += 1;
            *example = [*example, thing.event].into_iter().flatten().min();
        }
    }

    /// Adds the counts of another worker.
    pub fn merge(&mut self, other: Wants) {
        for (wanted, (count, example)) in other.0 {
            let (sum, first) = self.0.entry(wanted).or_default();
            *sum += count;
            *first = [*first, example].into_iter().flatten().min();
        }
    }

    /// Things wanted, the most wanted first.
    #[must_use]
    pub fn ranked(&self) -> Vec<(Wanted, u64, Option<EventId>)> {
        let mut ranked: Vec<_> = self.0.iter().map(|(wanted, (count, example))| (*wanted, *count, *example)).collect();
        ranked.sort_by_key(|(_, count, _)| std::cmp::Reverse(*count));
        ranked
    }
}

/// The id of an example entry.
#[must_use]
pub fn example(names: &Names, log: &Log, event: Option<EventId>) -> String {
    event.map_or_else(String::new, |event| names.event(log, event, str::to_owned))
}
