//! Why a row is what it is, in a few lines: the verdict, the sentence of law, the entries, the arithmetic, and what would have
//! kept the duty. Everything said is read off the row and its entries; nothing is judged again.

use super::names::Names;
use super::timestamps::Timestamps;
use super::wording;
use crate::messages::Speech;
use crate::report::missing::Wanted;
use habeas_codebook::i18n::NameOf;
use habeas_codebook::log::EventId;
use habeas_codebook::moment::{At, Moment};
use habeas_codebook::render::Voice;
use habeas_codebook::tree::{Citation, Codebook, Consequence, KindId, LabelKind, SetBy};
use habeas_monitor::{Flags, Hearing, Reason, Row, Verdict};
use std::fmt::Write as _;

/// Lines written to a `String` cannot fail.
macro_rules! line {
    ($out:expr, $($arg:tt)*) => {{ let _ = writeln!($out, $($arg)*); }};
}

/// Explains one row in a language; the lines end with a line end.
#[must_use]
pub fn write(codebook: &Codebook, hearing: &Hearing<'_>, names: &Names, speech: &Speech, row: &Row) -> String {
    let telling = Telling { codebook, hearing, names, speech, row };
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
    speech: &'t Speech,
    row: &'t Row,
}

impl Telling<'_> {
    fn time(&self, moment: Moment) -> String {
        Timestamps::new(&self.codebook.almanac.zone).text(moment).replacen('T', " ", 1)
    }

    fn say(&self, id: &str, parts: &[(&str, &str)]) -> String {
        self.speech.say(id, parts)
    }

    fn kind_name(&self, kind: KindId) -> &str {
        self.speech.name(NameOf::Event, &self.codebook.kind(kind).name)
    }

    fn verdict(&self, out: &mut String) {
        let (row, log) = (self.row, self.hearing.log());
        let class = self.speech.name(NameOf::Subject, &self.codebook.class(log.class_of(row.subject)).name);
        let subject = self.names.subject(log, row.subject, |id| format!("{class} {id}"));
        let time = |id: &str, at: Option<Moment>| at.map_or_else(String::new, |at| self.say(id, &[("time", &self.time(at))]));
        let length = |id: &str, micros: Option<i64>| {
            micros.map_or_else(String::new, |micros| self.say(id, &[("length", &self.speech.spoken(micros))]))
        };
        let (since, until) = (time("since", row.since), time("until", row.until));
        let (late, over) = (length("late", row.late_by), length("over", row.over_by));
        let cites: Vec<String> = self.codebook.rules[row.rule.index()].cites.iter().map(|cite| self.cite(cite)).collect();
        let verdict = self.say(verdict_message(row.verdict), &[]);
        let rule = self.say("rule", &[("id", &wording::rule_id(self.codebook, row))]);
        line!(out, "{verdict}{since}{until} ({subject}){late}{over}    {rule}, {}", cites.join("; "));
    }

    fn cite(&self, citation: &Citation) -> String {
        let id = match citation.kind {
            LabelKind::Paragraph => "cite-paragraph",
            LabelKind::Article => "cite-article",
            LabelKind::Rule => "cite-rule",
            LabelKind::Principle => "cite-principle",
            LabelKind::Section => "cite-section",
            LabelKind::Note => "cite-note",
        };
        self.say(id, &[("source", &citation.source), ("label", &citation.label)])
    }

    /// The sentences of the rule that judge, without its citations and addressees: as its author wrote them, or in another language.
    fn law(&self, out: &mut String) {
        let rule = &self.codebook.rules[self.row.rule.index()];
        if let Some(tongue) = self.speech.tongue() {
            line!(out, "  {}", Voice::in_tongue(self.codebook, tongue).duty(rule));
            return;
        }
        let law = wording::law(self.codebook, rule).replace('\n', " ");
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
            let is_late = lag > self.codebook.late_entry_after;
            let late = if is_late { self.say("entry-late", &[("length", &self.speech.spoken(lag))]) } else { String::new() };
            let kind = self.kind_name(log.kind(*event));
            let id = self.names.event(log, *event, str::to_owned);
            line!(out, "  {at}  {kind}  {id}  {}{late}", self.say("entry-recorded", &[("time", &self.time(recorded))]));
        }
    }

    fn happened(&self, at: At) -> String {
        self.speech.happened(at, &self.codebook.almanac, |moment| self.time(moment))
    }

    fn arithmetic(&self, out: &mut String) {
        let row = self.row;
        let Some(due_at) = row.due_at else { return };
        let due = self.time(due_at);
        let spoken = |micros| self.speech.spoken(micros);
        match row.trigger_at {
            Some(from) if due_at > from => {
                let parts = [("from", self.time(from)), ("length", spoken(due_at.since(from))), ("due", due.clone())];
                line!(out, "  {}", self.say("limit-sum", &parts.each_ref().map(|(name, part)| (*name, part.as_str()))));
            }
            Some(_) | None => line!(out, "  {}", self.say("limit-at", &[("due", &due)])),
        }
        match (row.verdict, row.late_by, row.over_by) {
            (_, Some(late), _) => line!(out, "  {}", self.say("done-late", &[("length", &spoken(late)), ("due", &due)])),
            (_, None, Some(over)) => line!(out, "  {}", self.say("went-over", &[("length", &spoken(over)), ("due", &due)])),
            (Verdict::Breached, None, None) => {
                line!(out, "  {}", self.say("nothing-counts", &[("now", &self.time(self.hearing.asked().now))]));
            }
            (
                Verdict::NotApplicable | Verdict::Met | Verdict::Excused | Verdict::Pending | Verdict::Undetermined | Verdict::MetLate,
                None,
                None,
            ) => {}
        }
    }

    fn circumstances(&self, out: &mut String) {
        for (flag, message) in [
            (Flags::CLEARED_LATE, "cleared-late"),
            (Flags::END_INFERRED, "end-inferred"),
            (Flags::SAME_INSTANT, "same-instant"),
            (Flags::AGE_PRESUMED, "age-presumed"),
        ] {
            if self.row.flags.contains(flag) {
                line!(out, "  {}", self.say(message, &[]));
            }
        }
        if let Some(reason) = self.row.reason {
            line!(out, "  {}", self.reason(reason));
        }
        for thing in &self.row.missing {
            line!(out, "  {}", self.missing(Wanted::of(self.hearing.log(), thing), thing.event));
        }
    }

    fn missing(&self, wanted: Wanted, event: Option<EventId>) -> String {
        let entry = crate::report::missing::example(self.names, self.hearing.log(), event);
        let the_event = self.say("the-event", &[]);
        let kind = |kind: Option<KindId>| kind.map_or(the_event.as_str(), |kind| self.kind_name(kind));
        let field = |field: habeas_codebook::tree::FieldId| self.speech.name(NameOf::Field, &self.codebook.field_names[field.index()]);
        match wanted {
            Wanted::Time(k) => self.say("missing-time", &[("event", kind(k)), ("entry", &entry)]),
            Wanted::Field(k, f) => self.say("missing-field", &[("field", field(f)), ("event", kind(k)), ("entry", &entry)]),
            Wanted::Fact(class, f) => {
                let subject = self.speech.name(NameOf::Subject, &self.codebook.class(class).name);
                self.say("missing-fact", &[("field", field(f)), ("subject", subject), ("entry", &entry)])
            }
        }
    }

    fn reason(&self, reason: Reason) -> String {
        let exceptions = &self.codebook.rules[self.row.rule.index()].exceptions;
        match reason {
            Reason::Where => self.say("because-where", &[]),
            Reason::Exception(place) => {
                let number = (u16::from(place) + 1).to_string();
                let message = match exceptions.get(usize::from(place)).map(|exception| &exception.then) {
                    Some(Consequence::Excused) => "because-excused",
                    Some(Consequence::DoesNotApply | Consequence::LimitIs(_)) | None => "because-exception",
                };
                self.say(message, &[("n", &number)])
            }
            Reason::ClosedBeforeLimit => self.say("because-closed", &[]),
            Reason::Superseded => self.say("because-superseded", &[]),
            Reason::NotDuring(state) => {
                let name = self.speech.name(NameOf::State, &self.codebook.states[state.index()].name);
                self.say("because-not-during", &[("state", name)])
            }
            Reason::Sealed => self.say("because-sealed", &[]),
            Reason::Unrecorded => self.say("because-unrecorded", &[]),
            Reason::TooManyUnknown => self.say("because-too-many", &[]),
        }
    }

    fn limits(&self, out: &mut String) {
        for name in wording::operator_limits(self.codebook, self.row) {
            let limit = self.codebook.limits.iter().find(|limit| limit.name == name);
            let version = limit.and_then(|limit| limit.versions.iter().rfind(|version| version.set_by == SetBy::Operator));
            if let Some(version) = version {
                let parts = [("name", self.speech.name(NameOf::Limit, name)), ("because", &version.because)];
                line!(out, "  {}", self.say("operator-limit", &parts));
            }
        }
    }
}

fn verdict_message(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NotApplicable => "verdict-na",
        Verdict::Met => "verdict-met",
        Verdict::Excused => "verdict-excused",
        Verdict::Pending => "verdict-pending",
        Verdict::Undetermined => "verdict-undetermined",
        Verdict::MetLate => "verdict-met-late",
        Verdict::Breached => "verdict-breached",
    }
}
