//! A log of events in the words of a codebook, held in columns so that a nation's year fits in memory.
//!
//! An [`Entry`] is one event as a reader hands it in; a [`Log`] keeps many. Ids, names and texts are stored once. Nothing is ever
//! changed: corrections and withdrawals are entries like others, and the monitor reads the log *as known at* a moment.

mod strings;

pub use strings::{is_less, is_same};

use crate::moment::{At, Moment, Precision};
use crate::tree::{ClassId, FieldId, KindId, RoleId, ValueId};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use jiff::civil;
use rust_decimal::Decimal;
use std::borrow::Cow;
use std::hash::{BuildHasher, Hasher};
use strings::Strings;

/// An entry of a log: index in order of entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub u32);

/// A subject of a log: a class and an id, stored once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubjectId(pub u32);

/// A text of a log, stored once: equal texts have equal numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextId(pub u32);

/// What a field of an entry holds. A field that was not recorded is not there at all.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A value of a choice.
    Choice(ValueId),
    /// Yes or no.
    YesNo(bool),
    /// A number in the field's declared unit.
    Number(Decimal),
    /// Amount and ISO 4217 currency.
    Money(Decimal, [u8; 3]),
    /// A date: first and last day that it may be.
    Date(civil::Date, civil::Date),
    /// A time as precise as known; aside, like a span and a hash, since fields lie side by side and few are as long.
    Time(Box<At>),
    /// Start and end.
    Span(Box<(At, At)>),
    /// Microseconds of an elapsed duration, or calendar units kept as written.
    Duration(Lasting),
    /// Anything that is compared by spelling: text, ids, hashes, languages, countries, signatures, body marks.
    Text(TextId),
    /// Free text put aside by intake: only its SHA-256 is here.
    Hash(Box<[u8; 32]>),
    /// A declared role.
    Role(RoleId),
    /// A code of another system, kept as it was (`foreign:<system>:<code>`); equal to no declared value.
    Foreign(TextId),
    /// A field whose key this machine does not hold: unknown in every test.
    Sealed,
    /// Several values, of a `choices` or `list of` field.
    Several(Box<[Value]>),
}

impl Value {
    /// A time as precise as known.
    #[must_use]
    pub fn time(at: At) -> Self {
        Value::Time(Box::new(at))
    }

    /// The text of a value that is compared by spelling.
    #[must_use]
    pub fn as_text(&self) -> Option<TextId> {
        if let Value::Text(text) = self { Some(*text) } else { None }
    }

    /// The same value in another log: each text has the number that `place` gives for its number here.
    #[must_use]
    pub fn renumbered(&self, place: &mut dyn FnMut(TextId) -> TextId) -> Value {
        match self {
            Value::Text(text) => Value::Text(place(*text)),
            Value::Foreign(text) => Value::Foreign(place(*text)),
            Value::Several(values) => Value::Several(values.iter().map(|value| value.renumbered(place)).collect()),
            Value::Choice(_)
            | Value::YesNo(_)
            | Value::Number(_)
            | Value::Money(..)
            | Value::Date(..)
            | Value::Time(_)
            | Value::Span(..)
            | Value::Duration(_)
            | Value::Hash(_)
            | Value::Role(_)
            | Value::Sealed => self.clone(),
        }
    }
}

/// A recorded duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lasting {
    /// Calendar months (12 a year).
    pub months: i32,
    /// Calendar days.
    pub days: i32,
    /// Elapsed microseconds.
    pub micros: i64,
}

/// One event as a reader hands it in. Borrowed, so that reading a line allocates nothing.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Its id; two entries with one id are an error.
    pub id: &'a str,
    /// Its kind.
    pub kind: KindId,
    /// When it happened.
    pub at: At,
    /// When the system learnt it.
    pub recorded_at: Moment,
    /// Who entered it.
    pub by: Option<&'a str>,
    /// Subjects in any order; at most one of a class.
    pub subjects: &'a [(ClassId, &'a str)],
    /// Fields that were recorded, texts already placed by [`Log::text`].
    pub fields: &'a [(FieldId, Value)],
}

