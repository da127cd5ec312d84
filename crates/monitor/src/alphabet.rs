//! Which kinds of events a rule reads, and which of them wake it: so that an event of one kind asks only the rules it can change.

use crate::monitor::Prepared;
use habeas_codebook::moment::{Length, Moment};
use habeas_codebook::tree::{
    Amount, Body, Builtin, ClassId, Codebook, Cond, Consequence, EventName, FieldId, Holds, ItemId, Keep, Kind, KindId, LimitId,
    LimitValue, Measure, Of, Operand, Pattern, Presence, Rule, Sensitivity, Span, StateId, Term, Test, Within,
};
use smallvec::SmallVec;

/// A set of kinds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kinds(SmallVec<[u64; 4]>);

impl Kinds {
    /// Adds a kind.
    pub fn insert(&mut self, kind: KindId) {
        let word = kind.index() / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (kind.index() % 64);
    }
    /// Whether a kind is one of them.
    #[must_use]
    pub fn contains(&self, kind: KindId) -> bool {
        self.0.get(kind.index() / 64).is_some_and(|w| w >> (kind.index() % 64) & 1 == 1)
    }
    /// Those of which something holds.
    pub(crate) fn having(mut self, holds: impl Fn(KindId) -> bool) -> Self {
        for (number, word) in self.0.iter_mut().enumerate() {
            let keeps = |bit: &usize| *word >> bit & 1 == 1 && holds(KindId((number * 64 + bit) as u16));
            *word = (0..64).filter(keeps).fold(0, |bits, bit| bits | 1 << bit);
        }
        self
    }
    pub(crate) fn meets(&self, other: &Kinds) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }
    /// The set in few bytes: a bit a kind, by its place in the codebook.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.0.iter().flat_map(|word| word.to_le_bytes()).collect();
        bytes.truncate(bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
        bytes
    }
    /// The set that [`Kinds::to_bytes`] put in bytes, over the same codebook.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        Kinds(bytes.chunks(8).map(word).collect())
    }
    /// Whether another set is a part of this one.
    #[must_use]
    pub fn covers(&self, other: &Kinds) -> bool {
        other.0.iter().enumerate().all(|(place, word)| word & !self.0.get(place).copied().unwrap_or(0) == 0)
    }
    /// Takes in those of another set.
    pub fn extend(&mut self, other: &Kinds) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a |= b);
    }
}

/// Walks everything that a rule names, transitively.
struct Walk<'c> {
    codebook: &'c Codebook,
    kinds: Kinds,
    lengths: Vec<Length>,
    states: Vec<StateId>,
    items: Vec<ItemId>,
    /// Names of the fields that are tested, compared or shown.
    fields: Vec<FieldId>,
    /// [`Prepared::drifts`].
    drifts: bool,
}

/// Works out what a rule reads.
pub(crate) fn prepare(codebook: &Codebook, rule: &Rule, rank: (u32, u32)) -> Prepared {
    let mut beside = Walk::new(codebook);
    beside.beside(rule);
    beside.tests(rule);
    let mut walk = Walk::new(codebook);
    walk.rule(rule);
    let sensitivity = walk.sensitivity();
    walk.kinds.extend(&closing(codebook, |_| true));
    let window = (codebook.almanac.start_of(rule.from), rule.until.map_or(Moment::FAR_OFF, |d| codebook.almanac.start_of(d)));
    walk.lengths.sort_by_key(|l| (l.unit, l.amount));
    walk.lengths.dedup();
    let is_age = |s: &&StateId| matches!(codebook.states[s.index()].holds, Holds::AgeBelow(_));
    Prepared {
        age: walk.states.iter().find(is_age).copied(),
        reads_breaches: walk.kinds.contains(Builtin::BreachFound.kind()),
        reads_any_breach: beside.kinds.contains(Builtin::BreachFound.kind()),
        alphabet: walk.kinds,
        reached: beside.kinds,
        drifts: walk.drifts,
        states: walk.states,
        items: walk.items,
        wakes: wakes(codebook, rule),
        sensitivity,
        window,
        lengths: walk.lengths,
        rank,
    }
}

