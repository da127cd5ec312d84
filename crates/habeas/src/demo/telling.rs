//! Placing the acts of a State in time.

use super::written::{Act, Happening, Person, Place, State, Step};
use crate::outcome::Trouble;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::Codebook;
use jiff::ToSpan;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

const MINUTE: i64 = 60_000_000;

/// One entry of the demo: what is recorded, by whom, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Its id, the same in every telling of the same State.
    pub id: String,
    /// Kind of event, as in a log.
    pub kind: String,
    /// When it happened.
    pub at: Moment,
    /// When it was entered.
    pub recorded_at: Moment,
    /// Id of who entered it.
    pub by: String,
    /// Class of subject, and id.
    pub subject: BTreeMap<String, String>,
    /// Fields as in a log.
    pub fields: Map<String, Value>,
    /// Why it was entered late.
    pub late_reason: Option<String>,
}

impl Told {
    /// The entry as a line of a log (interfaces, *Events in a log*).
    #[must_use]
    pub fn to_json(&self) -> Value {
        let [at, recorded_at] = [self.at, self.recorded_at].map(|moment| moment.timestamp().to_string());
        json!({"id": self.id, "kind": self.kind, "at": at, "recorded_at": recorded_at, "by": self.by, "subject": self.subject,
               "fields": self.fields})
    }
}

/// Everything that happens in a State, in the order of entry: what lies before `now`, and what is still to come.
///
/// # Errors
/// Data that names an act, a kind of event or a person of staff that is not there, or a time that is none.
pub fn tell(state: &State, codebook: &Codebook, now: Moment) -> Result<Vec<Told>, Trouble> {
    let mut teller = Teller { state, codebook, now: Moment(now.0 - now.0.rem_euclid(MINUTE)), told: Vec::new() };
    for (number, happening) in state.happenings.iter().enumerate() {
        teller.happening(number, happening)?;
    }
    for (number, person) in state.people.iter().enumerate() {
        teller.person(number, person)?;
    }
    teller.told.sort_by(|a, b| (a.recorded_at, a.at, &a.id).cmp(&(b.recorded_at, b.at, &b.id)));
    Ok(teller.told)
}

struct Teller<'s> {
    state: &'s State,
    codebook: &'s Codebook,
    now: Moment,
    told: Vec<Told>,
}

/// About whom or what an act is told.
struct Scene<'s> {
    prefix: String,
    place: &'s str,
    began: Moment,
    /// Words in braces, and what stands for them.
    words: BTreeMap<&'static str, String>,
    subject: BTreeMap<String, String>,
    labels: BTreeMap<String, String>,
    until: Moment,
}

impl<'s> Teller<'s> {
    fn person(&mut self, number: usize, person: &'s Person) -> Result<(), Trouble> {
        let place = self.place(&person.place)?;
        let handle = format!("AV-{}", 1041 + number);
        let began = self.before(&person.began)?;
        let words = BTreeMap::from([
            ("handle", handle.clone()),
            ("person", format!("P-{}", 1041 + number)),
            ("names", person.names.clone()),
            ("born", self.born(&person.born)?),
            ("sex", person.sex.clone()),
            ("nationality", person.nationality.clone()),
            ("language", person.language.clone()),
            ("cell", format!("{}/{}", place.id, person.cell)),
        ]);
        let subject = [("custody", &words["handle"]), ("person", &words["person"]), ("place", &place.id)];
        let subject = subject.into_iter().map(|(class, id)| (class.to_owned(), id.clone())).collect();
        let mut scene = Scene { prefix: handle, place: &place.id, began, words, subject, labels: BTreeMap::new(), until: Moment::FAR_OFF };
        let acts = self.acts(&person.acts)?;
        let left = acts.iter().filter(|(.., act)| act.leaves).map(|(after, ..)| *after).min();
        scene.until = left.map_or(Moment::FAR_OFF, |minutes| Moment(began.0 + minutes * MINUTE));
        acts.iter()
            .enumerate()
            .try_for_each(|(number, (minutes, name, act))| self.act(&mut scene, &format!("{number}-{name}"), act, *minutes))
    }

