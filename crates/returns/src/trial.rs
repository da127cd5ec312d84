//! A draft of the law, tried on a record before it is adopted: which verdicts would be other ones, and how many. The record is read in the
//! words of both, name by name, so that a draft may declare what the law in force does not.

use habeas_codebook::log::{Entry, Log, SubjectId, TextId, Value};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{ClassId, Codebook, FieldId, KindId, RoleId, Sensitivity, ValueId};
pub use habeas_monitor::{Asked, Verdict};
use habeas_monitor::{Hearing, Monitor, Row};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// How many verdicts of each kind, by [`habeas_monitor::Verdict`].
pub type Tally = [u64; 7];

/// One rule under both laws.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Verdicts by the law in force.
    pub before: Tally,
    /// Verdicts by the draft.
    pub after: Tally,
    /// Verdicts that are other ones, new, or gone.
    pub moved: u64,
    /// Of the most sensitive thing that it reads, under either.
    pub sensitivity: Option<Sensitivity>,
}

/// What a draft would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    /// Subjects judged.
    pub subjects: u64,
    /// Entries of kinds that the draft does not declare: left out of its judgement.
    pub left_out: u64,
    /// By the rule's id, those whose verdicts are not all the same.
    pub changes: BTreeMap<String, Change>,
}

/// Judges whoever has an entry since a moment by both laws and compares.
#[must_use]
pub fn tried(log: &Log, (law, draft): (&Codebook, &Codebook), asked: Asked, since: Moment) -> Trial {
    let (translated, left_out) = in_words_of(log, law, draft);
    let monitors = (Monitor::new(law), Monitor::new(draft));
    let breaches = (monitors.0.with_breaches(log, asked), monitors.1.with_breaches(&translated, asked));
    let before = monitors.0.hear(breaches.0.as_ref().unwrap_or(log), asked);
    let after = monitors.1.hear(breaches.1.as_ref().unwrap_or(&translated), asked);
    let mut trial = Trial { left_out, ..Trial::default() };
    let named = |hearing: &Hearing<'_>, law: &Codebook| -> BTreeSet<(String, String)> {
        let name =
            |subject: &SubjectId| (law.class(hearing.log().class_of(*subject)).name.clone(), hearing.log().name_of(*subject).to_owned());
        let is_late =
            |subject: &&SubjectId| hearing.events_of(**subject).next_back().is_some_and(|last| hearing.seen(last).at.latest >= since);
        hearing.subjects().iter().filter(is_late).map(name).collect()
    };
    for (class, id) in named(&before, law).union(&named(&after, draft)) {
        trial.subjects += 1;
        let old = rows(&before, law, (class, id));
        let new = rows(&after, draft, (class, id));
        let all = || old.keys().chain(new.keys().filter(|key| !old.contains_key(*key)));
        for key in all() {
            let change = trial.changes.entry(key.rule.clone()).or_default();
            let (was, is) = (old.get(key), new.get(key));
            was.iter().for_each(|place| change.before[**place] += 1);
            is.iter().for_each(|place| change.after[**place] += 1);
            change.moved += u64::from(was != is);
        }
    }
    trial.changes.retain(|_, change| change.moved > 0);
    for (monitor, law) in [(&monitors.0, law), (&monitors.1, draft)] {
        for (place, rule) in law.rules.iter().enumerate() {
            if let (Some(change), Ok(place)) = (trial.changes.get_mut(&rule.id), u16::try_from(place)) {
                change.sensitivity = change.sensitivity.max(Some(monitor.sensitivity(habeas_codebook::tree::RuleId(place))));
            }
        }
    }
    trial
}

/// What a verdict is about, in words that both laws share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct About {
    rule: String,
    record: bool,
    trigger: String,
    since: Option<Moment>,
    turn: usize,
}

/// The verdicts on a subject. Two about one thing are told apart by their turn.
fn rows(hearing: &Hearing<'_>, law: &Codebook, (class, id): (&str, &str)) -> BTreeMap<About, usize> {
    let subject = law.class_named(class).and_then(|class| hearing.log().find_subject(class, id));
    let mut judged: Vec<Row> = Vec::new();
    subject.iter().for_each(|subject| hearing.rows_of(*subject, &mut judged));
    let mut told = BTreeMap::new();
    for row in judged {
        let rule = law.rules[row.rule.index()].id.clone();
        let trigger = row.trigger.map_or_else(String::new, |trigger| hearing.log().id(trigger).to_owned());
        let mut about = About { rule, record: row.record, trigger, since: row.trigger_at, turn: 0 };
        while told.contains_key(&about) {
            about.turn += 1;
        }
        told.insert(about, row.verdict as usize);
    }
    told
}

