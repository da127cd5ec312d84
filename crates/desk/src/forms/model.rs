//! The questions of a form.

use super::body::{Mark, PLACES, place_words};
use super::posted::{Mistake, Posted};
use crate::clock::Teller;
use crate::names::Names;
use habeas_codebook::tree::{Codebook, Field, FieldId, FieldType, Kind, Required, Unit};

/// How a question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// One of a list.
    Choice,
    /// Several of a list.
    Choices,
    /// Free text.
    Text,
    /// Yes or no.
    YesNo,
    /// A number, with its unit.
    Number,
    /// Amount and currency.
    Money,
    /// Year, and month and day as far as known.
    Date,
    /// The time box.
    Time,
    /// Two times.
    Span,
    /// Hours and minutes.
    Duration,
    /// One line: an id, a hash, a language, a country.
    Line,
    /// Several lines of the same.
    Lines,
    /// A file, or its hash where it is kept elsewhere. Only forms that can send files ask so.
    File,
    /// Several files.
    Files,
    /// Signed, refused or unable, and why.
    Signature,
    /// A mark on the body: place in words, view, kind, size.
    BodyMark,
}

/// A value that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// As it is recorded.
    pub value: String,
    /// As it is shown.
    pub label: String,
    /// It was chosen.
    pub is_chosen: bool,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Name of its inputs, the first part of theirs where it has several.
    pub name: String,
    /// Its words.
    pub label: String,
    /// How to answer; empty where that is plain.
    pub hint: String,
    /// How it is asked.
    pub control: Control,
    /// Has to be answered.
    pub is_required: bool,
    /// What can be chosen.
    pub choices: Vec<Choice>,
    /// What was typed.
    pub value: String,
    /// What was typed into its parts, by the part's name.
    pub parts: Vec<(String, String)>,
    /// The time that was typed, or the mark, in words.
    pub said: String,
    /// Each value that was sent for it.
    pub typed: Vec<String>,
    /// What is wrong.
    pub error: Option<String>,
}

impl Question {
    /// What was typed into a part.
    #[must_use]
    pub fn part(&self, name: &str) -> &str {
        self.parts.iter().find(|(one, _)| one == name).map_or("", |(_, value)| value)
    }

    /// Whether the place of a mark is in somebody's own words and not one of the list.
    #[must_use]
    pub fn has_own_words(&self) -> bool {
        !self.part("region").is_empty() && !PLACES.contains(&self.part("region"))
    }

    /// Whether it is asked in this way; for templates.
    #[must_use]
    pub fn is(&self, control: &str) -> bool {
        format!("{:?}", self.control).eq_ignore_ascii_case(control)
    }
}

/// A form for a kind of event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// The kind in words.
    pub title: String,
    /// When it happened, then the fields in the order declared.
    pub questions: Vec<Question>,
}

/// The name of a field's input.
#[must_use]
pub fn input_name(codebook: &Codebook, field: &Field) -> String {
    format!("f.{}", codebook.field_names[field.name.index()].replace(' ', "_"))
}

impl Form {
    /// The form of a kind, with what was typed so far and what is wrong with it. `asked`: only these fields and the required ones.
    #[must_use]
    pub fn new(codebook: &Codebook, kind: &Kind, teller: &Teller<'_>, posted: &Posted, mistakes: &[Mistake]) -> Self {
        let mut questions = vec![time(teller, "at", teller.texts.say(teller.language, "when-happened", &[]), posted)];
        questions[0].is_required = true;
        questions.extend(
            kind.fields
                .iter()
                .filter(|field| !is_envelope(codebook, kind, field))
                .map(|field| question(codebook, (kind, field), teller, posted)),
        );
        if mistakes.iter().any(|mistake| mistake.name == LATE) || !posted.one(LATE).is_empty() {
            questions.push(Question {
                value: posted.one(LATE).to_owned(),
                is_required: true,
                ..blank(LATE, teller.texts.say(teller.language, "late-reason", &[]), Control::Text)
            });
        }
        for question in &mut questions {
            question.error = mistakes.iter().find(|mistake| mistake.name == question.name).map(|mistake| mistake.text.clone());
        }
        Self { title: Names::new(codebook, teller.language).kind(&kind.name), questions }
    }
}

impl Form {
    /// Whether it asks for files, so that a browser has to send it in parts.
    #[must_use]
    pub fn sends_files(&self) -> bool {
        self.questions.iter().any(|question| matches!(question.control, Control::File | Control::Files))
    }

