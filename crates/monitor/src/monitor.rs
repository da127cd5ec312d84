//! A codebook made ready to judge: which rules a subject's entries wake, which kinds each rule reads, in which order rows stand.

use crate::alphabet::{self, Kinds};
use crate::handful::Handful;
use crate::hearing::Hearing;
use crate::knowledge::changing_kinds;
use crate::scene::{Scene, Serving};
use crate::verdict::{Asked, Row};
use crate::{bodies, breaches, worlds};
use habeas_codebook::log::{Log, SubjectId};
use habeas_codebook::moment::{Length, Moment};
use habeas_codebook::tree::{
    Builtin, ClassId, Codebook, EventName, FieldId, Holds, ItemId, KindId, Pattern, Rule, RuleId, Sensitivity, State, StateId,
};
use std::num::NonZeroUsize;
use std::sync::Arc;

/// What is worked out once for a rule.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// Every kind that the rule reads, through states, items, facts and closes.
    pub(crate) alphabet: Kinds,
    /// Kinds that it reads elsewhere than in the patterns of its body, which are sought among entries of the subject judged: all that it
    /// reads of others, closes excepted.
    pub(crate) reached: Kinds,
    /// Kinds one of which a subject must have for the rule to have a row; `None`: every subject has one.
    pub(crate) wakes: Option<Kinds>,
    /// Class of the most sensitive thing that the rule reads: its verdicts are as secret.
    pub(crate) sensitivity: Sensitivity,
    /// In force from, until (exclusive).
    pub(crate) window: (Moment, Moment),
    /// Every length that the rule may add to a time.
    pub(crate) lengths: Vec<Length>,
    /// Place of the rule's rows, and of its `/record` rows, in the order of output.
    pub(crate) rank: (u32, u32),
    /// Every item that the rule counts.
    pub(crate) items: Vec<ItemId>,
    /// Every state that the rule reads.
    pub(crate) states: Vec<StateId>,
    /// The age that the rule turns on, if any.
    pub(crate) age: Option<StateId>,
    /// It compares with something that may become other at an instant which is neither an entry of its kinds nor an edge of its states: a
    /// limit with versions, a fact of another subject.
    pub(crate) drifts: bool,
    /// Reads `breach found`: judged after the rules that it reads.
    pub(crate) reads_breaches: bool,
    /// Reads it elsewhere than in the patterns that its body names first, so that it cannot be told whose.
    pub(crate) reads_any_breach: bool,
}

/// Entries of a subject that were read while another, or itself, was judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Whose entries.
    pub subject: SubjectId,
    /// The kinds that the rules read which looked there; an entry of another kind changes nothing of what was judged, unless it is the
    /// subject's first, or changes another entry.
    pub kinds: Kinds,
    /// Which subjects they name beside it was read, whatever their kind.
    pub ties: bool,
}

/// What judging a subject came to beside its rows.
#[derive(Clone, Debug, Default)]
pub struct Noted {
    /// What was read of whom.
    pub readings: Vec<Reading>,
    /// Rules that asked when something happened, where the record does not say it exactly.
    pub rough: Vec<RuleId>,
    /// Rules whose rows are what several possible worlds agree on, and from when on time may change the rows of one of these
    /// ([`Monitor::moves_at`]).
    pub worlds: Vec<(RuleId, Option<Moment>)>,
    /// Rules that asked who is named with whom: an entry that names some together for the first time may change them, of whatever kind.
    pub ties: Vec<RuleId>,
    /// When the first of those whose ages were asked for comes to such an age, after now.
    pub birthday: Option<Moment>,
}

