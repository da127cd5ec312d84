//! A year of custody in one country, made up from a seed: about ten events a custody, most duties kept, two in a hundred not.
//!
//! Every custody's breaches are planted and counted as it is made, so the figures that come out can be compared with the truth
//! before any time is. One event a second within a custody, so that its order is total.

use crate::dice::Dice;
use std::collections::BTreeSet;
use std::io::{BufWriter, Write};
use std::path::Path;

const HOUR: u64 = 3600;
/// The rules, in the order of [`Made::breaches`].
pub const RULES: [&str; 6] = ["exam", "injury", "interview", "notify", "officers", "restraint"];

/// What was made.
#[derive(Clone, Copy, Debug)]
pub struct Made {
    /// Lines without the head.
    pub events: u64,
    /// Planted breaches of each of [`RULES`].
    pub breaches: [u64; 6],
}

/// Seconds from a trigger to its answer: honest answers include the exact limit, breaches the second after it.
fn within(dice: &mut Dice, limit: u64, breach: bool, low: u64) -> u64 {
    match breach {
        true if dice.happens(100) => limit + 1,
        true => limit + 1 + dice.between(0, limit),
        false if dice.happens(20) => limit,
        false => dice.between(low, limit),
    }
}

struct Event {
    at: u64,
    custody: u32,
    kind: &'static str,
    reference: u32,
    officer: u32,
}

struct Maker {
    dice: Dice,
    events: Vec<Event>,
    made: Made,
    reference: u32,
    used: BTreeSet<u64>,
    custody: u32,
}

const BREACH: u64 = 20;

impl Maker {
    fn put(&mut self, at: u64, kind: &'static str, reference: u32, officer: u32) {
        self.used.insert(at);
        self.events.push(Event { at, custody: self.custody, kind, reference, officer });
    }
    fn free(&self, mut at: u64) -> u64 {
        while self.used.contains(&at) {
            at += 1;
        }
        at
    }
    /// The first free second after a while.
    fn later(&mut self, from: u64, low: u64, high: u64) -> u64 {
        let at = from + self.dice.between(low, high);
        self.free(at)
    }
    fn next_reference(&mut self) -> u32 {
        self.reference += 1;
        self.reference
    }
    /// An answer at a free second; a breach moves later, an honest answer earlier, so that neither changes sides.
    fn answer(&mut self, from: u64, limit: u64, breach: bool, low: u64) -> u64 {
        let mut after = within(&mut self.dice, limit, breach, low);
        while self.used.contains(&(from + after)) {
            after = if breach { after + 1 } else { after - 1 };
        }
        from + after
    }
    fn breaches(&mut self, rule: &str) {
        if let Some(place) = RULES.iter().position(|name| *name == rule) {
            self.made.breaches[place] += 1;
        }
    }

    fn custody(&mut self, number: u32) {
        self.used.clear();
        self.custody = number;
        let arrest = 1_700_000_000 + self.dice.between(0, 365 * 86_400 - 1);
        self.put(arrest, "arrest", 0, 0);
        let arrival = arrest + self.dice.between(300, 5400);
        self.put(arrival, "arrival", 0, 0);
        if self.dice.happens(30) {
            return self.soon_released(arrival);
        }
        for (rule, kind, from, limit) in [("exam", "exam_start", arrival, HOUR), ("notify", "notify", arrest, 6 * HOUR)] {
            let breach = self.dice.happens(BREACH);
            let at = self.answer(from, limit, breach, 60);
            self.put(at, kind, 0, 0);
            if breach {
                self.breaches(rule);
            }
        }
        let mut at = arrival + self.dice.between(1800, 6 * HOUR);
        for _ in 0..self.dice.how_many(&[35, 50, 15]) {
            at = self.interview(at);
        }
        let last = self.used.last().copied().unwrap_or(arrival);
        for _ in 0..self.dice.how_many(&[75, 20, 5]) {
            let noted = self.dice.between(arrival, last);
            self.injury(noted);
        }
        for _ in 0..self.dice.how_many(&[80, 15, 5]) {
            let on = self.dice.between(arrival, last);
            self.restraint(on);
        }
        let last = self.used.last().copied().unwrap_or(arrival);
        let released = last + self.dice.between(600, 20 * HOUR);
        self.put(released, "release", 0, 0);
    }

    /// Released before anything was due.
    fn soon_released(&mut self, arrival: u64) {
        let mut released = arrival + self.dice.between(60, 3000);
        if self.dice.happens(300) {
            let at = self.free(arrival + 30);
            self.put(at, "exam_start", 0, 0);
        }
        released = self.free(released);
        self.put(released, "release", 0, 0);
    }

    fn interview(&mut self, after: u64) -> u64 {
        let interview = self.next_reference();
        let start = self.later(after, 1800, 5 * HOUR);
        self.put(start, "interview_start", interview, 0);
        let (mut at, stretches) = (start, 1 + self.dice.how_many(&[55, 33, 12]));
        for stretch in 0..stretches {
            let breach = self.dice.happens(BREACH);
            at = self.answer(at, 2 * HOUR, breach, 600);
            if breach {
                self.breaches("interview");
            }
            if stretch + 1 < stretches {
                self.put(at, "break_start", interview, 0);
                at = self.later(at, 600, 2400);
                self.put(at, "break_end", interview, 0);
            } else {
                self.put(at, "interview_end", interview, 0);
            }
        }
        self.officers(interview, start, at);
        at
    }

