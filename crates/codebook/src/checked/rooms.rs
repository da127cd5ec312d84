//! Work lists: W133 for a role that may not read what a list begins with, E103 for a field that cannot lay a list out, E114 for an entry
//! that says nothing of the list's subjects.

use super::flows::may;
use super::walk::kind_of;
use super::{Found, event_name};
use crate::room::{Room, Shown};
use crate::tree::{Act, EventName, FieldId, FieldType};

pub(super) fn check(found: &mut Found) {
    let codebook = found.codebook;
    for room in &codebook.rooms {
        if !found.is_own(&room.mark) {
            continue;
        }
        subjects(found, room);
        fields(found, room);
        if !codebook.access.is_empty() {
            readers(found, room);
        }
    }
}

fn subjects(found: &mut Found, room: &Room) {
    let class = &found.codebook.class(room.subject).name;
    for pattern in room.from.iter().chain(&room.until) {
        let kind = found.codebook.kind(kind_of(found.codebook, pattern.event));
        if !kind.subjects.contains(&room.subject) {
            let message = format!("the room `{}` lists {class}s, and `{}` says nothing of a {class}", room.name, kind.name);
            found.error("E114", &pattern.mark, message, format!("take an event that names a {class} among its subjects"));
        }
    }
}

fn fields(found: &mut Found, room: &Room) {
    let mut asks = |event: EventName, field: FieldId, fits: fn(&FieldType) -> bool, wanted: &str| {
        let codebook = found.codebook;
        let declared = codebook.field(kind_of(codebook, event), field);
        if declared.is_some_and(|declared| !fits(&declared.of)) {
            let name = &codebook.field_names[field.index()];
            let mark = found.phrase(&room.mark, name).unwrap_or_else(|| room.mark.clone());
            found.error("E103", &mark, format!("`{name}` of `{}` is not {wanted}", event_name(codebook, event)), format!("take {wanted}"));
        }
    };
    if let Some(by) = room.by {
        asks(by.event, by.field, |of| matches!(of, FieldType::Date | FieldType::Time), "a date or a time");
    }
    for shown in &room.shows {
        if let Shown::Across(of, each) = shown {
            asks(of.event, *each, |of| matches!(of, FieldType::Choice(_)), "a choice");
        }
    }
}

fn readers(found: &mut Found, room: &Room) {
    let codebook = found.codebook;
    for role in &room.roles {
        let reads = room.from.iter().any(|pattern| may(codebook, *role, Act::Read, kind_of(codebook, pattern.event)));
        if !reads {
            let name = &codebook.roles[role.index()].name;
            let mark = found.phrase(&room.mark, name).unwrap_or_else(|| room.mark.clone());
            let message = format!("the room `{}` is for {name}, who may read nothing of what it begins with", room.name);
            found.warning("W133", &mark, message, "leave the role out, or allow it to read one of those events".to_owned());
        }
    }
}
