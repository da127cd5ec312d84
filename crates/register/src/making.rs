//! What a draft comes to before the store is asked: checked, spelt, salted, committed to. That takes nothing but the codebook, so that of
//! many drafts the later ones are made by another thread while the earlier ones are written.

use crate::checking::{self, Checked, Law};
use crate::draft::{Actor, Draft};
use crate::entry::{self, Known, Placed};
use crate::error::RegisterError;
use crate::files::{self, FILE, File};
use crate::random::Random;
use crate::spelling;
use habeas_codebook::moment::Moment;
use habeas_ledger::fields::{self, Field};
use habeas_ledger::leaf::{self, Class};
use habeas_ledger::merkle::Hash;
use habeas_ledger::sealing::Plaintext;
use rand_core::Rng as _;
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Drafts from how many on a second thread is worth its start.
const MANY: usize = 32;

/// A draft that was checked, with everything of its entry that does not hang on the place in the log.
pub(crate) struct Made {
    pub(crate) checked: Checked,
    /// What was said beyond the codebook's fields, as entries have it.
    pub(crate) ours: Vec<(String, Json)>,
    /// The files that are kept with it, as entries tell of them.
    pub(crate) files: Vec<File>,
    /// Whoever made it.
    pub(crate) by: String,
    pub(crate) author: Hash,
    pub(crate) fields_root: Hash,
    /// The text of each class that is there.
    pub(crate) parts: Vec<(Class, Plaintext)>,
    /// The fields, where some of them are of a class whose key is elsewhere: the entry will open without those.
    pub(crate) fields: Option<Vec<Placed>>,
}

/// Makes one draft ready. `corrects` is the entry that it names as wrong; `elsewhere` are classes whose keys are not here.
pub(crate) fn make(
    (law, elsewhere): (&Law, &[Class]),
    (draft, actor, now): Asked<'_>,
    corrects: Option<Arc<Known>>,
    random: &mut Random,
) -> Result<Made, RegisterError> {
    let checked = checking::check(law, draft, corrects, now)?;
    let by = draft.by.as_deref().unwrap_or(&actor.id);
    let ours = ours(draft);
    let files = files::described(law, draft, &checked)?;
    let fields = fields(law, (draft, by), (&checked, &files), &ours, random)?;
    let salt = fields.iter().find(|placed| placed.field.id == "@by").map(|placed| placed.field.salt);
    let mut parts = Vec::new();
    for class in Class::ALL.into_iter().filter(|class| fields.iter().any(|placed| placed.class == *class)) {
        parts.push((class, entry::part(&fields, class)?));
    }
    Ok(Made {
        author: salt.map(|salt| leaf::author_commitment(&salt, by)).unwrap_or_default(),
        fields_root: fields::root(fields.iter().map(|placed| &placed.field))?,
        fields: parts.iter().any(|(class, _)| elsewhere.contains(class)).then_some(fields),
        by: by.to_owned(),
        parts,
        ours,
        files,
        checked,
    })
}

/// Further things that were said with a draft.
fn ours(draft: &Draft) -> Vec<(String, Json)> {
    let said = [
        ("on_behalf_of", &draft.on_behalf_of),
        ("late_reason", &draft.late_reason),
        ("source", &draft.source),
        ("station", &draft.station),
    ];
    let said = said.into_iter().filter_map(|(name, text)| Some((name.to_owned(), json!(text.as_ref()?))));
    said.collect()
}

