//! Early warning: patterns that a register kept by honest people seldom has, each held against what the others did, with what a finding
//! means and does not mean beside it.
//!
//! Nothing here proves a falsification. A unit (a place, a part of the day, an officer) is compared with all the others together by an
//! exact test on its own number of entries, so a small unit is not accused for being small; the limit is shared out over all tests made
//! (Bonferroni), so that a clean register gives a false alarm in one run of a hundred at most. Entries of one custody hang together: they
//! count as so many as they are worth (`Together`). Units are never ranked: inside the limits of the funnel there is nothing to say.

pub use crate::patterns::{Pattern, Unit};
use habeas_codebook::log::{EventId, Log, SubjectId, Value};
use habeas_codebook::moment::{At, Precision};
use habeas_codebook::tree::{Codebook, FieldId, FieldType, KindId};
use habeas_monitor::Hearing;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// One clean register in so many gives a false alarm, at most.
const FALSE_ALARM: f64 = 0.01;

/// A unit whose entries are worth fewer than this is not tested: nothing could be found in it.
const SMALLEST_UNIT: f64 = 20.0;

/// One unit, held against the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Tested {
    /// The pattern.
    pub pattern: Pattern,
    /// What the unit is.
    pub by: Unit,
    /// Which one.
    pub unit: String,
    /// Entries that show the pattern.
    pub shows: u64,
    /// Entries that could have.
    pub of: u64,
    /// As how many entries that know nothing of each other these count: those of one custody hang together.
    pub worth: u64,
    /// The share of all other units together.
    pub others: f64,
    /// How probable so many or more would be if the unit were as the others.
    pub probability: f64,
    /// Whether that is less than a clean register would give once in a hundred runs.
    pub finding: bool,
}

/// Looks for every pattern in every unit. Sorted by pattern, kind of unit and name, never by size.
#[must_use]
pub fn look(codebook: &Codebook, hearing: &Hearing<'_>) -> Vec<Tested> {
    let mut counts: BTreeMap<(Pattern, Unit, String), Count> = BTreeMap::new();
    let mut worth: BTreeMap<(Pattern, Unit), f64> = BTreeMap::new();
    let entries = Entries::read(codebook, hearing);
    let custody = entries.class("custody");
    for pattern in Pattern::ALL {
        let showing = entries.showing(pattern);
        for by in Unit::ALL {
            let mut units: BTreeMap<String, Cases> = BTreeMap::new();
            for (event, shows) in &showing {
                let Some(unit) = entries.unit(by, *event) else { continue };
                let case = entries.subject(*event, custody).map_or_else(|| Err(*event), Ok);
                let count = units.entry(unit).or_default().entry(case).or_default();
                count.shows += u64::from(*shows);
                count.of += 1;
            }
            worth.insert((pattern, by), together(&units));
            counts.extend(units.into_iter().map(|(unit, cases)| ((pattern, by, unit), cases.values().copied().sum())));
        }
    }
    test(counts, &worth)
}

/// Entries that show a pattern, of those that could.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    shows: u64,
    of: u64,
}

impl std::iter::Sum for Count {
    fn sum<I: Iterator<Item = Count>>(all: I) -> Count {
        all.fold(Count::default(), |sum, one| Count { shows: sum.shows + one.shows, of: sum.of + one.of })
    }
}

/// The entries of a unit by custody; one that names none is a case of its own.
type Cases = BTreeMap<Result<SubjectId, EventId>, Count>;