/// An entry without its id and fields, as it stands in a log.
#[derive(Clone, Copy, Debug)]
pub struct Head<'l> {
    /// Which entry.
    pub event: EventId,
    /// Its kind.
    pub kind: KindId,
    /// When it happened, as first entered.
    pub at: At,
    /// When the system learnt it.
    pub recorded_at: Moment,
    /// Whom it names.
    pub subjects: &'l [SubjectId],
}

/// Adds lists one after another to lists kept by their ends.
fn push_ends(ends: &mut Vec<u32>, lengths: &[u32]) {
    let mut end = ends.last().copied().unwrap_or(0);
    ends.extend(lengths.iter().map(|length| {
        end += length;
        end
    }));
}

/// Two entries of one log have the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DuplicateId {
    /// The entry that had it first.
    pub first: EventId,
}

/// A subject that an entry names, for [`Log::push_hashed`].
#[derive(Clone, Copy, Debug)]
pub struct Named<'n> {
    /// Its class.
    pub class: ClassId,
    /// Letters of its id.
    pub name: &'n [u8],
    /// Their [`subject_hash`].
    pub hash: u32,
}

/// Entries side by side, each at an exact time and recorded as it happened: what nearly every piece of a register is.
#[derive(Clone, Copy, Debug)]
pub struct Block<'b> {
    /// Their kinds.
    pub kinds: &'b [KindId],
    /// When they happened.
    pub at: &'b [Moment],
    /// How many subjects each names.
    pub subjects: &'b [u32],
    /// How many fields each has.
    pub fields: &'b [u32],
}

/// Hash of a subject, for [`Named`].
#[inline]
#[must_use]
pub fn subject_hash(class: ClassId, name: &[u8]) -> u32 {
    (hash(class.0, name) >> 32) as u32
}

/// A number with the hash of what it stands for, so that a growing table need not look at names again.
#[derive(Clone, Copy, Debug)]
struct Slot {
    number: u32,
    hash: u32,
}