/// All fields of the entry in their order, ours first, each with a fresh salt.
fn fields(
    law: &Law,
    (draft, by): (&Draft, &str),
    (checked, files): (&Checked, &[File]),
    ours: &[(String, Json)],
    random: &mut Random,
) -> Result<Vec<Placed>, RegisterError> {
    let codebook = &*law.codebook;
    let kind = codebook.kind(checked.kind);
    let seen_as = entry::class_of(kind.seen_as).max(Class::Custody);
    let mut all: Vec<(String, Class, Vec<u8>)> = Vec::with_capacity(8 + ours.len() + checked.fields.len());
    let mut own = |name: String, value: Vec<u8>| all.push((name, seen_as, value));
    own("@kind".to_owned(), bytes(&kind.name)?);
    own("@id".to_owned(), bytes(&draft.id)?);
    own("@at".to_owned(), bytes(&spelling::spell_time(checked.at, codebook))?);
    if let Some(at) = draft.recorded_at {
        own("@recorded_at".to_owned(), bytes(&spelling::spell_moment(at, codebook))?);
    }
    for (class, name) in &checked.subjects {
        own(format!("@subject.{}", codebook.class(*class).name), bytes(name)?);
    }
    own("@by".to_owned(), bytes(by)?);
    if let Some(corrected) = &checked.corrects {
        own("@corrects_kind".to_owned(), bytes(&codebook.kind(corrected.kind).name)?);
    }
    for (name, value) in ours {
        own(format!("@{name}"), bytes(value)?);
    }
    for file in files {
        all.push((FILE.to_owned(), file.class, bytes(&file.told)?));
    }
    for given in &checked.fields {
        all.push((codebook.field_names[given.name.index()].clone(), given.class, bytes(&given.spelt)?));
    }
    let mut salts = vec![[0; 16]; all.len()];
    random.fill_bytes(salts.as_flattened_mut());
    let placed = all.into_iter().zip(salts).enumerate().map(|(place, ((id, class, value), salt))| {
        let too_many = |_| RegisterError::field("fields", "too many fields", "", "fewer than 65,536");
        let place = u16::try_from(place).map_err(too_many)?;
        Ok(Placed { place, class, field: Field { salt, id, value: Plaintext::new(value) } })
    });
    placed.collect()
}

fn bytes(value: &(impl Serialize + ?Sized)) -> Result<Vec<u8>, RegisterError> {
    serde_json::to_vec(value).map_err(|error| RegisterError::Store { why: error.to_string() })
}

/// A draft, who made it, and when.
pub(crate) type Asked<'d> = (&'d Draft, &'d Actor, Moment);

/// What came of making a draft, until it is taken.
type Slot = OnceLock<Mutex<Option<Result<Made, RegisterError>>>>;

/// Drafts that are being made ready.
pub(crate) struct Making<'d> {
    law: Arc<Law>,
    elsewhere: Vec<Class>,
    drafts: Vec<(Asked<'d>, Slot)>,
    is_over: AtomicBool,
}

impl<'d> Making<'d> {
    pub(crate) fn of(law: &Arc<Law>, elsewhere: Vec<Class>, drafts: impl Iterator<Item = Asked<'d>>) -> Self {
        let drafts = drafts.map(|asked| (asked, Slot::new())).collect();
        Making { law: Arc::clone(law), elsewhere, drafts, is_over: AtomicBool::new(false) }
    }

    /// Does something while another thread goes ahead, where there are enough drafts and a second processor.
    pub(crate) fn ahead<T>(&self, work: impl FnOnce() -> T) -> T {
        let has_room = || std::thread::available_parallelism().is_ok_and(|processors| processors.get() > 1);
        if self.drafts.len() < MANY || !has_room() {
            return work();
        }
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut random = Random::new();
                for place in 0..self.drafts.len() {
                    if self.is_over.load(Ordering::Relaxed) {
                        break;
                    }
                    self.slot(place, &mut random);
                }
            });
            let done = work();
            self.is_over.store(true, Ordering::Relaxed);
            done
        })
    }

    fn slot(&self, place: usize, random: &mut Random) -> Option<&Mutex<Option<Result<Made, RegisterError>>>> {
        let (asked, slot) = &self.drafts[place];
        // What names another entry as wrong is checked beside that entry, by the one who can read it.
        if checking::is_change(&self.law, asked.0) {
            return None;
        }
        Some(slot.get_or_init(|| Mutex::new(Some(make((&self.law, &self.elsewhere), *asked, None, random)))))
    }

    /// Takes what a draft came to; makes it now if nobody has. `corrected` finds the entry that it names as wrong.
    pub(crate) fn take(
        &self,
        place: usize,
        random: &mut Random,
        corrected: impl FnOnce() -> Result<Option<Arc<Known>>, RegisterError>,
    ) -> Result<Made, RegisterError> {
        let made = self.slot(place, random).and_then(|slot| slot.lock().unwrap_or_else(PoisonError::into_inner).take());
        match made {
            Some(made) => made,
            None => make((&self.law, &self.elsewhere), self.drafts[place].0, corrected()?, random),
        }
    }
}