/// A compiled codebook.
pub struct Monitor<'c> {
    pub(crate) codebook: &'c Codebook,
    pub(crate) prepared: Arc<[Prepared]>,
    by_class: Vec<Vec<RuleId>>,
    /// For each class, every kind that one of its rules reads.
    alphabets: Vec<Kinds>,
    /// The same, as far as their entries may have fields.
    pub(crate) telling: Vec<Kinds>,
    /// Whom an entry names is kept beside it: judging asks that all the time, counting seldom, and it is a tenth of the memory.
    pub(crate) keeps_names: bool,
    /// Those who judge, round by round, the rules whose breaches the rules here read.
    rounds: Vec<Monitor<'c>>,
    alias_kinds: Vec<KindId>,
    pub(crate) corrects: Vec<bool>,
    pub(crate) withdraws: Vec<bool>,
    /// Some kind of the codebook corrects or withdraws.
    pub(crate) may_change: bool,
    /// Bit of the class custody.
    pub(crate) custody_bit: u64,
    pub(crate) closes: Vec<Vec<ClassId>>,
    /// For each class, the kinds that close its subjects.
    closing: Vec<Kinds>,
    pub(crate) describes: Vec<Vec<ClassId>>,
    /// For each state, what an entry of each kind does to it.
    pub(crate) turns: Vec<Vec<Turning>>,
    /// For each state, whether more than one rule reads it.
    pub(crate) shared: Vec<bool>,
    /// For each kind, bits of the classes other than things that it may name.
    pub(crate) joins: Vec<u64>,
    /// For each kind, bits of the classes that some kind closes and that it may name.
    pub(crate) closable: Vec<u64>,
    /// Classes that have rules.
    pub(crate) judges: Vec<bool>,
    pub(crate) custody: Option<ClassId>,
    pub(crate) corrects_field: Option<FieldId>,
    pub(crate) at_field: Option<FieldId>,
    pub(crate) by_field: Option<FieldId>,
    pub(crate) born_field: Option<FieldId>,
    pub(crate) valid_until_field: Option<FieldId>,
}

impl<'c> Monitor<'c> {
    /// Compiles every rule of a codebook.
    #[must_use]
    pub fn new(codebook: &'c Codebook) -> Self {
        let only: Vec<RuleId> = (0..codebook.rules.len()).map(|i| RuleId(i as u16)).collect();
        Self::with_rules(codebook, &only)
    }

    /// Compiles the rules with these ids only (and whatever rules they read breaches of).
    #[must_use]
    pub fn only(codebook: &'c Codebook, ids: &[&str]) -> Self {
        let only: Vec<RuleId> =
            (0..codebook.rules.len()).filter(|i| ids.contains(&codebook.rules[*i].id.as_str())).map(|i| RuleId(i as u16)).collect();
        Self::with_rules(codebook, &only)
    }

    /// The same for whoever counts far more than is judged, and would rather have the memory that judging quickly takes.
    #[must_use]
    pub fn for_counting(codebook: &'c Codebook, ids: &[&str]) -> Self {
        Monitor { keeps_names: false, ..Self::only(codebook, ids) }
    }

    fn with_rules(codebook: &'c Codebook, only: &[RuleId]) -> Self {
        let ranks = alphabet::ranks(codebook);
        let prepared: Arc<[Prepared]> =
            codebook.rules.iter().zip(ranks).map(|(rule, rank)| alphabet::prepare(codebook, rule, rank)).collect();
        let mut monitor = Self::prepared(codebook, only, &prepared);
        monitor.rounds = monitor.judging(only, false);
        monitor
    }

