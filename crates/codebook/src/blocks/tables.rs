//! Statistical returns: the clauses of a `table` block.

use super::Reader;
use super::conditions::Judged;
use super::declarations::name_until;
use super::names::Names;
use super::parser::Read;
use super::words::{Token, Word};
use crate::diagnostic::Mark;
use crate::table::{
    Band, CohortEnd, Column, Counted, Dimension, DimensionOf, LeftOut, LeftOutWhat, Parts, Stat, StockDay, Table, TableClass, VERDICTS,
};
use crate::tree::{Citation, ClassId, FieldId, Pattern, StateId};
use jiff::civil;

/// Clauses of one table as they are read.
#[derive(Default)]
struct Clauses {
    title: Option<String>,
    cites: Vec<Citation>,
    asked_by: Vec<String>,
    force: Option<(civil::Date, Option<civil::Date>)>,
    class: Option<TableClass>,
    columns: Vec<Column>,
    dated_by: Option<Pattern>,
    by: Vec<Dimension>,
    leaves_out: Vec<LeftOut>,
    linked: Vec<(String, Mark)>,
    parts: Vec<Parts>,
    traps: Vec<String>,
    failed: bool,
}

impl Reader<'_, '_> {
    /// One table, from `table` to the last clause; `None` when something in it could not be read.
    pub(crate) fn table(&mut self, pack: &str, chapter: u32) -> Option<Table> {
        let start = self.p.place;
        self.p.place += 1;
        let id = self.p.rest().first().map(|t| t.raw.clone()).unwrap_or_default();
        self.p.place += 1;
        let head = self.p.since(start);
        let names = column_names(self.p.rest());
        let mut clauses = Clauses::default();
        while !self.p.is_done() {
            if self.table_clause(&mut clauses, &names).and_then(|()| self.full_stop()).is_err() {
                clauses.failed = true;
                self.skip_clause();
            }
        }
        let missing = [
            (clauses.title.is_none(), "E106", "this table has no title", "add `Title \"…\".`"),
            (clauses.force.is_none(), "E111", "this table has no date from which it is in force", "add `In force from 2024-01-01.`"),
            (clauses.class.is_none(), "E106", "this table has no class", "add `Class conduct.` or `Class person.`"),
            (clauses.columns.is_empty(), "E106", "this table has no column", "add `Column NAME: number of ….`"),
        ];
        for (_, code, message, help) in missing.into_iter().filter(|(is, ..)| *is && !clauses.failed) {
            let _ = self.p.fail::<()>(code, head.clone(), message.to_owned(), Some(help.to_owned()));
        }
        let (from, until) = clauses.force?;
        let (title, class) = (clauses.title?, clauses.class?);
        if clauses.failed || clauses.columns.is_empty() {
            return None;
        }
        Some(Table {
            id,
            pack: pack.to_owned(),
            title,
            cites: clauses.cites,
            asked_by: clauses.asked_by,
            from,
            until,
            class,
            columns: clauses.columns,
            dated_by: clauses.dated_by,
            by: clauses.by,
            leaves_out: clauses.leaves_out,
            linked: clauses.linked,
            parts: clauses.parts,
            traps: clauses.traps,
            chapter,
            mark: self.p.since(start),
        })
    }

