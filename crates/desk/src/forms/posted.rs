//! What was posted, and what it comes to: fields of a draft, or mistakes with their places.

use super::model::{Control, LATE, control, input_name};
use crate::clock::{NoTime, Teller, TimeTyped};
use crate::names::Names;
use habeas_codebook::log::TextId;
use habeas_codebook::moment::At;
use habeas_codebook::tree::{Codebook, Field, Kind, KindId, Required, Term, Test};
use serde_json::{Map, Value as Json, json};

/// Longest text of one answer, in characters.
const LONGEST: usize = 120_000;

/// Names and values, as a form sends them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Posted(pub Vec<(String, String)>);

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Name of the question.
    pub name: String,
    /// What is wrong and what to do.
    pub text: String,
}

/// What a form comes to.
#[derive(Clone, Debug)]
pub struct Answered {
    /// When it happened; `None`: not known.
    pub at: Option<At>,
    /// The fields.
    pub fields: Map<String, Json>,
    /// Why it is entered late.
    pub late_reason: Option<String>,
}

impl Posted {
    /// Reads `a=b&c=d`.
    #[must_use]
    pub fn read(body: &str) -> Self {
        let pairs = body.split('&').filter(|pair| !pair.is_empty());
        Self(pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(name, value)| (decoded(name), decoded(value))).collect())
    }

    /// The first value of a name; empty where there is none.
    #[must_use]
    pub fn one(&self, name: &str) -> &str {
        self.0.iter().find(|(one, _)| one == name).map_or("", |(_, value)| value.trim())
    }

    /// Every value of a name that is not empty.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(one, value)| one == name && !value.trim().is_empty()).map(|(_, value)| value.trim()).collect()
    }

    /// Sets a value.
    pub fn set(&mut self, name: &str, value: &str) {
        self.0.retain(|(one, _)| one != name);
        self.0.push((name.to_owned(), value.to_owned()));
    }

    /// A time box.
    #[must_use]
    pub fn time(&self, name: &str) -> TimeTyped {
        let part = |part: &str| self.one(&format!("{name}.{part}")).to_owned();
        TimeTyped { time: part("time"), day: part("day"), about: !part("about").is_empty(), unknown: !part("unknown").is_empty() }
    }

    /// Does what the buttons beside a time box ask: `quick=NAME:MINUTES`.
    pub fn press(&mut self, teller: &Teller<'_>) -> bool {
        let quick = self.one("quick").to_owned();
        let Some((name, minutes)) = quick.rsplit_once(':').and_then(|(name, minutes)| Some((name, minutes.parse::<i64>().ok()?))) else {
            return false;
        };
        let then = habeas_codebook::moment::Moment(teller.now.0 - minutes * 60_000_000);
        let date = teller.zone.to_datetime(then.timestamp()).date();
        let today = teller.zone.to_datetime(teller.now.timestamp()).date();
        self.set(&format!("{name}.time"), &teller.hour(then));
        self.set(&format!("{name}.day"), &if date == today { "today".to_owned() } else { date.to_string() });
        self.set(&format!("{name}.unknown"), "");
        true
    }

    /// As a form sends it.
    #[must_use]
    pub fn text(&self) -> String {
        let pairs = self.0.iter().filter(|(name, _)| name != "form_token" && name != "quick" && name != "action");
        pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect::<Vec<_>>().join("&")
    }

    /// The draft's parts.
    ///
    /// # Errors
    /// Every mistake, in the order of the questions.
    pub fn answers(&self, codebook: &Codebook, kind: &Kind, teller: &Teller<'_>) -> Result<Answered, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let at = self.time("at").read(teller.now, &teller.zone);
        let at = at.unwrap_or_else(|wrong| {
            mistakes.push(Mistake { name: "at".to_owned(), text: teller.texts.say(teller.language, no_time(wrong), &[]) });
            None
        });
        let mut fields = Map::new();
        for field in &kind.fields {
            match self.value(codebook, field, teller) {
                Ok(Some(value)) => {
                    fields.insert(codebook.field_names[field.name.index()].clone(), value);
                }
                Ok(None) => {}
                Err(text) => mistakes.push(Mistake { name: input_name(codebook, field), text }),
            }
        }
        for field in kind.fields.iter().filter(|field| is_owed(codebook, field, &fields)) {
            let name = input_name(codebook, field);
            if !fields.contains_key(&codebook.field_names[field.name.index()]) && !mistakes.iter().any(|one| one.name == name) {
                let label = Names::new(codebook, teller.language).field(&kind.name, &codebook.field_names[field.name.index()]);
                let text = teller.texts.say(teller.language, "error-missing", &[("field", &label)]);
                mistakes.push(Mistake { name, text });
            }
        }
        let late_reason = Some(self.one(LATE).to_owned()).filter(|reason| !reason.is_empty());
        let number = codebook.kinds.iter().position(|known| known.name == kind.name).and_then(|place| u16::try_from(place).ok());
        let is_late = at.zip(number).is_some_and(|(at, number)| teller.now > codebook.entered_by(KindId(number), at.latest));
        if is_late && late_reason.is_none() {
            mistakes.push(Mistake { name: LATE.to_owned(), text: teller.texts.say(teller.language, "error-late", &[]) });
        }
        if mistakes.is_empty() { Ok(Answered { at, fields, late_reason }) } else { Err(mistakes) }
    }

    /// The value of a field as logs spell it; nothing where it was not answered.
    ///
    /// # Errors
    /// What is wrong with the answer, in the reader's language.
    pub fn value(&self, codebook: &Codebook, field: &Field, teller: &Teller<'_>) -> Result<Option<Json>, String> {
        let name = input_name(codebook, field);
        let part = |part: &str| self.one(&format!("{name}.{part}"));
        let say = |id: &str| teller.texts.say(teller.language, id, &[]);
        let spelt = match control(field) {
            Control::Choices => {
                return checked_all(codebook, field, self.all(&name).into_iter().map(str::to_owned).collect(), teller);
            }
            Control::Lines | Control::Files => {
                let lines = self.all(&name).into_iter().flat_map(str::lines).map(str::trim).filter(|line| !line.is_empty());
                return checked_all(codebook, field, lines.map(str::to_owned).collect(), teller);
            }
            Control::Time => {
                let typed = self.time(&name);
                if typed.time.is_empty() && !typed.unknown {
                    return Ok(None);
                }
                let at = typed
                    .read(teller.now, &teller.zone)
                    .or_else(|wrong| ahead(&typed, wrong, teller))
                    .map_err(|wrong| say(no_time(wrong)))?;
                let Some(at) = at else { return Ok(None) };
                if at.is_exact() { teller.stamp(at.earliest) } else { format!("{}/{}", teller.stamp(at.earliest), teller.stamp(at.latest)) }
            }
            Control::Span => match (part("from"), part("to")) {
                ("", "") => String::new(),
                (from, to) => format!("{from}/{to}"),
            },
            Control::Money => match (part("amount"), part("currency")) {
                ("", _) => return Ok(None),
                (amount, currency) => {
                    let (amount, currency) = (amount.replace(',', "."), currency.to_uppercase());
                    checked(codebook, field, &format!("{amount} {currency}"), teller)?;
                    return Ok(Some(json!({ "amount": amount, "currency": currency })));
                }
            },
            Control::Date => {
                let parts: Vec<String> =
                    ["year", "month", "day"].iter().map(|one| part(one).to_owned()).take_while(|one| !one.is_empty()).collect();
                parts.iter().map(|one| format!("{one:0>2}")).collect::<Vec<_>>().join("-")
            }
            Control::Duration => match (part("hours"), part("minutes")) {
                ("", "") => String::new(),
                (hours, minutes) => {
                    let or_none = |text: &str| if text.is_empty() { "0".to_owned() } else { text.to_owned() };
                    format!("PT{}H{}M", or_none(hours), or_none(minutes))
                }
            },
            Control::Signature => match (self.one(&name), part("why")) {
                ("", _) => String::new(),
                ("signed", _) => "signed".to_owned(),
                (how, "") if how == "refused" || how == "unable" => return Err(say("error-signature")),
                (how, why) => format!("{how}: {why}"),
            },
            Control::BodyMark => {
                let parts = ["region", "side", "view", "kind", "length", "width", "colour", "x", "y"];
                let given: Vec<String> =
                    parts.iter().filter(|one| !part(one).is_empty()).map(|one| format!("{one}={}", part(one))).collect();
                given.join("; ")
            }
            Control::Number => self.one(&name).replace(',', "."),
            Control::Choice | Control::Text | Control::YesNo | Control::Line | Control::File => self.one(&name).to_owned(),
        };
        if spelt.is_empty() {
            return Ok(None);
        }
        checked(codebook, field, &spelt, teller)?;
        Ok(Some(if field.list { Json::Array(vec![Json::String(spelt)]) } else { Json::String(spelt) }))
    }
}