    fn happening(&mut self, number: usize, happening: &'s Happening) -> Result<(), Trouble> {
        let place = self.place(&happening.place)?;
        let words = BTreeMap::from([("type", place.of.clone()), ("capacity", place.capacity.clone())]);
        let subject = BTreeMap::from([("place".to_owned(), place.id.clone())]);
        let (prefix, began) = (format!("AV-PLACE-{}", number + 1), self.before(&happening.began)?);
        let mut scene = Scene { prefix, place: &place.id, began, words, subject, labels: BTreeMap::new(), until: Moment::FAR_OFF };
        for (number, (minutes, name, act)) in self.acts(&happening.acts)?.into_iter().enumerate() {
            if !act.each_cell {
                self.act(&mut scene, &format!("{number}-{name}"), act, minutes)?;
                continue;
            }
            for (cell, area) in &place.cells {
                scene.words.extend([("cell", format!("{}/{cell}", place.id)), ("area", area.clone())]);
                self.act(&mut scene, &format!("{number}-{name}-{cell}"), act, minutes)?;
            }
        }
        Ok(())
    }

    fn acts(&self, written: &'s [String]) -> Result<Vec<(i64, &'s str, &'s Act)>, Trouble> {
        let mut acts = Vec::new();
        for line in written {
            let (after, name) = line.split_once(' ').ok_or_else(|| unclear(line, "a time and the name of an act"))?;
            let act = self.state.acts.get(name).ok_or_else(|| unclear(name, "an act of acts.toml"))?;
            acts.push((minutes(after)?, name, act));
        }
        acts.sort_by_key(|(after, ..)| *after);
        Ok(acts)
    }

    fn act(&mut self, scene: &mut Scene<'s>, name: &str, act: &'s Act, after: i64) -> Result<(), Trouble> {
        let every = act.every.as_deref().map(minutes).transpose()?.unwrap_or_default();
        let vary = act.vary.as_deref().map(minutes).transpose()?.unwrap_or_default();
        for time in 0..i64::from(act.times) {
            let shift = chance(&(&scene.prefix, name, time), vary + 1);
            let began = Moment(scene.began.0 + (after + time * every + shift) * MINUTE);
            for (number, step) in act.steps.iter().enumerate() {
                let id = format!("{}.{}.{time}.{number}", scene.prefix, name.replace(' ', "-"));
                self.step(scene, step, began, id, act.until_released)?;
            }
        }
        Ok(())
    }

    fn step(&mut self, scene: &mut Scene<'s>, step: &'s Step, began: Moment, id: String, until_released: bool) -> Result<(), Trouble> {
        let at = Moment(began.0 + minutes(&step.at)? * MINUTE);
        if until_released && at >= scene.until {
            return Ok(());
        }
        let entered = step.entered.as_deref().map(minutes).transpose()?;
        let recorded_at = entered.map_or_else(|| Moment(at.0 + (1 + chance(&id, 4)) * MINUTE), |after| Moment(began.0 + after * MINUTE));
        if let Some(moved) = &step.moves {
            let place = &self.place(moved)?.id;
            scene.place = place;
            scene.subject.insert("place".to_owned(), place.clone());
        }
        let by = self.state.staff(&step.by, scene.place).ok_or_else(|| unclear(&step.by, "the key of a user at that place"))?.id.clone();
        if let Some(label) = &step.label {
            scene.labels.insert(label.clone(), id.clone());
        }
        let known = self.subjects_of(&step.kind)?;
        let mut subject = scene.subject.clone();
        subject.retain(|class, _| known.contains(&class.as_str()));
        for (class, name) in &step.on {
            subject.insert(class.clone(), self.filled(scene, began, name)?);
        }
        let mut fields = Map::new();
        for (name, value) in &step.fields {
            let value = self.value(scene, began, value)?;
            if value != json!("") {
                fields.insert(name.clone(), value);
            }
        }
        self.told.push(Told { id, kind: step.kind.clone(), at, recorded_at, by, subject, fields, late_reason: step.late.clone() });
        Ok(())
    }

    fn value(&self, scene: &Scene<'_>, began: Moment, value: &Value) -> Result<Value, Trouble> {
        match value {
            Value::String(text) => Ok(Value::String(self.filled(scene, began, text)?)),
            Value::Array(items) => items.iter().map(|item| self.value(scene, began, item)).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Ok(value.clone()),
        }
    }