/// So many entries count as one, since those of a custody are alike (Rao and Scott's design effect): how much the custodies of a unit
/// differ from its own share, over how much they would if each entry stood alone. What one unit does otherwise than another does not
/// enter into it; less than one is one.
fn together(units: &BTreeMap<String, Cases>) -> f64 {
    let (mut differ, mut alone) = (0.0, 0.0);
    for cases in units.values().filter(|cases| cases.len() > 1) {
        let Count { shows, of } = cases.values().copied().sum();
        let (share, of) = (shows as f64 / of as f64, of as f64);
        let squares: f64 = cases.values().map(|one| (one.shows as f64 - share * one.of as f64).powi(2)).sum();
        let sizes: f64 = cases.values().map(|one| (one.of as f64).powi(2)).sum();
        // The share was worked out from the same custodies, which so lie nearer to it than they would by chance.
        differ += squares * (of - 1.0) / (of - sizes / of);
        alone += of * share * (1.0 - share);
    }
    let worth = if alone > 0.0 { differ / alone } else { 1.0 };
    // Where each custody has one entry it is one, but for what the arithmetic rounds.
    if worth > 1.001 { worth } else { 1.0 }
}

/// Holds each unit against the others of its kind.
fn test(counts: BTreeMap<(Pattern, Unit, String), Count>, together: &BTreeMap<(Pattern, Unit), f64>) -> Vec<Tested> {
    let mut whole: BTreeMap<(Pattern, Unit), Count> = BTreeMap::new();
    for ((pattern, by, _), count) in &counts {
        let sum = whole.entry((*pattern, *by)).or_default();
        *sum = [*sum, *count].into_iter().sum();
    }
    let worth = |pattern: Pattern, by: Unit, entries: u64| entries as f64 / together.get(&(pattern, by)).copied().unwrap_or(1.0);
    let testable = |pattern: Pattern, by: Unit, of: u64| {
        let all = whole.get(&(pattern, by)).map_or(0, |all| all.of);
        [of, all - of].iter().all(|entries| worth(pattern, by, *entries) >= SMALLEST_UNIT)
    };
    let tests = counts.iter().filter(|((pattern, by, _), count)| testable(*pattern, *by, count.of)).count().max(1);
    let mut tested = Vec::new();
    for ((pattern, by, unit), Count { shows, of }) in counts {
        if !testable(pattern, by, of) {
            continue;
        }
        let all = whole.get(&(pattern, by)).copied().unwrap_or_default();
        let (others, others_of) = (all.shows - shows, all.of - of);
        // What is not whole counts for the unit.
        let own = (worth(pattern, by, shows).floor() as u64, worth(pattern, by, of).floor() as u64);
        let rest = (worth(pattern, by, others).ceil() as u64, worth(pattern, by, others_of).ceil() as u64);
        let probability = same_or_more(own.0, own.1, own.0 + rest.0, own.1 + rest.1);
        // Nothing seen elsewhere is not "never": one more entry might have shown it.
        let others = (others as f64 + 1.0) / (others_of as f64 + 2.0);
        let finding = probability < FALSE_ALARM / tests as f64;
        tested.push(Tested { pattern, by, unit, shows, of, worth: own.1, others, probability, finding });
    }
    tested
}

/// How probable it is that at least `shows` of the entries that show the pattern fall to a unit with `of` of all the entries, if they
/// fell by
/// chance (hypergeometric, one-sided): no share has to be estimated for it.
fn same_or_more(shows: u64, of: u64, all_shows: u64, all_of: u64) -> f64 {
    let logs = |n: u64| ln_factorial(n);
    let choose = |n: u64, k: u64| logs(n) - logs(k) - logs(n - k);
    let least = (all_shows + of).saturating_sub(all_of).max(shows);
    let most = of.min(all_shows);
    let sum: f64 = (least..=most).map(|k| (choose(of, k) + choose(all_of - of, all_shows - k) - choose(all_of, all_shows)).exp()).sum();
    sum.min(1.0)
}

/// Natural logarithm of n!, by Stirling's series beyond small numbers (error below 1e-9).
fn ln_factorial(n: u64) -> f64 {
    if n < 16 {
        return (2..=n).map(|k| (k as f64).ln()).sum();
    }
    let x = n as f64 + 1.0;
    (x - 0.5) * x.ln() - x + 0.918_938_533_204_672_7 + 1.0 / (12.0 * x) - 1.0 / (360.0 * x.powi(3)) + 1.0 / (1260.0 * x.powi(5))
}

