//! A mapping file as written: every part with its place, so that what is wrong with it can be shown in it.

use super::numbers::Numbers;
use crate::open::{Encoding, Format};
use crate::problem::Problem;
use crate::words::Words;
use habeas_codebook::moment::TimeUnit;
use std::collections::HashMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A whole mapping file.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) codebook: Option<String>,
    pub(crate) zone: Option<Word>,
    pub(crate) input: InputPart,
    /// Names used below, with their spellings, oldest layout last.
    pub(crate) columns: Vec<(String, Vec<String>)>,
    /// Columns made of others, in the order written.
    pub(crate) derived: Vec<(Word, Derived)>,
    pub(crate) values: HashMap<String, HashMap<String, Becomes>>,
    pub(crate) skip: Vec<Vec<Test>>,
    pub(crate) snapshot: Option<Snapshot>,
    pub(crate) events: Vec<EventPart>,
}

/// A word and its place in the file.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) at: Range<usize>,
}

#[derive(Debug)]
pub(crate) struct InputPart {
    pub(crate) format: Option<Format>,
    pub(crate) delimiter: u8,
    pub(crate) encoding: Encoding,
    /// Line of the header, from 1: what stands above it is a title.
    pub(crate) header: u64,
    pub(crate) numbers: Numbers,
    pub(crate) trim: bool,
    pub(crate) blank: Vec<String>,
    pub(crate) optional: Vec<String>,
}

/// What a word of theirs becomes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Becomes {
    Word(String),
    Absent,
    Ignore,
}

/// A column made of others.
#[derive(Clone, Debug)]
pub(crate) enum Derived {
    /// The first template none of whose columns is blank.
    Text { from: Vec<Word>, matching: Option<Word>, default: Option<String> },
    /// How long it is from one time to another, in a unit; what it is where one of them is blank or too rough to tell.
    Between { from: Box<Time>, to: Box<Time>, unit: TimeUnit, default: Option<String> },
    /// Numbers of columns, reckoned; what it is where a column is blank or it would divide by nought.
    Formula(Word, Option<String>),
}

/// A test on a row.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    pub(crate) column: Word,
    pub(crate) passes: Passes,
}

#[derive(Clone, Debug)]
pub(crate) enum Passes {
    Is(String),
    IsNot(String),
    OneOf(Vec<String>),
    Blank(bool),
    Matches(Word),
    SameAs(Word),
    DiffersFrom(Word),
}

#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) key: Vec<Word>,
    pub(crate) taken: Time,
    /// Whoever is missing for at most so many days was there all the while; later, it is a stay of its own.
    pub(crate) returns_within_days: Option<u32>,
}

/// Events that each row may give.
#[derive(Debug)]
pub(crate) struct EventPart {
    pub(crate) kind: Word,
    pub(crate) id: Option<Word>,
    pub(crate) when: Vec<Test>,
    pub(crate) at: Option<Time>,
    pub(crate) recorded_at: Option<Time>,
    pub(crate) by: Option<Word>,
    pub(crate) subject: Vec<(Word, Word)>,
    pub(crate) fields: Vec<(Word, FieldValue)>,
    pub(crate) repeat: Repeat,
    pub(crate) on: Option<On>,
    pub(crate) place: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    Error,
    First,
    Correct,
}

#[derive(Clone, Debug)]
pub(crate) enum On {
    First,
    Change(Word),
    Gone,
    Back,
}

