//! A mapping made ready: names of columns become places, names of kinds and fields those of the codebook. Everything that can be
//! wrong with a mapping is found here, before any row is read.

use super::numbers::{self, Formula, Numbers, Wrong};
use super::times::{self, Reading};
use super::written::{self, Becomes, Choose, EventPart, FieldValue, On, Repeat, Test, Word, Written, line_column};
use crate::problem::Problem;
use crate::words::Words;
use habeas_codebook::moment::TimeUnit;
use habeas_codebook::tree::{ClassId, Field, FieldType, KindId};
use jiff::tz::TimeZone;
use regex::Regex;
use std::collections::HashMap;
use std::ops::Range;

/// A column that the mapping names: its place among those.
pub(super) type Column = usize;

/// A row of a foreign table: the values of the columns that the mapping names, trimmed, blank ones empty.
pub(super) struct Row<'r> {
    pub(super) file: &'r str,
    /// Data row, from 1.
    pub(super) number: u64,
    pub(super) line: u64,
    pub(super) values: &'r [String],
    /// Where each value stands in its line, from 1.
    pub(super) starts: &'r [u64],
    pub(super) numbers: Numbers,
    /// Values before and after a change of a snapshot.
    pub(super) change: Option<(&'r str, &'r str)>,
}

impl<'r> Row<'r> {
    pub(super) fn value(&self, column: Column) -> &'r str {
        self.values.get(column).map_or("", String::as_str)
    }

    pub(super) fn not_a_number(&self, column: Column) -> Problem {
        self.problem(
            Some(column),
            "this is not a number",
            self.value(column),
            "a number such as 12 or 1.5 (`decimal` and `thousands` of [input] say how a table writes them)",
        )
    }

    pub(super) fn problem(&self, column: Option<Column>, what: impl Into<String>, found: &str, expected: impl Into<String>) -> Problem {
        Problem {
            file: self.file.to_owned(),
            line: self.line,
            column: column.and_then(|c| self.starts.get(c)).copied().unwrap_or(0),
            what: what.into(),
            found: found.to_owned(),
            expected: expected.into(),
        }
    }
}

/// Text with holes.
#[derive(Clone, Debug)]
pub(super) struct Template(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Column(Column),
    Row,
    File,
    Old,
    New,
}

impl Template {
    fn shown(&self) -> Option<Column> {
        self.0.iter().find_map(|part| if let Part::Column(column) = part { Some(*column) } else { None })
    }

    /// The text for a row; `None` when one of its columns is blank.
    pub(super) fn fill(&self, row: &Row<'_>) -> Option<String> {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(words) => text.push_str(words),
                Part::Row => text.push_str(&row.number.to_string()),
                Part::File => text.push_str(row.file.rsplit(['/', '\\']).next().unwrap_or(row.file)),
                Part::Old => text.push_str(row.change?.0),
                Part::New => text.push_str(row.change?.1),
                Part::Column(column) => {
                    let value = row.value(*column);
                    if value.is_empty() {
                        return None;
                    }
                    text.push_str(value);
                }
            }
        }
        Some(text)
    }
}

/// A TIME with its columns found.
#[derive(Clone, Debug)]
pub(super) enum Time {
    Unknown,
    Constant(habeas_codebook::moment::At),
    Column {
        column: Column,
        reading: Reading,
        split: Option<String>,
        choose: Choose,
        not_before: Option<Box<Time>>,
        blank_is_unknown: bool,
        /// So much later as a column says.
        plus: Option<(Column, TimeUnit)>,
    },
    Range {
        earliest: Box<Time>,
        latest: Box<Time>,
        not_before: Option<Box<Time>>,
    },
}

impl Time {
    /// A column that it is read from.
    fn shown(&self) -> Option<Column> {
        match self {
            Time::Unknown | Time::Constant(_) => None,
            Time::Column { column, .. } => Some(*column),
            Time::Range { earliest, latest, .. } => earliest.shown().or_else(|| latest.shown()),
        }
    }
}

/// A column made of others.
#[derive(Clone, Debug)]
pub(super) enum Derived {
    Text {
        from: Vec<Template>,
        matching: Option<Regex>,
        default: Option<String>,
    },
    Formula(Formula<Column>, Option<String>),
    /// From one time to another, in a unit, by the calendar of a zone.
    Between {
        from: Time,
        to: Time,
        unit: TimeUnit,
        zone: TimeZone,
        default: Option<String>,
    },
}

