//! Verdict rows as JSON Lines (interfaces, "Verdicts").
//!
//! Hundreds of thousands of rows are written for a million events, so a row is a handful of copies: what is the same for every
//! row of a rule is escaped and glued together once (`Fragments`), and members that are `null` in most rows come as one piece.
//! A slow writer over `serde_json` says the same thing plainly; a property test holds the two together.

use super::names::Names;
use super::timestamps::Timestamps;
use super::{durations, wording};
use habeas_codebook::log::{EventId, Log, SubjectId};
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::Codebook;
use habeas_monitor::{Flags, Missing, MissingWhat, Row};

/// Writes rows. Each thread has its own; all print the same bytes for the same row.
pub struct RowWriter<'a> {
    codebook: &'a Codebook,
    ids: Ids<'a>,
    times: Timestamps,
    rules: Vec<[Fragments; 2]>,
}

/// How ids are written.
#[derive(Clone, Copy)]
struct Ids<'a> {
    names: &'a Names,
    /// As the register spells them, and none has anything to escape.
    plain: bool,
}

/// The constant pieces of one rule's rows.
struct Fragments {
    /// `{"rule":"…","subject":{"class":"`
    head: Vec<u8>,
    /// `],"severity":…,"tell":[…],"cites":[…]`
    tail: Vec<u8>,
    /// `,"operator_limits":[…]`, or nothing.
    limits: Vec<u8>,
    /// False when `limits` depends on the date of the row.
    limits_fixed: bool,
}

/// From the end of the trigger's id to the end of the verdict, least first.
const VERDICTS: [&[u8]; 7] = [
    br#","verdict":"n.a.""#,
    br#","verdict":"met""#,
    br#","verdict":"excused""#,
    br#","verdict":"pending""#,
    br#","verdict":"undetermined""#,
    br#","verdict":"met_late""#,
    br#","verdict":"breached""#,
];
const NO_TIMES: &[u8] = br#","due_at":null,"since":null,"until":null,"late_by":null,"over_by":null,"flags":["#;
const NO_BREACH: &[u8] = br#"","since":null,"until":null,"late_by":null,"over_by":null,"flags":["#;

impl Ids<'_> {
    #[inline]
    fn event(self, out: &mut Vec<u8>, log: &Log, event: EventId) {
        if self.plain { put(out, log.id_letters(event)) } else { self.names.event(log, event, |id| escape(out, id)) }
    }
    #[inline]
    fn subject(self, out: &mut Vec<u8>, log: &Log, subject: SubjectId) {
        if self.plain { put(out, log.name_letters(subject)) } else { self.names.subject(log, subject, |id| escape(out, id)) }
    }
}

/// Appends a short text: its first eight letters and its last eight, which may be the same, where most ids need no more.
#[inline]
fn put(out: &mut Vec<u8>, text: &[u8]) {
    match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        (Some(first), Some(last)) if text.len() <= 16 => {
            let end = out.len() + text.len();
            out.extend_from_slice(first);
            out.truncate(end - 8);
            out.extend_from_slice(last);
        }
        _ => out.extend_from_slice(text),
    }
}

impl<'a> RowWriter<'a> {
    /// A writer for rows judged by this codebook.
    #[must_use]
    pub fn new(codebook: &'a Codebook, names: &'a Names) -> Self {
        let rules = (0..codebook.rules.len()).map(|rule| [fragments(codebook, rule, false), fragments(codebook, rule, true)]).collect();
        RowWriter { codebook, ids: Ids { names, plain: false }, times: Timestamps::new(&codebook.almanac.zone), rules }
    }

    /// The same for rows over logs of whose ids none has anything to escape ([`ids_are_plain`]).
    #[must_use]
    pub fn of_plain_ids(self, plain: bool) -> Self {
        let names = self.ids.names;
        RowWriter { ids: Ids { names, plain: plain && !names.redacted() }, ..self }
    }

