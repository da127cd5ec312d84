//! Reading leaves an entry: one for each record that is opened, one for each list, before anything is shown, with who, what and what for.
//!
//! The kinds are the register's own; a codebook without them keeps no such entries.

use crate::account::SignedIn;
use crate::desk::{Desk, Sight};
use crate::error::DeskError;
use crate::forms::new_id;
use habeas_access::What;
use habeas_codebook::tree::{Act, Codebook, FieldType, Sensitivity, Tie};
use habeas_register::files::File;
use habeas_register::{Actor, Draft, Entry, draft};

/// Kind of the entry that a record was opened.
pub const OPENED: &str = "record accessed";
/// Kind of the entry that a list was read.
pub const LISTED: &str = "record searched";
/// Kind of the entry that a file of a case was opened.
pub const FILE_OPENED: &str = "evidence opened";
/// The programme that lists are recorded on.
const PROGRAMME: &str = "desk";

/// How a record is opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// It leaves the desk: as a file or on paper.
    pub is_exported: bool,
    /// The glass is broken for it.
    pub is_glass: bool,
}

/// The register's own hand, for entries that are nobody's to make.
#[must_use]
pub fn system(who: &SignedIn) -> Actor {
    let account = &who.session.account;
    Actor { id: account.id.clone(), roles: vec!["system".to_owned()], places: account.places.clone() }
}

/// The purposes that an opening can have.
#[must_use]
pub fn purposes(codebook: &Codebook) -> Vec<String> {
    let Some(kind) = codebook.kinds.iter().find(|kind| kind.name == OPENED) else { return Vec::new() };
    let field = kind.fields.iter().find(|field| codebook.field_names[field.name.index()] == "purpose");
    match field.map(|field| &field.of) {
        Some(FieldType::Choice(choices)) => {
            codebook.values(choices).iter().map(|value| codebook.value_names[value.index()].clone()).collect()
        }
        _ => Vec::new(),
    }
}

impl Desk {
    /// What somebody reads for: what they said of themself, else what ties them to the record.
    fn purpose(&self, who: &SignedIn, sight: Option<&Sight<'_>>) -> Result<String, DeskError> {
        let said = self.accounts.purpose(&who.session.account.id)?;
        if !said.is_empty() {
            return Ok(said);
        }
        let has = |tie: Tie| sight.is_some_and(|sight| sight.has(tie));
        let treats = sight.is_some_and(|sight| sight.may(Act::Read, &What::Verdict(Sensitivity::Medical)));
        let purpose = if has(Tie::OwnClient) {
            "defence"
        } else if treats {
            "care"
        } else if has(Tie::OwnPlace) || !who.session.account.places.is_empty() {
            "duty"
        } else if has(Tie::OwnCase) {
            "inquiry"
        } else {
            "monitoring"
        };
        Ok(purpose.to_owned())
    }

    /// Enters that somebody opens a record, before the page is shown; it is durable with the next commit of the register.
    ///
    /// # Errors
    /// Trouble with the register: then the record is not shown.
    pub fn note_opened(&self, who: &SignedIn, sight: &Sight<'_>, opening: &Opening) -> Result<(), DeskError> {
        let Some(kind) = self.codebook.kinds.iter().find(|kind| kind.name == OPENED) else { return Ok(()) };
        let wanted = |class: &str| kind.subjects.iter().any(|one| self.codebook.class(*one).name == class);
        let mut subjects: Vec<(&str, &str)> = Vec::new();
        for (class, id) in sight.tied.subjects.iter().chain(&sight.tied.tied).filter(|(class, _)| wanted(class)) {
            if !subjects.iter().any(|(taken, _)| *taken == class.as_str()) {
                subjects.push((class, id));
            }
        }
        if !subjects.iter().any(|(class, _)| *class == "custody") {
            return Ok(());
        }
        let classes = [("custody", Sensitivity::Custody), ("identity", Sensitivity::Identity), ("medical", Sensitivity::Medical)];
        let shown: Vec<&str> =
            classes.iter().filter(|(_, class)| sight.may(Act::Read, &What::Verdict(*class))).map(|(word, _)| *word).collect();
        let purpose = if opening.is_glass { "emergency".to_owned() } else { self.purpose(who, Some(sight))? };
        let yes_no = |is: bool| if is { "yes" } else { "no" };
        let entry = Draft::new(&new_id("read")?, &kind.name, draft::exactly(self.now()), &subjects)
            .with("done by", who.session.account.id.as_str())
            .with("what", if shown.is_empty() { vec!["custody"] } else { shown })
            .with("purpose", purpose)
            .with("break glass", yes_no(opening.is_glass))
            .with("exported", yes_no(opening.is_exported))
            .with("refused", "no");
        Ok(self.register.note_reading(entry, &system(who), self.now())?)
    }

