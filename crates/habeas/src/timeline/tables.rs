//! Whether a statistical return is what a timeline expects: each cell given is compared, as those with access see it; a cell that is
//! expected withheld (`c`) as everybody does.

use crate::terminal::Paint;
use habeas_codebook::table::Table;
use habeas_intake::timeline::{ExpectedCell, ExpectedTable, Timeline};
use habeas_returns::cells::{Cell, Return};
use habeas_returns::period::Period;
use habeas_returns::withhold::{self, Limits};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// A cell that is not as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    expected: String,
    got: String,
    why: String,
}

impl Difference {
    /// Expected beside got, for people.
    #[must_use]
    pub fn text(&self, paint: Paint) -> String {
        let why = if self.why.is_empty() { String::new() } else { format!("\n  why       {}", self.why) };
        format!("  expected  {}\n  got       {}{why}", self.expected, paint.bad(&self.got))
    }

    /// The same for programs.
    #[must_use]
    pub fn json(&self, timeline: &str, table: &str) -> Value {
        json!({"timeline": timeline, "table": table, "expected": self.expected, "got": self.got, "why": self.why})
    }

    fn of_table(wish: &ExpectedTable, got: String) -> Vec<Difference> {
        vec![Difference { expected: format!("table {} of {}", wish.id, wish.period), got, why: String::new() }]
    }
}

/// Compares; nothing when all is as expected.
#[must_use]
pub fn compare(timeline: &Timeline, wish: &ExpectedTable) -> Vec<Difference> {
    let codebook = &timeline.codebook;
    let period = match Period::parse(&wish.period, &codebook.almanac) {
        Ok(period) => period,
        Err(error) => return Difference::of_table(wish, error.to_string()),
    };
    let named = || codebook.tables.iter().filter(|table| table.id.eq_ignore_ascii_case(&wish.id));
    let in_force = |table: &&Table| table.from <= period.last && table.until.is_none_or(|until| period.last < until);
    let Some(table) = named().find(in_force).or_else(|| named().next_back()) else {
        return Difference::of_table(wish, format!("the codebook `{}` has no such table", codebook.id));
    };
    let as_of = wish.as_of.unwrap_or(timeline.known_at);
    let made = habeas_returns::count(codebook, &timeline.log, table, &period, as_of);
    let public = wish.cells.iter().any(|cell| cell.status.as_deref() == Some("c"));
    let public = public.then(|| withhold::protect(&[(&made, table)], &[], Limits::default()).0.pop()).flatten();
    wish.cells.iter().filter_map(|cell| differs(&made, public.as_ref(), cell)).collect()
}

fn differs(made: &Return, public: Option<&Return>, wish: &ExpectedCell) -> Option<Difference> {
    let expected = expected_text(wish);
    let difference = |got: String| Some(Difference { expected: expected.clone(), got, why: wish.why.clone() });
    let plain = |name: &str| name.to_lowercase().replace(['_', '-'], " ");
    let Some(column) = made.columns.iter().position(|c| plain(&c.name) == plain(&wish.column)) else {
        return difference("no column is called so".to_owned());
    };
    let mut key = vec![0u16; made.dimensions.len()];
    let mut absent = false;
    for (name, code) in &wish.by {
        let Some(dimension) = made.dimension_named(name) else { return difference(format!("no dimension is called `{name}`")) };
        match made.code_named(dimension, code) {
            Some(code) => key[dimension] = code,
            None => absent = true,
        }
    }
    let of_unit = |cell: &&Cell| wish.unit.as_ref().is_none_or(|unit| cell.currency.as_ref().is_none_or(|currency| currency == unit));
    let find = |made: &Return| made.cells_at(column, &key).find(of_unit).filter(|_| !absent).cloned();
    let cell = if wish.status.as_deref() == Some("c") { public.and_then(find) } else { find(made) };
    let (value, status) = match &cell {
        Some(cell) if cell.shown.is_withheld() => (None, "c"),
        Some(cell) => (cell.value, cell.observed.mark()),
        // Where nothing of the kind was met, nothing was counted.
        None => (Some(Decimal::ZERO), ""),
    };
    let wanted: Option<Decimal> = wish.value.as_ref().and_then(|text| text.split(' ').next()?.parse().ok());
    let same_value = wish.value.as_ref().is_none_or(|text| wanted.map_or(text == status, |wanted| value == Some(wanted)));
    let same_status = wish.status.as_ref().is_none_or(|wanted| wanted == status || (value == Some(Decimal::ZERO) && wanted == "0"));
    if same_value && same_status {
        return None;
    }
    let value = value.map_or_else(|| "no value".to_owned(), |value| value.normalize().to_string());
    difference(if status.is_empty() { value } else { format!("{value} ({status})") })
}

fn expected_text(wish: &ExpectedCell) -> String {
    let by: Vec<String> = wish.by.iter().map(|(dimension, code)| format!("{dimension} {code}")).collect();
    let by = if by.is_empty() { String::new() } else { format!(", {}", by.join(", ")) };
    let status = wish.status.as_ref().map_or_else(String::new, |status| format!(" ({status})"));
    format!("{}{by}: {}{status}", wish.column, wish.value.as_deref().unwrap_or("any"))
}