    /// A text with its words in braces filled in. A brace before a quotation mark opens a text of its own (a body mark) and stays.
    fn filled(&self, scene: &Scene<'_>, began: Moment, text: &str) -> Result<String, Trouble> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some(start) = rest.find('{') {
            let Some(end) = rest[start..].find('}').filter(|_| !rest[start..].starts_with("{\"")) else { break };
            filled.push_str(&rest[..start]);
            filled.push_str(&self.word(scene, began, &rest[start + 1..start + end])?);
            rest = &rest[start + end + 1..];
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn word(&self, scene: &Scene<'_>, began: Moment, word: &str) -> Result<String, Trouble> {
        if let Some(after) = word.strip_prefix('+') {
            return Ok(Moment(began.0 + minutes(after)? * MINUTE).timestamp().to_string());
        }
        if let Some(days) = word.strip_prefix("day") {
            let days: i64 = days.parse().map_err(|_| unclear(word, "a day such as {day+30}"))?;
            let date = self.codebook.almanac.date(began).checked_add(days.days());
            return date.map(|date| date.to_string()).map_err(|_| unclear(word, "a day that a calendar has"));
        }
        if let Some(label) = word.strip_prefix("of:") {
            return scene.labels.get(label).cloned().ok_or_else(|| unclear(label, "the label of a step before it"));
        }
        match word {
            "place" => Ok(scene.place.to_owned()),
            "look" => Ok(seen(began).to_owned()),
            _ => {
                let staff = || self.state.staff(word, scene.place).map(|user| user.id.clone());
                scene.words.get(word).cloned().or_else(staff).ok_or_else(|| unclear(word, "a word that the person or the place has"))
            }
        }
    }

    /// The classes of subject that a kind may name.
    fn subjects_of(&self, kind: &str) -> Result<Vec<&str>, Trouble> {
        let found = self.codebook.kinds.iter().find(|known| known.name.replace([' ', '-'], "_") == kind);
        let found = found.ok_or_else(|| unclear(kind, "a kind of event of the pack"))?;
        Ok(found.subjects.iter().map(|class| self.codebook.class(*class).name.as_str()).collect())
    }

    fn place(&self, id: &str) -> Result<&'s Place, Trouble> {
        self.state.places.iter().find(|place| place.id == id).ok_or_else(|| unclear(id, "a place of state.toml"))
    }

    fn before(&self, written: &str) -> Result<Moment, Trouble> {
        Ok(Moment(self.now.0 + minutes(written)? * MINUTE))
    }

    fn born(&self, written: &str) -> Result<String, Trouble> {
        let Some(age) = written.strip_prefix("age ") else { return Ok(written.to_owned()) };
        let age: i64 = age.parse().map_err(|_| unclear(written, "an age in years"))?;
        let date = self.codebook.almanac.date(self.now).checked_sub(age.years().days(100));
        date.map(|date| date.to_string()).map_err(|_| unclear(written, "an age that somebody can have"))
    }
}

/// What an officer sees through the hatch; not the same words each time, as real checks are not.
fn seen(at: Moment) -> &'static str {
    const LOOKS: [&str; 6] = [
        "sits on the bed",
        "lies on the left side, breathes",
        "reads",
        "walks up and down",
        "asked for water, given",
        "talks to the neighbour",
    ];
    LOOKS[(at.0 / MINUTE).rem_euclid(LOOKS.len() as i64) as usize]
}

/// A number below `bound`, always the same for the same thing.
fn chance(of: &impl Hash, bound: i64) -> i64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    (hasher.finish() % bound.unsigned_abs().max(1)) as i64
}

/// `h:mm`, also below zero.
fn minutes(written: &str) -> Result<i64, Trouble> {
    let (sign, text) = written.strip_prefix('-').map_or((1, written), |text| (-1, text));
    let whole = text.split_once(':').and_then(|(hours, minutes)| Some(hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?));
    whole.map(|minutes| sign * minutes).ok_or_else(|| unclear(written, "hours and minutes such as 1:30"))
}

fn unclear(found: &str, expected: &str) -> Trouble {
    Trouble::Input(format!("examples/arvenia: found `{found}`, expected {expected}"))
}