    /// Enters that a part of a record leaves the desk; where no custody is concerned, as the reading of a list of one, which is named.
    ///
    /// # Errors
    /// Trouble with the register: then nothing is given.
    pub fn note_taken(&self, who: &SignedIn, sight: &Sight<'_>, what: &str) -> Result<(), DeskError> {
        match sight.tied.subjects.iter().chain(&sight.tied.tied).any(|(class, _)| class == "custody") {
            true => self.note_opened(who, sight, &Opening { is_exported: true, is_glass: false }),
            false => self.note_listed(who, what, 1),
        }
    }

    /// Enters that somebody opens a file of an entry: of a case, with which file it was; of other records as an opening of the record that
    /// leaves the desk, or, where no custody is concerned, as the reading of a list of one.
    ///
    /// # Errors
    /// Trouble with the register: then the file is not given.
    pub fn note_file_opened(&self, who: &SignedIn, sight: &Sight<'_>, entry: &Entry, file: &File) -> Result<(), DeskError> {
        let tied = || sight.tied.subjects.iter().chain(&sight.tied.tied);
        let kind = self.codebook.kinds.iter().find(|kind| kind.name == FILE_OPENED);
        let Some(kind) = kind.filter(|_| sight.tied.subjects.iter().any(|(class, _)| class == "case")) else {
            return self.note_taken(who, sight, &format!("file {} of {}", file.told.place, entry.id));
        };
        let wanted = |class: &str| kind.subjects.iter().any(|one| self.codebook.class(*one).name == class);
        let mut subjects: Vec<(&str, &str)> = Vec::new();
        for (class, id) in tied().filter(|(class, _)| wanted(class)) {
            if !subjects.iter().any(|(taken, _)| *taken == class.as_str()) {
                subjects.push((class, id));
            }
        }
        let opened = Draft::new(&new_id("file")?, FILE_OPENED, draft::exactly(self.now()), &subjects)
            .with("done by", who.session.account.id.as_str())
            .with("evidence", entry.id.as_str())
            .with("hash", file.told.sha256.as_str())
            .with("purpose", self.purpose(who, Some(sight))?);
        Ok(self.register.note_reading(opened, &system(who), self.now())?)
    }

    /// What somebody may see of a record that they ask for by its number. That a confidential number was tried in vain is entered, whether
    /// there is such a record or not: the answer, and what the log grows by, are the same.
    ///
    /// # Errors
    /// [`DeskError::Absent`]; trouble with the register.
    pub fn asked_for(&self, who: &SignedIn, class: &str, id: &str) -> Result<Sight<'_>, DeskError> {
        let sight = self.sight(who, class, id);
        if matches!(sight, Err(DeskError::Absent)) && self.is_confidential(class) {
            let number: String = id.chars().take(64).collect();
            self.note_listed(who, &format!("{class} {number}"), 0)?;
        }
        sight
    }

    /// Enters that somebody read a list: which, how many records it showed, and what for.
    ///
    /// # Errors
    /// Trouble with the register: then the list is not shown.
    pub fn note_listed(&self, who: &SignedIn, list: &str, shown: usize) -> Result<(), DeskError> {
        if !self.codebook.kinds.iter().any(|kind| kind.name == LISTED) {
            return Ok(());
        }
        let account = &who.session.account;
        let mut subjects = vec![("programme", PROGRAMME)];
        subjects.extend(account.places.first().map(|place| ("place", place.as_str())));
        let entry = Draft::new(&new_id("list")?, LISTED, draft::exactly(self.now()), &subjects)
            .with("done by", account.id.as_str())
            .with("what", vec!["custody"])
            .with("purpose", self.purpose(who, None)?)
            .with("searched", list)
            .with("found", shown);
        Ok(self.register.note_reading(entry, &system(who), self.now())?)
    }
}

/// Whether somebody may see who opened a record.
#[must_use]
pub fn may_see(sight: &Sight<'_>) -> bool {
    sight.kind(OPENED).is_some_and(|kind| sight.may(Act::Read, &What::Event(kind)))
}

/// Whether an entry only says that somebody read.
#[must_use]
pub fn is_reading(entry: &Entry) -> bool {
    entry.kind == OPENED || entry.kind == LISTED || entry.kind == FILE_OPENED
}
