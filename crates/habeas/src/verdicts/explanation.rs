//! Why a row is what it is, in a few lines: the verdict, the sentence of law, the entries, the arithmetic, and what would have
//! kept the duty. Everything said is read off the row and its entries; nothing is judged again.

use super::names::Names;
use super::timestamps::Timestamps;
use super::{durations, wording};
use habeas_codebook::moment::{At, Moment, Precision};
use habeas_codebook::tree::{Codebook, Consequence, SetBy};
use habeas_monitor::{Flags, Hearing, Reason, Row, Verdict};
use std::fmt::Write as _;

/// Lines written to a `String` cannot fail.
macro_rules! line {
    ($out:expr, $($arg:tt)*) => {{ let _ = writeln!($out, $($arg)*); }};
}

/// Explains one row; the lines end with a line end.
#[must_use]
pub fn write(codebook: &Codebook, hearing: &Hearing<'_>, names: &Names, row: &Row) -> String {
    let telling = Telling { codebook, hearing, names, row };
    let mut out = String::new();
    telling.verdict(&mut out);
    telling.law(&mut out);
    telling.entries(&mut out);
    telling.arithmetic(&mut out);
    telling.circumstances(&mut out);
    telling.limits(&mut out);
    out
}

struct Telling<'t> {
    codebook: &'t Codebook,
    hearing: &'t Hearing<'t>,
    names: &'t Names,
    row: &'t Row,
}