/// The kinds that close the life of a subject of some class: every rule reads them.
pub(crate) fn closing(codebook: &Codebook, of: impl Fn(ClassId) -> bool) -> Kinds {
    let mut kinds = Kinds::default();
    let closing = codebook.kinds.iter().enumerate().filter(|(_, kind)| kind.closes.iter().any(|class| of(*class)));
    closing.for_each(|(i, _)| kinds.insert(KindId(i as u16)));
    kinds
}

/// Places of `<rule>` and `<rule>/record` among all row names sorted by bytes.
pub(crate) fn ranks(codebook: &Codebook) -> Vec<(u32, u32)> {
    let mut names: Vec<String> = codebook.rules.iter().flat_map(|r| [r.id.clone(), format!("{}/record", r.id)]).collect();
    names.sort();
    names.dedup();
    let place = |name: &str| names.binary_search_by(|n| n.as_str().cmp(name)).map_or(0, |i| i as u32);
    codebook.rules.iter().map(|r| (place(&r.id), place(&format!("{}/record", r.id)))).collect()
}

fn wakes(codebook: &Codebook, rule: &Rule) -> Option<Kinds> {
    let mut kinds = Kinds::default();
    match &rule.body {
        Body::After { trigger, .. } => kinds.insert(codebook.expand(trigger).0),
        Body::Before { event, .. }
        | Body::EveryRecord { event, .. }
        | Body::EverySatisfies { event, .. }
        | Body::EveryRestsOn { event, .. } => {
            kinds.insert(codebook.expand(event).0);
        }
        Body::Clock { from, .. } => kinds.insert(codebook.expand(from).0),
        Body::While { state, .. } => {
            let state = &codebook.states[state.index()];
            match &state.holds {
                Holds::Between { from, .. } if state.subjects.contains(&rule.subject) => {
                    from.iter().for_each(|p| kinds.insert(codebook.expand(p).0));
                }
                Holds::Between { .. } | Holds::AgeBelow(_) | Holds::Always | Holds::Count { .. } => return None,
            }
        }
        Body::Quantity { .. } | Body::Never { .. } => return None,
    }
    Some(kinds)
}

impl<'c> Walk<'c> {
    fn new(codebook: &'c Codebook) -> Self {
        Walk {
            codebook,
            kinds: Kinds::default(),
            lengths: Vec::new(),
            states: Vec::new(),
            items: Vec::new(),
            fields: Vec::new(),
            drifts: false,
        }
    }

    /// The class of the most sensitive thing that was walked over: a fact that one of the kinds happened, or one of their fields.
    fn sensitivity(&self) -> Sensitivity {
        let kinds = self.codebook.kinds.iter().enumerate().filter(|(i, _)| self.kinds.contains(KindId(*i as u16)));
        let of = |kind: &Kind| {
            let fields = kind.fields.iter().filter(|field| self.fields.contains(&field.name)).map(|field| field.sensitivity);
            fields.fold(kind.seen_as, Sensitivity::max)
        };
        kinds.map(|(_, kind)| of(kind)).max().unwrap_or_default()
    }

    fn rule(&mut self, rule: &Rule) {
        self.body(&rule.body);
        rule.condition.iter().for_each(|c| self.cond(c));
        for exception in &rule.exceptions {
            self.cond(&exception.when);
            if let Consequence::LimitIs(span) = &exception.then {
                self.span(span);
            }
        }
        rule.pauses.iter().for_each(|s| self.state(*s));
        rule.recorded_within.iter().for_each(|s| self.span(s));
    }

    fn body(&mut self, body: &Body) {
        match body {
            Body::After { trigger, answer, limit, .. } => {
                self.pattern(trigger);
                self.pattern(answer);
                self.within(limit);
            }
            Body::Before { event, required, not_older } => {
                self.pattern(event);
                self.pattern(required);
                not_older.iter().for_each(|s| self.span(s));
            }
            Body::While { state, keep, .. } => {
                self.state(*state);
                self.keep(keep);
            }
            Body::Quantity { field, of, less, per, .. } => {
                self.facts(*of, std::iter::once(field).chain(less));
                per.iter().for_each(|i| self.item(*i));
            }
            Body::EveryRecord { event, fields } => {
                self.pattern(event);
                self.fields.extend(fields);
            }
            Body::Never { event } => self.pattern(event),
            Body::EverySatisfies { event, cond } => {
                self.pattern(event);
                self.cond(cond);
            }
            Body::EveryRestsOn { event, authority, not_older, .. } => {
                self.pattern(event);
                self.pattern(authority);
                not_older.iter().for_each(|s| self.span(s));
            }
            Body::Clock { length, from, answer, .. } => {
                self.span(length);
                self.pattern(from);
                self.pattern(answer);
            }
        }
    }