impl Derived {
    /// The cell of a row; empty: blank.
    pub(super) fn of(&self, row: &Row<'_>) -> Result<String, Problem> {
        match self {
            Derived::Text { from, matching, default } => {
                let filled = from.iter().find_map(|template| template.fill(row));
                let found = match (matching, &filled) {
                    (Some(regex), Some(text)) => regex.captures(text).and_then(|c| c.get(1).or(c.get(0))).map_or("", |m| m.as_str()).trim(),
                    (None, Some(text)) => text,
                    (_, None) => "",
                };
                Ok(if found.is_empty() { default.clone().unwrap_or_default() } else { found.to_owned() })
            }
            Derived::Between { from, to, unit, zone, default } => {
                let (from, to) = (from.of(row)?.first().copied(), to.of(row)?.first().copied());
                let length = from.zip(to).and_then(|(from, to)| times::length(from, to, *unit, zone));
                Ok(length.map_or_else(|| default.clone().unwrap_or_default(), |length| row.numbers.written(length)))
            }
            Derived::Formula(formula, default) => {
                let blank = || default.clone().unwrap_or_default();
                match formula.of(&|column| row.value(column), &row.numbers) {
                    Ok(reckoned) => Ok(reckoned.map_or_else(blank, |number| row.numbers.written(number))),
                    Err(Wrong::NotANumber(column)) => Err(row.not_a_number(column)),
                    Err(Wrong::DivisionByZero(_)) if default.is_some() => Ok(blank()),
                    Err(Wrong::DivisionByZero(column)) => {
                        let expected = "a number other than 0 below `/`, or a `default` (\"\" is blank)";
                        Err(row.problem(column, "this formula divides by nought here", "", expected))
                    }
                    Err(Wrong::TooLarge) => Err(row.problem(None, "this formula gives too large a number here", "", "28 digits at most")),
                }
            }
        }
    }

    /// A column that it is made of, to show where it stands.
    pub(super) fn shown(&self) -> Option<Column> {
        match self {
            Derived::Text { from, .. } => from.iter().find_map(Template::shown),
            Derived::Formula(formula, _) => formula.shown(),
            Derived::Between { from, to, .. } => from.shown().or_else(|| to.shown()),
        }
    }
}

/// A test with its column found.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    column: Column,
    passes: Passes,
}

#[derive(Clone, Debug)]
enum Passes {
    Is(String),
    IsNot(String),
    OneOf(Vec<String>),
    Blank(bool),
    Matches(Regex),
    SameAs(Column),
    DiffersFrom(Column),
}

impl Condition {
    /// A blank is equal to nothing, and not different from anything.
    pub(super) fn holds(&self, row: &Row<'_>) -> bool {
        let value = row.value(self.column);
        let both = |other: Column| !value.is_empty() && !row.value(other).is_empty();
        match &self.passes {
            Passes::Is(word) => !value.is_empty() && value == word,
            Passes::IsNot(word) => !value.is_empty() && value != word,
            Passes::OneOf(words) => !value.is_empty() && words.iter().any(|w| w == value),
            Passes::Blank(blank) => value.is_empty() == *blank,
            Passes::Matches(regex) => !value.is_empty() && regex.is_match(value),
            Passes::SameAs(other) => both(*other) && value == row.value(*other),
            Passes::DiffersFrom(other) => both(*other) && value != row.value(*other),
        }
    }
}

/// Where a field's value comes from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Constant(String),
    Column {
        column: Column,
        values: Option<HashMap<String, Becomes>>,
        unit: Option<String>,
        split: Option<String>,
        matching: Option<Regex>,
        default: Option<String>,
        keep_text: bool,
        /// How a date or a time is written, if not as everywhere.
        reading: Option<Reading>,
    },
    Age {
        column: Column,
        on: Time,
    },
}

/// Events that rows give.
pub(super) struct Event {
    pub(super) kind: KindId,
    pub(super) id: Template,
    pub(super) when: Vec<Condition>,
    pub(super) at: Option<Time>,
    pub(super) recorded_at: Option<Time>,
    pub(super) by: Option<Template>,
    pub(super) subjects: Vec<(ClassId, Template)>,
    pub(super) fields: Vec<(Field, Source)>,
    pub(super) repeat: Repeat,
    pub(super) on: Option<OnCompiled>,
}

