//! The codes of one dimension: a closed list in its own order, or whatever words the record holds, put in order at the end.

use crate::cells::{DimensionHead, NOT_RECORDED};
use crate::period::Period;
use habeas_codebook::log::Value;
use habeas_codebook::moment::Almanac;
use habeas_codebook::table::{Band, Dimension, DimensionOf, Table, VERDICTS};
use habeas_codebook::tree::{Codebook, FieldId, FieldType, KindId, Sensitivity};
use hashbrown::HashMap;
use jiff::ToSpan;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Interns the codes of one dimension.
pub(crate) struct Coder {
    head: DimensionHead,
    places: HashMap<String, u16, foldhash::fast::FixedState>,
    bands: Vec<Band>,
    /// So many codes stand in their own order; those met later are sorted behind them.
    closed: usize,
}

/// What a number lies in when no band holds it.
const OTHER: &str = "other";

impl Coder {
    pub(crate) fn new(codebook: &Codebook, table: &Table, dimension: &Dimension, period: &Period) -> Self {
        let words = words_of(codebook, dimension);
        let codes = if dimension.bands.is_empty() {
            closed_codes(codebook, table, dimension.of, period)
        } else {
            dimension.bands.iter().map(ToString::to_string).collect()
        };
        let name = short_name(codebook, table, dimension, &words);
        let head = DimensionHead {
            label: name.clone(),
            labels: Vec::new(),
            name,
            words,
            codes: Vec::new(),
            concept: concept(codebook, dimension.of),
            of_health: is_of_health(codebook, dimension.of),
        };
        let mut coder = Coder { head, places: HashMap::default(), bands: dimension.bands.clone(), closed: 0 };
        codes.into_iter().for_each(|code| {
            coder.code(&code);
        });
        coder.closed = coder.head.codes.len();
        coder
    }

    /// Codes of the parts of a period, in order.
    pub(crate) fn new_parts(of: DimensionOf, period: &Period) -> Vec<String> {
        parts_of_period(of, period)
    }

    /// The number of a code; a new one the first time it is met.
    pub(crate) fn code(&mut self, text: &str) -> u16 {
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        // A dimension of more than 65,000 codes is no dimension: what comes after them is one category.
        let text = if self.head.codes.len() >= usize::from(u16::MAX) - 2 { OTHER } else { text };
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        self.head.codes.push(text.to_owned());
        let place = self.head.codes.len() as u16;
        self.places.insert(text.to_owned(), place);
        place
    }

    pub(crate) fn number(&mut self, number: Decimal) -> u16 {
        if self.bands.is_empty() {
            return self.code(&number.normalize().to_string());
        }
        let whole = number.floor().to_u32();
        let band = whole.and_then(|n| self.bands.iter().position(|b| b.least <= n && b.most.is_none_or(|most| n <= most)));
        // The bands are the first codes, in their order.
        band.map_or_else(|| self.code(OTHER), |band| band as u16 + 1)
    }

    pub(crate) fn not_recorded(&mut self) -> u16 {
        self.code(NOT_RECORDED)
    }

    /// Codes in the order in which they are shown, and where each went.
    pub(crate) fn finish(mut self) -> (DimensionHead, Vec<u16>) {
        let codes = std::mem::take(&mut self.head.codes);
        let mut order: Vec<usize> = (0..codes.len()).collect();
        let closed = self.closed;
        let rank = |place: usize| {
            let code = codes[place].as_str();
            let late = match code {
                NOT_RECORDED => 3,
                OTHER if place >= closed => 2,
                _ if place >= closed => 1,
                _ => 0,
            };
            (late, if late == 0 { place } else { 0 })
        };
        order.sort_by(|a, b| rank(*a).cmp(&rank(*b)).then_with(|| codes[*a].cmp(&codes[*b])));
        let mut moved = vec![0u16; codes.len() + 1];
        for (to, from) in order.iter().enumerate() {
            moved[from + 1] = to as u16 + 1;
        }
        self.head.codes = order.iter().map(|place| codes[*place].clone()).collect();
        (self.head, moved)
    }

