//! The plan of action in the register: read back as the tracker's events, and new events as drafts for the one door.

use habeas_codebook::log::Log;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::Codebook;
use habeas_codebook::value;
use habeas_register::{Draft, Register, RegisterError, draft};
use habeas_review::ReviewError;
use habeas_review::tracker::entries::{self, Entry, PLAN};
use habeas_review::tracker::{Event, Plan};

/// The tracker's events in a register, in the order of its log: the record of the plan, corrections brought in, without what was withdrawn.
///
/// # Errors
/// Trouble with the register. One that holds no plan yet has no events.
pub fn events(register: &Register) -> Result<Vec<Event>, RegisterError> {
    let entries = match register.history("programme", PLAN, None) {
        Err(RegisterError::Absent { .. }) => Vec::new(),
        entries => entries?,
    };
    let standing = entries.into_iter().filter(|entry| entry.withdrawn_by.is_none());
    let told = standing.filter_map(|entry| {
        let fields = entry.fields.iter().map(|told| (told.name.clone(), told.value.clone())).collect();
        let own = Entry { kind: entry.kind, subjects: entry.subject, fields, source: None };
        entries::event(&own, &entry.id, entry.at.as_str().unwrap_or_default(), entry.by.as_deref().unwrap_or_default())
    });
    Ok(told.collect())
}

/// Events of the tracker as drafts. `plan` holds what there is with the new events in it; ids are the prefix and a number.
///
/// # Errors
/// A value that its field cannot have, before anything is entered.
pub fn drafts(codebook: &Codebook, made: &[Event], plan: &Plan, prefix: &str, at: Moment) -> Result<Vec<Draft>, ReviewError> {
    let one = |(event, number): (&Event, usize)| {
        let entry = entries::entry(event, plan, &|kind, field, text| fits(codebook, kind, field, text))?;
        let subjects: Vec<(&str, &str)> = entry.subjects.iter().map(|(class, id)| (class.as_str(), id.as_str())).collect();
        let drafted = Draft::new(&format!("{prefix}-{number}"), &entry.kind, draft::exactly(at), &subjects);
        Ok(Draft { fields: entry.fields, source: entry.source, ..drafted })
    };
    made.iter().zip(1..).map(one).collect()
}

/// Whether a text is a value that a field of a kind may have, in this codebook.
fn fits(codebook: &Codebook, kind: &str, field: &str, text: &str) -> bool {
    let kind = codebook.kinds.iter().find(|known| known.name.replace(' ', "_") == kind);
    let declared = kind.and_then(|kind| kind.fields.iter().find(|own| codebook.field_names[own.name.index()] == field));
    let mut scratch = Log::new();
    declared.is_some_and(|declared| value::parse(codebook, declared, text, &mut |text| scratch.text(text)).is_ok())
}