/// A TIME.
#[derive(Clone, Debug)]
pub(crate) enum Time {
    Column(TimeColumn),
    Range {
        earliest: Box<Time>,
        latest: Box<Time>,
        not_before: Option<Word>,
    },
    Unknown,
    /// One day for every row, where a table says in its title when it was taken and not in a column.
    Constant {
        text: String,
        place: Range<usize>,
    },
    FileName {
        regex: String,
        formats: Vec<String>,
        precision: Option<Precision>,
        zone: Option<Word>,
        place: Range<usize>,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct TimeColumn {
    pub(crate) column: Word,
    pub(crate) formats: Vec<String>,
    pub(crate) precision: Option<Precision>,
    pub(crate) zone: Option<Word>,
    /// A column that says in which zone the row's time is.
    pub(crate) zone_in: Option<Word>,
    pub(crate) split: Option<String>,
    pub(crate) choose: Choose,
    pub(crate) not_before: Option<Word>,
    pub(crate) blank_is_unknown: bool,
    /// A column that says how much later, and in what.
    pub(crate) plus: Option<(Word, TimeUnit)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Precision {
    Second,
    Minute,
    Day,
    Month,
    Year,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choose {
    Latest,
    Earliest,
    First,
    Last,
    Each,
}

/// A VALUE.
#[derive(Clone, Debug)]
pub(crate) enum FieldValue {
    Constant(String),
    Column {
        column: Word,
        values: Option<Word>,
        unit: Option<String>,
        split: Option<String>,
        matching: Option<String>,
        default: Option<String>,
        keep_text: bool,
        /// How dates and times of the column are written.
        formats: Vec<String>,
        precision: Option<Precision>,
        zone: Option<Word>,
    },
    Age {
        column: Word,
        on: Box<Time>,
    },
}

pub(super) type Table<'t, 'i> = &'t DeTable<'i>;
pub(super) type Item<'t, 'i> = &'t Spanned<DeValue<'i>>;

/// Reads a mapping file; everything wrong is told.
pub(crate) fn read(text: &str, file: &str) -> Result<Written, Vec<Problem>> {
    let mut reader = Reader { text, file, problems: Vec::new() };
    let root = match DeTable::parse(text) {
        Ok(root) => root,
        Err(error) => {
            let at = error.span().unwrap_or(0..0);
            reader.wrong(at, format!("this is not TOML ({})", error.message()), "", "a mapping file");
            return Err(reader.problems);
        }
    };
    let written = reader.root(root.get_ref());
    if reader.problems.is_empty() { Ok(written) } else { Err(reader.problems) }
}

/// Line and column, from 1, of a byte.
pub(crate) fn line_column(text: &str, byte: usize) -> (u64, u64) {
    let before = &text[..byte.min(text.len())];
    let line = before.matches('\n').count() as u64 + 1;
    (line, before.rsplit('\n').next().map_or(0, |l| l.chars().count()) as u64 + 1)
}

pub(super) struct Reader<'f> {
    text: &'f str,
    file: &'f str,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    pub(super) fn wrong(&mut self, at: Range<usize>, what: impl Into<String>, found: &str, expected: impl Into<String>) {
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

    pub(super) fn known(&mut self, table: Table<'_, '_>, keys: &[&str], of: &str) {
        for (key, _) in table.iter() {
            if !keys.contains(&key.get_ref().as_ref()) {
                let nearest = Words::nearest(key.get_ref(), keys.iter().copied());
                self.wrong(key.span(), format!("{of} has no key called so"), key.get_ref(), nearest);
            }
        }
    }

    fn root(&mut self, root: Table<'_, '_>) -> Written {
        self.known(root, &["codebook", "zone", "input", "columns", "derived", "values", "skip", "snapshot", "event"], "a mapping file");
        let events: Vec<EventPart> = self.tables(root.get("event"), "[[event]]").into_iter().map(|(t, at)| self.event(t, at)).collect();
        if events.is_empty() && self.problems.is_empty() {
            self.wrong(0..0, "a mapping gives no events", "", "at least one [[event]] block");
        }
        Written {
            codebook: root.get("codebook").map(|v| self.word(v).text),
            zone: root.get("zone").map(|v| self.word(v)),
            input: self.input(root),
            columns: self.columns(root),
            derived: self.derived(root),
            values: self.value_maps(root),
            skip: self.skips(root),
            snapshot: self.snapshot(root),
            events,
        }
    }

    pub(super) fn word(&mut self, item: Item<'_, '_>) -> Word {
        match item.get_ref() {
            DeValue::String(text) => Word { text: text.clone().into_owned(), at: item.span() },
            DeValue::Boolean(yes) => Word { text: if *yes { "yes" } else { "no" }.to_owned(), at: item.span() },
            DeValue::Integer(number) => Word { text: number.as_str().to_owned(), at: item.span() },
            DeValue::Float(number) => Word { text: number.as_str().to_owned(), at: item.span() },
            DeValue::Datetime(date) => Word { text: date.to_string(), at: item.span() },
            DeValue::Array(_) | DeValue::Table(_) => {
                self.wrong(item.span(), "this is not a text", item.get_ref().type_str(), "a text");
                Word { text: String::new(), at: item.span() }
            }
        }
    }

    /// A text, or a list of texts.
    pub(super) fn words(&mut self, item: Item<'_, '_>) -> Vec<Word> {
        match item.get_ref().as_array() {
            Some(items) => items.iter().map(|i| self.word(i)).collect(),
            None => vec![self.word(item)],
        }
    }

    pub(super) fn texts(&mut self, item: Option<Item<'_, '_>>) -> Vec<String> {
        item.map(|i| self.words(i)).unwrap_or_default().into_iter().map(|w| w.text).collect()
    }

    pub(super) fn flag(&mut self, item: Option<Item<'_, '_>>, default: bool) -> bool {
        let Some(item) = item else { return default };
        item.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong(item.span(), "this is not true or false", item.get_ref().type_str(), "true or false");
            default
        })
    }

    pub(super) fn tables<'t, 'i>(&mut self, item: Option<Item<'t, 'i>>, name: &str) -> Vec<(Table<'t, 'i>, Range<usize>)> {
        let Some(item) = item else { return Vec::new() };
        let items: Vec<Item<'t, 'i>> = match item.get_ref().as_array() {
            Some(items) => items.iter().collect(),
            None => vec![item],
        };
        let mut tables = Vec::new();
        for item in items {
            match item.get_ref().as_table() {
                Some(table) => tables.push((table, item.span())),
                None => self.wrong(item.span(), format!("{name} is not a table"), item.get_ref().type_str(), "a table"),
            }
        }
        tables
    }

    fn input(&mut self, root: Table<'_, '_>) -> InputPart {
        let mut part = InputPart {
            format: None,
            delimiter: b',',
            encoding: Encoding::Utf8,
            header: 1,
            numbers: Numbers::default(),
            trim: true,
            blank: vec![String::new()],
            optional: Vec::new(),
        };
        let Some((table, _)) = self.tables(root.get("input"), "[input]").into_iter().next() else { return part };
        self.known(table, &["format", "delimiter", "encoding", "header", "decimal", "thousands", "trim", "blank", "optional"], "[input]");
        if let Some(item) = table.get("format") {
            let word = self.word(item);
            part.format = match word.text.as_str() {
                "csv" => Some(Format::Csv),
                "jsonl" | "json" => Some(Format::JsonLines),
                "parquet" => Some(Format::Parquet),
                "arrow" => Some(Format::Arrow),
                other => {
                    self.wrong(word.at, "no format is called so", other, "csv, jsonl, json, parquet or arrow");
                    None
                }
            };
        }
        if let Some(item) = table.get("delimiter") {
            let word = self.word(item);
            match word.text.as_bytes() {
                [one] => part.delimiter = *one,
                _ => self.wrong(word.at, "a delimiter is one character", &word.text, "`,`, `;`, `|` or a tab (\"\\t\")"),
            }
        }
        if let Some(item) = table.get("encoding") {
            let word = self.word(item);
            part.encoding = Encoding::called(&word.text).unwrap_or_else(|| {
                let expected = "utf-8, utf-16, windows-1252, macintosh, or another name of the web such as windows-1254 or iso-8859-9";
                self.wrong(word.at, "no encoding is called so", &word.text, expected);
                Encoding::Utf8
            });
        }
        if let Some(item) = table.get("header") {
            let word = self.word(item);
            part.header = word.text.parse().ok().filter(|line| *line > 0).unwrap_or_else(|| {
                self.wrong(word.at, "this is not a line", &word.text, "the number of the header's line, from 1");
                1
            });
        }
        part.numbers = self.numbers(table);
        part.trim = self.flag(table.get("trim"), true);
        if table.get("blank").is_some() {
            part.blank = self.texts(table.get("blank"));
            part.blank.push(String::new());
        }
        part.optional = self.texts(table.get("optional"));
        part
    }

    fn columns(&mut self, root: Table<'_, '_>) -> Vec<(String, Vec<String>)> {
        let tables = self.tables(root.get("columns"), "[columns]");
        let entries: Vec<_> = tables.iter().flat_map(|(t, _)| t.iter()).collect();
        entries.into_iter().map(|(name, item)| (name.get_ref().clone().into_owned(), self.texts(Some(item)))).collect()
    }

    fn value_maps(&mut self, root: Table<'_, '_>) -> HashMap<String, HashMap<String, Becomes>> {
        let mut maps = HashMap::new();
        for (table, _) in self.tables(root.get("values"), "[values]") {
            for (name, item) in table.iter() {
                let mut map = HashMap::new();
                for (words, _) in self.tables(Some(item), "[values.…]") {
                    for (theirs, ours) in words.iter() {
                        map.insert(theirs.get_ref().trim().to_owned(), self.becomes(ours));
                    }
                }
                maps.insert(name.get_ref().clone().into_owned(), map);
            }
        }
        maps
    }

    fn becomes(&mut self, item: Item<'_, '_>) -> Becomes {
        let Some(table) = item.get_ref().as_table() else { return Becomes::Word(self.word(item).text) };
        self.known(table, &["absent", "ignore"], "a value");
        if self.flag(table.get("ignore"), false) {
            Becomes::Ignore
        } else if self.flag(table.get("absent"), false) {
            Becomes::Absent
        } else {
            self.wrong(item.span(), "this is no value", "", "a text, { absent = true } or { ignore = true }");
            Becomes::Absent
        }
    }

    fn skips(&mut self, root: Table<'_, '_>) -> Vec<Vec<Test>> {
        let mut skips = Vec::new();
        for (table, at) in self.tables(root.get("skip"), "[[skip]]") {
            match table.get("when") {
                Some(when) => {
                    self.known(table, &["when"], "[[skip]]");
                    let tests = self.tests(Some(when));
                    skips.push(tests);
                }
                None => {
                    let test = self.test(table, at);
                    skips.push(test.into_iter().collect());
                }
            }
        }
        skips
    }

    fn tests(&mut self, item: Option<Item<'_, '_>>) -> Vec<Test> {
        let tables = self.tables(item, "a test");
        tables.into_iter().filter_map(|(table, at)| self.test(table, at)).collect()
    }

    fn test(&mut self, table: Table<'_, '_>, at: Range<usize>) -> Option<Test> {
        let keys = ["column", "is", "is_not", "one_of", "blank", "matches", "same_as", "differs_from"];
        self.known(table, &keys, "a test");
        let Some(column) = table.get("column").map(|c| self.word(c)) else {
            self.wrong(at, "a test names no column", "", "{ column = \"…\", is = \"…\" }");
            return None;
        };
        let mut word = |name: &str| table.get(name).map(|item| self.word(item));
        let (is, is_not, matches) = (word("is"), word("is_not"), word("matches"));
        let (same_as, differs_from) = (word("same_as"), word("differs_from"));
        let one_of = table.get("one_of").map(|_| Passes::OneOf(self.texts(table.get("one_of"))));
        let blank = table.get("blank").map(|_| Passes::Blank(self.flag(table.get("blank"), true)));
        let said = [
            is.map(|word| Passes::Is(word.text)),
            is_not.map(|word| Passes::IsNot(word.text)),
            one_of,
            blank,
            matches.map(Passes::Matches),
            same_as.map(Passes::SameAs),
            differs_from.map(Passes::DiffersFrom),
        ];
        let mut said = said.into_iter().flatten();
        let Some(passes) = said.next() else {
            self.wrong(at, "a test tests nothing", "", "is, is_not, one_of, blank, matches, same_as or differs_from");
            return None;
        };
        if said.next().is_some() {
            self.wrong(at, "a test asks two things at once", "", "one thing in each test; all tests of a list must hold");
        }
        Some(Test { column, passes })
    }

    fn snapshot(&mut self, root: Table<'_, '_>) -> Option<Snapshot> {
        let (table, at) = self.tables(root.get("snapshot"), "[snapshot]").into_iter().next()?;
        self.known(table, &["key", "taken", "returns_within_days"], "[snapshot]");
        let key = table.get("key").map(|k| self.words(k)).unwrap_or_default();
        let taken = table.get("taken").and_then(|t| self.time(t));
        if key.is_empty() || table.get("taken").is_none() {
            self.wrong(at, "a snapshot needs `key` and `taken`", "", "key = [\"…\"], taken = { … }");
        }
        let returns_within_days = table.get("returns_within_days").and_then(|days| {
            let word = self.word(days);
            let days = word.text.parse().ok();
            if days.is_none() {
                self.wrong(word.at, "this is no number of days", &word.text, "a whole number, 0 or more");
            }
            days
        });
        Some(Snapshot { key, taken: taken?, returns_within_days })
    }

    fn event(&mut self, table: Table<'_, '_>, at: Range<usize>) -> EventPart {
        let keys = ["kind", "id", "when", "at", "recorded_at", "by", "subject", "fields", "repeat", "on", "column"];
        self.known(table, &keys, "[[event]]");
        let kind = table.get("kind").map(|k| self.word(k));
        if kind.is_none() {
            self.wrong(at.clone(), "an [[event]] names no kind", "", "kind = \"…\"");
        }
        let repeat = match table.get("repeat").map(|r| self.word(r)) {
            None => Repeat::Error,
            Some(word) => match word.text.as_str() {
                "error" => Repeat::Error,
                "first" => Repeat::First,
                "correct" => Repeat::Correct,
                other => {
                    self.wrong(word.at, "no way to treat a repeated id is called so", other, "error, first or correct");
                    Repeat::Error
                }
            },
        };
        let subject = self.tables(table.get("subject"), "subject");
        let subject: Vec<_> = subject.iter().flat_map(|(t, _)| t.iter()).collect();
        let subject =
            subject.into_iter().map(|(c, t)| (Word { text: c.get_ref().clone().into_owned(), at: c.span() }, self.word(t))).collect();
        let fields = self.tables(table.get("fields"), "fields");
        let fields: Vec<_> = fields.iter().flat_map(|(t, _)| t.iter()).collect();
        let fields = fields
            .into_iter()
            .filter_map(|(name, value)| Some((Word { text: name.get_ref().clone().into_owned(), at: name.span() }, self.value(value)?)))
            .collect();
        EventPart {
            kind: kind.unwrap_or(Word { text: String::new(), at: at.clone() }),
            id: table.get("id").map(|i| self.word(i)),
            when: self.tests(table.get("when")),
            at: table.get("at").and_then(|t| self.time(t)),
            recorded_at: table.get("recorded_at").and_then(|t| self.time(t)),
            by: table.get("by").map(|b| self.word(b)),
            subject,
            fields,
            repeat,
            on: self.on(table),
            place: at,
        }
    }

    fn on(&mut self, table: Table<'_, '_>) -> Option<On> {
        let word = self.word(table.get("on")?);
        match word.text.as_str() {
            "first" => Some(On::First),
            "gone" => Some(On::Gone),
            "back" => Some(On::Back),
            "change" => match table.get("column").map(|c| self.word(c)) {
                Some(column) => Some(On::Change(column)),
                None => {
                    self.wrong(word.at, "`on = \"change\"` names no column", "", "column = \"…\"");
                    None
                }
            },
            other => {
                self.wrong(word.at, "no moment of a snapshot is called so", other, "first, change, gone or back");
                None
            }
        }
    }
}
