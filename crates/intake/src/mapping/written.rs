//! A mapping file as written: every part with its place, so that what is wrong with it can be shown in it.

use crate::open::{Encoding, Format};
use crate::problem::Problem;
use crate::words::Words;
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
}

#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) key: Vec<Word>,
    pub(crate) taken: Time,
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
    pub(crate) split: Option<String>,
    pub(crate) choose: Choose,
    pub(crate) not_before: Option<Word>,
    pub(crate) blank_is_unknown: bool,
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
        /// A column that is taken from the number.
        less: Option<Word>,
        values: Option<Word>,
        unit: Option<String>,
        split: Option<String>,
        matching: Option<String>,
        default: Option<String>,
        keep_text: bool,
    },
    Age {
        column: Word,
        on: Box<Time>,
    },
}

type Table<'t, 'i> = &'t DeTable<'i>;
type Item<'t, 'i> = &'t Spanned<DeValue<'i>>;

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

struct Reader<'f> {
    text: &'f str,
    file: &'f str,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn wrong(&mut self, at: Range<usize>, what: impl Into<String>, found: &str, expected: impl Into<String>) {
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

    fn known(&mut self, table: Table<'_, '_>, keys: &[&str], of: &str) {
        for (key, _) in table.iter() {
            if !keys.contains(&key.get_ref().as_ref()) {
                let nearest = Words::nearest(key.get_ref(), keys.iter().copied());
                self.wrong(key.span(), format!("{of} has no key called so"), key.get_ref(), nearest);
            }
        }
    }

    fn root(&mut self, root: Table<'_, '_>) -> Written {
        self.known(root, &["codebook", "zone", "input", "columns", "values", "skip", "snapshot", "event"], "a mapping file");
        let events: Vec<EventPart> = self.tables(root.get("event"), "[[event]]").into_iter().map(|(t, at)| self.event(t, at)).collect();
        if events.is_empty() && self.problems.is_empty() {
            self.wrong(0..0, "a mapping gives no events", "", "at least one [[event]] block");
        }
        Written {
            codebook: root.get("codebook").map(|v| self.word(v).text),
            zone: root.get("zone").map(|v| self.word(v)),
            input: self.input(root),
            columns: self.columns(root),
            values: self.value_maps(root),
            skip: self.skips(root),
            snapshot: self.snapshot(root),
            events,
        }
    }

    fn word(&mut self, item: Item<'_, '_>) -> Word {
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
    fn words(&mut self, item: Item<'_, '_>) -> Vec<Word> {
        match item.get_ref().as_array() {
            Some(items) => items.iter().map(|i| self.word(i)).collect(),
            None => vec![self.word(item)],
        }
    }

    fn texts(&mut self, item: Option<Item<'_, '_>>) -> Vec<String> {
        item.map(|i| self.words(i)).unwrap_or_default().into_iter().map(|w| w.text).collect()
    }

    fn flag(&mut self, item: Option<Item<'_, '_>>, default: bool) -> bool {
        let Some(item) = item else { return default };
        item.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong(item.span(), "this is not true or false", item.get_ref().type_str(), "true or false");
            default
        })
    }

    fn tables<'t, 'i>(&mut self, item: Option<Item<'t, 'i>>, name: &str) -> Vec<(Table<'t, 'i>, Range<usize>)> {
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
            trim: true,
            blank: vec![String::new()],
            optional: Vec::new(),
        };
        let Some((table, _)) = self.tables(root.get("input"), "[input]").into_iter().next() else { return part };
        self.known(table, &["format", "delimiter", "encoding", "trim", "blank", "optional"], "[input]");
        if let Some(item) = table.get("format") {
            let word = self.word(item);
            part.format = match word.text.as_str() {
                "csv" => Some(Format::Csv),
                "jsonl" => Some(Format::JsonLines),
                "parquet" => Some(Format::Parquet),
                "arrow" => Some(Format::Arrow),
                other => {
                    self.wrong(word.at, "no format is called so", other, "csv, jsonl, parquet or arrow");
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
            part.encoding = match word.text.to_lowercase().as_str() {
                "utf-8" => Encoding::Utf8,
                "utf-16" => Encoding::Utf16,
                "windows-1252" => Encoding::Windows1252,
                "macintosh" => Encoding::Macintosh,
                other => {
                    self.wrong(word.at, "no encoding is called so", other, "utf-8, utf-16, windows-1252 or macintosh");
                    Encoding::Utf8
                }
            };
        }
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
        self.known(table, &["column", "is", "is_not", "one_of", "blank"], "a test");
        let Some(column) = table.get("column").map(|c| self.word(c)) else {
            self.wrong(at, "a test names no column", "", "{ column = \"…\", is = \"…\" }");
            return None;
        };
        let passes = if let Some(item) = table.get("is") {
            Passes::Is(self.word(item).text)
        } else if let Some(item) = table.get("is_not") {
            Passes::IsNot(self.word(item).text)
        } else if table.get("one_of").is_some() {
            Passes::OneOf(self.texts(table.get("one_of")))
        } else if table.get("blank").is_some() {
            Passes::Blank(self.flag(table.get("blank"), true))
        } else {
            self.wrong(at, "a test tests nothing", "", "is, is_not, one_of or blank");
            return None;
        };
        Some(Test { column, passes })
    }

    fn snapshot(&mut self, root: Table<'_, '_>) -> Option<Snapshot> {
        let (table, at) = self.tables(root.get("snapshot"), "[snapshot]").into_iter().next()?;
        self.known(table, &["key", "taken"], "[snapshot]");
        let key = table.get("key").map(|k| self.words(k)).unwrap_or_default();
        let taken = table.get("taken").and_then(|t| self.time(t));
        if key.is_empty() || table.get("taken").is_none() {
            self.wrong(at, "a snapshot needs `key` and `taken`", "", "key = [\"…\"], taken = { … }");
        }
        Some(Snapshot { key, taken: taken? })
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
            "change" => match table.get("column").map(|c| self.word(c)) {
                Some(column) => Some(On::Change(column)),
                None => {
                    self.wrong(word.at, "`on = \"change\"` names no column", "", "column = \"…\"");
                    None
                }
            },
            other => {
                self.wrong(word.at, "no moment of a snapshot is called so", other, "first, change or gone");
                None
            }
        }
    }

    fn time(&mut self, item: Item<'_, '_>) -> Option<Time> {
        let Some(table) = item.get_ref().as_table() else {
            self.wrong(item.span(), "this is not a time", item.get_ref().type_str(), "{ column = \"…\", format = \"%Y-%m-%d\" }");
            return None;
        };
        let keys = [
            "column",
            "format",
            "precision",
            "zone",
            "earliest",
            "latest",
            "unknown",
            "split",
            "choose",
            "not_before",
            "blank",
            "file_name",
            "constant",
        ];
        self.known(table, &keys, "a time");
        let not_before = table.get("not_before").map(|c| self.word(c));
        if self.flag(table.get("unknown"), false) {
            return Some(Time::Unknown);
        }
        if let (Some(earliest), Some(latest)) = (table.get("earliest"), table.get("latest")) {
            let (earliest, latest) = (self.time(earliest)?, self.time(latest)?);
            return Some(Time::Range { earliest: Box::new(earliest), latest: Box::new(latest), not_before });
        }
        if let Some(constant) = table.get("constant") {
            let word = self.word(constant);
            return Some(Time::Constant { text: word.text, place: word.at });
        }
        let formats = self.texts(table.get("format"));
        let precision = table.get("precision").and_then(|p| self.precision(p));
        let zone = table.get("zone").map(|z| self.word(z));
        if let Some(regex) = table.get("file_name") {
            let word = self.word(regex);
            return Some(Time::FileName { regex: word.text, formats, precision, zone, place: word.at });
        }
        let Some(column) = table.get("column").map(|c| self.word(c)) else {
            self.wrong(item.span(), "a time names no column", "", "column, earliest and latest, constant, unknown, or file_name");
            return None;
        };
        let choose = table.get("choose").map_or(Some(Choose::First), |c| self.choose(c))?;
        let blank = table.get("blank").map(|b| self.word(b));
        if let Some(word) = blank.as_ref().filter(|w| w.text != "unknown") {
            self.wrong(word.at.clone(), "a blank time is passed over or unknown", &word.text, "blank = \"unknown\"");
        }
        let split = table.get("split").map(|s| self.word(s).text);
        Some(Time::Column(TimeColumn { column, formats, precision, zone, split, choose, not_before, blank_is_unknown: blank.is_some() }))
    }

    fn precision(&mut self, item: Item<'_, '_>) -> Option<Precision> {
        let word = self.word(item);
        match word.text.as_str() {
            "second" => Some(Precision::Second),
            "minute" => Some(Precision::Minute),
            "day" => Some(Precision::Day),
            "month" => Some(Precision::Month),
            "year" => Some(Precision::Year),
            other => {
                self.wrong(word.at, "no precision is called so", other, "second, minute, day, month or year");
                None
            }
        }
    }

    fn choose(&mut self, item: Item<'_, '_>) -> Option<Choose> {
        let word = self.word(item);
        match word.text.as_str() {
            "latest" => Some(Choose::Latest),
            "earliest" => Some(Choose::Earliest),
            "first" => Some(Choose::First),
            "last" => Some(Choose::Last),
            "each" => Some(Choose::Each),
            other => {
                self.wrong(word.at, "no choice is called so", other, "latest, earliest, first, last or each");
                None
            }
        }
    }

    fn value(&mut self, item: Item<'_, '_>) -> Option<FieldValue> {
        let Some(table) = item.get_ref().as_table() else { return Some(FieldValue::Constant(self.word(item).text)) };
        self.known(table, &["column", "less", "values", "unit", "split", "match", "default", "keep_text", "age", "on"], "a value");
        if let Some(age) = table.get("age") {
            let column = self.word(age);
            let Some(on) = table.get("on").and_then(|t| self.time(t)) else {
                self.wrong(item.span(), "an age needs the day on which it was so", "", "{ age = \"column\", on = { column = … } }");
                return None;
            };
            return Some(FieldValue::Age { column, on: Box::new(on) });
        }
        let Some(column) = table.get("column").map(|c| self.word(c)) else {
            self.wrong(item.span(), "a value names no column", "", "a text, or { column = \"…\" }");
            return None;
        };
        let mut text = |name: &str| table.get(name).map(|v| self.word(v));
        let less = text("less");
        let (values, unit, split, matching, default) = (text("values"), text("unit"), text("split"), text("match"), text("default"));
        let plain = |word: Option<Word>| word.map(|w| w.text);
        let keep_text = self.flag(table.get("keep_text"), false);
        let (unit, split, matching, default) = (plain(unit), plain(split), plain(matching), plain(default));
        Some(FieldValue::Column { column, less, values, unit, split, matching, default, keep_text })
    }
}
