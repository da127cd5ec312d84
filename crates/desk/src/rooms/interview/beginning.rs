//! How an interview begins with somebody who is not questioned alone: with whoever must be there, from the first word.
//!
//! Who is named on the form is in the room: they come in with the first minute, so that the law counts them from it. Begun with nobody, it
//! is refused at the form; an interview that already was, alone, is entered late, as what it is, and judged.

use super::limits::{Company, company_of};
use crate::account::SignedIn;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::forms::Mistake;
use crate::names::Names;
use habeas_codebook::tree::KindId;
use habeas_register::Draft;
use serde_json::{Map, Value as Json};

/// The company that a form which begins an interview must name.
///
/// # Errors
/// Trouble with the register.
pub fn company<'d>(desk: &'d Desk, kind: KindId, (class, id): (&str, &str)) -> Result<Option<Company<'d>>, DeskError> {
    let begins = class == "custody" && desk.codebook.kind(kind).screens.iter().any(|screen| screen == "interview-start");
    if begins { company_of(desk, id) } else { Ok(None) }
}

/// Whom the answers name in the roles that count, each with the role.
fn named<'c>(company: &Company<'c>, fields: &Map<String, Json>) -> Vec<(&'c str, String)> {
    let mut named = Vec::new();
    for role in &company.roles {
        let Some(told) = fields.get(*role) else { continue };
        let several = told.as_array().map(Vec::as_slice).unwrap_or_default();
        named.extend(several.iter().chain(Some(told)).filter_map(Json::as_str).map(|who| (*role, who.to_owned())));
    }
    named
}

/// What is wrong with beginning now, with nobody for the person.
#[must_use]
pub fn alone(desk: &Desk, who: &SignedIn, company: &Company<'_>, (kind, draft): (KindId, &Draft)) -> Option<Mistake> {
    let is_past = desk.now() > desk.codebook.entered_by(kind, draft.at.latest);
    if is_past || named(company, &draft.fields).len() >= company.least as usize {
        return None;
    }
    let names = Names::new(&desk.codebook, who.language);
    let wanted = company.roles.iter().map(|role| names.value("role", role).to_lowercase()).collect::<Vec<_>>().join(" / ");
    let text = desk.texts.say(who.language, "interview-begins-alone", &[("who", &wanted)]);
    let name = company.roles.first().map_or_else(String::new, |role| format!("f.{}", role.replace(' ', "_")));
    Some(Mistake { name, text })
}

/// Enters that those who are named are in the room from the first minute.
///
/// # Errors
/// What the register refuses.
pub fn come_in(desk: &Desk, who: &SignedIn, company: &Company<'_>, start: &Draft) -> Result<(), DeskError> {
    let Some(join) = desk.screened("interview-join").next() else { return Ok(()) };
    let kind = desk.codebook.kind(join);
    let wanted = |class: &str| kind.subjects.iter().any(|one| desk.codebook.class(*one).name == class);
    let subjects = start.subjects.iter().filter(|(class, _)| wanted(class)).map(|(class, id)| (class.as_str(), id.as_str()));
    let subjects: Vec<(&str, &str)> = subjects.collect();
    for (n, (role, person)) in named(company, &start.fields).into_iter().enumerate() {
        // The same form sent again enters nothing twice.
        let id = format!("{}-in-{}", start.id, n + 1);
        let entry = Draft::new(&id, &kind.name, start.at, &subjects).with("who", person).with("role", role);
        desk.append(who, entry)?;
    }
    Ok(())
}