    /// How many codes stand there whether or not anything was counted under them.
    pub(crate) fn closed(&self) -> usize {
        self.closed
    }
}

/// The codes of a value; several for a field that holds several.
pub(crate) fn codes_of(coder: &mut Coder, codebook: &Codebook, log: &habeas_codebook::log::Log, value: Option<&Value>) -> Vec<u16> {
    let one = |coder: &mut Coder, value: &Value| match value {
        Value::Choice(choice) => coder.code(&codebook.value_names[choice.index()]),
        Value::YesNo(yes) => coder.code(if *yes { "yes" } else { "no" }),
        Value::Number(number) => coder.number(*number),
        Value::Money(_, currency) => coder.code(&String::from_utf8_lossy(currency)),
        Value::Date(first, last) => coder.code(&if first == last { first.to_string() } else { format!("{first}/{last}") }),
        Value::Text(text) | Value::Foreign(text) => coder.code(log.text_of(*text)),
        Value::Role(role) => coder.code(&codebook.roles[role.index()].name),
        Value::Duration(lasting) => coder.number(minutes(*lasting)),
        Value::Time(at) => coder.code(&codebook.almanac.date(at.earliest).to_string()),
        Value::Span(ends) => coder.code(&codebook.almanac.date(ends.0.earliest).to_string()),
        Value::Hash(_) | Value::Sealed | Value::Several(_) => coder.not_recorded(),
    };
    match value {
        None => vec![coder.not_recorded()],
        Some(Value::Several(several)) if several.is_empty() => vec![coder.not_recorded()],
        Some(Value::Several(several)) => several.iter().map(|value| one(coder, value)).collect(),
        Some(value) => vec![one(coder, value)],
    }
}

/// A recorded duration in whole minutes: a day is 24 hours, a month 30 days.
pub(crate) fn micros(lasting: habeas_codebook::log::Lasting) -> i64 {
    const DAY: i64 = 86_400_000_000;
    lasting.micros.saturating_add((i64::from(lasting.days) + 30 * i64::from(lasting.months)).saturating_mul(DAY))
}

fn minutes(lasting: habeas_codebook::log::Lasting) -> Decimal {
    Decimal::from(micros(lasting) / 60_000_000)
}

fn closed_codes(codebook: &Codebook, table: &Table, of: DimensionOf, period: &Period) -> Vec<String> {
    match of {
        DimensionOf::Fact(field, class) => {
            let kind = codebook.kinds.iter().position(|k| k.describes.contains(&class) && k.fields.iter().any(|f| f.name == field));
            kind.map_or_else(Vec::new, |kind| field_codes(codebook, KindId(kind as u16), field))
        }
        DimensionOf::Field(field, event) => {
            let kind = match event {
                habeas_codebook::tree::EventName::Kind(kind) => kind,
                habeas_codebook::tree::EventName::Alias(alias) => codebook.expand(&codebook.aliases[alias.index()].pattern).0,
            };
            field_codes(codebook, kind, field)
        }
        DimensionOf::KindOfPlace => {
            let class = codebook.class_named("place");
            let field = codebook.field_names.iter().position(|f| f == "type").map(|i| FieldId(i as u16));
            let (Some(class), Some(field)) = (class, field) else { return Vec::new() };
            closed_codes(codebook, table, DimensionOf::Fact(field, class), period)
        }
        DimensionOf::State(_) => vec!["yes".to_owned(), "no".to_owned()],
        DimensionOf::Rule => table.columns.iter().flat_map(|c| rules_of(&c.measure)).cloned().fold(Vec::new(), |mut rules, rule| {
            if !rules.contains(&rule) {
                rules.push(rule);
            }
            rules
        }),
        DimensionOf::Verdict => {
            let mut verdicts: Vec<String> = VERDICTS.iter().map(|v| (*v).to_owned()).collect();
            verdicts.sort_unstable();
            verdicts
        }
        DimensionOf::Month | DimensionOf::Quarter | DimensionOf::Year => parts_of_period(of, period),
        DimensionOf::Day => days_of_period(period),
        DimensionOf::Hour => (0..24).map(|hour| format!("{hour:02}")).collect(),
        DimensionOf::Age | DimensionOf::Place | DimensionOf::Region => Vec::new(),
    }
}