impl Telling<'_> {
    fn time(&self, moment: Moment) -> String {
        Timestamps::new(&self.codebook.almanac.zone).text(moment).replacen('T', " ", 1)
    }

    fn verdict(&self, out: &mut String) {
        let (row, log) = (self.row, self.hearing.log());
        let class = &self.codebook.class(log.class_of(row.subject)).name;
        let subject = self.names.subject(log, row.subject, |id| format!("{class} {id}"));
        let since = row.since.map_or_else(String::new, |since| format!(" since {}", self.time(since)));
        let until = row.until.map_or_else(String::new, |until| format!(" until {}", self.time(until)));
        let late = row.late_by.map_or_else(String::new, |micros| format!(", late by {}", durations::spoken(micros)));
        let over = row.over_by.map_or_else(String::new, |micros| format!(", over by {}", durations::spoken(micros)));
        let rule = &self.codebook.rules[row.rule.index()];
        let cites: Vec<String> = rule.cites.iter().map(wording::cite).collect();
        let verdict = row.verdict.as_str().replace('_', " ").to_uppercase();
        let id = wording::rule_id(self.codebook, row);
        line!(out, "{verdict}{since}{until} ({subject}){late}{over}    rule {id}, {}", cites.join("; "));
    }

    /// The sentences of the rule that judge, without its citations and addressees.
    fn law(&self, out: &mut String) {
        let law = wording::law(self.codebook, &self.codebook.rules[self.row.rule.index()]).replace('\n', " ");
        let start = law.find("For each").unwrap_or(0);
        let end = law.find(" On breach").filter(|end| *end > start).unwrap_or(law.len());
        line!(out, "  \"{}\"", &law[start..end]);
    }

    fn entries(&self, out: &mut String) {
        let log = self.hearing.log();
        for event in &self.row.events {
            let at = self.happened(self.hearing.seen(*event).at);
            let recorded = log.recorded_at(*event);
            let lag = recorded.since(log.at(*event).latest);
            let late = if lag > self.codebook.late_entry_after {
                format!("  LATE ENTRY, after {}", durations::spoken(lag))
            } else {
                String::new()
            };
            let kind = &self.codebook.kind(log.kind(*event)).name;
            let id = self.names.event(log, *event, str::to_owned);
            line!(out, "  {at}  {kind}  {id}  recorded {}{late}", self.time(recorded));
        }
    }

    fn happened(&self, at: At) -> String {
        match at.precision {
            Precision::Exact => self.time(at.earliest),
            Precision::Day => format!("{}, hour not recorded", self.codebook.almanac.date(at.earliest)),
            Precision::Range => format!("{} to {}", self.time(at.earliest), self.time(at.latest)),
            Precision::Unknown => "time not recorded".to_owned(),
        }
    }

    fn arithmetic(&self, out: &mut String) {
        let row = self.row;
        let Some(due) = row.due_at else { return };
        match row.trigger_at {
            Some(from) if due > from => {
                line!(out, "  {} + {} = {}, the limit.", self.time(from), durations::spoken(due.since(from)), self.time(due));
            }
            Some(_) | None => line!(out, "  The limit is {}.", self.time(due)),
        }
        match (row.verdict, row.late_by, row.over_by) {
            (_, Some(late), _) => line!(out, "  Done {} after it. Done by {} it would be met.", durations::spoken(late), self.time(due)),
            (_, None, Some(over)) => {
                line!(out, "  It went on for {} beyond it. Ended by {} it would be met.", durations::spoken(over), self.time(due))
            }
            (Verdict::Breached, None, None) => {
                line!(out, "  Nothing that counts is recorded up to {}.", self.time(self.hearing.asked().now))
            }
            (
                Verdict::NotApplicable | Verdict::Met | Verdict::Excused | Verdict::Pending | Verdict::Undetermined | Verdict::MetLate,
                None,
                None,
            ) => {}
        }
    }

    fn circumstances(&self, out: &mut String) {
        for (flag, words) in [
            (Flags::CLEARED_LATE, "What makes it met was recorded after the limit."),
            (Flags::END_INFERRED, "The end was not recorded; it follows from another entry."),
            (Flags::SAME_INSTANT, "Two entries stand at one instant; the order of entry does not count."),
            (Flags::AGE_PRESUMED, "The birth date is known only roughly: counted as a child until the latest possible birthday."),
        ] {
            if self.row.flags.contains(flag) {
                line!(out, "  {words}");
            }
        }
        if let Some(reason) = self.row.reason {
            line!(out, "  {}", self.reason(reason));
        }
        for thing in &self.row.missing {
            let wanted = crate::report::missing::Wanted::of(self.hearing.log(), thing);
            let entry = crate::report::missing::example(self.names, self.hearing.log(), thing.event);
            line!(out, "  Not recorded: {} {entry}", wanted.words(self.codebook));
        }
    }

    fn reason(&self, reason: Reason) -> String {
        let exceptions = &self.codebook.rules[self.row.rule.index()].exceptions;
        match reason {
            Reason::Where => "The condition after `where` does not hold here.".to_owned(),
            Reason::Exception(place) => match exceptions.get(usize::from(place)).map(|exception| &exception.then) {
                Some(Consequence::Excused) => format!("Exception {} of the rule excuses it.", u16::from(place) + 1),
                Some(Consequence::DoesNotApply | Consequence::LimitIs(_)) | None => {
                    format!("Exception {} of the rule says that it does not apply.", u16::from(place) + 1)
                }
            },
            Reason::ClosedBeforeLimit => "The custody ended before the limit.".to_owned(),
            Reason::Superseded => "A later entry of the same kind took its place before the limit.".to_owned(),
            Reason::NotDuring(state) => format!("{} did not hold then.", self.codebook.states[state.index()].name),
            Reason::Sealed => "A field is sealed here; it can be judged where the key is.".to_owned(),
            Reason::Unrecorded => "What was recorded allows more than one answer.".to_owned(),
            Reason::TooManyUnknown => "Too many times are unknown to try every combination.".to_owned(),
        }
    }

    fn limits(&self, out: &mut String) {
        for name in wording::operator_limits(self.codebook, self.row) {
            let limit = self.codebook.limits.iter().find(|limit| limit.name == name);
            let version = limit.and_then(|limit| limit.versions.iter().rfind(|version| version.set_by == SetBy::Operator));
            if let Some(version) = version {
                line!(out, "  The limit {name} is the operator's own number: {}.", version.because);
            }
        }
    }
}