    /// Appends one line about a row over `log`.
    pub fn write(&mut self, out: &mut Vec<u8>, log: &Log, row: &Row, explanation: Option<&str>) {
        let ids = self.ids;
        let fragments = &self.rules[row.rule.index()][usize::from(row.record)];
        out.extend_from_slice(&fragments.head);
        ids.subject(out, log, row.subject);
        match row.trigger {
            Some(trigger) => {
                out.extend_from_slice(br#""},"trigger":""#);
                ids.event(out, log, trigger);
                out.push(b'"');
            }
            None => out.extend_from_slice(br#""},"trigger":null"#),
        }
        out.extend_from_slice(VERDICTS[row.verdict as usize]);
        write_times(&mut self.times, out, row);
        write_flags(out, row.flags);
        if let Some((first, others)) = row.events.split_first() {
            out.extend_from_slice(br#"],"events":[""#);
            ids.event(out, log, *first);
            for event in others {
                out.extend_from_slice(br#"",""#);
                ids.event(out, log, *event);
            }
            out.push(b'"');
        } else {
            out.extend_from_slice(br#"],"events":["#);
        }
        out.extend_from_slice(&fragments.tail);
        if !row.missing.is_empty() {
            write_missing(out, self.codebook, log, ids, &row.missing);
        }
        if let Some(reason) = row.reason {
            text_member(out, "reason", &reason.word());
        }
        if !fragments.limits_fixed {
            write_limits(out, &wording::operator_limits(self.codebook, row));
        } else if !fragments.limits.is_empty() {
            out.extend_from_slice(&fragments.limits);
        }
        if let Some(explanation) = explanation {
            text_member(out, "explanation", explanation);
        }
        out.extend_from_slice(b"}\n");
    }
}

fn fragments(codebook: &Codebook, rule: usize, record: bool) -> Fragments {
    let rule = &codebook.rules[rule];
    let mut head = br#"{"rule":""#.to_vec();
    escape(&mut head, &rule.id);
    head.extend_from_slice(if record { br#"/record","subject":{""# } else { br#"","subject":{""# });
    escape(&mut head, &codebook.class(rule.subject).name);
    head.extend_from_slice(br#"":""#);
    let mut tail = br#"],"severity":""#.to_vec();
    tail.extend_from_slice(wording::grade_word(rule.severity).as_bytes());
    tail.extend_from_slice(br#"","tell":"#);
    text_list(&mut tail, wording::addressees(codebook, rule).into_iter());
    tail.extend_from_slice(br#","cites":"#);
    let cites: Vec<String> = rule.cites.iter().map(wording::cite).collect();
    text_list(&mut tail, cites.iter().map(String::as_str));
    let limits_fixed = wording::operator_limits_are_fixed(codebook, rule, record);
    let mut limits = Vec::new();
    if limits_fixed {
        write_limits(&mut limits, &wording::operator_limits_of(codebook, rule, record, None));
    }
    Fragments { head, tail, limits, limits_fixed }
}

fn write_times(times: &mut Timestamps, out: &mut Vec<u8>, row: &Row) {
    let breach = row.since.is_some() || row.until.is_some() || row.late_by.is_some() || row.over_by.is_some();
    match (row.due_at, breach) {
        (None, false) => return out.extend_from_slice(NO_TIMES),
        (Some(due_at), false) => {
            out.extend_from_slice(br#","due_at":""#);
            times.write(out, due_at);
            return out.extend_from_slice(NO_BREACH);
        }
        (_, true) => {}
    }
    time_member(times, out, br#","due_at":"#, row.due_at);
    time_member(times, out, br#","since":"#, row.since);
    time_member(times, out, br#","until":"#, row.until);
    for (name, micros) in [(&br#","late_by":"#[..], row.late_by), (br#","over_by":"#, row.over_by)] {
        out.extend_from_slice(name);
        match micros {
            Some(micros) => {
                out.push(b'"');
                durations::write(out, micros);
                out.push(b'"');
            }
            None => out.extend_from_slice(b"null"),
        }
    }
    out.extend_from_slice(br#","flags":["#);
}

fn time_member(times: &mut Timestamps, out: &mut Vec<u8>, name: &[u8], moment: Option<Moment>) {
    out.extend_from_slice(name);
    match moment {
        Some(moment) => {
            out.push(b'"');
            times.write(out, moment);
            out.push(b'"');
        }
        None => out.extend_from_slice(b"null"),
    }
}

fn write_flags(out: &mut Vec<u8>, flags: Flags) {
    if flags == Flags::default() {
        return;
    }
    for (place, name) in flags.names().enumerate() {
        out.extend_from_slice(if place == 0 { b"\"" } else { b",\"" });
        out.extend_from_slice(name.as_bytes());
        out.push(b'"');
    }
}

fn write_missing(out: &mut Vec<u8>, codebook: &Codebook, log: &Log, ids: Ids<'_>, missing: &[Missing]) {
    out.extend_from_slice(br#","missing":["#);
    for (place, thing) in missing.iter().enumerate() {
        out.extend_from_slice(if place == 0 { br#"{"event":"# } else { br#",{"event":"# });
        match thing.event {
            Some(event) => {
                out.push(b'"');
                ids.event(out, log, event);
                out.push(b'"');
            }
            None => out.extend_from_slice(b"null"),
        }
        let field = match thing.what {
            MissingWhat::Time => "at",
            MissingWhat::Field(field) => &codebook.field_names[field.index()],
            MissingWhat::Fact(subject, field) => {
                out.extend_from_slice(br#","subject":{""#);
                escape(out, &codebook.class(log.class_of(subject)).name);
                out.extend_from_slice(br#"":""#);
                ids.subject(out, log, subject);
                out.extend_from_slice(br#""}"#);
                &codebook.field_names[field.index()]
            }
        };
        text_member(out, "field", field);
        out.push(b'}');
    }
    out.push(b']');
}

fn write_limits(out: &mut Vec<u8>, limits: &[&str]) {
    if !limits.is_empty() {
        out.extend_from_slice(br#","operator_limits":"#);
        text_list(out, limits.iter().copied());
    }
}

fn text_list<'t>(out: &mut Vec<u8>, texts: impl Iterator<Item = &'t str>) {
    out.push(b'[');
    for (place, text) in texts.enumerate() {
        out.extend_from_slice(if place == 0 { b"\"" } else { b",\"" });
        escape(out, text);
        out.push(b'"');
    }
    out.push(b']');
}

fn text_member(out: &mut Vec<u8>, name: &str, text: &str) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":\"");
    escape(out, text);
    out.push(b'"');
}

/// Whether no id of a log has anything to escape. One look at all of them, side by side, in place of one at each that is written.
#[must_use]
pub fn ids_are_plain(log: &Log) -> bool {
    let special = |any, byte: &u8| any | (*byte < 0x20) | (*byte == b'"') | (*byte == b'\\');
    log.all_ids().iter().all(|ids| !ids.bytes().fold(false, |any, byte| special(any, &byte)))
}

/// Whether nothing in a text has to be escaped: eight letters at a time, the last eight perhaps twice.
fn is_plain(text: &[u8]) -> bool {
    let special = |word: &[u8; 8]| has_special(u64::from_le_bytes(*word));
    let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) else {
        return !text.iter().any(|b| *b < 0x20 || *b == b'"' || *b == b'\\');
    };
    // Most ids have eight to sixteen letters.
    let within = text.len() <= 16 || !text.as_chunks::<8>().0.iter().any(special);
    within && !special(first) && !special(last)
}

/// Whether one of eight bytes is a quotation mark, a backslash or below a space. (A. Warren, *Hacker's Delight*, chapter 6.)
fn has_special(word: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let has_less = |word: u64, than: u64| word.wrapping_sub(ONES * than) & !word & HIGH;
    let equal = |byte: u8| has_less(word ^ (ONES * u64::from(byte)), 1);
    (has_less(word, 0x20) | equal(b'"') | equal(b'\\')) != 0
}

/// Appends the inside of a JSON string. Ids hardly ever hold anything to escape, so that is looked at first.
pub fn escape(out: &mut Vec<u8>, text: &str) {
    if is_plain(text.as_bytes()) {
        return out.extend_from_slice(text.as_bytes());
    }
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdicts::specimen;
    use serde_json::{Value, json};

    /// The same line, said plainly.
    fn slow(codebook: &Codebook, log: &Log, row: &Row, explanation: Option<&str>) -> Value {
        let mut times = Timestamps::new(&codebook.almanac.zone);
        let mut time = |m: Option<Moment>| m.map(|m| times.text(m));
        let rule = &codebook.rules[row.rule.index()];
        let class = codebook.class(rule.subject).name.clone();
        let cites: Vec<String> = rule.cites.iter().map(wording::cite).collect();
        let mut line = json!({
            "rule": wording::rule_id(codebook, row),
            "subject": { class: log.name_of(row.subject) },
            "trigger": row.trigger.map(|e| log.id(e)),
            "verdict": row.verdict.as_str(),
            "due_at": time(row.due_at),
            "since": time(row.since),
            "until": time(row.until),
            "late_by": row.late_by.map(durations::text),
            "over_by": row.over_by.map(durations::text),
            "flags": row.flags.names().collect::<Vec<_>>(),
            "events": row.events.iter().map(|e| log.id(*e)).collect::<Vec<_>>(),
            "severity": wording::grade_word(rule.severity),
            "tell": wording::addressees(codebook, rule),
            "cites": cites,
        });
        let members = line.as_object_mut().expect("an object");
        if !row.missing.is_empty() {
            let one = |m: &Missing| match m.what {
                MissingWhat::Time => json!({"event": m.event.map(|e| log.id(e)), "field": "at"}),
                MissingWhat::Field(f) => json!({"event": m.event.map(|e| log.id(e)), "field": codebook.field_names[f.index()]}),
                MissingWhat::Fact(s, f) => json!({
                    "event": m.event.map(|e| log.id(e)),
                    "subject": { codebook.class(log.class_of(s)).name.clone(): log.name_of(s) },
                    "field": codebook.field_names[f.index()]
                }),
            };
            members.insert("missing".to_owned(), row.missing.iter().map(one).collect());
        }
        if let Some(reason) = row.reason {
            members.insert("reason".to_owned(), reason.word().into());
        }
        let limits = wording::operator_limits(codebook, row);
        if !limits.is_empty() {
            members.insert("operator_limits".to_owned(), limits.into());
        }
        if let Some(text) = explanation {
            members.insert("explanation".to_owned(), text.into());
        }
        line
    }

    proptest::proptest! {
        #[test]
        fn every_line_is_what_a_slow_writer_says(case in specimen::rows(), explanation in proptest::option::of(".*")) {
            let (codebook, log, rows) = case;
            let names = Names::AsRecorded;
            let mut writer = RowWriter::new(&codebook, &names);
            for row in &rows {
                let mut line = Vec::new();
                writer.write(&mut line, &log, row, explanation.as_deref());
                let plain = serde_json::to_string(&slow(&codebook, &log, row, explanation.as_deref())).expect("plain JSON");
                let read: Value = serde_json::from_slice(&line).expect("a line of JSON");
                proptest::prop_assert_eq!(serde_json::to_string(&read).expect("JSON"), plain);
                proptest::prop_assert_eq!(line.iter().filter(|b| **b == b'\n').count(), 1);
            }
        }
    }
}