impl Slot {
    /// Where the slot belongs in its table: the hash spread over all bits again.
    fn place(&self) -> u64 {
        u64::from(self.hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// Subjects named of late, each where its hash says: in a register those who are named together are named again soon, and a table of
/// a few thousand stays near the processor where that of all subjects does not. A log of few subjects has a small one.
#[derive(Clone, Debug)]
struct Recent(Vec<Slot>);

impl Recent {
    const LEAST: usize = 64;
    const MOST: usize = 8192;
    const NOBODY: Slot = Slot { number: u32::MAX, hash: 0 };

    #[inline]
    fn slot(&mut self, hash: u32) -> &mut Slot {
        let place = hash as usize & (self.0.len() - 1);
        &mut self.0[place]
    }

    /// Room for more, where there are so many subjects that they are in one another's way.
    fn grow(&mut self, subjects: usize) {
        if subjects > self.0.len() / 2 && self.0.len() < Recent::MOST {
            self.0 = vec![Recent::NOBODY; self.0.len() * 2];
        }
    }
}

impl Default for Recent {
    fn default() -> Self {
        Recent(vec![Recent::NOBODY; Recent::LEAST])
    }
}

/// A log, in the order of entry.
#[derive(Clone, Debug, Default)]
pub struct Log {
    ids: Strings,
    kinds: Vec<KindId>,
    /// The earliest possible instant of each entry.
    at: Vec<Moment>,
    /// The rest of what is known of the times; empty as long as every time is exact.
    spread: Vec<(Moment, Precision)>,
    /// When each was recorded; empty as long as every entry was recorded at the latest instant at which it may have happened.
    recorded: Vec<Moment>,
    subject_ends: Vec<u32>,
    subjects: Vec<SubjectId>,
    field_ends: Vec<u32>,
    fields: Vec<(FieldId, Value)>,
    names: Strings,
    classes: Vec<ClassId>,
    by_name: HashTable<Slot>,
    recent: Recent,
    texts: Strings,
    by_text: HashTable<u32>,
    by_id: HashTable<u32>,
    indexed: usize,
    ascending: bool,
    facts: Vec<(SubjectId, FieldId, Value)>,
    /// Who entered each, where that is kept: no rule asks for it.
    authors: Option<Vec<Option<TextId>>>,
}

/// Of the bytes alone, without their number, which texts of a class hardly ever differ in only.
#[inline]
fn hash(class: u16, text: &[u8]) -> u64 {
    let mut hasher = FixedState::with_seed(u64::from(class)).build_hasher();
    hasher.write(text);
    hasher.finish()
}

impl Log {
    /// An empty log.
    #[must_use]
    pub fn new() -> Self {
        Log { ascending: true, ..Log::default() }
    }

    /// An empty log that also keeps who entered each entry: for whoever hands entries on, not for judging.
    #[must_use]
    pub fn with_authors() -> Self {
        Log { authors: Some(Vec::new()), ..Log::new() }
    }

    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kinds.len()
    }
    /// True without entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }
    /// Every entry in the order of entry.
    pub fn events(&self) -> impl ExactSizeIterator<Item = EventId> + use<> {
        (0..self.kinds.len() as u32).map(EventId)
    }

    /// What judging asks of every entry first, in the order of entry.
    pub fn heads(&self) -> impl Iterator<Item = Head<'_>> {
        let columns = self.kinds.iter().zip(&self.at).zip(&self.subject_ends).enumerate();
        let mut start = 0;
        columns.map(move |(number, ((kind, earliest), end))| {
            let at = match self.spread.get(number) {
                Some((latest, precision)) => At { earliest: *earliest, latest: *latest, precision: *precision },
                None => At::exact(*earliest),
            };
            let recorded_at = self.recorded.get(number).copied().unwrap_or(at.latest);
            let subjects = &self.subjects[start..*end as usize];
            start = *end as usize;
            Head { event: EventId(number as u32), kind: *kind, at, recorded_at, subjects }
        })
    }

    /// Adds an entry; refuses a second one with the same id.
    ///
    /// # Errors
    /// [`DuplicateId`] names the entry that had the id first; nothing is added.
    pub fn push(&mut self, entry: &Entry<'_>) -> Result<EventId, DuplicateId> {
        let event = self.begin(entry)?;
        for &(class, name) in entry.subjects {
            let subject = self.subject(class, name);
            self.subjects.push(subject);
        }
        self.finish(entry.fields.iter().cloned());
        Ok(event)
    }

    /// The same for subjects whose hashes ([`subject_hash`]) a reader has already worked out, and fields that it gives away.
    ///
    /// # Errors
    /// [`DuplicateId`] as for [`Log::push`].
    #[inline]
    pub fn push_hashed<'n>(
        &mut self,
        entry: &Entry<'_>,
        subjects: impl Iterator<Item = Named<'n>>,
        fields: impl Iterator<Item = (FieldId, Value)>,
    ) -> Result<EventId, DuplicateId> {
        let event = self.begin(entry)?;
        for named in subjects {
            let subject = self.subject_named(named);
            self.subjects.push(subject);
        }
        self.finish(fields);
        Ok(event)
    }

    /// Whether an entry with this id may be appended without looking whether another has it: ids have been ascending, and so is this.
    #[must_use]
    pub fn ascends_to(&self, id: &str) -> bool {
        self.ascending && (self.is_empty() || is_less(self.ids.raw(self.len() as u32 - 1), id.as_bytes()))
    }