    /// Two officers, sometimes one relieved by another; a breach has a third come in while two are there.
    fn officers(&mut self, interview: u32, start: u64, end: u64) {
        let first = self.dice.between(1, 480) as u32;
        let mut at = self.free(start + 1);
        self.put(at, "officer_join", interview, first);
        at = self.free(at + 1);
        self.put(at, "officer_join", interview, first + 1);
        if self.dice.happens(250) {
            at = self.later(at, 60, 300);
            self.put(at, "officer_leave", interview, first);
            at = self.free(at + 5);
            self.put(at, "officer_join", interview, first + 2);
        }
        if self.dice.happens(BREACH) {
            at = self.later(at, 5, 200);
            if at < end {
                self.put(at, "officer_join", interview, first + 3);
                self.breaches("officers");
            }
        }
    }

    fn injury(&mut self, noted: u64) {
        let injury = self.next_reference();
        let noted = self.free(noted);
        self.put(noted, "injury_noted", injury, 0);
        let breach = self.dice.happens(BREACH);
        if breach {
            self.breaches("injury");
            if self.dice.happens(300) {
                return; // never referred at all
            }
        }
        let at = self.answer(noted, 24 * HOUR, breach, 60);
        self.put(at, "injury_referred", injury, 0);
    }

    fn restraint(&mut self, on: u64) {
        let measure = self.next_reference();
        let on = self.free(on);
        self.put(on, "restraint_on", measure, 0);
        let breach = self.dice.happens(BREACH);
        let at = self.answer(on, HOUR, breach, 60);
        self.put(at, "restraint_off", measure, 0);
        if breach {
            self.breaches("restraint");
        }
    }
}

/// Words in which a log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// Those of `benches/six`.
    Six,
    /// Those of the pack `aze`, as near as it has them.
    Aze,
}

impl Words {
    fn kind(self, kind: &'static str) -> &'static str {
        match (self, kind) {
            (Words::Six, kind) => kind,
            (Words::Aze, "arrest") => "person_apprehended",
            (Words::Aze, "arrival") => "person_arrived",
            (Words::Aze, "exam_start") => "medical_examined",
            (Words::Aze, "notify") => "third_party_notified",
            (Words::Aze, "interview_start") => "interview_started",
            (Words::Aze, "break_start") => "interview_break_started",
            (Words::Aze, "break_end") => "interview_break_ended",
            (Words::Aze, "interview_end") => "interview_ended",
            (Words::Aze, "officer_join") => "interview_joined",
            (Words::Aze, "officer_leave") => "interview_left",
            (Words::Aze, "injury_noted" | "injury_referred") => "illness_or_injury_noted",
            (Words::Aze, "restraint_on") => "measure_applied",
            (Words::Aze, "restraint_off") => "measure_ended",
            (Words::Aze, "release") => "person_released",
            (Words::Aze, other) => other,
        }
    }

    fn header(self) -> &'static str {
        match self {
            Words::Six => "id,kind,at,subject.custody,subject.interview,subject.measure,subject.injury,field.officer",
            Words::Aze => "id,kind,at,subject.custody,subject.interview,subject.measure,field.who,field.role,field.party,field.outcome",
        }
    }
}

/// Makes a log of so many custodies and writes it, in order of time.
pub fn write(path: &Path, custodies: u32, seed: u64, words: Words) -> std::io::Result<Made> {
    let made = Made { events: 0, breaches: [0; 6] };
    let mut maker = Maker { dice: Dice(seed), events: Vec::new(), made, reference: 0, used: BTreeSet::new(), custody: 0 };
    (1..=custodies).for_each(|number| maker.custody(number));
    maker.events.sort_by_key(|event| (event.at, event.custody));
    let end = maker.events.last().map_or(0, |event| event.at) + 10 * 86_400;
    if words == Words::Six {
        maker.events.push(Event { at: end, custody: 0, kind: "tick", reference: 0, officer: 0 });
    }
    let mut out = BufWriter::new(std::fs::File::create(path)?);
    writeln!(out, "{}", words.header())?;
    for (number, event) in maker.events.iter().enumerate() {
        line(&mut out, number, event, words)?;
    }
    out.flush()?;
    Ok(Made { events: maker.events.len() as u64, ..maker.made })
}

fn line(out: &mut impl Write, number: usize, event: &Event, words: Words) -> std::io::Result<()> {
    let at = jiff::Timestamp::from_second(event.at as i64).map_err(std::io::Error::other)?;
    let custody = if event.custody == 0 { String::new() } else { format!("custody-{:07x}", event.custody) };
    let named = |letter: char, is: bool| if is { format!("{letter}-{:07x}", event.reference) } else { String::new() };
    let word = event.kind.split('_').next().unwrap_or_default();
    let interview = named('I', ["interview", "officer", "break"].contains(&word));
    let (measure, injury) = (named('M', word == "restraint"), named('J', word == "injury"));
    let officer = if event.officer == 0 { String::new() } else { format!("officer-{:05}", event.officer) };
    let rest = match words {
        Words::Six => format!("{injury},{officer}"),
        Words::Aze => {
            let said = |is: bool, word: &'static str| if is { word } else { "" };
            let told = event.kind == "notify";
            format!("{officer},{},{},{}", said(!officer.is_empty(), "officer"), said(told, "relative"), said(told, "reached"))
        }
    };
    writeln!(out, "e{number:08x},{},{at},{custody},{interview},{measure},{rest}", words.kind(event.kind))
}