    /// What a rule reads beside the patterns that its body names first.
    fn beside(&mut self, rule: &Rule) {
        match &rule.body {
            Body::After { limit, .. } => self.within(limit),
            Body::EverySatisfies { cond, .. } => self.cond(cond),
            Body::While { .. } | Body::Quantity { .. } => self.body(&rule.body),
            Body::Before { .. } | Body::EveryRecord { .. } | Body::Never { .. } | Body::EveryRestsOn { .. } | Body::Clock { .. } => {}
        }
        rule.condition.iter().chain(rule.exceptions.iter().map(|exception| &exception.when)).for_each(|cond| self.cond(cond));
        rule.pauses.iter().for_each(|state| self.state(*state));
    }

    /// What the tests of these patterns compare with: their entries name the subject judged, but what they are compared with need not.
    fn tests(&mut self, rule: &Rule) {
        let (first, second) = match &rule.body {
            Body::After { trigger, answer, .. } => (trigger, Some(answer)),
            Body::Clock { from, answer, .. } => (from, Some(answer)),
            Body::Before { event, required, .. } => (event, Some(required)),
            Body::EveryRestsOn { event, authority, .. } => (event, Some(authority)),
            Body::EveryRecord { event, .. } | Body::Never { event } | Body::EverySatisfies { event, .. } => (event, None),
            Body::While { .. } | Body::Quantity { .. } => return,
        };
        for pattern in std::iter::once(first).chain(second) {
            self.tests_of(pattern);
        }
    }

    fn within(&mut self, limit: &Within) {
        match limit {
            Within::Span(span) => self.span(span),
            Within::By { before, .. } => self.lengths.extend(before),
            Within::Before(c) => self.pattern(c),
            Within::AsLongAs(state, _) => self.state(*state),
        }
    }

    fn keep(&mut self, keep: &Keep) {
        match keep {
            Keep::NotLonger { limit, in_any, break_of } => {
                self.span(limit);
                in_any.iter().chain(break_of).for_each(|s| self.span(s));
            }
            Keep::Forbidden => {}
            Keep::NoEvent(pattern) => self.pattern(pattern),
            Keep::Count { item, condition, .. } => {
                self.item(*item);
                condition.iter().for_each(|c| self.cond(c));
            }
            Keep::Every { event, period, first } => {
                self.pattern(event);
                self.span(period);
                first.iter().for_each(|s| self.span(s));
            }
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        let kind = self.tests_of(pattern);
        self.kinds.insert(kind);
    }

    fn tests_of(&mut self, pattern: &Pattern) -> KindId {
        let (kind, tests) = self.codebook.expand(pattern);
        self.fields.extend(tests.iter().map(|(field, _)| *field));
        let tests: Vec<Test> = tests.into_iter().map(|(_, t)| t.clone()).collect();
        tests.iter().for_each(|t| self.test(t));
        kind
    }

    fn test(&mut self, test: &Test) {
        match test {
            Test::Is(_, term) | Test::Includes(_, term) => self.term(term),
            Test::OneOf(terms) | Test::IncludesAll(terms) => terms.iter().for_each(|t| self.term(t)),
            Test::Known => {}
            Test::Compare(_, measure) => match measure {
                Measure::Other(operand) => self.other(operand),
                Measure::Amount(Amount::Limit(limit, _)) => self.drifts |= self.codebook.limits[limit.index()].versions.len() > 1,
                Measure::Amount(Amount::Number(..)) | Measure::Length(..) => {}
            },
        }
    }

    fn term(&mut self, term: &Term) {
        match term {
            Term::Other(operand) => self.other(operand),
            Term::Value(..) | Term::YesNo(_) | Term::Role(..) | Term::Rule(..) | Term::Grade(_) => {}
        }
    }

    /// What a field is compared with.
    fn other(&mut self, operand: &Operand) {
        self.drifts |= matches!(operand.of, Of::Subject(_));
        self.operand(operand);
    }

    fn operand(&mut self, operand: &Operand) {
        self.fields.push(operand.field);
        match operand.of {
            Of::Judged => {}
            Of::Subject(class) => self.facts(class, std::iter::once(&operand.field)),
            Of::Event(EventName::Kind(kind)) => self.kinds.insert(kind),
            Of::Event(EventName::Alias(alias)) => {
                let pattern = self.codebook.aliases[alias.index()].pattern.clone();
                self.pattern(&pattern);
            }
        }
    }

    fn facts<'f>(&mut self, class: ClassId, fields: impl Iterator<Item = &'f FieldId>) {
        let fields: Vec<FieldId> = fields.copied().collect();
        self.fields.extend(&fields);
        for (i, kind) in self.codebook.kinds.iter().enumerate() {
            if kind.describes.contains(&class) && kind.fields.iter().any(|f| fields.contains(&f.name)) {
                self.kinds.insert(KindId(i as u16));
            }
        }
    }