/// A field may hold a time to come (until when it lasts): then the day decides, and tomorrow is one.
fn ahead(typed: &TimeTyped, wrong: NoTime, teller: &Teller<'_>) -> Result<Option<At>, NoTime> {
    let far = habeas_codebook::moment::Moment(teller.now.0 + 366 * 86_400 * 1_000_000);
    if wrong != NoTime::Future {
        return Err(wrong);
    }
    let day = if typed.day.is_empty() || typed.day == "today" {
        teller.zone.to_datetime(teller.now.timestamp()).date().to_string()
    } else {
        typed.day.clone()
    };
    TimeTyped { day, ..typed.clone() }.read(far, &teller.zone)
}

fn checked(codebook: &Codebook, field: &Field, text: &str, teller: &Teller<'_>) -> Result<(), String> {
    if text.chars().count() > LONGEST {
        return Err(teller.texts.say(teller.language, "error-too-long", &[("n", &LONGEST.to_string())]));
    }
    if text
        .chars()
        .any(|c| (c.is_control() && c != '\n' && c != '\r' && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
    {
        return Err(teller.texts.say(teller.language, "error-characters", &[]));
    }
    let read = habeas_codebook::value::parse_one(codebook, field, text, &mut |_| TextId(0));
    read.map(|_| ()).map_err(|wrong| teller.texts.say(teller.language, "error-value", &[("expected", &wrong.expected)]))
}

fn checked_all(codebook: &Codebook, field: &Field, texts: Vec<String>, teller: &Teller<'_>) -> Result<Option<Json>, String> {
    for text in &texts {
        checked(codebook, field, text, teller)?;
    }
    Ok((!texts.is_empty()).then(|| Json::Array(texts.into_iter().map(Json::String).collect())))
}

/// Whether a field has to be answered, given the others.
fn is_owed(codebook: &Codebook, field: &Field, fields: &Map<String, Json>) -> bool {
    match &field.required {
        Required::No => false,
        Required::Always => true,
        Required::When(other, test) => {
            let given = fields.get(&codebook.field_names[other.index()]);
            let holds = |term: &Term| given.is_some_and(|given| is_term(codebook, term, given));
            match test {
                Test::Is(is, term) => given.is_some() && holds(term) == *is,
                Test::OneOf(terms) => terms.iter().any(holds),
                Test::Known => given.is_some(),
                Test::Includes(is, term) => given.is_some() && holds(term) == *is,
                Test::IncludesAll(terms) => terms.iter().all(holds),
                // A comparison of numbers is the register's to judge: it refuses the draft, and the form shows where.
                Test::Compare(..) => false,
            }
        }
    }
}

fn is_term(codebook: &Codebook, term: &Term, given: &Json) -> bool {
    let word = match term {
        Term::Value(value, _) => codebook.value_names[value.index()].as_str(),
        Term::YesNo(true) => "yes",
        Term::YesNo(false) => "no",
        Term::Role(role, _) => codebook.roles[role.index()].name.as_str(),
        Term::Rule(id, _) => id.as_str(),
        Term::Other(_) | Term::Grade(_) => return false,
    };
    match given {
        Json::String(text) => text == word,
        Json::Array(items) => items.iter().any(|item| item.as_str() == Some(word)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => false,
    }
}

/// The text that says what is wrong with a time.
#[must_use]
pub fn no_time(wrong: NoTime) -> &'static str {
    match wrong {
        NoTime::Missing => "error-time-missing",
        NoTime::Form => "error-time-form",
        NoTime::NotThere => "error-time-not-there",
        NoTime::Day => "error-time-day",
        NoTime::Future => "error-time-future",
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut digits = rest.clone();
                let pair = digits.next().zip(digits.next()).and_then(|(high, low)| {
                    let digit = |b: u8| char::from(b).to_digit(16);
                    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
                });
                match pair {
                    Some(decoded) => {
                        bytes.push(decoded);
                        rest = digits;
                    }
                    None => bytes.push(b'%'),
                }
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            b' ' => "+".to_owned(),
            other => format!("%{other:02X}"),
        })
        .collect()
}
