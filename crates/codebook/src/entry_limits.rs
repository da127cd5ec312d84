//! Until when an entry is in time: what the rules of the book say of its kind (`it must be recorded within …`), else the book's own
//! tolerance. Whoever enters something later is asked why; the rules judge the lateness itself (`<rule>/record`).

use crate::moment::{Length, Moment, Overflow};
use crate::tree::{Body, Codebook, EventName, Holds, Keep, KindId, LimitValue, Pattern, Rule, Span};

impl Codebook {
    /// The last moment at which an event of a kind that happened at `at` is entered in time.
    #[must_use]
    pub fn entered_by(&self, kind: KindId, at: Moment) -> Moment {
        let due = |rule: &Rule| {
            let length = self.length_at(rule.recorded_within.as_ref()?, at)?;
            Some(self.almanac.add(at, length, rule.days.count(), Overflow::LastDay))
        };
        let judges = |rule: &&Rule| self.judged(&rule.body).iter().any(|pattern| self.is_any_of(pattern, kind));
        let asks = self.rules.iter().filter(|rule| rule.recorded_within.is_some()).filter(judges);
        asks.filter_map(due).min().unwrap_or(Moment(at.0.saturating_add(self.late_entry_after)))
    }

    /// Whether a pattern is every event of a kind, with nothing else asked of it.
    fn is_any_of(&self, pattern: &Pattern, kind: KindId) -> bool {
        let (of, tests) = match pattern.event {
            EventName::Kind(of) if of != kind => return false,
            EventName::Kind(_) | EventName::Alias(_) => self.expand(pattern),
        };
        of == kind && tests.is_empty()
    }

    /// A span that does not hang on the event's own fields, as in force on the day.
    fn length_at(&self, span: &Span, at: Moment) -> Option<Length> {
        match span {
            Span::Length(length, _) => Some(*length),
            Span::Field(..) => None,
            Span::Limit(limit, _) => {
                let (versions, date) = (&self.limits[limit.index()].versions, self.almanac.date(at));
                let in_force = versions.iter().filter(|version| version.from.is_none_or(|from| from <= date));
                let version = in_force.max_by_key(|version| version.from).or_else(|| versions.iter().min_by_key(|version| version.from));
                match version?.value {
                    LimitValue::Length(length) => Some(length),
                    LimitValue::Quantity(_) => None,
                }
            }
        }
    }

    /// The events whose entry a rule judges (rule language, *Late entry*).
    fn judged<'c>(&'c self, body: &'c Body) -> Vec<&'c Pattern> {
        match body {
            Body::After { answer, .. } | Body::Clock { answer, .. } => vec![answer],
            Body::Before { required, .. } => vec![required],
            Body::While { keep: Keep::Every { event, .. }, .. } => vec![event],
            Body::EveryRecord { event, .. } | Body::EverySatisfies { event, .. } => vec![event],
            Body::EveryRestsOn { event, .. } | Body::Never { event } => vec![event],
            Body::While { state, .. } => match &self.states[state.index()].holds {
                Holds::Between { from, until } => from.iter().chain(until).collect(),
                Holds::AgeBelow(_) | Holds::Always | Holds::Count { .. } => Vec::new(),
            },
            Body::Quantity { .. } => Vec::new(),
        }
    }
}