    /// Asks for files where it would ask for their hashes: for a page that can take them. `waiting` are those that a question has already,
    /// each as a choice; `None` in the place of one that waits no longer.
    pub fn ask_for_files(
        &mut self,
        codebook: &Codebook,
        kind: &Kind,
        teller: &Teller<'_>,
        mut waiting: impl FnMut(&str) -> Vec<Option<Choice>>,
    ) {
        let say = |id: &str| teller.texts.say(teller.language, id, &[]);
        for field in kind.fields.iter().filter(|field| field.of == FieldType::FileHash) {
            let name = input_name(codebook, field);
            let Some(question) = self.questions.iter_mut().find(|question| question.name == name) else { continue };
            (question.control, question.hint) =
                if field.list { (Control::Files, say("hint-photos")) } else { (Control::File, say("hint-photo")) };
            let choices = waiting(&name);
            if choices.iter().any(Option::is_none) && question.error.is_none() {
                question.error = Some(say("file-gone"));
            }
            question.choices = choices.into_iter().flatten().collect();
        }
    }

    /// The same with fewer questions: those that have to be answered, these fields, and whatever was answered or is wrong.
    #[must_use]
    pub fn asking(mut self, codebook: &Codebook, asked: &[FieldId]) -> Self {
        let names: Vec<String> = asked.iter().map(|field| format!("f.{}", codebook.field_names[field.index()].replace(' ', "_"))).collect();
        self.questions.retain(|question| {
            let is_answered = !question.value.is_empty() || question.parts.iter().any(|(_, value)| !value.is_empty());
            let is_chosen = question.choices.iter().any(|choice| choice.is_chosen);
            question.is_required || is_answered || is_chosen || question.error.is_some() || names.contains(&question.name)
        });
        self
    }
}

/// Name of the input for the reason of a late entry.
pub const LATE: &str = "late_reason";

/// A field that the envelope fills: who the role is that gave a `by role` event.
fn is_envelope(codebook: &Codebook, kind: &Kind, field: &Field) -> bool {
    kind.by_role && codebook.field_names[field.name.index()] == "by"
}

fn blank(name: &str, label: String, control: Control) -> Question {
    Question {
        name: name.to_owned(),
        label,
        hint: String::new(),
        control,
        is_required: false,
        choices: Vec::new(),
        value: String::new(),
        parts: Vec::new(),
        said: String::new(),
        typed: Vec::new(),
        error: None,
    }
}

fn time(teller: &Teller<'_>, name: &str, label: String, posted: &Posted) -> Question {
    let typed = posted.time(name);
    let said = match typed.read(teller.now, &teller.zone) {
        Ok(Some(at)) => teller.said(at),
        Ok(None) => teller.texts.say(teller.language, "time-unknown", &[]),
        Err(_) => teller.texts.say(teller.language, "time-none-yet", &[]),
    };
    let tick = |is: bool| if is { "on" } else { "" }.to_owned();
    Question {
        hint: teller.texts.say(teller.language, "hint-time", &[]),
        parts: vec![
            ("time".to_owned(), typed.time.clone()),
            ("day".to_owned(), typed.day.clone()),
            ("about".to_owned(), tick(typed.about)),
            ("unknown".to_owned(), tick(typed.unknown)),
        ],
        said,
        ..blank(name, label, Control::Time)
    }
}

fn question(codebook: &Codebook, (kind, field): (&Kind, &Field), teller: &Teller<'_>, posted: &Posted) -> Question {
    let names = Names::new(codebook, teller.language);
    let spelt = &codebook.field_names[field.name.index()];
    let name = input_name(codebook, field);
    let label = names.field(&kind.name, spelt);
    let control = control(field);
    let mut question = match control {
        Control::Time => time(teller, &name, label, posted),
        Control::Choice
        | Control::Choices
        | Control::Text
        | Control::YesNo
        | Control::Number
        | Control::Money
        | Control::Date
        | Control::Span
        | Control::Duration
        | Control::Line
        | Control::Lines
        | Control::File
        | Control::Files
        | Control::Signature
        | Control::BodyMark => blank(&name, label, control),
    };
    let say = |id: &str| teller.texts.say(teller.language, id, &[]);
    question.is_required = field.required == Required::Always;
    if question.hint.is_empty() {
        question.hint = hint(field).map(say).unwrap_or_default();
    }
    if let FieldType::Number(Some(unit)) = field.of {
        question.hint = say(unit_text(unit));
    }
    if let Some(own) = names.hint(&kind.name, spelt) {
        question.hint = format!("{own} {}", question.hint).trim().to_owned();
    }
    if matches!(field.required, Required::When(..)) {
        question.hint = format!("{} {}", say("required-when"), question.hint).trim().to_owned();
    }
    question.value = posted.one(&name).to_owned();
    question.typed = posted.all(&name).into_iter().flat_map(str::lines).map(|line| line.trim().to_owned()).collect();
    if control == Control::BodyMark {
        let parts = posted.0.iter().filter_map(|(part, value)| Some((part.strip_prefix(&format!("{name}."))?.to_owned(), value.clone())));
        question.said = Mark { parts: parts.collect() }.words(teller);
    }
    question.choices = choices(codebook, field, teller, &posted.all(&name));
    if question.parts.is_empty() {
        let prefix = format!("{name}.");
        let parts = posted.0.iter().filter_map(|(part, value)| Some((part.strip_prefix(&prefix)?.to_owned(), value.clone())));
        question.parts = parts.collect();
    }
    question
}