/// When a block of a snapshot gives events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnCompiled {
    First,
    Change(Column),
    Gone,
    Back,
}

/// A mapping made ready for one codebook.
pub(super) struct Compiled {
    pub(super) columns: Vec<Named>,
    /// What fills the derived ones, in order.
    pub(super) derived: Vec<(Column, Derived)>,
    pub(super) skip: Vec<Vec<Condition>>,
    pub(super) snapshot: Option<WholeStates>,
    pub(super) events: Vec<Event>,
}

/// A column that the mapping names.
pub(super) struct Named {
    pub(super) name: String,
    /// How tables spell it, oldest layout last; none: it is derived.
    pub(super) spellings: Vec<String>,
    /// It may be missing.
    pub(super) optional: bool,
    /// Where the mapping names it first.
    pub(super) wanted_at: String,
}

/// Rows that are whole states, compared from one to the next.
pub(super) struct WholeStates {
    pub(super) key: Vec<Column>,
    pub(super) taken: Taken,
    pub(super) returns_within_days: Option<u32>,
}

/// When a snapshot was taken.
#[derive(Clone, Debug)]
pub(super) enum Taken {
    Column(Time),
    FileName(Regex, Reading),
}

pub(super) struct Compiler<'w, 'c> {
    pub(super) words: &'w Words<'c>,
    pub(super) written: &'w Written,
    pub(super) text: &'w str,
    pub(super) file: &'w str,
    columns: Vec<Named>,
    problems: Vec<Problem>,
    zone: TimeZone,
    /// How each column's times are written, wherever the mapping says so first.
    readings: HashMap<String, Reading>,
}

impl<'w, 'c> Compiler<'w, 'c> {
    pub(super) fn new(words: &'w Words<'c>, written: &'w Written, text: &'w str, file: &'w str) -> Self {
        let zone = words.codebook.almanac.zone.clone();
        Compiler { words, written, text, file, columns: Vec::new(), problems: Vec::new(), zone, readings: HashMap::new() }
    }

    pub(super) fn compile(mut self) -> Result<Compiled, Vec<Problem>> {
        if let Some(zone) = &self.written.zone {
            self.zone = self.zone_called(zone);
        }
        let written = self.written;
        let times = written.events.iter().flat_map(|e| e.at.iter().chain(&e.recorded_at)).chain(written.snapshot.iter().map(|s| &s.taken));
        let times: Vec<&written::Time> = times.collect();
        times.into_iter().for_each(|t| self.note_readings(t));
        let derived: Vec<Option<(Column, Derived)>> = written.derived.iter().map(|(name, made)| self.derived(name, made)).collect();
        let skip = written.skip.iter().map(|tests| self.conditions(tests)).collect();
        let snapshot = written.snapshot.as_ref().map(|s| {
            let key = s.key.iter().map(|k| self.column(k)).collect();
            (key, self.taken(&s.taken), s.returns_within_days)
        });
        let events: Vec<Option<Event>> = written.events.iter().enumerate().map(|(n, e)| self.event(n, e)).collect();
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        let snapshot = match snapshot {
            Some((key, taken, returns_within_days)) => Some(WholeStates { key, taken: taken.ok_or_else(Vec::new)?, returns_within_days }),
            None => None,
        };
        let derived = derived.into_iter().flatten().collect();
        Ok(Compiled { columns: self.columns, derived, skip, snapshot, events: events.into_iter().flatten().collect() })
    }

    fn wrong(&mut self, at: &Range<usize>, what: impl Into<String>, found: &str, expected: impl Into<String>) {
        let (line, column) = line_column(self.text, at.start);
        self.problems.push(Problem {
            file: self.file.to_owned(),
            line,
            column,
            what: what.into(),
            found: found.to_owned(),
            expected: expected.into(),
        });
    }

    fn zone_called(&mut self, word: &Word) -> TimeZone {
        TimeZone::get(&word.text).unwrap_or_else(|_| {
            self.wrong(&word.at, "no time zone is called so", &word.text, "a zone such as Europe/London");
            TimeZone::UTC
        })
    }

    fn zone_or_own(&mut self, word: Option<&Word>) -> TimeZone {
        match word {
            Some(word) => self.zone_called(word),
            None => self.zone.clone(),
        }
    }

