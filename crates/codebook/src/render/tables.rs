//! Statistical returns: the clauses of a table in their canonical order.

use super::{Frame, Voice};
use crate::table::{CohortEnd, Column, Counted, Dimension, DimensionOf, LeftOutWhat, Stat, StockDay, Table, TableClass};

impl Voice<'_> {
    /// A whole table: its id; what it is and who asks; a line for each column; every other clause.
    #[must_use]
    pub fn table(&self, table: &Table) -> String {
        let mut said = self.say(Frame::Table, &[&table.id]);
        let head: Vec<String> = self.table_head(table).iter().map(|clause| self.clause(clause)).collect();
        said.push_str("\n  ");
        said.push_str(&head.join(" "));
        let columns = table.columns.iter().map(|column| self.column(table, column));
        for clause in columns.chain(self.table_rest(table)) {
            said.push_str("\n  ");
            said.push_str(&self.clause(&clause));
        }
        said
    }

    fn quoted(&self, text: &str) -> String {
        self.say(Frame::Quotation, &[text])
    }

    fn table_head(&self, table: &Table) -> Vec<String> {
        let mut clauses = vec![self.say(Frame::Title, &[&self.quoted(&table.title)])];
        if !table.cites.is_empty() {
            clauses.push(self.say(Frame::Cites, &[&self.join(Frame::And, table.cites.iter().map(|c| self.citation(c)))]));
        }
        if !table.asked_by.is_empty() {
            clauses.push(self.say(Frame::AskedBy, &[&self.join(Frame::And, table.asked_by.iter().map(|a| self.quoted(a)))]));
        }
        let from = table.from.to_string();
        clauses.push(match table.until {
            Some(until) => self.say(Frame::InForceBetween, &[&from, &until.to_string()]),
            None => self.say(Frame::InForceFrom, &[&from]),
        });
        clauses.push(match table.class {
            TableClass::Conduct => self.say(Frame::ClassConduct, &[]),
            TableClass::Person => self.say(Frame::ClassPerson, &[]),
        });
        clauses
    }

    fn table_rest(&self, table: &Table) -> Vec<String> {
        let mut clauses: Vec<String> = table.dated_by.iter().map(|event| self.say(Frame::DatedBy, &[&self.event(event)])).collect();
        if !table.by.is_empty() {
            clauses.push(self.say(Frame::By, &[&self.join(Frame::Comma, table.by.iter().map(|d| self.dimension(d)))]));
        }
        for left in &table.leaves_out {
            let what = match &left.what {
                LeftOutWhat::Event(pattern) => self.event(pattern),
                LeftOutWhat::Where(cond) => self.cond(cond),
            };
            clauses.push(self.say(Frame::LeavesOut, &[&what, &self.quoted(&left.because)]));
        }
        if !table.linked.is_empty() {
            let ids = table.linked.iter().map(|(id, _)| self.say(Frame::Table, &[id]));
            clauses.push(self.say(Frame::LinkedTo, &[&self.join(Frame::And, ids)]));
        }
        for parts in &table.parts {
            let names = parts.parts.iter().map(|part| table.columns[*part].name.clone());
            clauses.push(self.say(Frame::PartsOf, &[&table.columns[parts.whole].name, &self.join(Frame::Comma, names)]));
        }
        clauses.extend(table.traps.iter().map(|trap| self.say(Frame::Trap, &[&self.quoted(trap)])));
        clauses
    }

    fn column(&self, table: &Table, column: &Column) -> String {
        let mut measure = self.counted(table, &column.measure);
        if let Some(cond) = &column.condition {
            measure = self.say(Frame::ColumnWhere, &[&measure, &self.cond(cond)]);
        }
        let verdicts = self.join(Frame::Comma, column.verdicts.iter().map(|verdict| (*verdict).to_owned()));
        measure = match column.verdicts.len() {
            0 => measure,
            1 => self.say(Frame::WhereVerdict, &[&measure, &verdicts]),
            _ => self.say(Frame::WhereVerdictOneOf, &[&measure, &verdicts]),
        };
        self.say(Frame::Column, &[&column.name, &measure])
    }

    /// What a column measures, in words.
    #[must_use]
    pub fn counted(&self, table: &Table, measure: &Counted) -> String {
        let class = |id: &crate::tree::ClassId| self.codebook.class(*id).name.as_str();
        let name = |column: &usize| table.columns[*column].name.as_str();
        match measure {
            Counted::Subjects(of, events) => {
                let events = self.join(Frame::Or, events.iter().map(|event| self.event(event)));
                self.say(Frame::CountSubjects, &[class(of), &events])
            }
            Counted::Several(of, bound, number, event) => {
                self.say(Frame::CountSeveral, &[class(of), &self.bounded(*bound, &number.to_string()), &self.event(event)])
            }
            Counted::Events(event) => self.say(Frame::CountEvents, &[&self.event(event)]),
            Counted::Different(field, event) => self.say(Frame::CountDifferent, &[&self.field_name(*field), &self.event(event)]),
            Counted::Verdicts(rules) => self.say(Frame::CountVerdicts, &[&self.join(Frame::And, rules.iter().cloned())]),
            Counted::Stock(of, state, day) => {
                let said = self.say(Frame::CountStock, &[class(of), &self.state_name(*state)]);
                match day {
                    StockDay::Start => self.say(Frame::AtTheStart, &[&said]),
                    StockDay::End => self.say(Frame::AtTheEnd, &[&said]),
                    StockDay::On(month, day) => self.say(Frame::OnDay, &[&said, &format!("{month:02}-{day:02}")]),
                }
            }
            Counted::AverageDaily(of, state) => self.say(Frame::AverageDaily, &[class(of), &self.state_name(*state)]),
            Counted::Days(of, state) => self.say(Frame::DaysOf, &[class(of), &self.state_name(*state)]),
            Counted::TimeBetween(stat, from, to) => self.say(Frame::TimeFrom, &[&self.stat(*stat), &self.event(from), &self.event(to)]),
            Counted::Length(stat, state) => self.say(Frame::LengthOf, &[&self.stat(*stat), &self.state_name(*state)]),
            Counted::OfField(stat, field, event) => {
                self.say(Frame::StatOfField, &[&self.stat(*stat), &self.field_name(*field), &self.event(event)])
            }
            Counted::Cohort(of, event, CohortEnd::PeriodEnd) => self.say(Frame::CohortByEnd, &[name(of), &self.event(event)]),
            Counted::Cohort(of, event, CohortEnd::AsOf) => self.say(Frame::CohortAsOf, &[name(of), &self.event(event)]),
            Counted::Share(part, whole) => self.say(Frame::ShareOf, &[name(part), name(whole)]),
            Counted::Rate(part, scale, whole) => self.say(Frame::RateOf, &[name(part), &scale.to_string(), name(whole)]),
            Counted::TypedIn => self.say(Frame::TypedIn, &[]),
        }
    }

    fn stat(&self, stat: Stat) -> String {
        match stat {
            Stat::Total => self.say(Frame::Total, &[]),
            Stat::Median => self.say(Frame::Median, &[]),
            Stat::Ninetieth => self.say(Frame::Ninetieth, &[]),
            Stat::Longest => self.say(Frame::Longest, &[]),
            Stat::Least => self.say(Frame::Least, &[]),
            Stat::Mean => self.say(Frame::Mean, &[]),
            Stat::NumberOver(length) => self.say(Frame::NumberOver, &[&self.length(length)]),
            Stat::TotalOver(length) => self.say(Frame::TotalOver, &[&self.length(length)]),
        }
    }

    /// A dimension with its bands.
    #[must_use]
    pub fn dimension(&self, dimension: &Dimension) -> String {
        let said = match dimension.of {
            DimensionOf::Fact(field, class) => self.say(Frame::FieldOfThe, &[&self.field_name(field), &self.class_name(class)]),
            DimensionOf::Field(field, event) => self.say(Frame::FieldOfThe, &[&self.field_name(field), &self.event_name(event)]),
            DimensionOf::Age => self.say(Frame::AgeOfPerson, &[]),
            DimensionOf::Place => self.say(Frame::Place, &[]),
            DimensionOf::KindOfPlace => self.say(Frame::KindOfPlace, &[]),
            DimensionOf::Region => self.say(Frame::Region, &[]),
            DimensionOf::Rule => self.say(Frame::RuleDimension, &[]),
            DimensionOf::Verdict => self.say(Frame::VerdictDimension, &[]),
            DimensionOf::Day => self.say(Frame::DayDimension, &[]),
            DimensionOf::Month => self.say(Frame::MonthDimension, &[]),
            DimensionOf::Quarter => self.say(Frame::Quarter, &[]),
            DimensionOf::Year => self.say(Frame::YearDimension, &[]),
            DimensionOf::Hour => self.say(Frame::HourDimension, &[]),
            DimensionOf::State(state) => self.state_name(state),
        };
        if dimension.bands.is_empty() {
            return said;
        }
        let bands: Vec<String> = dimension.bands.iter().map(ToString::to_string).collect();
        self.say(Frame::InBands, &[&said, &bands.join("/")])
    }
}
