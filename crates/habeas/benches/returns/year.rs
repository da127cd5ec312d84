//! A year of a made-up State, from a seed: so many custodies, about sixty entries each, in the words of the core vocabulary, as a CSV
//! log in the order of record.
//!
//! Every kind that the returns read occurs: what each custody has (arrest, rights, rounds, meals, interviews, release), what few have
//! (injuries, force, measures, complaints, deaths), and what places, officers and proceedings have beside them.

use crate::dice::Dice;
use std::collections::HashMap;
use std::io::{BufWriter, Write};
use std::path::Path;

const MINUTE: u64 = 60;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
/// 2029-01-01T00:00:00Z.
const YEAR: u64 = 1_861_920_000;
const PLACES: u64 = 60;

/// Columns of the log; `id`, `kind`, `at` and `recorded_at` come first.
const COLUMNS: [&str; 60] = [
    "subject.custody",
    "subject.person",
    "subject.place",
    "subject.officer",
    "subject.interview",
    "subject.measure",
    "subject.injury",
    "subject.case",
    "subject.visit",
    "subject.rec",
    "subject.proceeding",
    "subject.cell",
    "subject.review",
    "field.sex",
    "field.born",
    "field.how",
    "field.party",
    "field.outcome",
    "field.recording",
    "field.lawyer",
    "field.type",
    "field.reason",
    "field.camera",
    "field.injured",
    "field.seriousness",
    "field.disease",
    "field.programme",
    "field.breach",
    "field.sanction",
    "field.agency",
    "field.done by",
    "field.granted",
    "field.tag",
    "field.basis",
    "field.refused",
    "field.break glass",
    "field.channel",
    "field.body",
    "field.official",
    "field.result",
    "field.as torture",
    "field.mandate",
    "field.announced",
    "field.those present",
    "field.staff on duty",
    "field.region",
    "field.moral",
    "field.amount",
    "field.hours",
    "field.course",
    "field.passed",
    "field.location",
    "field.decision",
    "field.apparent",
    "field.to",
    "field.victim of",
    "field.presumed",
    "field.in detention",
    "field.state",
    "field.item",
];

/// What was made.
#[derive(Clone, Copy, Debug)]
pub struct Made {
    /// Lines without the head.
    pub events: u64,
}

struct Event {
    recorded: u64,
    at: u64,
    kind: &'static str,
    cells: Box<str>,
}

struct Maker {
    dice: Dice,
    columns: HashMap<&'static str, usize>,
    events: Vec<Event>,
    reference: u64,
}

/// A custody as it is lived through.
struct Life {
    custody: String,
    person: String,
    place: String,
    at: u64,
}

type Cells<'c> = &'c [(&'static str, &'c str)];

impl Maker {
    fn put(&mut self, at: u64, kind: &'static str, cells: Cells<'_>) {
        let late = if self.dice.happens(15) { self.dice.between(2 * HOUR, 30 * HOUR) } else { self.dice.between(5, 8 * MINUTE) };
        let mut row = [""; COLUMNS.len()];
        for (name, value) in cells {
            row[self.columns[name]] = value;
        }
        let last = row.iter().rposition(|cell| !cell.is_empty()).map_or(0, |place| place + 1);
        let mut text = row[..last].join(",");
        text.extend(std::iter::repeat_n(',', COLUMNS.len() - last.max(1)));
        self.events.push(Event { recorded: at + late, at, kind, cells: text.into_boxed_str() });
    }

    /// An entry about a custody.
    fn of(&mut self, life: &Life, kind: &'static str, cells: Cells<'_>) {
        let own = [("subject.custody", life.custody.as_str()), ("subject.person", &life.person), ("subject.place", &life.place)];
        self.put(life.at, kind, &[&own, cells].concat());
    }

    fn next(&mut self, letter: char) -> String {
        self.reference += 1;
        format!("{letter}-{:06}", self.reference)
    }

