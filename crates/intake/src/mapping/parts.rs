//! Times, values and derived columns of a mapping file, as written.

use super::numbers::Numbers;
use super::written::{Choose, Derived, FieldValue, Item, Precision, Reader, Table, Time, TimeColumn, Word};
use habeas_codebook::moment::TimeUnit;

/// What a time may say.
const TIME_KEYS: [&str; 15] = [
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
    "plus",
    "unit",
];

impl Reader<'_> {
    /// `[derived]`: columns made of others, in the order written.
    pub(super) fn derived(&mut self, root: Table<'_, '_>) -> Vec<(Word, Derived)> {
        let mut derived = Vec::new();
        for (table, _) in self.tables(root.get("derived"), "[derived]") {
            for (name, item) in table.iter() {
                let name = Word { text: name.get_ref().clone().into_owned(), at: name.span() };
                derived.extend(self.one_derived(&name, item).map(|made| (name, made)));
            }
        }
        derived.sort_by_key(|(name, _)| name.at.start);
        derived
    }

    fn one_derived(&mut self, name: &Word, item: Item<'_, '_>) -> Option<Derived> {
        let Some(table) = item.get_ref().as_table() else {
            return Some(Derived::Text { from: self.words(item), matching: None, default: None });
        };
        self.known(table, &["from", "match", "default", "formula", "time_from", "to", "unit"], "a derived column");
        if table.get("time_from").is_some() || table.get("to").is_some() {
            return self.between(name, table);
        }
        let mut word = |key: &str| table.get(key).map(|found| self.word(found));
        let (formula, matching, default) = (word("formula"), word("match"), word("default"));
        match (formula, table.get("from")) {
            (Some(formula), None) => Some(Derived::Formula(formula, default.map(|word| word.text))),
            (None, Some(from)) => Some(Derived::Text { from: self.words(from), matching, default: default.map(|word| word.text) }),
            (Some(_), Some(_)) | (None, None) => {
                let expected = "a template, a list of templates, { from = …, match = … }, { formula = \"{a} + {b}\" } or \
                                { time_from = TIME, to = TIME, unit = \"days\" }";
                self.wrong(item.span(), "a derived column is made of one thing", &name.text, expected);
                None
            }
        }
    }

    /// `time_from`, `to` and `unit` of a derived column: how long it is from one time to another.
    fn between(&mut self, name: &Word, table: Table<'_, '_>) -> Option<Derived> {
        for key in ["from", "match", "formula"] {
            if let Some(item) = table.get(key) {
                self.wrong(
                    item.span(),
                    "a derived column is made of one thing",
                    key,
                    "`time_from`, `to`, `unit` and `default` go together",
                );
            }
        }
        let (Some(from), Some(to), Some(unit)) = (table.get("time_from"), table.get("to"), table.get("unit")) else {
            let expected = "{ time_from = TIME, to = TIME, unit = \"days\" }";
            self.wrong(name.at.clone(), "a length of time lacks one of its three", &name.text, expected);
            return None;
        };
        let (from, to, unit) = (self.time(from), self.time(to), self.word(unit));
        let known = TimeUnit::named(&unit.text).filter(|unit| !matches!(unit, TimeUnit::Month | TimeUnit::Year));
        if known.is_none() {
            self.wrong(unit.at, "a length is not told in this", &unit.text, "seconds, minutes, hours or days");
        }
        let default = table.get("default").map(|word| self.word(word).text);
        Some(Derived::Between { from: Box::new(from?), to: Box::new(to?), unit: known?, default })
    }

    /// `decimal` and `thousands` of `[input]`.
    pub(super) fn numbers(&mut self, table: Table<'_, '_>) -> Numbers {
        let mut sign = |key: &str| {
            let word = self.word(table.get(key)?);
            let mut signs = word.text.chars();
            match (signs.next(), signs.next()) {
                (Some(sign), None) if !sign.is_ascii_digit() => Some((sign, word)),
                (_, _) => {
                    self.wrong(word.at, format!("`{key}` is one sign"), &word.text, "a comma, a full stop, a blank or an apostrophe");
                    None
                }
            }
        };
        let (decimal, thousands) = (sign("decimal"), sign("thousands"));
        let point = decimal.as_ref().map_or('.', |(sign, _)| *sign);
        if let Some((sign, word)) = thousands.as_ref().filter(|(sign, _)| *sign == point) {
            self.wrong(word.at.clone(), "one sign cannot be both", &sign.to_string(), "`decimal` and `thousands` that differ");
        }
        Numbers { decimal: point, thousands: thousands.map(|(sign, _)| sign) }
    }

    /// `plus` and `unit` of a time: so much later.
    fn plus(&mut self, table: Table<'_, '_>) -> Option<(Word, TimeUnit)> {
        let column = table.get("plus").map(|item| self.word(item));
        let unit = table.get("unit").map(|item| self.word(item));
        match (column, unit) {
            (None, None) => None,
            (Some(column), None) => {
                self.wrong(column.at, "`plus` needs the unit that its column counts in", &column.text, "unit = \"hours\", \"days\" …");
                None
            }
            (None, Some(unit)) => {
                self.wrong(unit.at, "`unit` of a time goes with `plus`", &unit.text, "plus = \"column\"");
                None
            }
            (Some(column), Some(word)) => {
                let unit = TimeUnit::named(&word.text);
                if unit.is_none() {
                    self.wrong(word.at, "no unit of time is called so", &word.text, "seconds, minutes, hours, days, months or years");
                }
                let unit = unit?;
                Some((column, unit))
            }
        }
    }

    pub(super) fn time(&mut self, item: Item<'_, '_>) -> Option<Time> {
        let Some(table) = item.get_ref().as_table() else {
            self.wrong(item.span(), "this is not a time", item.get_ref().type_str(), "{ column = \"…\", format = \"%Y-%m-%d\" }");
            return None;
        };
        self.known(table, &TIME_KEYS, "a time");
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
        let in_column = table.get("zone").and_then(|zone| zone.get_ref().as_table());
        let zone = table.get("zone").filter(|_| in_column.is_none()).map(|z| self.word(z));
        let zone_in = in_column.and_then(|table| {
            self.known(table, &["column"], "a zone");
            table.get("column").map(|column| self.word(column))
        });
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
        let plus = self.plus(table);
        if let (Some(_), Some((word, _))) = (&split, &plus) {
            self.wrong(word.at.clone(), "`plus` goes with one time, not with a list", &word.text, "either `split` or `plus`");
        }
        Some(Time::Column(TimeColumn {
            column,
            formats,
            precision,
            zone,
            zone_in,
            split,
            choose,
            not_before,
            blank_is_unknown: blank.is_some(),
            plus,
        }))
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

    pub(super) fn value(&mut self, item: Item<'_, '_>) -> Option<FieldValue> {
        let Some(table) = item.get_ref().as_table() else { return Some(FieldValue::Constant(self.word(item).text)) };
        let keys = ["column", "values", "unit", "split", "match", "default", "keep_text", "age", "on", "format", "precision", "zone"];
        self.known(table, &keys, "a value");
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
        let (values, unit, split, matching, default) = (text("values"), text("unit"), text("split"), text("match"), text("default"));
        let plain = |word: Option<Word>| word.map(|w| w.text);
        let keep_text = self.flag(table.get("keep_text"), false);
        let (unit, split, matching, default) = (plain(unit), plain(split), plain(matching), plain(default));
        let formats = self.texts(table.get("format"));
        let precision = table.get("precision").and_then(|p| self.precision(p));
        let zone = table.get("zone").map(|z| self.word(z));
        Some(FieldValue::Column { column, values, unit, split, matching, default, keep_text, formats, precision, zone })
    }
}