    fn table_clause(&mut self, clauses: &mut Clauses, names: &Names) -> Read<()> {
        let start = self.p.place;
        if self.p.take("title") {
            clauses.title = Some(self.p.text()?);
        } else if self.p.take("cites") {
            clauses.cites.push(self.citation()?);
            while self.p.take("and") {
                clauses.cites.push(self.citation()?);
            }
        } else if self.p.take("asked by") {
            clauses.asked_by.push(self.p.text()?);
            while self.p.take("and") {
                clauses.asked_by.push(self.p.text()?);
            }
        } else if self.p.take("in force from") {
            let from = self.p.date()?;
            let until = if self.p.take("until") { Some(self.p.date()?) } else { None };
            clauses.force = Some((from, until));
        } else if self.p.take("class") {
            clauses.class = match self.p.one_of(&["conduct", "person"]) {
                Some(0) => Some(TableClass::Conduct),
                Some(_) => Some(TableClass::Person),
                None => return self.p.wanted("`conduct` or `person`"),
            };
        } else if self.p.take("column") {
            let column = self.column(names, start)?;
            if clauses.columns.iter().any(|other| other.name == column.name) {
                let message = format!("the column `{}` is there twice", column.name);
                return self.p.fail("E105", column.mark, message, Some("give one of them another name".to_owned()));
            }
            clauses.columns.push(column);
        } else if self.p.take("dated by") {
            clauses.dated_by = Some(self.event()?);
        } else if self.p.take("by") {
            clauses.by.push(self.dimension()?);
            while self.p.sign(',') {
                clauses.by.push(self.dimension()?);
            }
        } else if self.p.take("leaves out") {
            let what = self.left_out(&clauses.columns)?;
            self.p.expect_sign(',')?;
            self.p.expect("because")?;
            let because = self.p.text()?;
            clauses.leaves_out.push(LeftOut { what, because, mark: self.p.since(start) });
        } else if self.p.take("linked to") {
            clauses.linked.push(self.linked()?);
            while self.p.take("and") {
                clauses.linked.push(self.linked()?);
            }
        } else if self.p.take("parts of") {
            let whole = self.column_named(names)?;
            self.p.expect_sign(':')?;
            let mut parts = vec![self.column_named(names)?];
            while self.p.sign(',') {
                parts.push(self.column_named(names)?);
            }
            clauses.parts.push(Parts { whole, parts, mark: self.p.since(start) });
        } else if self.p.take("trap") {
            clauses.traps.push(self.p.text()?);
        } else {
            return self.p.wanted("a clause such as `Title`, `Class`, `Column`, `Dated by`, `By`, `Leaves out`, `Parts of` or `Trap`");
        }
        Ok(())
    }

    fn linked(&mut self) -> Read<(String, Mark)> {
        self.p.expect("table")?;
        let start = self.p.place;
        match self.p.rest().first().map(|t| (&t.word, t.raw.clone())) {
            Some((Word::Plain(_) | Word::Number(_), raw)) => {
                self.p.place += 1;
                Ok((raw, self.p.since(start)))
            }
            Some(_) | None => self.p.wanted("the id of a table"),
        }
    }

    /// A column of this table, by its name; its place among them.
    fn column_named(&mut self, names: &Names) -> Read<usize> {
        match names.longest_at(self.p.rest()) {
            Some((number, words)) => {
                self.p.place += words;
                Ok(number as usize)
            }
            None => self.p.unknown("column", names),
        }
    }

    fn column(&mut self, names: &Names, start: usize) -> Read<Column> {
        let Some((name, words)) = name_until(self.p.rest(), &[]) else { return self.p.wanted("the name of the column") };
        self.p.place += words;
        self.p.expect_sign(':')?;
        let measure = self.counted(names)?;
        let mut column = Column { name, measure, condition: None, verdicts: Vec::new(), mark: Mark::default() };
        if self.p.take("where") {
            match column.measure {
                Counted::Verdicts(_) => column.verdicts = self.verdict_test()?,
                Counted::Share(..) | Counted::Rate(..) | Counted::TypedIn => {
                    let mark = self.p.since(start);
                    let help = Some("put the condition on the columns that it is worked out from".to_owned());
                    return self.p.fail("E103", mark, "nothing is selected in this column".to_owned(), help);
                }
                Counted::Subjects(..)
                | Counted::Several(..)
                | Counted::Events(_)
                | Counted::Different(..)
                | Counted::Stock(..)
                | Counted::AverageDaily(..)
                | Counted::Days(..)
                | Counted::TimeBetween(..)
                | Counted::Length(..)
                | Counted::OfField(..)
                | Counted::Cohort(..) => {
                    let judged = self.judged_in(std::slice::from_ref(&column));
                    column.condition = Some(self.cond(&judged)?);
                }
            }
        }
        column.mark = self.p.since(start);
        Ok(column)
    }

    /// Kinds of the events that columns count, or with which the states they count begin.
    fn judged_in(&self, columns: &[Column]) -> Judged {
        let named = columns.iter().flat_map(|c| c.measure.patterns()).filter_map(|p| self.kind_of(p.event));
        let states = columns.iter().filter_map(|c| c.measure.state()).flat_map(|state| self.starts_of(state).0);
        Judged(named.chain(states).collect())
    }