    /// Adds entries whose ids ascend, the first as [`Log::ascends_to`] says; nobody is named as having entered them.
    pub fn append<'n>(
        &mut self,
        block: &Block<'_>,
        ids: impl Iterator<Item = &'n str>,
        named: impl Iterator<Item = Named<'n>>,
        fields: impl Iterator<Item = (FieldId, Value)>,
    ) {
        ids.for_each(|id| {
            self.ids.push(id);
        });
        self.kinds.extend_from_slice(block.kinds);
        if !self.recorded.is_empty() {
            self.recorded.extend_from_slice(block.at);
        }
        if !self.spread.is_empty() {
            self.spread.extend(block.at.iter().map(|at| (*at, Precision::Exact)));
        }
        self.at.extend_from_slice(block.at);
        self.authors.iter_mut().for_each(|authors| authors.resize(self.at.len(), None));
        push_ends(&mut self.subject_ends, block.subjects);
        push_ends(&mut self.field_ends, block.fields);
        for named in named {
            let subject = self.subject_named(named);
            self.subjects.push(subject);
        }
        self.fields.extend(fields);
    }

    fn finish(&mut self, fields: impl Iterator<Item = (FieldId, Value)>) {
        self.subject_ends.push(self.subjects.len() as u32);
        self.fields.extend(fields);
        self.field_ends.push(self.fields.len() as u32);
    }

    /// Room for so many more entries.
    pub fn reserve(&mut self, entries: usize) {
        self.kinds.reserve(entries);
        self.at.reserve(entries);
        self.subject_ends.reserve(entries);
        self.field_ends.reserve(entries);
    }

    #[inline]
    fn begin(&mut self, entry: &Entry<'_>) -> Result<EventId, DuplicateId> {
        let number = self.kinds.len() as u32;
        // Registers usually number their entries upwards: as long as they do, no table of ids is needed to see that none repeats.
        if self.ascending && (number == 0 || is_less(self.ids.raw(number - 1), entry.id.as_bytes())) {
            self.ids.push(entry.id);
        } else {
            self.ascending = false;
            self.index_ids();
            if let Some(first) = self.find_indexed(entry.id) {
                return Err(DuplicateId { first });
            }
            self.ids.push(entry.id);
            self.index_ids();
        }
        self.kinds.push(entry.kind);
        self.time(entry.at, entry.recorded_at);
        if self.authors.is_some() {
            let author = entry.by.map(|by| self.text(by));
            self.authors.iter_mut().for_each(|authors| authors.push(author));
        }
        Ok(EventId(number))
    }

    /// Writes the times of the newest entry; what nearly every entry has alike is not written until one differs.
    #[inline]
    fn time(&mut self, at: At, recorded_at: Moment) {
        if !self.recorded.is_empty() || recorded_at != at.latest {
            while self.recorded.len() < self.at.len() {
                let before = self.at(EventId(self.recorded.len() as u32));
                self.recorded.push(before.latest);
            }
            self.recorded.push(recorded_at);
        }
        if !self.spread.is_empty() || at != At::exact(at.earliest) {
            let exact = self.at[self.spread.len()..].iter().map(|moment| (*moment, Precision::Exact));
            self.spread.extend(exact);
            self.spread.push((at.latest, at.precision));
        }
        self.at.push(at.earliest);
    }

    fn index_ids(&mut self) {
        let ids = &self.ids;
        for number in self.indexed as u32..ids.len() as u32 {
            self.by_id.insert_unique(hash(0, ids.raw(number)), number, |&n| hash(0, ids.raw(n)));
        }
        self.indexed = ids.len();
    }
    fn find_indexed(&self, id: &str) -> Option<EventId> {
        self.by_id.find(hash(0, id.as_bytes()), |&n| self.ids.raw(n) == id.as_bytes()).map(|&n| EventId(n))
    }

    /// The entry with this id. Makes the table of ids at its first use.
    pub fn find(&mut self, id: &str) -> Option<EventId> {
        self.index_ids();
        self.find_indexed(id)
    }

    /// Number of a subject; a new one the first time it is named.
    pub fn subject(&mut self, class: ClassId, name: &str) -> SubjectId {
        self.subject_named(Named { class, name: name.as_bytes(), hash: subject_hash(class, name.as_bytes()) })
    }

    #[inline]
    fn subject_named(&mut self, named: Named<'_>) -> SubjectId {
        let slot = *self.recent.slot(named.hash);
        if slot.hash == named.hash && self.is_called(slot.number, named) {
            return SubjectId(slot.number);
        }
        self.subject_of_old(named)
    }

    /// The same for a subject that was not named of late.
    #[inline(never)]
    fn subject_of_old(&mut self, named: Named<'_>) -> SubjectId {
        let number = match self.find_named(named) {
            Some(known) => known.0,
            None => {
                let name = std::str::from_utf8(named.name).map_or_else(|_| String::from_utf8_lossy(named.name), Cow::Borrowed);
                let slot = Slot { number: self.names.push(&name), hash: named.hash };
                self.classes.push(named.class);
                self.recent.grow(self.classes.len());
                self.by_name.insert_unique(slot.place(), slot, Slot::place);
                slot.number
            }
        };
        *self.recent.slot(named.hash) = Slot { number, hash: named.hash };
        SubjectId(number)
    }

    #[inline]
    fn is_called(&self, number: u32, named: Named<'_>) -> bool {
        self.classes.get(number as usize) == Some(&named.class) && is_same(self.names.raw(number), named.name)
    }

    fn find_named(&self, named: Named<'_>) -> Option<SubjectId> {
        let wanted = Slot { number: 0, hash: named.hash };
        let same = |slot: &Slot| slot.hash == named.hash && self.is_called(slot.number, named);
        self.by_name.find(wanted.place(), same).map(|slot| SubjectId(slot.number))
    }
    /// A subject already named.
    #[must_use]
    pub fn find_subject(&self, class: ClassId, name: &str) -> Option<SubjectId> {
        self.find_named(Named { class, name: name.as_bytes(), hash: subject_hash(class, name.as_bytes()) })
    }
    /// Number of subjects.
    #[must_use]
    pub fn subject_count(&self) -> usize {
        self.classes.len()
    }
    /// Class of a subject.
    #[must_use]
    pub fn class_of(&self, subject: SubjectId) -> ClassId {
        self.classes[subject.0 as usize]
    }
    /// Id of a subject as the source spells it.
    #[must_use]
    pub fn name_of(&self, subject: SubjectId) -> &str {
        self.names.get(subject.0)
    }

    /// Letters of the id of a subject.
    #[inline]
    #[must_use]
    pub fn name_letters(&self, subject: SubjectId) -> &[u8] {
        self.names.raw(subject.0)
    }

    /// The ids of all entries, and of all subjects, each one after another with nothing between.
    #[must_use]
    pub fn all_ids(&self) -> [&str; 2] {
        [&self.ids.bytes, &self.names.bytes]
    }

    /// Touches the ids of entries and the names of subjects. They lie all over the log, so each is a wait for memory; asked for one after
    /// another and next to nothing between, the processor waits for many at once. The sum means nothing.
    #[must_use]
    pub fn touch(&self, subjects: &[SubjectId], events: impl Iterator<Item = EventId>) -> usize {
        let names = subjects.iter().fold(0, |sum, subject| sum + self.names.touch(subject.0));
        events.fold(names, |sum, event| sum + self.ids.touch(event.0))
    }

    /// Number of a text; stored once.
    pub fn text(&mut self, text: &str) -> TextId {
        let texts = &self.texts;
        let key = hash(1, text.as_bytes());
        if let Some(&n) = self.by_text.find(key, |&n| texts.raw(n) == text.as_bytes()) {
            return TextId(n);
        }
        let number = self.texts.push(text);
        let texts = &self.texts;
        self.by_text.insert_unique(key, number, |&n| hash(1, texts.raw(n)));
        TextId(number)
    }
    /// The text of a number.
    #[must_use]
    pub fn text_of(&self, text: TextId) -> &str {
        self.texts.get(text.0)
    }

    /// Id of an entry.
    #[must_use]
    pub fn id(&self, event: EventId) -> &str {
        self.ids.get(event.0)
    }
    /// Letters of the id of an entry.
    #[inline]
    #[must_use]
    pub fn id_letters(&self, event: EventId) -> &[u8] {
        self.ids.raw(event.0)
    }
    /// Kind of an entry.
    #[must_use]
    pub fn kind(&self, event: EventId) -> KindId {
        self.kinds[event.0 as usize]
    }
    /// When it happened, as first entered.
    #[must_use]
    pub fn at(&self, event: EventId) -> At {
        let earliest = self.at[event.0 as usize];
        match self.spread.get(event.0 as usize) {
            Some((latest, precision)) => At { earliest, latest: *latest, precision: *precision },
            None => At::exact(earliest),
        }
    }
    /// True when every time of the log is exact.
    #[must_use]
    pub fn all_exact(&self) -> bool {
        self.spread.is_empty()
    }
    /// True when every entry was recorded as it happened.
    #[must_use]
    pub fn all_prompt(&self) -> bool {
        self.recorded.is_empty()
    }
    /// When the system learnt it.
    #[must_use]
    pub fn recorded_at(&self, event: EventId) -> Moment {
        self.recorded.get(event.0 as usize).copied().unwrap_or_else(|| self.at(event).latest)
    }
    /// Who entered it; nothing where the source does not say, or in a log that does not keep it ([`Log::with_authors`]).
    #[must_use]
    pub fn by(&self, event: EventId) -> Option<&str> {
        let author = self.authors.as_ref()?.get(event.0 as usize).copied().flatten()?;
        Some(self.text_of(author))
    }
    /// Whom the entries name, entry by entry: a subject as often as it is named.
    #[must_use]
    pub fn mentions(&self) -> &[SubjectId] {
        &self.subjects
    }
    /// Its subjects.
    #[must_use]
    pub fn subjects(&self, event: EventId) -> &[SubjectId] {
        let i = event.0 as usize;
        let start = if i == 0 { 0 } else { self.subject_ends[i - 1] as usize };
        &self.subjects[start..self.subject_ends[i] as usize]
    }
    /// Its subject of a class.
    #[must_use]
    pub fn subject_of(&self, event: EventId, class: ClassId) -> Option<SubjectId> {
        self.subjects(event).iter().copied().find(|&s| self.classes[s.0 as usize] == class)
    }
    /// Its fields as first entered.
    #[must_use]
    pub fn fields(&self, event: EventId) -> &[(FieldId, Value)] {
        let i = event.0 as usize;
        let start = if i == 0 { 0 } else { self.field_ends[i - 1] as usize };
        &self.fields[start..self.field_ends[i] as usize]
    }
    /// One of its fields as first entered.
    #[must_use]
    pub fn field(&self, event: EventId, name: FieldId) -> Option<&Value> {
        self.fields(event).iter().find(|(f, _)| *f == name).map(|(_, v)| v)
    }

    /// The same log in the order in which entries were recorded, those of one instant by their ids; `None` when it already is. So that
    /// what is counted does not depend on the order in which a file holds its entries.
    #[must_use]
    pub fn in_order_of_record(&self) -> Option<Log> {
        let key = |event: &EventId| (self.recorded_at(*event), self.id(*event));
        let mut order: Vec<EventId> = self.events().collect();
        if order.is_sorted_by_key(key) {
            return None;
        }
        order.sort_unstable_by(|a, b| key(a).cmp(&key(b)));
        let mut sorted = Log {
            names: self.names.clone(),
            classes: self.classes.clone(),
            by_name: self.by_name.clone(),
            recent: self.recent.clone(),
            texts: self.texts.clone(),
            by_text: self.by_text.clone(),
            facts: self.facts.clone(),
            ..Log::default()
        };
        sorted.reserve(order.len());
        for event in order {
            sorted.ids.push(self.id(event));
            sorted.kinds.push(self.kind(event));
            sorted.time(self.at(event), self.recorded_at(event));
            sorted.subjects.extend_from_slice(self.subjects(event));
            sorted.finish(self.fields(event).iter().cloned());
        }
        Some(sorted)
    }

    /// A fact in force from the beginning (the `facts` of a timeline).
    pub fn add_fact(&mut self, class: ClassId, name: &str, field: FieldId, value: Value) {
        let subject = self.subject(class, name);
        self.facts.push((subject, field, value));
    }
    /// Facts in force from the beginning.
    #[must_use]
    pub fn facts(&self) -> &[(SubjectId, FieldId, Value)] {
        &self.facts
    }
}
