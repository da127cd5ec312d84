//! Whom somebody acts for, found from their side. Entries name the lawyer, and no index leads from that name to a custody: a header does
//! not say it, and nothing that is stored may say more. So who is named is kept in memory, from the entries of the few kinds by which
//! somebody comes to act for a person: read once of everybody in custody, from then on of what is new in the log.
//!
//! Found are those who may be clients, never fewer than are: an entry that was withdrawn, or another name put in its place, takes nobody
//! out. Whether somebody is a client is read in the record, as everywhere.

use crate::bonds::{ENGAGED, TAKES_ON};
use crate::desk::Desk;
use crate::error::DeskError;
use habeas_access::schema::tie_name;
use habeas_codebook::tree::{Codebook, FieldType, Kind, KindId, Tie};
use habeas_register::{Entry, Life, RegisterError};
use serde_json::Value as Json;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

/// Entries of the log that are looked at, at once.
const STEP: u32 = 1_024;

/// Who is named in whose custody, as far as the log was read.
#[derive(Default)]
pub struct Clients(Mutex<Option<Read>>);

/// How far that is, and what was found.
struct Read {
    next: u64,
    named: HashMap<String, BTreeSet<String>>,
}

/// Kinds of entries by which somebody comes to act for a person, or by which such an entry becomes another.
struct Acting<'c> {
    codebook: &'c Codebook,
    kinds: Vec<KindId>,
    /// Fields that hold who acts.
    fields: HashSet<&'c str>,
}

impl<'c> Acting<'c> {
    fn of(codebook: &'c Codebook) -> Self {
        let is_acting = |kind: &&Kind| has(kind, &ENGAGED) || has(kind, &TAKES_ON);
        let all = (0..).map(KindId).zip(&codebook.kinds);
        let kinds = all.filter(|(number, kind)| is_acting(kind) || codebook.changes(*number)).map(|(number, _)| number).collect();
        let fields = codebook.kinds.iter().filter(is_acting).flat_map(|kind| &kind.fields);
        let people = fields.filter(|field| matches!(field.of, FieldType::Person | FieldType::Officer));
        Acting { codebook, kinds, fields: people.map(|field| codebook.field_names[field.name.index()].as_str()).collect() }
    }

    fn kind(&self, entry: &Entry) -> Option<KindId> {
        self.kinds.iter().copied().find(|kind| self.codebook.kind(*kind).name == entry.kind)
    }

    /// Whether an entry makes others what they were not: what was not read of a custody that had ended may matter again.
    fn is_change(&self, entry: &Entry) -> bool {
        self.kind(entry).is_some_and(|kind| self.codebook.changes(kind))
    }

    /// Those who may act by an entry.
    fn named<'e>(&self, entry: &'e Entry) -> impl Iterator<Item = &'e str> {
        let told = entry.fields.iter().filter(|told| self.fields.contains(told.name.as_str()));
        let several = told.flat_map(|told| told.value.as_array().map_or(std::slice::from_ref(&told.value), Vec::as_slice));
        let by = entry.by.as_deref().filter(|_| self.kind(entry).is_some_and(|kind| has(self.codebook.kind(kind), &TAKES_ON)));
        several.filter_map(Json::as_str).chain(by)
    }
}

fn has(kind: &Kind, roles: &[&str]) -> bool {
    kind.screens.iter().any(|screen| roles.contains(&screen.as_str()))
}

fn custodies(entry: &Entry) -> impl Iterator<Item = &String> {
    entry.subject.iter().filter(|(class, _)| class == "custody").map(|(_, id)| id)
}

impl Read {
    /// Of everybody who is in custody now.
    fn first(desk: &Desk, acting: &Acting<'_>) -> Result<Self, DeskError> {
        let mut read = Read { next: desk.register.size()?, named: HashMap::new() };
        for life in desk.register.all_open("custody", None)? {
            read.take_all(desk, acting, &life.subject.1)?;
        }
        Ok(read)
    }

    fn take_all(&mut self, desk: &Desk, acting: &Acting<'_>, custody: &str) -> Result<(), DeskError> {
        desk.register.of_kinds(("custody", custody), &acting.kinds)?.iter().for_each(|entry| self.take(acting, entry));
        Ok(())
    }

    fn take(&mut self, acting: &Acting<'_>, entry: &Entry) {
        for who in acting.named(entry) {
            for custody in custodies(entry) {
                self.named.entry(who.to_owned()).or_default().insert(custody.clone());
            }
        }
    }

    /// What came into the log since.
    fn go_on(&mut self, desk: &Desk, acting: &Acting<'_>) -> Result<(), DeskError> {
        let size = desk.register.size()?;
        while self.next < size {
            for entry in desk.register.scan_kinds(self.next, STEP, &acting.kinds)? {
                self.take(acting, &entry);
                if acting.is_change(&entry) {
                    custodies(&entry).try_for_each(|custody| self.take_all(desk, acting, custody))?;
                }
            }
            self.next = (self.next + u64::from(STEP)).min(size);
        }
        Ok(())
    }
}

impl Desk {
    /// Everybody in custody who may be a client of somebody, in the order of the register: those whose record ties this one to it as its
    /// own client are among them.
    ///
    /// # Errors
    /// Trouble with the register or the file of accounts.
    pub fn may_be_clients(&self, account: &str) -> Result<Vec<Life>, DeskError> {
        let Some(mut found) = self.said_clients(account)? else { return Ok(self.register.all_open("custody", None)?) };
        found.extend(self.named_clients(account)?);
        let mut lives = Vec::new();
        for id in found {
            lives.extend(self.register.life("custody", &id)?.filter(|life| life.closed_at.is_none()));
        }
        lives.sort_by_key(|life| life.cursor);
        Ok(lives)
    }

    /// Custodies of entries that name somebody as one who acts.
    fn named_clients(&self, account: &str) -> Result<BTreeSet<String>, DeskError> {
        let mut kept = self.clients.0.lock().unwrap_or_else(PoisonError::into_inner);
        let acting = Acting::of(&self.codebook);
        let mut read = match kept.take() {
            Some(read) => read,
            None => Read::first(self, &acting)?,
        };
        read.go_on(self, &acting)?;
        let found = read.named.get(account).cloned().unwrap_or_default();
        *kept = Some(read);
        Ok(found)
    }

    /// Custodies of those whom the file of accounts says to be clients; nothing where it says so of a place or the like, whose custodies
    /// are nobody's to list.
    fn said_clients(&self, account: &str) -> Result<Option<BTreeSet<String>>, DeskError> {
        let own = tie_name(Tie::OwnClient).replace('_', " ");
        let mut found = BTreeSet::new();
        for (_, (class, id)) in self.accounts.ties_of(account)?.into_iter().filter(|(tie, _)| *tie == own) {
            let is_thing = self.codebook.class_named(&class).is_some_and(|class| self.codebook.class(class).thing);
            if class == "custody" {
                found.insert(id);
            } else if is_thing && class != "person" {
                return Ok(None);
            } else {
                match self.register.history(&class, &id, None) {
                    Ok(entries) => found.extend(entries.iter().flat_map(custodies).cloned()),
                    Err(RegisterError::Absent { .. }) => {}
                    Err(other) => return Err(other.into()),
                }
            }
        }
        Ok(Some(found))
    }
}