    fn one<'w>(&mut self, words: &[&'w str]) -> &'w str {
        words[self.dice.between(0, words.len() as u64 - 1) as usize]
    }

    fn officer(&mut self) -> String {
        format!("officer:{:05}", self.dice.between(1, 3000))
    }

    fn somewhere(&mut self) -> String {
        format!("station {:02}", self.dice.between(1, PLACES))
    }

    fn later(&mut self, life: &mut Life, low: u64, high: u64) {
        life.at += self.dice.between(low, high);
    }

    fn custody(&mut self, number: u64, custodies: u64) {
        let place = self.somewhere();
        let arrest = YEAR + self.dice.between(0, 365 * DAY - 1);
        let person = format!("P{:07}", self.dice.between(1, custodies * 4 / 5 + 1));
        let mut life = Life { custody: format!("C{number:07}"), person, place, at: arrest };
        self.arrival(&mut life);
        let stay = self.dice.between(8, 70) * HOUR;
        let end = arrest + if self.dice.happens(60) { stay * 20 } else { stay };
        self.interviews(&life);
        self.rounds(&life, end);
        self.what_few_have(&life, end);
        if self.dice.happens(3) && number.is_multiple_of(7) {
            life.at = end;
            return self.death(&life);
        }
        life.at = end;
        let how = self.one(&["no_case", "bail", "alternative_measure", "handed_to_other_authority", "no_case", "bail"]);
        if end < YEAR + 365 * DAY + 40 * DAY {
            self.of(&life, "person_released", &[("field.how", how)]);
        }
    }

    fn arrival(&mut self, life: &mut Life) {
        let officer = self.officer();
        let by = ("field.done by", officer.as_str());
        self.of(life, "person_apprehended", &[by]);
        self.later(life, 10 * MINUTE, 90 * MINUTE);
        self.of(life, "person_arrived", &[]);
        self.later(life, MINUTE, 20 * MINUTE);
        self.of(life, "detention_decided", &[by, ("field.decision", "authorised")]);
        self.later(life, MINUTE, 20 * MINUTE);
        let sex = if self.dice.happens(130) { "female" } else { "male" };
        let born = format!("{}-{:02}-{:02}", 2029 - self.dice.between(15, 70), self.dice.between(1, 12), self.dice.between(1, 28));
        self.of(life, "identity_established", &[("field.sex", sex), ("field.born", &born)]);
        let (how, party) = (self.one(&["oral", "leaflet", "video"]), self.one(&["relative", "relative", "guardian", "consulate"]));
        self.of(life, "rights_explained", &[by, ("field.how", how)]);
        self.later(life, 5 * MINUTE, 5 * HOUR);
        let outcome = if self.dice.happens(900) { "reached" } else { "no_answer" };
        self.of(life, "third_party_notified", &[by, ("field.party", party), ("field.outcome", outcome)]);
        self.of(life, "property_recorded", &[]);
        self.of(life, "risk_assessed", &[]);
        self.later(life, MINUTE, 40 * MINUTE);
        self.of(life, "medical_examined", &[("field.type", "first")]);
        let cell = format!("{} cell {}", life.place, self.dice.between(1, 12));
        self.of(life, "cell_entered", &[("subject.cell", &cell)]);
        if self.dice.happens(600) {
            self.later(life, MINUTE, HOUR);
            self.of(life, "lawyer_requested", &[]);
            self.later(life, 10 * MINUTE, 4 * HOUR);
            self.of(life, "lawyer_arrived", &[("field.lawyer", "lawyer:17")]);
        }
    }

    fn interviews(&mut self, life: &Life) {
        let mut life = Life { custody: life.custody.clone(), person: life.person.clone(), place: life.place.clone(), at: life.at };
        for _ in 0..self.dice.how_many(&[25, 50, 25]) {
            let interview = self.next('I');
            let own = ("subject.interview", interview.as_str());
            self.later(&mut life, HOUR, 5 * HOUR);
            let recording = self.one(&["video", "video", "audio", "none"]);
            self.of(&life, "interview_started", &[own, ("field.recording", recording), ("field.lawyer", "lawyer:17")]);
            self.of(&life, "interview_joined", &[own]);
            self.of(&life, "interview_joined", &[own]);
            for _ in 0..self.dice.how_many(&[50, 40, 10]) {
                self.later(&mut life, 30 * MINUTE, 2 * HOUR + 5 * MINUTE);
                self.of(&life, "interview_break_started", &[own]);
                self.later(&mut life, 10 * MINUTE, 40 * MINUTE);
                self.of(&life, "interview_break_ended", &[own]);
            }
            self.later(&mut life, 20 * MINUTE, 2 * HOUR + 5 * MINUTE);
            self.of(&life, "interview_ended", &[own]);
        }
    }

    /// Rounds, meals, reviews and who looked: most of every record.
    fn rounds(&mut self, life: &Life, end: u64) {
        let start = life.at;
        let moment = |dice: &mut Dice| start + dice.between(0, end.saturating_sub(start).max(1));
        let mut now = Life { custody: life.custody.clone(), person: life.person.clone(), place: life.place.clone(), at: start };
        for _ in 0..self.dice.between(16, 28) {
            now.at = moment(&mut self.dice);
            let officer = self.officer();
            self.of(&now, "welfare_checked", &[("field.done by", &officer)]);
        }
        for _ in 0..self.dice.between(4, 10) {
            now.at = moment(&mut self.dice);
            let item = self.one(&["meal", "water", "exercise", "wash"]);
            self.of(&now, "care_given", &[("field.item", item)]);
        }
        for _ in 0..self.dice.between(1, 4) {
            now.at = moment(&mut self.dice);
            self.of(&now, "detention_reviewed", &[("field.outcome", "continue")]);
        }
        for _ in 0..self.dice.between(1, 5) {
            now.at = moment(&mut self.dice);
            let refused = if self.dice.happens(4) { "yes" } else { "no" };
            self.of(&now, "record_accessed", &[("field.refused", refused), ("field.break glass", "no")]);
        }
        if self.dice.happens(150) {
            now.at = moment(&mut self.dice);
            self.of(&now, "contact_requested", &[("field.type", "visit")]);
            now.at += DAY;
            self.of(&now, "contact_held", &[("field.type", "visit")]);
        }
    }

    fn what_few_have(&mut self, life: &Life, end: u64) {
        let mut now = Life { custody: life.custody.clone(), person: life.person.clone(), place: life.place.clone(), at: life.at };
        if self.dice.happens(60) {
            let injury = self.next('J');
            self.of(&now, "injury_found", &[("subject.injury", &injury)]);
            now.at += self.dice.between(HOUR, DAY);
            self.of(&now, "medical_report_sent", &[("field.to", "procurator")]);
        }
        if self.dice.happens(40) {
            let reason = self.one(&["resistance", "escape", "self_defence"]);
            let camera = self.one(&["yes", "yes", "no"]);
            let injured = self.one(&["", "", "person"]);
            self.of(&now, "force_used", &[("field.reason", reason), ("field.camera", camera), ("field.injured", injured)]);
        }
        if self.dice.happens(300) {
            let undress = self.one(&["outer", "outer", "strip"]);
            self.of(&now, "search_conducted", &[("field.type", undress)]);
        }
        if self.dice.happens(50) {
            self.measure(&mut now, end);
        }
        if self.dice.happens(20) {
            let kind = self.one(&["self_harm", "suicide_attempt", "food_refusal"]);
            let seriousness = self.one(&["minor", "serious"]);
            self.of(&now, "incident_occurred", &[("field.type", kind), ("field.seriousness", seriousness)]);
        }
        if self.dice.happens(25) {
            self.complaint(&mut now);
        }
        if self.dice.happens(20) {
            let disease = self.one(&["tb", "hiv", "hep_c"]);
            let result = self.one(&["negative", "negative", "positive"]);
            self.of(&now, "infection_tested", &[("field.disease", disease), ("field.result", result)]);
            self.of(&now, "treatment_started", &[("field.programme", "tb")]);
        }
        if self.dice.happens(30) {
            let there = self.somewhere();
            self.of(&now, "transfer_departed", &[("field.to", &there)]);
            now.at += 2 * HOUR;
            now.place = there;
            self.of(&now, "transfer_arrived", &[]);
        }
    }

    fn measure(&mut self, now: &mut Life, end: u64) {
        let start = now.at;
        let measure = self.next('M');
        let own = ("subject.measure", measure.as_str());
        let kind = self.one(&["handcuffs", "belt", "solitary", "disciplinary_isolation", "medical_isolation"]);
        if kind == "disciplinary_isolation" {
            self.of(now, "punishment_imposed", &[("field.sanction", kind)]);
        }
        self.of(now, "measure_applied", &[own, ("field.type", kind)]);
        for _ in 0..self.dice.between(1, 5) {
            self.later(now, 5 * MINUTE, 30 * MINUTE);
            self.of(now, "measure_checked", &[own]);
        }
        self.later(now, 5 * MINUTE, HOUR);
        now.at = now.at.min(end.max(start));
        self.of(now, "measure_ended", &[own]);
    }

    fn complaint(&mut self, now: &mut Life) {
        let case = self.next('K');
        let own = ("subject.case", case.as_str());
        let (channel, kind) = (self.one(&["oral", "box", "lawyer", "court"]), self.one(&["torture", "ill_treatment", "conditions"]));
        self.of(now, "complaint_received", &[own, ("field.channel", channel), ("field.type", kind)]);
        self.later(now, HOUR, 3 * DAY);
        self.of(now, "complaint_forwarded", &[own, ("field.to", "procurator")]);
        self.later(now, HOUR, 5 * DAY);
        let body = self.one(&["procurator", "internal_affairs", "ombudsman"]);
        self.of(now, "case_opened", &[own, ("field.body", body), ("field.refused", "no")]);
        if self.dice.happens(600) {
            self.later(now, 10 * DAY, 200 * DAY);
            let outcome = self.one(&["confirmed", "not_confirmed", "unfounded", "sent_to_trial"]);
            self.of(now, "case_decided", &[own, ("field.outcome", outcome)]);
        }
        if self.dice.happens(100) {
            let officer = self.officer();
            let sanction = self.one(&["none", "warning", "dismissed"]);
            let cells = [own, ("subject.officer", officer.as_str()), ("field.breach", "excessive_force"), ("field.sanction", sanction)];
            let own = [("subject.person", now.person.as_str()), ("subject.place", &now.place), ("field.agency", "police")];
            self.put(now.at, "discipline_decided", &[&cells[..], &own].concat());
        }
        if self.dice.happens(60) {
            let proceeding = self.next('X');
            let moral = format!("{} AZN", self.dice.between(5, 80) * 100);
            let whose = [("subject.proceeding", proceeding.as_str()), ("subject.custody", &now.custody), ("subject.person", &now.person)];
            self.put(now.at, "compensation_awarded", &[&whose[..], &[("field.moral", &moral), ("field.done by", "court")]].concat());
        }
    }

    fn death(&mut self, life: &Life) {
        let apparent = self.one(&["natural", "suicide", "unknown"]);
        self.of(life, "death_occurred", &[("field.apparent", apparent)]);
        let case = self.next('K');
        self.of(life, "case_opened", &[("subject.case", &case), ("field.body", "procurator"), ("field.refused", "no")]);
    }

    /// What places, officers and proceedings have, day by day.
    fn the_state(&mut self, custodies: u64) {
        for number in 1..=PLACES {
            let (place, region) = (format!("station {number:02}"), format!("region {}", number % 10));
            let cells = [("subject.place", place.as_str()), ("field.region", &region), ("field.type", "police_station")];
            self.put(YEAR - 30 * DAY, "place_described", &cells);
        }
        for day in 0..365 {
            for number in 1..=PLACES {
                let place = format!("station {number:02}");
                let (there, staff) = (self.dice.between(5, 40).to_string(), self.dice.between(2, 12).to_string());
                let cells = [("subject.place", place.as_str()), ("field.those present", &there), ("field.staff on duty", &staff)];
                self.put(YEAR + day * DAY + 6 * HOUR, "place_counted", &cells);
                for _ in 0..3 {
                    let officer = self.officer();
                    self.put(YEAR + day * DAY + 8 * HOUR, "shift_started", &[("subject.officer", &officer), ("subject.place", &place)]);
                }
            }
        }
        for _ in 0..custodies / 20 {
            self.beside();
        }
    }

    fn beside(&mut self) {
        let at = YEAR + self.dice.between(0, 360 * DAY);
        let (officer, place) = (self.officer(), self.somewhere());
        let here = ("subject.place", place.as_str());
        let hours = self.dice.between(2, 40).to_string();
        let course = self.one(&["human_rights", "interviewing", "use_of_force"]);
        let trained = [("subject.officer", officer.as_str()), here, ("field.course", course), ("field.hours", &hours)];
        self.put(at, "training_attended", &[&trained[..], &[("field.agency", "police")]].concat());
        if self.dice.happens(100) {
            let (visit, rec) = (self.next('V'), self.next('R'));
            let (mandate, announced) = (self.one(&["npm", "ombudsman", "ngo_group"]), self.one(&["yes", "no"]));
            let cells = [("subject.visit", visit.as_str()), here, ("field.mandate", mandate), ("field.announced", announced)];
            self.put(at, "visit_started", &cells);
            self.put(at + 20 * DAY, "recommendation_issued", &[("subject.rec", &rec), ("subject.visit", &visit)]);
            self.put(at + 80 * DAY, "recommendation_answered", &[("subject.rec", &rec), ("subject.visit", &visit)]);
        }
        if self.dice.happens(150) {
            let (asked, person) = (self.next('S'), format!("F{:06}", self.dice.between(1, 5000)));
            let own = [("subject.proceeding", asked.as_str()), ("subject.person", person.as_str())];
            let (state, kind) = (self.one(&["TR", "RU", "GE"]), self.one(&["extradition", "expulsion"]));
            self.put(at, "surrender_requested", &[&own[..], &[("field.state", state), ("field.type", kind)]].concat());
            let outcome = self.one(&["granted", "refused"]);
            self.put(at + 60 * DAY, "surrender_decided", &[&own[..], &[("field.outcome", outcome)]].concat());
            self.put(at, "asylum_applied", &[&own[..], &[("field.in detention", "yes")]].concat());
        }
        if self.dice.happens(200) {
            let person = format!("W{:06}", self.dice.between(1, 8000));
            let own = ("subject.person", person.as_str());
            let of = self.one(&["trafficking", "domestic_violence"]);
            self.put(at, "victim_identified", &[own, ("field.victim of", of), ("field.presumed", "no")]);
            self.put(at + DAY, "shelter_admitted", &[own, here]);
            self.put(at + 30 * DAY, "shelter_left", &[own, here]);
            self.put(at, "supervision_started", &[own, ("field.basis", "probation"), ("field.tag", "yes")]);
        }
    }
}

/// Makes a year of so many custodies and writes it, in the order of record.
pub fn write(path: &Path, custodies: u64, seed: u64) -> std::io::Result<Made> {
    let columns = COLUMNS.iter().enumerate().map(|(place, name)| (*name, place)).collect();
    let mut maker = Maker { dice: Dice(seed), columns, events: Vec::new(), reference: 0 };
    maker.the_state(custodies);
    (1..=custodies).for_each(|number| maker.custody(number, custodies));
    maker.events.sort_by_key(|event| event.recorded);
    let mut out = BufWriter::new(std::fs::File::create(path)?);
    writeln!(out, "id,kind,at,recorded_at,{}", COLUMNS.join(","))?;
    for (number, event) in maker.events.iter().enumerate() {
        let time = |seconds: u64| jiff::Timestamp::from_second(seconds as i64).map_err(std::io::Error::other);
        let (at, recorded) = (time(event.at)?, time(event.recorded)?);
        writeln!(out, "e{number:08},{},{at},{recorded},{}", event.kind, event.cells)?;
    }
    out.flush()?;
    Ok(Made { events: maker.events.len() as u64 })
}
