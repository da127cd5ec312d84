//! Files that were sent with a form and wait until the form is entered: a browser does not send a file twice, so whoever mistook a date
//! does not have to look for the photograph again. They wait in memory, cleaned, for whoever sent them, and not for long.

use super::sent::SentFile;
use super::{Cleaned, Refused, named};
use crate::accounts::Session;
use crate::clock::Teller;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::forms::model::{Choice, input_name};
use crate::forms::{Answered, Mistake, Posted};
use crate::texts::Language;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Codebook, Field, FieldType, Kind};
use habeas_register::Attachment;
use habeas_register::files::hash;
use habeas_register::files::sealable;
use std::sync::{Arc, Mutex, PoisonError};

/// How long a file waits.
const PATIENCE: i64 = 2 * 3_600_000_000;
/// Most bytes that wait for one account, and for all.
const MOST_EACH: usize = 48_000_000;
const MOST: usize = 256_000_000;

/// A file that waits.
#[derive(Debug)]
struct Held {
    token: String,
    account: String,
    since: Moment,
    file: Attachment,
    size: usize,
}

/// The files that wait.
#[derive(Debug, Default)]
pub struct Waiting(Mutex<Vec<Arc<Held>>>);

/// A file that waits, as its form shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What the form sends for it.
    pub token: String,
    /// Name.
    pub name: String,
    /// Size of what will be kept, in bytes.
    pub size: usize,
    /// What was taken out.
    pub removed: Vec<String>,
}

impl Shown {
    /// The file as a choice of its question, which is made.
    #[must_use]
    pub fn choice(&self, teller: &Teller<'_>) -> Choice {
        let size = size(teller, self.size as u64);
        let name = teller.texts.say(teller.language, "file-waits", &[("name", &self.name), ("size", &size)]);
        let removed = removed(teller, &self.removed);
        let label = if removed.is_empty() { name } else { format!("{name}. {removed}") };
        Choice { value: self.token.clone(), label, is_chosen: true }
    }
}

/// A size in words.
#[must_use]
pub fn size(teller: &Teller<'_>, bytes: u64) -> String {
    let (id, number) = if bytes < 1_000_000 {
        ("size-kb", bytes.div_ceil(1_000).to_string())
    } else {
        ("size-mb", format!("{}.{}", bytes / 1_000_000, bytes % 1_000_000 / 100_000))
    };
    teller.texts.say(teller.language, id, &[("n", &number)])
}

/// What was taken out of a file, in words; empty where nothing was.
#[must_use]
pub fn removed(teller: &Teller<'_>, words: &[String]) -> String {
    if words.is_empty() {
        return String::new();
    }
    let said: Vec<String> = words.iter().map(|word| teller.texts.say(teller.language, &format!("removed-{word}"), &[])).collect();
    teller.texts.say(teller.language, "files-removed", &[("what", &said.join("; "))])
}

/// What is kept of a file that was sent, for a field.
///
/// # Errors
/// What is wrong with it.
pub fn kept(field: &str, sent: SentFile) -> Result<Attachment, Refused> {
    let bytes = sent.content?;
    let Cleaned { media, ending, bytes: clean, removed } = super::cleaned(&bytes)?;
    Ok(Attachment {
        field: field.to_owned(),
        name: named(&sent.name, ending),
        media: media.to_owned(),
        original: hash(&bytes),
        removed: removed.into_iter().map(|what| what.word().to_owned()).collect(),
        bytes: sealable(clean),
    })
}

/// The input by which a form says which files wait for a question.
#[must_use]
pub fn kept_input(question: &str) -> String {
    format!("{question}.kept")
}

impl Waiting {
    /// Takes in what came with a form: each file is cleaned and waits, and the form says its token. What is wrong with others.
    ///
    /// # Errors
    /// A machine without randomness.
    pub fn take_in(
        &self,
        account: &str,
        posted: &mut Posted,
        files: Vec<SentFile>,
        now: Moment,
    ) -> Result<Vec<(String, Refused)>, DeskError> {
        let mut refused = Vec::new();
        for sent in files {
            let question = sent.input.strip_suffix(".file").unwrap_or(&sent.input).to_owned();
            match kept("", sent) {
                Ok(file) => {
                    let size = file.bytes.reveal().len();
                    let token = Session::new_token()?;
                    posted.0.push((kept_input(&question), token.clone()));
                    self.hold(Held { token, account: account.to_owned(), since: now, file, size }, now);
                }
                Err(why) => refused.push((question, why)),
            }
        }
        Ok(refused)
    }