fn rules_of(measure: &habeas_codebook::table::Counted) -> &[String] {
    if let habeas_codebook::table::Counted::Verdicts(rules) = measure { rules } else { &[] }
}

/// Each day of a period of a year at most; of a longer one, only days on which something happened are told.
fn days_of_period(period: &Period) -> Vec<String> {
    let all = period.first.series(1.day()).take_while(|day| *day <= period.last);
    let days: Vec<String> = all.take(367).map(|day| part_of_year(DimensionOf::Day, day)).collect();
    if days.len() > 366 { Vec::new() } else { days }
}

/// Months, quarters or years of the period, at most a hundred years of them.
fn parts_of_period(of: DimensionOf, period: &Period) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    let mut day = period.first.first_of_month();
    while day <= period.last && codes.len() < 1200 {
        let code = part_of_year(of, day);
        if codes.last() != Some(&code) {
            codes.push(code);
        }
        let Ok(next) = day.checked_add(1.month()) else { break };
        day = next;
    }
    codes
}

/// A part of the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Day,
    Month,
    Quarter,
    Year,
}

/// The part of the year that a dimension tells apart; whole years for one that tells none.
fn part(of: DimensionOf) -> Part {
    match of {
        DimensionOf::Day => Part::Day,
        DimensionOf::Month => Part::Month,
        DimensionOf::Quarter => Part::Quarter,
        DimensionOf::Year
        | DimensionOf::Hour
        | DimensionOf::Fact(..)
        | DimensionOf::Field(..)
        | DimensionOf::Age
        | DimensionOf::Place
        | DimensionOf::KindOfPlace
        | DimensionOf::Region
        | DimensionOf::Rule
        | DimensionOf::Verdict
        | DimensionOf::State(_) => Part::Year,
    }
}

/// `2029-03-04`, `2029-03`, `2029-Q1` or `2029`.
pub(crate) fn part_of_year(of: DimensionOf, day: jiff::civil::Date) -> String {
    match part(of) {
        Part::Day => format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day()),
        Part::Month => format!("{:04}-{:02}", day.year(), day.month()),
        Part::Quarter => format!("{:04}-Q{}", day.year(), (day.month() - 1) / 3 + 1),
        Part::Year => format!("{:04}", day.year()),
    }
}

/// First instant of the part of the year that follows the one an instant lies in.
pub(crate) fn next_part(of: DimensionOf, almanac: &Almanac, at: habeas_codebook::moment::Moment) -> habeas_codebook::moment::Moment {
    let first = almanac.date(at).first_of_month();
    let months = match part(of) {
        Part::Day => return almanac.end_of(almanac.date(at)),
        Part::Month => 1,
        Part::Quarter => 3 - (i32::from(first.month()) - 1) % 3,
        Part::Year => 13 - i32::from(first.month()),
    };
    first.checked_add(months.months()).map_or(habeas_codebook::moment::Moment::FAR_OFF, |next| almanac.start_of(next))
}

fn field_codes(codebook: &Codebook, kind: KindId, field: FieldId) -> Vec<String> {
    let Some(declared) = codebook.field(kind, field) else { return Vec::new() };
    if let Some(choices) = declared.of.choices() {
        return codebook.values(choices).iter().map(|v| codebook.value_names[v.index()].clone()).collect();
    }
    if declared.of == FieldType::YesNo { vec!["yes".to_owned(), "no".to_owned()] } else { Vec::new() }
}

fn event_words(codebook: &Codebook, event: habeas_codebook::tree::EventName) -> &str {
    match event {
        habeas_codebook::tree::EventName::Kind(kind) => &codebook.kind(kind).name,
        habeas_codebook::tree::EventName::Alias(alias) => &codebook.aliases[alias.index()].name,
    }
}