    /// A monitor for each round of rules whose breaches those of `only` read.
    fn judging(&self, only: &[RuleId], every: bool) -> Vec<Monitor<'c>> {
        let rounds = breaches::rounds(self.codebook, &self.prepared, only, every);
        rounds.iter().map(|round| Self::prepared(self.codebook, round, &self.prepared)).collect()
    }

    fn prepared(codebook: &'c Codebook, only: &[RuleId], prepared: &Arc<[Prepared]>) -> Self {
        let (corrects, withdraws) = changing_kinds(codebook);
        let field = |name: &str| codebook.field_names.iter().position(|f| f == name).map(|i| FieldId(i as u16));
        let alias_kinds = codebook.aliases.iter().map(|a| codebook.expand(&a.pattern).0).collect();
        let mut by_class = vec![Vec::new(); codebook.classes.len()];
        for rule in only {
            by_class[codebook.rules[rule.index()].subject.index()].push(*rule);
        }
        // In the order of output, so that rows mostly need no sorting.
        by_class.iter_mut().for_each(|rules| rules.sort_by_key(|rule| prepared[rule.index()].rank.0));
        let alphabet = |rules: &Vec<RuleId>| {
            let mut kinds = alphabet::closing(codebook, |_| true);
            rules.iter().for_each(|rule| kinds.extend(&prepared[rule.index()].alphabet));
            kinds
        };
        Monitor {
            judges: by_class.iter().map(|rules| !rules.is_empty()).collect(),
            telling: by_class.iter().map(|rules| alphabet(rules).having(|kind| !codebook.kind(kind).fields.is_empty())).collect(),
            alphabets: by_class.iter().map(alphabet).collect(),
            by_class,
            keeps_names: true,
            rounds: Vec::new(),
            alias_kinds,
            may_change: corrects.iter().chain(&withdraws).any(|c| *c),
            custody_bit: codebook.class_named("custody").map_or(0, |c| 1 << (c.0 & 63)),
            corrects,
            withdraws,
            joins: codebook.kinds.iter().map(|k| class_bits(codebook, &k.subjects, |c| !codebook.class(c).thing)).collect(),
            closable: {
                let ever = |c: ClassId| codebook.kinds.iter().any(|k| k.closes.contains(&c));
                codebook.kinds.iter().map(|k| class_bits(codebook, &k.subjects, ever)).collect()
            },
            closes: codebook.kinds.iter().map(|k| k.closes.clone()).collect(),
            closing: (0..codebook.classes.len()).map(|class| alphabet::closing(codebook, |c| c.index() == class)).collect(),
            describes: codebook.kinds.iter().map(|k| k.describes.clone()).collect(),
            shared: (0..codebook.states.len())
                .map(|i| prepared.iter().filter(|p| p.states.iter().any(|s| s.index() == i)).count() > 1)
                .collect(),
            turns: codebook.states.iter().map(|state| turns(codebook, state)).collect(),
            custody: codebook.class_named("custody"),
            corrects_field: field("corrects"),
            at_field: field("at"),
            by_field: field("by"),
            born_field: field("born"),
            valid_until_field: field("valid until"),
            prepared: Arc::clone(prepared),
            codebook,
        }
    }

    /// The codebook that it judges by.
    #[must_use]
    pub fn codebook(&self) -> &'c Codebook {
        self.codebook
    }

    /// A log made ready to be judged, as of a moment. `log` must hold no breaches of its own.
    #[must_use]
    pub fn hear<'m>(&'m self, log: &'m Log, asked: Asked) -> Hearing<'m> {
        self.hear_on(log, asked, NonZeroUsize::MIN)
    }

    /// The same, on so many threads.
    #[must_use]
    pub fn hear_on<'m>(&'m self, log: &'m Log, asked: Asked, threads: NonZeroUsize) -> Hearing<'m> {
        Hearing::new(self, log, asked, threads)
    }

    /// The class of the most sensitive fact or field that a rule reads: what is derived is as secret as what it came from.
    #[must_use]
    pub fn sensitivity(&self, rule: RuleId) -> Sensitivity {
        self.prepared[rule.index()].sensitivity
    }

    /// Whether subjects of a class have rules.
    #[must_use]
    pub fn judges(&self, class: ClassId) -> bool {
        self.judges[class.index()]
    }

    /// Rules for subjects of a class, in the order of output.
    #[must_use]
    pub fn rules_of(&self, class: ClassId) -> &[RuleId] {
        &self.by_class[class.index()]
    }

    /// Whether some rule judged reads the breaches of others.
    #[must_use]
    pub fn reads_breaches(&self) -> bool {
        !self.rounds.is_empty()
    }

    /// Whether some rule for subjects of a class reads the breaches of others.
    #[must_use]
    pub fn reads_breaches_of(&self, class: ClassId) -> bool {
        self.by_class[class.index()].iter().any(|rule| self.prepared[rule.index()].reads_breaches)
    }

    /// The kinds whose entries may change a row of a subject of a class that they name.
    #[must_use]
    pub fn alphabet(&self, class: ClassId) -> &Kinds {
        &self.alphabets[class.index()]
    }

    /// The log with the breaches that its rules read added as entries (rule-language, section 5). `None` when there are none and the log
    /// can be heard as it is.
    #[must_use]
    pub fn with_breaches(&self, log: &Log, asked: Asked) -> Option<Log> {
        breaches::add(log, asked, &self.rounds)
    }

    /// The log with every breach added as an entry, for whoever counts them; `None` when no rule reads breaches, or there are none.
    #[must_use]
    pub fn with_every_breach(&self, log: &Log, asked: Asked) -> Option<Log> {
        let only: Vec<RuleId> = self.by_class.iter().flatten().copied().collect();
        breaches::add(log, asked, &self.judging(&only, true))
    }

    /// What is read of a subject and beside it to know its breaches, as far as rules here read them; of the subject also that it is asked
    /// for breaches.
    #[must_use]
    pub fn readings_for_breaches(&self, hearing: &Hearing<'_>, subject: SubjectId) -> Vec<Reading> {
        let mut readings = Vec::new();
        for round in &self.rounds {
            let noted = round.judge_reading(hearing, subject, &|_| true, &mut Vec::new());
            let mut kinds = round.alphabet(hearing.log.class_of(subject)).clone();
            kinds.insert(Builtin::BreachFound.kind());
            readings.extend(noted.readings);
            readings.push(Reading { subject, kinds, ties: false });
        }
        readings
    }

    /// Whether a rule's verdicts on a subject may be other ones after plain entries of some kinds, or after time in which none of them fell
    /// due. Plain: at an exact time in the past, later than the first of whomever it names, by names that were named together before,
    /// changing no other entry. Names that were not change rules that asked for that ([`Noted::ties`]) too.
    ///
    /// They may where the rule reads one of the kinds, the breaches of others, or an age while time passes; where its first or last day
    /// has come; where it compares with what changes at other instants than entries of its kinds. What is missing here: rules that asked
    /// for a time that is not known ([`Noted::rough`]) try every instant of the history, and may change with each entry.
    #[must_use]
    pub fn may_change(&self, rule: RuleId, kinds: &Kinds, since: Moment, until: Moment) -> bool {
        let prepared = &self.prepared[rule.index()];
        let has_come = |moment: Moment| since < moment && moment <= until;
        prepared.reads_breaches
            || prepared.drifts
            || prepared.alphabet.meets(kinds)
            || has_come(prepared.window.0)
            || has_come(prepared.window.1)
            || since < until && prepared.age.is_some()
    }

    /// Whether a rule reads the breaches of others.
    #[must_use]
    pub fn rule_reads_breaches(&self, rule: RuleId) -> bool {
        self.prepared[rule.index()].reads_breaches
    }

    /// Whether some rule reads entries of a kind.
    pub(crate) fn reads(&self, kind: KindId) -> bool {
        self.changes(kind) || self.prepared.iter().any(|p| p.alphabet.contains(kind))
    }

    /// Whether entries of a kind correct or withdraw others.
    #[must_use]
    pub fn changes(&self, kind: KindId) -> bool {
        self.corrects[kind.index()] || self.withdraws[kind.index()]
    }

    /// The kind that a pattern comes to.
    #[must_use]
    pub fn kind_of(&self, pattern: &Pattern) -> KindId {
        match pattern.event {
            EventName::Kind(kind) => kind,
            EventName::Alias(alias) => self.alias_kinds[alias.index()],
        }
    }

    pub(crate) fn rule(&self, id: RuleId) -> &'c Rule {
        &self.codebook.rules[id.index()]
    }

    /// Appends the rows of one subject in the order of output.
    pub(crate) fn judge(&self, hearing: &Hearing<'_>, subject: SubjectId, rows: &mut Vec<Row>) {
        self.judge_some(hearing, subject, &|_| true, rows, None);
    }

    /// The same, and the subjects whose entries were read for it.
    pub(crate) fn judge_noting(&self, hearing: &Hearing<'_>, subject: SubjectId, rows: &mut Vec<Row>) -> Vec<SubjectId> {
        let noted = self.judge_reading(hearing, subject, &|_| true, rows);
        noted.readings.iter().map(|reading| reading.subject).filter(|read| *read != subject).collect()
    }

    /// The same by some of the rules only, and what was read of whom.
    pub(crate) fn judge_reading(
        &self,
        hearing: &Hearing<'_>,
        subject: SubjectId,
        wanted: &dyn Fn(RuleId) -> bool,
        rows: &mut Vec<Row>,
    ) -> Noted {
        let mut noted = Noted::default();
        self.judge_some(hearing, subject, wanted, rows, Some(&mut noted));
        noted
    }

    /// The same by some of the rules only.
    pub(crate) fn judge_some(
        &self,
        hearing: &Hearing<'_>,
        subject: SubjectId,
        wanted: &dyn Fn(RuleId) -> bool,
        rows: &mut Vec<Row>,
        mut noted: Option<&mut Noted>,
    ) {
        let start = rows.len();
        let nothing_supposed = worlds::World::default();
        let serving = Serving::default();
        let mut scene = Scene::new(hearing, subject, None, &nothing_supposed);
        scene.share(&serving);
        scene.notes = noted.is_some();
        let mut read = worlds::Read::default();
        let mut readings = Handful::default();
        let (mut in_order, mut last) = (true, None);
        for rule in self.by_class[hearing.log.class_of(subject).index()].iter().filter(|rule| wanted(**rule)) {
            let prepared = &self.prepared[rule.index()];
            if let Some(wakes) = &prepared.wakes
                && !wakes.meets(&scene.kinds)
            {
                continue;
            }
            let before = rows.len();
            if !scene.inexact {
                bodies::judge(&scene, *rule, rows);
            }
            if scene.inexact || scene.asked_something() {
                let (tried, asked) = (rows.drain(before..).collect(), scene.take_asked());
                let tried = if scene.inexact { None } else { worlds::Tried::timeless(tried, asked) };
                worlds::judge(hearing, (subject, *rule), tried, &serving, rows, &mut read);
            }
            // Rules come in the order of output, so rows need no sorting but those of one rule, or of two versions of it.
            in_order &= last != Some(prepared.rank.0) && follow(&rows[before..]);
            last = Some(prepared.rank.0);
            let is_rough = std::mem::take(&mut read.times);
            let worlds = read.moves.take();
            if let Some(noted) = &mut noted {
                scene.take_read(&mut read);
                let kinds = |other| if is_rough { prepared.alphabet.clone() } else { self.read_of(hearing.log.class_of(other), prepared) };
                read.entries.drain().for_each(|(other, ())| note(&mut readings, other, &kinds(other), false));
                read.ties.drain().for_each(|(other, ())| note(&mut readings, other, &kinds(other), true));
                noted.rough.extend(is_rough.then_some(*rule));
                noted.ties.extend(std::mem::take(&mut read.seeks).then_some(*rule));
                noted.worlds.extend(worlds.map(|moves| (*rule, moves)));
            }
        }
        if let Some(noted) = noted {
            noted.birthday = read.birthday;
            noted.readings.extend(readings.drain().map(|(_, reading)| reading));
        }
        if !in_order {
            self.sort(hearing, &mut rows[start..]);
        }
    }

    /// What a rule reads of a subject of some class that it does not judge: what it reaches, and what closes such a subject.
    fn read_of(&self, class: ClassId, prepared: &Prepared) -> Kinds {
        let mut kinds = prepared.reached.clone();
        kinds.extend(&self.closing[class.index()]);
        kinds
    }

    /// Puts rows of one subject in the order of output.
    pub(crate) fn sort(&self, hearing: &Hearing<'_>, rows: &mut [Row]) {
        let rank = |row: &Row| {
            let (own, record) = self.prepared[row.rule.index()].rank;
            if row.record { record } else { own }
        };
        let key = |row: &Row| (rank(row), row.trigger_at);
        let id = |row: &Row| row.trigger.map_or("", |t| hearing.log.id(t));
        let compare =
            |a: &Row, b: &Row| key(a).cmp(&key(b)).then_with(|| id(a).cmp(id(b)).then(a.since.cmp(&b.since)).then(a.due_at.cmp(&b.due_at)));
        if !rows.is_sorted_by(|a, b| compare(a, b).is_le()) {
            rows.sort_by(compare);
        }
    }
}