/// Entries with what the patterns ask of them.
pub(crate) struct Entries<'e> {
    pub(crate) codebook: &'e Codebook,
    pub(crate) hearing: &'e Hearing<'e>,
    pub(crate) log: &'e Log,
    pub(crate) events: Vec<EventId>,
    fields: BTreeMap<&'e str, FieldId>,
    done_by: Option<FieldId>,
}

impl<'e> Entries<'e> {
    fn read(codebook: &'e Codebook, hearing: &'e Hearing<'e>) -> Self {
        let named = codebook.field_names.iter().enumerate();
        let fields: BTreeMap<&str, FieldId> = named.map(|(place, name)| (name.as_str(), FieldId(place as u16))).collect();
        let done_by = fields.get("done by").copied();
        let mut events: Vec<EventId> = hearing.standing().collect();
        let log = hearing.log();
        events.sort_by(|a, b| (log.at(*a).earliest, log.id(*a)).cmp(&(log.at(*b).earliest, log.id(*b))));
        Entries { codebook, hearing, log, events, fields, done_by }
    }

    pub(crate) fn at(&self, event: EventId) -> At {
        self.hearing.possible(event)
    }

    pub(crate) fn screens(&self, event: EventId, role: &str) -> bool {
        self.codebook.kind(self.log.kind(event)).screens.iter().any(|screen| screen == role)
    }

    /// The officer who did what an entry tells.
    pub(crate) fn officer(&self, event: EventId) -> Option<String> {
        self.unit(Unit::Officer, event)
    }

    /// A field by its name.
    pub(crate) fn field_named(&self, name: &str) -> Option<FieldId> {
        self.fields.get(name).copied()
    }

    fn unit(&self, by: Unit, event: EventId) -> Option<String> {
        match by {
            Unit::Place => {
                let class = self.codebook.class_named("place")?;
                self.log.subject_of(event, class).map(|place| self.log.name_of(place).to_owned())
            }
            Unit::Shift => {
                let at = self.at(event);
                if !at.is_exact() {
                    return None;
                }
                let hour = self.codebook.almanac.zone.to_datetime(at.earliest.timestamp()).hour() / 8 * 8;
                Some(format!("{hour:02}-{:02}", hour + 8))
            }
            Unit::Officer => match self.hearing.field(event, self.done_by?)? {
                Value::Text(text) => Some(self.log.text_of(*text).to_owned()),
                Value::Several(several) => several.first()?.as_text().map(|text| self.log.text_of(text).to_owned()),
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
                | Value::Foreign(_)
                | Value::Sealed => None,
            },
        }
    }