    fn cond(&mut self, cond: &Cond) {
        match cond {
            Cond::All(parts) | Cond::Any(parts) => parts.iter().for_each(|c| self.cond(c)),
            Cond::State(state, _) | Cond::Subject(_, _, state, _) => self.state(*state),
            Cond::Happened(pattern, _) => self.pattern(pattern),
            Cond::Field(operand, test) => {
                self.operand(operand);
                self.test(test);
            }
        }
    }

    fn span(&mut self, span: &Span) {
        match span {
            Span::Length(length, _) => self.lengths.push(*length),
            Span::Limit(limit, _) => self.limit(*limit),
            Span::Field(..) => {}
        }
    }

    fn limit(&mut self, limit: LimitId) {
        for version in &self.codebook.limits[limit.index()].versions {
            match version.value {
                LimitValue::Length(length) => self.lengths.push(length),
                LimitValue::Quantity(_) => {}
            }
        }
    }

    fn state(&mut self, id: StateId) {
        if self.states.contains(&id) {
            return;
        }
        self.states.push(id);
        match &self.codebook.states[id.index()].holds {
            Holds::Between { from, until } => from.iter().chain(until).for_each(|p| self.pattern(p)),
            Holds::AgeBelow(_) => {
                if let Some(born) = self.codebook.field_names.iter().position(|f| f == "born") {
                    let born = FieldId(born as u16);
                    self.fields.push(born);
                    for (i, kind) in self.codebook.kinds.iter().enumerate() {
                        if !kind.describes.is_empty() && kind.fields.iter().any(|f| f.name == born) {
                            self.kinds.insert(KindId(i as u16));
                        }
                    }
                }
            }
            Holds::Always => {}
            Holds::Count { item, .. } => self.item(*item),
        }
    }

    fn item(&mut self, id: ItemId) {
        if self.items.contains(&id) {
            return;
        }
        self.items.push(id);
        match &self.codebook.items[id.index()].present {
            Presence::Between { from, until, .. } => from.iter().chain(until).for_each(|p| self.pattern(p)),
            Presence::Others { item, who, .. } => {
                self.item(*item);
                who.iter().for_each(|(_, state)| self.state(*state));
            }
        }
    }
}

/// The number that an amount comes to at a moment: versions of a named limit count from their date.
pub(crate) fn amount_at(codebook: &Codebook, amount: &Amount, at: Moment) -> Option<rust_decimal::Decimal> {
    match amount {
        Amount::Number(quantity, _) => Some(quantity.number),
        Amount::Limit(limit, _) => match limit_at(codebook, *limit, at)? {
            LimitValue::Quantity(quantity) => Some(quantity.number),
            LimitValue::Length(_) => None,
        },
    }
}

/// The version of a named limit in force at a moment.
pub(crate) fn limit_at(codebook: &Codebook, limit: LimitId, at: Moment) -> Option<LimitValue> {
    let versions = &codebook.limits[limit.index()].versions;
    if let [only] = versions.as_slice()
        && only.from.is_none()
    {
        return Some(only.value);
    }
    let date = codebook.almanac.date(at);
    let in_force = versions.iter().filter(|v| v.from.is_none_or(|f| f <= date)).max_by_key(|v| v.from);
    in_force.or_else(|| versions.iter().min_by_key(|v| v.from)).map(|v| v.value)
}