    fn hold(&self, new: Held, now: Moment) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|one| now.0 - one.since.0 < PATIENCE);
        let account = new.account.clone();
        held.push(Arc::new(new));
        let of = |held: &[Arc<Held>], is: &dyn Fn(&Held) -> bool| held.iter().filter(|one| is(one)).map(|one| one.size).sum::<usize>();
        // The oldest give way: of whoever sends more than they may, then of all.
        while of(&held, &|one| one.account == account) > MOST_EACH {
            let Some(place) = held.iter().position(|one| one.account == account) else { break };
            held.remove(place);
        }
        while of(&held, &|_| true) > MOST {
            held.remove(0);
        }
    }

    fn held(&self, account: &str, token: &str) -> Option<Arc<Held>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.iter().find(|one| one.account == account && one.token == token).cloned()
    }

    /// The files that wait for a question; `None` in the place of one that waits no longer.
    #[must_use]
    pub fn shown(&self, account: &str, posted: &Posted, question: &str) -> Vec<Option<Shown>> {
        let one = |token: &str| {
            let held = self.held(account, token)?;
            let (name, removed) = (held.file.name.clone(), held.file.removed.clone());
            Some(Shown { token: token.to_owned(), name, size: held.size, removed })
        };
        let mut tokens = posted.all(&kept_input(question));
        tokens.dedup();
        tokens.into_iter().map(one).collect()
    }

    /// The same answers with the hashes of the files that wait in their fields, and those files.
    ///
    /// # Errors
    /// Questions whose file waits no longer.
    pub fn answered(
        &self,
        account: &str,
        codebook: &Codebook,
        kind: &Kind,
        posted: &Posted,
    ) -> Result<(Posted, Vec<Attachment>), Vec<String>> {
        let (mut answers, mut files, mut gone) = (posted.clone(), Vec::new(), Vec::new());
        for field in kind.fields.iter().filter(|field| field.of == FieldType::FileHash) {
            let question = input_name(codebook, field);
            for token in self.tokens(posted, field, &question) {
                let Some(held) = self.held(account, token) else {
                    gone.push(question.clone());
                    continue;
                };
                let file = Attachment { field: codebook.field_names[field.name.index()].clone(), ..held.file.clone() };
                if !field.list {
                    answers.set(&question, &file.hash().to_hex());
                    files.push(file);
                } else if !files.contains(&file) {
                    answers.0.push((question.clone(), file.hash().to_hex()));
                    files.push(file);
                }
            }
        }
        if gone.is_empty() { Ok((answers, files)) } else { Err(gone) }
    }

    /// Tokens that count: where a field holds one file, that of the last one chosen.
    fn tokens<'p>(&self, posted: &'p Posted, field: &Field, question: &str) -> Vec<&'p str> {
        let all = posted.all(&kept_input(question));
        let from = if field.list { 0 } else { all.len().saturating_sub(1) };
        all[from..].to_vec()
    }

    /// Forgets the files of a form that was entered.
    pub fn forget(&self, posted: &Posted) {
        let is_of = |one: &Held| posted.0.iter().any(|(name, value)| name.ends_with(".kept") && *value == one.token);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|one| !is_of(one));
    }
}

/// Questions whose file was not taken, and why.
pub type NotTaken = [(String, Refused)];

impl Desk {
    /// What the form of somebody comes to, with the files that wait for its questions.
    ///
    /// # Errors
    /// Every mistake, those with files first.
    pub fn answered(
        &self,
        (account, language): (&str, Language),
        kind: &Kind,
        (posted, refused): (&Posted, &NotTaken),
    ) -> Result<(Answered, Vec<Attachment>), Vec<Mistake>> {
        let teller = self.teller(language);
        let say = |id: &str| teller.texts.say(language, id, &[]);
        let mut wrong: Vec<Mistake> = refused.iter().map(|(name, why)| Mistake { name: name.clone(), text: say(why.text()) }).collect();
        let (answers, files) = self.waiting.answered(account, &self.codebook, kind, posted).unwrap_or_else(|gone| {
            wrong.extend(gone.into_iter().map(|name| Mistake { name, text: say("file-gone") }));
            (posted.clone(), Vec::new())
        });
        match answers.answers(&self.codebook, kind, &teller) {
            Ok(answered) if wrong.is_empty() => Ok((answered, files)),
            Ok(_) => Err(wrong),
            Err(mistakes) => {
                let others: Vec<Mistake> = mistakes.into_iter().filter(|one| !wrong.iter().any(|other| other.name == one.name)).collect();
                Err(wrong.into_iter().chain(others).collect())
            }
        }
    }
}