    /// Entries that could show a pattern, each with whether it does.
    fn showing(&self, pattern: Pattern) -> Vec<(EventId, bool)> {
        let exact = || self.events.iter().copied().filter(|e| self.at(*e).precision == Precision::Exact);
        match pattern {
            Pattern::RoundTimes => exact().map(|e| (e, self.at(e).earliest.0.div_euclid(60_000_000) % 5 == 0)).collect(),
            Pattern::LateEntries => {
                let late = |e: EventId| self.log.recorded_at(e).since(self.at(e).earliest) > self.codebook.late_entry_after;
                exact().map(|e| (e, late(e))).collect()
            }
            // Where the log has no time of record of its own, every entry would seem so: only entries of a kind that has others count.
            Pattern::TypingTimes => {
                let checks = exact().filter(|e| self.screens(*e, "check") || self.screens(*e, "observation"));
                checks.map(|e| (e, self.log.recorded_at(e) == self.at(e).earliest)).collect()
            }
            Pattern::CopiedWords => self.copied(),
            Pattern::RefusedSignatures => self.refused(),
            Pattern::AbsentPersons => self.absent(),
            Pattern::GroupEntries => self.grouped(),
            Pattern::EqualIntervals => self.equal_intervals(),
            Pattern::HurriedRounds => self.hurried_rounds(),
            Pattern::KindsInOneSecond => self.kinds_in_one_second(),
            Pattern::TwoPlaces => self.two_places(),
            Pattern::WholeHours => self.whole_hours(),
            Pattern::CheckedInInterview => self.checked_in_interview(),
            Pattern::Asleep => self.asleep(),
            Pattern::ForceWithoutDoctor => self.force_without_doctor(),
            Pattern::BeforeAVisit => self.before_a_visit(),
            Pattern::OffShift => self.off_shift(),
            Pattern::LongJourneys => self.long_journeys(),
            Pattern::UnderstoodIntoxicated => self.understood_intoxicated(),
            Pattern::NotPassedOn => self.not_passed_on(),
            Pattern::OnlyTheLawyer => self.only_the_lawyer(),
            Pattern::WaivedAtOnce => self.waived_at_once(),
            Pattern::ShortRecordings => self.short_recordings(),
            Pattern::SameStatements => self.same_statements(),
            Pattern::FewStatements => self.few_statements(),
            Pattern::InjuryWithoutForce => self.injury_without_force(),
            Pattern::MissingNumbers => self.missing_numbers(),
            Pattern::ReviewedFromAfar => self.reviewed_from_afar(),
            Pattern::AfterADeath => self.after_a_death(),
        }
    }

    fn copied(&self) -> Vec<(EventId, bool)> {
        let mut last: BTreeMap<(KindId, Option<String>), String> = BTreeMap::new();
        let mut found = Vec::new();
        for event in self.events.iter().copied() {
            let kind = self.log.kind(event);
            let texts = self.codebook.kind(kind).fields.iter().filter(|f| f.of == FieldType::Text);
            let said: Vec<String> = texts.filter_map(|f| self.hearing.field(event, f.name)).map(|value| format!("{value:?}")).collect();
            if said.is_empty() {
                continue;
            }
            let said = said.join("\n");
            let before = last.insert((kind, self.unit(Unit::Officer, event).or_else(|| self.unit(Unit::Place, event))), said.clone());
            found.push((event, before.is_some_and(|before| before == said)));
        }
        found
    }

    fn refused(&self) -> Vec<(EventId, bool)> {
        let mut found = Vec::new();
        for event in self.events.iter().copied() {
            let fields = self.codebook.kind(self.log.kind(event)).fields.iter().filter(|f| f.of == FieldType::Signature);
            let signed = fields.filter_map(|f| self.hearing.field(event, f.name)?.as_text());
            found.extend(signed.map(|text| (event, self.log.text_of(text).starts_with("refused"))));
        }
        found
    }

    fn absent(&self) -> Vec<(EventId, bool)> {
        let Some(custody) = self.codebook.class_named("custody") else { return Vec::new() };
        let mut outside = BTreeSet::new();
        let mut found = Vec::new();
        for event in self.events.iter().copied() {
            let Some(subject) = self.log.subject_of(event, custody) else { continue };
            if self.screens(event, "outing-start") || self.screens(event, "transfer-out") {
                outside.insert(subject);
            } else if self.screens(event, "outing-end") || self.screens(event, "transfer-in") {
                outside.remove(&subject);
            } else if self.screens(event, "check") {
                found.push((event, outside.contains(&subject)));
            }
        }
        found
    }

    fn grouped(&self) -> Vec<(EventId, bool)> {
        let second = |event: EventId| (self.log.kind(event), self.log.recorded_at(event).0.div_euclid(1_000_000));
        let mut sizes: BTreeMap<(KindId, i64), u32> = BTreeMap::new();
        for event in &self.events {
            *sizes.entry(second(*event)).or_default() += 1;
        }
        self.events.iter().map(|event| (*event, sizes.get(&second(*event)).is_some_and(|size| *size >= 3))).collect()
    }
}