fn words_of(codebook: &Codebook, dimension: &Dimension) -> String {
    let field = |field: FieldId| codebook.field_names[field.index()].as_str();
    match dimension.of {
        DimensionOf::Fact(name, class) => format!("{} of the {}", field(name), codebook.class(class).name),
        DimensionOf::Field(name, event) => format!("{} of the {}", field(name), event_words(codebook, event)),
        DimensionOf::Age => "age of the person".to_owned(),
        DimensionOf::Place => "place".to_owned(),
        DimensionOf::KindOfPlace => "kind of place".to_owned(),
        DimensionOf::Region => "region".to_owned(),
        DimensionOf::Rule => "rule".to_owned(),
        DimensionOf::Verdict => "verdict".to_owned(),
        DimensionOf::Day => "day".to_owned(),
        DimensionOf::Month => "month".to_owned(),
        DimensionOf::Quarter => "quarter".to_owned(),
        DimensionOf::Year => "year".to_owned(),
        DimensionOf::Hour => "hour".to_owned(),
        DimensionOf::State(state) => codebook.states[state.index()].name.clone(),
    }
}

/// The field's own name, unless two dimensions would share it.
fn short_name(codebook: &Codebook, table: &Table, dimension: &Dimension, words: &str) -> String {
    let field_of = |d: &Dimension| match d.of {
        DimensionOf::Fact(field, _) | DimensionOf::Field(field, _) => Some(field),
        DimensionOf::Age => None,
        DimensionOf::Place
        | DimensionOf::KindOfPlace
        | DimensionOf::Region
        | DimensionOf::Rule
        | DimensionOf::Verdict
        | DimensionOf::Day
        | DimensionOf::Month
        | DimensionOf::Quarter
        | DimensionOf::Year
        | DimensionOf::Hour
        | DimensionOf::State(_) => None,
    };
    match field_of(dimension) {
        Some(field) if table.by.iter().filter(|other| field_of(other) == Some(field)).count() == 1 => {
            codebook.field_names[field.index()].clone()
        }
        Some(_) => words.to_owned(),
        None if dimension.of == DimensionOf::Age => "age".to_owned(),
        None => words.to_owned(),
    }
}

fn concept(codebook: &Codebook, of: DimensionOf) -> Option<&'static str> {
    match of {
        DimensionOf::Fact(field, _) if codebook.field_names[field.index()] == "sex" => Some("SEX"),
        DimensionOf::Age => Some("AGE"),
        DimensionOf::Region => Some("REF_AREA"),
        DimensionOf::Fact(..)
        | DimensionOf::Field(..)
        | DimensionOf::Place
        | DimensionOf::KindOfPlace
        | DimensionOf::Rule
        | DimensionOf::Verdict
        | DimensionOf::Day
        | DimensionOf::Month
        | DimensionOf::Quarter
        | DimensionOf::Year
        | DimensionOf::Hour
        | DimensionOf::State(_) => None,
    }
}

/// Whether a dimension reads a field of class medical or above.
fn is_of_health(codebook: &Codebook, of: DimensionOf) -> bool {
    let medical = |kind: &habeas_codebook::tree::Kind, field: FieldId| {
        kind.fields.iter().any(|f| f.name == field && f.sensitivity >= Sensitivity::Medical)
    };
    match of {
        DimensionOf::Fact(field, class) => codebook.kinds.iter().any(|kind| kind.describes.contains(&class) && medical(kind, field)),
        DimensionOf::Field(field, event) => {
            let kind = match event {
                habeas_codebook::tree::EventName::Kind(kind) => kind,
                habeas_codebook::tree::EventName::Alias(alias) => codebook.expand(&codebook.aliases[alias.index()].pattern).0,
            };
            medical(codebook.kind(kind), field)
        }
        DimensionOf::Age
        | DimensionOf::State(_)
        | DimensionOf::Place
        | DimensionOf::KindOfPlace
        | DimensionOf::Region
        | DimensionOf::Rule
        | DimensionOf::Verdict
        | DimensionOf::Day
        | DimensionOf::Month
        | DimensionOf::Quarter
        | DimensionOf::Year
        | DimensionOf::Hour => false,
    }
}