/// The log with the numbers that another codebook gives its names, and how many entries it has no name for.
fn in_words_of<'l>(log: &'l Log, from: &Codebook, to: &Codebook) -> (Cow<'l, Log>, u64) {
    let kinds = |law: &Codebook| law.kinds.iter().map(|kind| kind.name.clone()).collect::<Vec<_>>();
    let classes = |law: &Codebook| law.classes.iter().map(|class| class.name.clone()).collect::<Vec<_>>();
    let roles = |law: &Codebook| law.roles.iter().map(|role| role.name.clone()).collect::<Vec<_>>();
    let is_begun = |one: &[String], other: &[String]| other.starts_with(one);
    if is_begun(&kinds(from), &kinds(to))
        && is_begun(&classes(from), &classes(to))
        && is_begun(&roles(from), &roles(to))
        && is_begun(&from.field_names, &to.field_names)
        && is_begun(&from.value_names, &to.value_names)
    {
        return (Cow::Borrowed(log), 0);
    }
    let mut written = Log::with_authors();
    let mut left_out = 0;
    let (kinds, classes) = (places(&kinds(from), &kinds(to)), places(&classes(from), &classes(to)));
    let spelt = Spelt {
        fields: places(&from.field_names, &to.field_names),
        values: places(&from.value_names, &to.value_names),
        roles: places(&roles(from), &roles(to)),
        from,
    };
    for event in log.events() {
        let Some(kind) = kinds[log.kind(event).index()] else {
            left_out += 1;
            continue;
        };
        let subjects: Vec<(ClassId, &str)> = log
            .subjects(event)
            .iter()
            .filter_map(|subject| Some((ClassId(classes[log.class_of(*subject).index()]?), log.name_of(*subject))))
            .collect();
        let fields: Vec<(FieldId, Value)> = log
            .fields(event)
            .iter()
            .filter_map(|(field, value)| Some((FieldId(spelt.fields[field.index()]?), spelt.value(log, &mut written, value))))
            .collect();
        let entry = Entry {
            id: log.id(event),
            kind: KindId(kind),
            at: log.at(event),
            recorded_at: log.recorded_at(event),
            by: log.by(event),
            subjects: &subjects,
            fields: &fields,
        };
        // An id stands once in the log that is read, so it stands once here.
        left_out += u64::from(written.push(&entry).is_err());
    }
    (Cow::Owned(written), left_out)
}

/// Where each name of one list stands in another.
fn places(from: &[String], to: &[String]) -> Vec<Option<u16>> {
    from.iter().map(|name| to.iter().position(|other| other == name).and_then(|place| u16::try_from(place).ok())).collect()
}

struct Spelt<'c> {
    fields: Vec<Option<u16>>,
    values: Vec<Option<u16>>,
    roles: Vec<Option<u16>>,
    from: &'c Codebook,
}

impl Spelt<'_> {
    /// A value in the other's numbers; a word that it does not have is a foreign one.
    fn value(&self, log: &Log, written: &mut Log, value: &Value) -> Value {
        match value {
            Value::Choice(id) => match self.values[id.index()] {
                Some(place) => Value::Choice(ValueId(place)),
                None => Value::Foreign(written.text(&self.from.value_names[id.index()])),
            },
            Value::Role(id) => match self.roles[id.index()] {
                Some(place) => Value::Role(RoleId(place)),
                None => Value::Foreign(written.text(&self.from.roles[id.index()].name)),
            },
            Value::Several(values) => Value::Several(values.iter().map(|one| self.value(log, written, one)).collect()),
            Value::YesNo(_)
            | Value::Number(_)
            | Value::Money(..)
            | Value::Date(..)
            | Value::Time(_)
            | Value::Span(_)
            | Value::Duration(_)
            | Value::Text(_)
            | Value::Hash(_)
            | Value::Foreign(_)
            | Value::Sealed => value.renumbered(&mut |text: TextId| written.text(log.text_of(text))),
        }
    }
}