/// What was found, for people: findings with what they mean, and how many tests were made.
#[must_use]
pub fn text(tested: &[Tested]) -> String {
    let mut out = format!("{} tests, {} findings. ", tested.len(), tested.iter().filter(|t| t.finding).count());
    out.push_str("A register kept by honest people gives a finding in one run of a hundred at most.\n");
    for pattern in Pattern::ALL {
        let found: Vec<&Tested> = tested.iter().filter(|t| t.finding && t.pattern == pattern).collect();
        if found.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\n{}: {}", pattern.name(), pattern.meaning());
        for one in found {
            let share = one.shows as f64 * 100.0 / one.of as f64;
            let others = one.others * 100.0;
            let (by, Tested { unit, shows, of, worth, .. }) = (one.by.name(), one);
            let counts = if worth < of { format!("; those of one custody hang together and count as {worth}") } else { String::new() };
            let _ = writeln!(out, "  {by} {unit}: {shows} of {of} entries ({share:.1} %), elsewhere {others:.1} %{counts}");
        }
    }
    out
}

/// A funnel plot of one pattern and kind of unit: each unit's share against its number of entries, between the limits inside which
/// there is
/// nothing to say.
#[must_use]
pub fn funnel(tested: &[Tested], pattern: Pattern, by: Unit) -> String {
    let units: Vec<&Tested> = tested.iter().filter(|t| t.pattern == pattern && t.by == by).collect();
    let most = units.iter().map(|t| t.of).max().unwrap_or(1).max(1) as f64;
    let (shows, of) = units.iter().fold((0, 0), |sum, t| (sum.0 + t.shows, sum.1 + t.of));
    let share = if of == 0 { 0.0 } else { shows as f64 / of as f64 };
    let point = |entries: f64, share: f64| (60.0 + entries / most * 520.0, 240.0 - share.clamp(0.0, 1.0) * 220.0);
    let limit = |sign: f64| -> String {
        let steps = (1..=60).map(|step| f64::from(step) / 60.0 * most).filter(|n| *n >= 1.0);
        let curve = steps.map(|n| point(n, share + sign * 3.09 * (share * (1.0 - share) / n).sqrt()));
        curve.map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ")
    };
    let title = format!("{} by {}", pattern.name(), by.name());
    let outside = units.iter().filter(|t| t.finding).count();
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 600 270\" width=\"600\" height=\"270\" \
         role=\"img\"><title>{title}</title>\
         <desc>{} units; {outside} of them show the pattern more than chance allows. The dashed lines hold 99.8 per cent of \
          honest units.</desc>\n",
        units.len()
    );
    for sign in [1.0, -1.0] {
        let _ = writeln!(
            out,
            "<polyline class=\"limit\" fill=\"none\" stroke=\"#b35900\" stroke-dasharray=\"4 3\" points=\"{}\"/>",
            limit(sign)
        );
    }
    let level = point(0.0, share).1;
    let _ = writeln!(out, "<line class=\"grid\" stroke=\"#767676\" x1=\"60\" x2=\"580\" y1=\"{level:.1}\" y2=\"{level:.1}\"/>");
    for unit in units {
        let (x, y) = point(unit.of as f64, unit.shows as f64 / unit.of as f64);
        let fill = if unit.finding { "#b35900" } else { "#1d5f8a" };
        let name = crate::write::html::escape(&unit.unit);
        let _ = writeln!(
            out,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{fill}\"><title>{name}: {} of {}</title></circle>",
            unit.shows, unit.of
        );
    }
    out.push_str(
        "<text x=\"60\" y=\"262\">0</text><text x=\"520\" y=\"262\">entries</text><text x=\"8\" y=\"24\">100 \
     %</text><text x=\"8\" y=\"244\">0 %</text></svg>\n",
    );
    out
}