    /// The place of a column: by its name in `[columns]` or `[derived]`, or by the table's own spelling.
    fn column(&mut self, word: &Word) -> Column {
        let name = word.text.trim();
        // A derived column stands for the one of the table that has its name.
        if let Some(place) = self.columns.iter().rposition(|c| c.name == name) {
            return place;
        }
        let named = self.written.columns.iter().find(|(n, _)| n == name);
        let spellings = named.map_or_else(|| vec![name.to_owned()], |(_, spellings)| spellings.clone());
        let optional = self.written.input.optional.iter().any(|o| o == name || spellings.contains(o));
        let (line, column) = line_column(self.text, word.at.start);
        self.columns.push(Named { name: name.to_owned(), spellings, optional, wanted_at: format!("{}:{line}:{column}", self.file) });
        self.columns.len() - 1
    }

    /// A derived column; it may be made of those above it, and of the table's column of its own name.
    fn derived(&mut self, name: &Word, made: &written::Derived) -> Option<(Column, Derived)> {
        let before = self.columns.len();
        let compiled = match made {
            written::Derived::Text { from, matching, default } => Derived::Text {
                from: from.iter().map(|template| self.template(template)).collect(),
                matching: matching.as_ref().and_then(|m| self.regex(m)),
                default: default.clone(),
            },
            written::Derived::Between { from, to, unit, default } => Derived::Between {
                from: self.time(from),
                to: self.time(to),
                unit: *unit,
                zone: self.zone.clone(),
                default: default.clone(),
            },
            written::Derived::Formula(word, default) => {
                let read = numbers::formula(&word.text, &mut |column| self.column(&Word { text: column.to_owned(), at: word.at.clone() }));
                match read {
                    Ok(formula) => Derived::Formula(formula, default.clone()),
                    Err((at, expected)) => {
                        let found = word.text.get(at..).unwrap_or_default();
                        self.wrong(&word.at, format!("this is not a formula, from its character {}", at + 1), found, expected);
                        return None;
                    }
                }
            }
        };
        let later = |c: &&Named| c.name != name.text && self.written.derived.iter().any(|(n, _)| n.text == c.name);
        if let Some(later) = self.columns[before..].iter().find(later).map(|c| c.name.clone()) {
            self.wrong(
                &name.at,
                "a derived column is made of one that stands below it",
                &later,
                "the columns of [derived] in the order of their making",
            );
        }
        self.columns.push(Named { name: name.text.clone(), spellings: Vec::new(), optional: true, wanted_at: String::new() });
        Some((self.columns.len() - 1, compiled))
    }

    fn regex(&mut self, word: &Word) -> Option<Regex> {
        Regex::new(&word.text).map_err(|error| self.not_regex(word, &error)).ok()
    }

    fn not_regex(&mut self, word: &Word, error: &regex::Error) {
        let why = error.to_string();
        let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        self.wrong(&word.at, format!("this is not a regular expression ({why})"), &word.text, "for example ^(\\d{4})");
    }

    fn conditions(&mut self, tests: &[Test]) -> Vec<Condition> {
        tests.iter().filter_map(|t| self.condition(t)).collect()
    }

    fn condition(&mut self, test: &Test) -> Option<Condition> {
        let column = self.column(&test.column);
        let passes = match &test.passes {
            written::Passes::Is(word) => Passes::Is(word.clone()),
            written::Passes::IsNot(word) => Passes::IsNot(word.clone()),
            written::Passes::OneOf(words) => Passes::OneOf(words.clone()),
            written::Passes::Blank(blank) => Passes::Blank(*blank),
            written::Passes::Matches(word) => Passes::Matches(self.regex(word)?),
            written::Passes::SameAs(other) => Passes::SameAs(self.column(other)),
            written::Passes::DiffersFrom(other) => Passes::DiffersFrom(self.column(other)),
        };
        Some(Condition { column, passes })
    }