    fn verdict_test(&mut self) -> Read<Vec<&'static str>> {
        self.p.expect("the verdict")?;
        if self.p.take("is one of") {
            self.p.expect_sign('(')?;
            let mut verdicts = vec![self.verdict()?];
            while self.p.sign(',') {
                verdicts.push(self.verdict()?);
            }
            self.p.expect_sign(')')?;
            return Ok(verdicts);
        }
        self.p.expect("is")?;
        Ok(vec![self.verdict()?])
    }

    fn verdict(&mut self) -> Read<&'static str> {
        match self.p.one_of(&VERDICTS) {
            Some(place) => Ok(VERDICTS[place]),
            None => self.p.wanted("met, met late, breached, pending, excused or undetermined"),
        }
    }

    fn counted(&mut self, names: &Names) -> Read<Counted> {
        if self.p.take("typed in") {
            return Ok(Counted::TypedIn);
        }
        if self.p.take("share of") {
            let part = self.column_named(names)?;
            self.p.expect("in")?;
            return Ok(Counted::Share(part, self.column_named(names)?));
        }
        if self.p.take("rate of") {
            let part = self.column_named(names)?;
            self.p.expect("per")?;
            let scale = self.p.whole()?;
            return Ok(Counted::Rate(part, scale, self.column_named(names)?));
        }
        if self.p.take("of") {
            return self.cohort(names);
        }
        if self.p.take("average daily number of") {
            let (class, state) = self.class_while()?;
            return Ok(Counted::AverageDaily(class, state));
        }
        if self.p.take("days of") {
            let (class, state) = self.class_while()?;
            return Ok(Counted::Days(class, state));
        }
        if self.p.take("number of") {
            return self.number_of();
        }
        let stat = self.stat()?;
        if self.p.take("time from") {
            let from = self.event()?;
            self.p.expect("to")?;
            return Ok(Counted::TimeBetween(stat, from, self.event()?));
        }
        if self.p.take("length of") {
            return Ok(Counted::Length(stat, self.state()?.0));
        }
        self.p.expect("of the")?;
        let (field, pattern) = self.field_of_event()?;
        Ok(Counted::OfField(stat, field, pattern))
    }

    fn cohort(&mut self, names: &Names) -> Read<Counted> {
        let of = self.column_named(names)?;
        self.p.expect_sign(',')?;
        self.p.expect("number with")?;
        let event = self.event()?;
        self.p.expect("by")?;
        match self.p.one_of(&["the end", "as-of"]) {
            Some(0) => Ok(Counted::Cohort(of, event, CohortEnd::PeriodEnd)),
            Some(_) => Ok(Counted::Cohort(of, event, CohortEnd::AsOf)),
            None => self.p.wanted("`the end` or `as-of`"),
        }
    }

    fn stat(&mut self) -> Read<Stat> {
        if let Some(which) = self.p.one_of(&["number over", "total over"]) {
            let length = self.p.length()?;
            self.p.expect("of")?;
            return Ok(if which == 0 { Stat::NumberOver(length) } else { Stat::TotalOver(length) });
        }
        let stats = [Stat::Total, Stat::Median, Stat::Ninetieth, Stat::Longest, Stat::Least, Stat::Mean];
        match self.p.one_of(&["total", "median", "ninetieth", "longest", "least", "mean"]) {
            Some(place) => Ok(stats[place]),
            None => self.p.wanted("a measure such as `number of …`, `days of …`, `median time from … to …`, `share of …` or `typed in`"),
        }
    }

    fn class_while(&mut self) -> Read<(ClassId, StateId)> {
        let (class, _) = self.p.name("subject", &self.p.names.classes)?;
        self.p.expect("while")?;
        Ok((ClassId(class), self.state()?.0))
    }

    fn number_of(&mut self) -> Read<Counted> {
        if self.p.take("different") {
            let (field, pattern) = self.field_of_event()?;
            return Ok(Counted::Different(field, pattern));
        }
        if self.p.take("verdicts of") {
            let mut rules = vec![self.p.name("rule", &self.p.names.rules)?.0];
            while self.p.take("and") {
                rules.push(self.p.name("rule", &self.p.names.rules)?.0);
            }
            return Ok(Counted::Verdicts(rules.into_iter().map(|r| self.p.names.rules.spellings[r as usize].clone()).collect()));
        }
        let start = self.p.place;
        if let Some(class) = self.p.maybe(&self.p.names.classes) {
            if self.p.take("with") {
                let at = self.p.place;
                if self.p.one_of(&["at least", "at most", "exactly"]).is_some() {
                    self.p.place = at;
                    return self.several(ClassId(class));
                }
                let mut events = vec![self.event()?];
                while self.p.take("or") {
                    events.push(self.event()?);
                }
                return Ok(Counted::Subjects(ClassId(class), events));
            }
            if self.p.take("while") {
                let state = self.state()?.0;
                return Ok(Counted::Stock(ClassId(class), state, self.stock_day()?));
            }
            self.p.place = start;
        }
        Ok(Counted::Events(self.event()?))
    }

    /// `at least INT e`, of a class
    fn several(&mut self, class: ClassId) -> Read<Counted> {
        let bound = self.bound(true)?;
        let mark = self.p.here();
        let number = self.p.whole()?;
        if number == 0 {
            let help = "count all of them with `number of … with …`, and `of NAME, number with …` those of them that had one".to_owned();
            return self.p.fail("E100", mark, "whoever has none is found by no event".to_owned(), Some(help));
        }
        Ok(Counted::Several(class, bound, number, self.event()?))
    }

    fn stock_day(&mut self) -> Read<StockDay> {
        match self.p.one_of(&["at the start", "at the end", "on"]) {
            Some(0) => return Ok(StockDay::Start),
            Some(1) => return Ok(StockDay::End),
            Some(_) => {}
            None => return self.p.wanted("`at the start`, `at the end` or `on` a month and day"),
        }
        let day = self.p.rest().first().and_then(|token| {
            let (month, day) = token.raw.split_once('-')?;
            civil::Date::new(2024, month.parse().ok()?, day.parse().ok()?).ok()
        });
        match day {
            Some(day) => {
                self.p.place += 1;
                Ok(StockDay::On(day.month(), day.day()))
            }
            None => self.p.wanted("a month and day such as 01-31"),
        }
    }

    /// `FIELD of EVENT`
    fn field_of_event(&mut self) -> Read<(FieldId, Pattern)> {
        let start = self.p.place;
        let (field, mark) = self.p.name("field", &self.p.names.fields)?;
        self.p.expect("of")?;
        let pattern = self.event()?;
        let kinds: Vec<_> = self.kind_of(pattern.event).into_iter().collect();
        let has = kinds.iter().any(|k| self.kinds[k.index()].fields.iter().any(|f| f.name == FieldId(field)));
        if !has {
            self.p.place = start;
            let message = format!("`{}` is not a field of this event", self.p.names.fields.spellings[field as usize]);
            return self.p.fail("E102", mark, message, Some("name a field that the event declares".to_owned()));
        }
        Ok((FieldId(field), pattern))
    }

    fn left_out(&mut self, columns: &[Column]) -> Read<LeftOutWhat> {
        let start = self.p.place;
        let told = self.p.found.len();
        if self.maybe_event_name().is_some() {
            self.p.place = start;
            let pattern = self.event()?;
            if self.p.rest().first().is_some_and(|t| t.word == Word::Sign(',')) {
                return Ok(LeftOutWhat::Event(pattern));
            }
            self.p.place = start;
            self.p.found.truncate(told);
        }
        let judged = self.judged_in(columns);
        Ok(LeftOutWhat::Where(self.cond(&judged)?))
    }

    fn dimension(&mut self) -> Read<Dimension> {
        let start = self.p.place;
        let of = self.dimension_of()?;
        let bands = if self.p.take("in bands") { self.bands()? } else { Vec::new() };
        Ok(Dimension { of, bands, mark: self.p.since(start) })
    }

    fn dimension_of(&mut self) -> Read<DimensionOf> {
        if self.p.take("age of the person") {
            return Ok(DimensionOf::Age);
        }
        let start = self.p.place;
        if let Some(field) = self.p.maybe(&self.p.names.fields) {
            let mark = self.p.since(start);
            if self.p.take("of the") {
                return self.dimension_field(FieldId(field), mark);
            }
            self.p.place = start;
        }
        const WORDS: [(&str, DimensionOf); 10] = [
            ("kind of place", DimensionOf::KindOfPlace),
            ("place", DimensionOf::Place),
            ("region", DimensionOf::Region),
            ("rule", DimensionOf::Rule),
            ("verdict", DimensionOf::Verdict),
            ("day", DimensionOf::Day),
            ("month", DimensionOf::Month),
            ("quarter", DimensionOf::Quarter),
            ("year", DimensionOf::Year),
            ("hour", DimensionOf::Hour),
        ];
        match WORDS.iter().find(|(words, _)| self.p.take(words)) {
            Some((_, of)) => Ok(*of),
            None => Ok(DimensionOf::State(self.state()?.0)),
        }
    }

    fn dimension_field(&mut self, field: FieldId, mark: Mark) -> Read<DimensionOf> {
        let owner = self.p.place;
        let class = self.p.names.classes.longest_at(self.p.rest());
        let event = self.maybe_event_name();
        let event_words = self.p.place - owner;
        let of = match (event, class) {
            (Some(event), class) if class.is_none_or(|(_, words)| event_words >= words) => DimensionOf::Field(field, event),
            (_, Some((class, words))) => {
                self.p.place = owner + words;
                DimensionOf::Fact(field, ClassId(class))
            }
            (_, None) => return self.p.unknown("subject or event", &self.p.names.classes),
        };
        let has = match of {
            DimensionOf::Field(_, event) => {
                self.kind_of(event).is_none_or(|k| self.kinds[k.index()].fields.iter().any(|f| f.name == field))
            }
            DimensionOf::Fact(_, class) => {
                self.kinds.iter().any(|k| k.describes.contains(&class) && k.fields.iter().any(|f| f.name == field))
            }
            DimensionOf::Age
            | DimensionOf::Place
            | DimensionOf::KindOfPlace
            | DimensionOf::Region
            | DimensionOf::Rule
            | DimensionOf::Verdict
            | DimensionOf::Day
            | DimensionOf::Month
            | DimensionOf::Quarter
            | DimensionOf::Year
            | DimensionOf::Hour
            | DimensionOf::State(_) => true,
        };
        if has {
            return Ok(of);
        }
        let message = format!("`{}` is no field of this event, or no fact of this subject", self.p.names.fields.spellings[field.index()]);
        let help = "name the event whose field it is, or mark the event that records it with `describes`";
        self.p.fail("E102", mark, message, Some(help.to_owned()))
    }

    fn bands(&mut self) -> Read<Vec<Band>> {
        let mut written = String::new();
        let start = self.p.place;
        while let Some(token) = self.p.rest().first().filter(|t| !matches!(t.word, Word::Sign(_) | Word::Text(_))) {
            written.push_str(&token.raw);
            self.p.place += 1;
        }
        let bands: Option<Vec<Band>> = written.split('/').map(band).collect();
        match bands.filter(|bands| bands.windows(2).all(|pair| pair[0].most.is_some_and(|most| most < pair[1].least))) {
            Some(bands) => Ok(bands),
            None => {
                let mark = self.p.since(start);
                let help = "smallest first, none overlapping, for example `in bands 0-13/14-17/18+`".to_owned();
                self.p.fail("E100", mark, format!("`{written}` is not a row of bands"), Some(help))
            }
        }
    }
}

fn band(text: &str) -> Option<Band> {
    if let Some(least) = text.strip_suffix('+') {
        return Some(Band { least: least.parse().ok()?, most: None });
    }
    let (least, most) = text.split_once('-').unwrap_or((text, text));
    let (least, most) = (least.parse().ok()?, most.parse().ok()?);
    (least <= most).then_some(Band { least, most: Some(most) })
}

/// The names of a table's columns, in the order written, so that a column may speak of a later one.
fn column_names(tokens: &[Token]) -> Names {
    let mut names = Names::default();
    for clause in tokens.split(|t| t.word == Word::Sign('.')) {
        if clause.first().is_some_and(|t| t.word == Word::Plain("column".to_owned()))
            && let Some((name, _)) = name_until(&clause[1..], &[])
        {
            names.add(&name);
        }
    }
    names
}