/// What can be chosen for a field, with what was chosen marked.
#[must_use]
pub fn choices(codebook: &Codebook, field: &Field, teller: &Teller<'_>, chosen: &[&str]) -> Vec<Choice> {
    let names = Names::new(codebook, teller.language);
    let spelt = &codebook.field_names[field.name.index()];
    let one = |value: &str, label: String| Choice { value: value.to_owned(), label, is_chosen: chosen.contains(&value) };
    let say = |id: &str| teller.texts.say(teller.language, id, &[]);
    match &field.of {
        FieldType::Choice(choices) | FieldType::Choices(choices) => {
            let values = codebook.values(choices).iter().map(|value| codebook.value_names[value.index()].as_str());
            values.map(|value| one(value, names.value(spelt, value))).collect()
        }
        FieldType::YesNo => vec![one("yes", say("yes")), one("no", say("no"))],
        FieldType::Signature => {
            ["signed", "refused", "unable"].iter().map(|value| one(value, say(&format!("signature-{value}")))).collect()
        }
        FieldType::Role => codebook.roles.iter().map(|role| one(&role.name, names.role(&role.name))).collect(),
        FieldType::Text
        | FieldType::Number(_)
        | FieldType::Money
        | FieldType::Date
        | FieldType::Time
        | FieldType::Span
        | FieldType::Duration
        | FieldType::FileHash
        | FieldType::Language
        | FieldType::Country
        | FieldType::Place
        | FieldType::Person
        | FieldType::Officer
        | FieldType::Subject(_)
        | FieldType::Ref(_) => Vec::new(),
        FieldType::BodyMark => PLACES.iter().map(|value| one(value, place_words(teller, value, ""))).collect(),
    }
}

/// How a field is asked for.
#[must_use]
pub fn control(field: &Field) -> Control {
    let line = if field.list { Control::Lines } else { Control::Line };
    match &field.of {
        FieldType::Choice(_) | FieldType::Role if field.list => Control::Choices,
        FieldType::Choice(_) | FieldType::Role => Control::Choice,
        FieldType::Choices(_) => Control::Choices,
        FieldType::Text if field.list => Control::Lines,
        FieldType::Text => Control::Text,
        FieldType::YesNo => Control::YesNo,
        FieldType::Number(_) => Control::Number,
        FieldType::Money => Control::Money,
        FieldType::Date => Control::Date,
        FieldType::Time => Control::Time,
        FieldType::Span => Control::Span,
        FieldType::Duration => Control::Duration,
        FieldType::Signature => Control::Signature,
        FieldType::BodyMark => Control::BodyMark,
        FieldType::FileHash
        | FieldType::Language
        | FieldType::Country
        | FieldType::Place
        | FieldType::Person
        | FieldType::Officer
        | FieldType::Subject(_)
        | FieldType::Ref(_) => line,
    }
}

fn hint(field: &Field) -> Option<&'static str> {
    match &field.of {
        FieldType::FileHash => Some("hint-file"),
        FieldType::Language => Some("hint-language"),
        FieldType::Country => Some("hint-country"),
        FieldType::Place => Some("hint-place"),
        FieldType::Person => Some("hint-person"),
        FieldType::Officer => Some("hint-officer"),
        FieldType::Subject(_) => Some("hint-subject"),
        FieldType::Ref(_) => Some("hint-entry"),
        FieldType::Date => Some("hint-date"),
        FieldType::Span => Some("hint-span"),
        FieldType::Duration => Some("hint-duration"),
        FieldType::Text if field.list => Some("hint-lines"),
        FieldType::Choice(_)
        | FieldType::Choices(_)
        | FieldType::Text
        | FieldType::YesNo
        | FieldType::Number(_)
        | FieldType::Money
        | FieldType::Time
        | FieldType::Signature
        | FieldType::BodyMark
        | FieldType::Role => None,
    }
}

fn unit_text(unit: Unit) -> &'static str {
    match unit {
        Unit::SquareMetre => "unit-square-metre",
        Unit::Metre => "unit-metre",
        Unit::Millimetre => "unit-millimetre",
        Unit::Kilometre => "unit-kilometre",
        Unit::Litre => "unit-litre",
        Unit::Kilogram => "unit-kilogram",
        Unit::Gram => "unit-gram",
        Unit::Milligram => "unit-milligram",
        Unit::Degree => "unit-degree",
        Unit::Percent => "unit-percent",
    }
}