    fn template(&mut self, word: &Word) -> Template {
        let mut parts = Vec::new();
        let mut rest = word.text.as_str();
        while let Some(open) = rest.find('{') {
            if open > 0 {
                parts.push(Part::Text(rest[..open].to_owned()));
            }
            let Some(close) = rest[open..].find('}') else {
                self.wrong(&word.at, "a `{` is never closed", &word.text, "{column}");
                return Template(parts);
            };
            let name = &rest[open + 1..open + close];
            parts.push(match name {
                "row" => Part::Row,
                "file" => Part::File,
                // Elsewhere they are columns like any other.
                "old" if self.written.snapshot.is_some() => Part::Old,
                "new" if self.written.snapshot.is_some() => Part::New,
                _ => Part::Column(self.column(&Word { text: name.to_owned(), at: word.at.clone() })),
            });
            rest = &rest[open + close + 1..];
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Template(parts)
    }

    fn note_readings(&mut self, time: &written::Time) {
        match time {
            written::Time::Column(column) => {
                let reading = self.reading(column);
                self.readings.entry(column.column.text.clone()).or_insert(reading);
            }
            written::Time::Range { earliest, latest, .. } => {
                self.note_readings(earliest);
                self.note_readings(latest);
            }
            written::Time::Unknown | written::Time::Constant { .. } | written::Time::FileName { .. } => {}
        }
    }

    fn reading(&mut self, column: &written::TimeColumn) -> Reading {
        let zone = self.zone_or_own(column.zone.as_ref());
        let zone_in = column.zone_in.as_ref().map(|column| self.column(column));
        Reading { formats: column.formats.clone(), precision: column.precision, zone, zone_in }
    }

    /// The time of a column that another may not precede: written as wherever else the mapping reads that column.
    fn bound(&mut self, word: Option<&Word>, own: Option<&Reading>) -> Option<Box<Time>> {
        let word = word?;
        let reading = self.readings.get(&word.text).cloned().or_else(|| own.cloned());
        let reading = reading.unwrap_or_else(|| Reading::plain(self.zone.clone()));
        let column = self.column(word);
        Some(Box::new(Time::Column {
            column,
            reading,
            split: None,
            choose: Choose::First,
            not_before: None,
            blank_is_unknown: false,
            plus: None,
        }))
    }

    fn time(&mut self, time: &written::Time) -> Time {
        match time {
            written::Time::Unknown => Time::Unknown,
            written::Time::Constant { text, place } => {
                let reading = Reading::plain(self.zone.clone());
                reading.read(text).map_or_else(
                    || {
                        self.wrong(place, "this is not a time", text, "a date such as 2024-09-12, or an RFC 3339 time");
                        Time::Unknown
                    },
                    Time::Constant,
                )
            }
            written::Time::Range { earliest, latest, not_before } => {
                let not_before = self.bound(not_before.as_ref(), None);
                Time::Range { earliest: Box::new(self.time(earliest)), latest: Box::new(self.time(latest)), not_before }
            }
            written::Time::Column(written) => {
                let reading = self.reading(written);
                let not_before = self.bound(written.not_before.as_ref(), Some(&reading));
                Time::Column {
                    column: self.column(&written.column),
                    reading,
                    split: written.split.clone(),
                    choose: written.choose,
                    not_before,
                    blank_is_unknown: written.blank_is_unknown,
                    plus: written.plus.as_ref().map(|(column, unit)| (self.column(column), *unit)),
                }
            }
            written::Time::FileName { place, .. } => {
                self.wrong(place, "a time in the file's name is for snapshots", "", "`taken` of [snapshot]");
                Time::Unknown
            }
        }
    }

    fn taken(&mut self, time: &written::Time) -> Option<Taken> {
        let written::Time::FileName { regex, formats, precision, zone, place } = time else { return Some(Taken::Column(self.time(time))) };
        let zone = self.zone_or_own(zone.as_ref());
        let regex = self.regex(&Word { text: regex.clone(), at: place.clone() })?;
        Some(Taken::FileName(regex, Reading { formats: formats.clone(), precision: *precision, ..Reading::plain(zone) }))
    }

    fn event(&mut self, number: usize, part: &EventPart) -> Option<Event> {
        let Some(kind) = self.words.kind(&part.kind.text) else {
            let nearest = self.words.nearest_kinds(&part.kind.text);
            self.wrong(&part.kind.at, "no kind of event is called so in this codebook", &part.kind.text, format!("for example {nearest}"));
            return None;
        };
        let in_snapshot = self.written.snapshot.is_some();
        if part.on.is_some() != in_snapshot {
            let what = if in_snapshot { "a block over snapshots does not say `on`" } else { "`on` is for snapshots" };
            self.wrong(&part.place, what, "", "on = \"first\", \"change\", \"gone\" or \"back\", with a [snapshot] table");
        }
        if let (Some(On::Back), Some(snapshot)) = (&part.on, &self.written.snapshot)
            && snapshot.returns_within_days.is_some()
        {
            let expected = "`on = \"first\"` and \"gone\" with it, or \"back\" without it";
            self.wrong(&part.place, "with `returns_within_days` nobody comes back: they were never gone, or are new", "back", expected);
        }
        if part.at.is_none() && !in_snapshot {
            self.wrong(&part.place, "an [[event]] has no `at`", "", "at = { column = \"…\" } or { unknown = true }");
        }
        let default_id = Word { text: format!("{{file}}:{{row}}:{}", number + 1), at: part.place.clone() };
        let id = self.template(part.id.as_ref().unwrap_or(&default_id));
        let mut subjects = Vec::new();
        for (class, template) in &part.subject {
            let found = self.words.class(&class.text).filter(|c| self.words.may_name(kind, *c));
            let template = self.template(template);
            match found {
                Some(found) => subjects.push((found, template)),
                None => {
                    let codebook = self.words.codebook;
                    let names: Vec<&str> = codebook.kind(kind).subjects.iter().map(|c| codebook.class(*c).name.as_str()).collect();
                    let what = format!("`{}` has no subject called so", part.kind.text);
                    self.wrong(&class.at, what, &class.text, names.join(", "));
                }
            }
        }
        let fields = part.fields.iter().filter_map(|(name, value)| self.field(kind, part, name, value)).collect();
        let on = part.on.as_ref().map(|on| match on {
            On::First => OnCompiled::First,
            On::Gone => OnCompiled::Gone,
            On::Back => OnCompiled::Back,
            On::Change(column) => OnCompiled::Change(self.column(column)),
        });
        Some(Event {
            kind,
            id,
            when: self.conditions(&part.when),
            at: part.at.as_ref().map(|t| self.time(t)),
            recorded_at: part.recorded_at.as_ref().map(|t| self.time(t)),
            by: part.by.as_ref().map(|b| self.template(b)),
            subjects,
            fields,
            repeat: part.repeat,
            on,
        })
    }

    fn field(&mut self, kind: KindId, part: &EventPart, name: &Word, value: &FieldValue) -> Option<(Field, Source)> {
        let Some(field) = self.words.field(kind, &name.text).cloned() else {
            let nearest = self.words.nearest_fields(kind, &name.text);
            self.wrong(&name.at, format!("`{}` has no field called so", part.kind.text), &name.text, format!("for example {nearest}"));
            return None;
        };
        let mut ours = Vec::new();
        let source = match value {
            FieldValue::Constant(text) => {
                ours.push(text.clone());
                Source::Constant(text.clone())
            }
            FieldValue::Age { column, on } => Source::Age { column: self.column(column), on: self.time(on) },
            FieldValue::Column { column, values, unit, split, matching, default, keep_text, formats, precision, zone } => {
                let map = match values {
                    None => None,
                    Some(map) => match self.written.values.get(&map.text) {
                        Some(found) => Some(found.clone()),
                        None => {
                            self.wrong(&map.at, "no [values.…] is called so", &map.text, "the name of a value map of this file");
                            None
                        }
                    },
                };
                for becomes in map.iter().flat_map(HashMap::values) {
                    if let Becomes::Word(word) = becomes {
                        ours.push(word.clone());
                    }
                }
                ours.extend(default.clone());
                let matching = matching.as_ref().and_then(|m| self.regex(&Word { text: m.clone(), at: name.at.clone() }));
                let (unit, split, default) = (unit.clone(), split.clone(), default.clone());
                let as_time = !formats.is_empty() || precision.is_some() || zone.is_some();
                if as_time && !matches!(field.of, FieldType::Date | FieldType::Time) {
                    self.wrong(
                        &name.at,
                        "`format`, `precision` and `zone` are for dates and times",
                        &name.text,
                        "a field of type date or time",
                    );
                }
                let reading = as_time.then(|| {
                    let zone = self.zone_or_own(zone.as_ref());
                    Reading { formats: formats.clone(), precision: *precision, ..Reading::plain(zone) }
                });
                Source::Column { column: self.column(column), values: map, unit, split, matching, default, keep_text: *keep_text, reading }
            }
        };
        // Every word that the mapping itself gives must be one that the field may hold.
        for word in ours {
            let mut place = |_: &str| habeas_codebook::log::TextId(0);
            if let Err(wrong) = habeas_codebook::value::parse(self.words.codebook, &field, &word, &mut place) {
                self.wrong(&name.at, format!("`{}` cannot hold this", name.text), &word, wrong.expected);
            }
        }
        Some((field, source))
    }
}