/// Whether rows of one version of a rule plainly stand in the order of output.
fn follow(rows: &[Row]) -> bool {
    rows.iter().all(|row| !row.record) && rows.is_sorted_by(|a, b| a.trigger_at < b.trigger_at)
}

/// What an entry of a kind does to a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turning {
    /// Nothing.
    None,
    /// Starts it, whatever its fields hold.
    Starts,
    /// Ends it, whatever its fields hold.
    Ends,
    /// That depends on its fields.
    Depends,
}

fn turns(codebook: &Codebook, state: &State) -> Vec<Turning> {
    let Holds::Between { from, until } = &state.holds else { return Vec::new() };
    let of = |kind: KindId| {
        // Whether some pattern is of the kind, and whether one of these tests nothing.
        let asked = |patterns: &[Pattern]| {
            let tests: Vec<usize> = patterns.iter().map(|p| codebook.expand(p)).filter(|e| e.0 == kind).map(|e| e.1.len()).collect();
            (!tests.is_empty(), tests.contains(&0))
        };
        match (asked(from), asked(until)) {
            ((_, true), _) => Turning::Starts,
            ((false, _), (_, true)) => Turning::Ends,
            ((false, _), (false, _)) => Turning::None,
            _ => Turning::Depends,
        }
    };
    (0..codebook.kinds.len()).map(|kind| of(KindId(kind as u16))).collect()
}

/// Bits of the classes that pass; a built-in kind declares none and may name any.
fn class_bits(codebook: &Codebook, classes: &[ClassId], pass: impl Fn(ClassId) -> bool) -> u64 {
    let any: Vec<ClassId> = (0..codebook.classes.len()).map(|i| ClassId(i as u16)).collect();
    let classes = if classes.is_empty() { &any } else { classes };
    classes.iter().filter(|c| pass(**c)).fold(0, |bits, c| bits | 1 << (c.0 & 63))
}

fn note(readings: &mut Handful<SubjectId, Reading>, subject: SubjectId, kinds: &Kinds, ties: bool) {
    let reading = readings.get_or_insert_with(subject, || Reading { subject, kinds: Kinds::default(), ties });
    reading.kinds.extend(kinds);
    reading.ties |= ties;
}
