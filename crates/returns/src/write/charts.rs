//! Charts as SVG: bars from zero, lines over the parts of a year, stacked bars, small multiples, a heat map by place and hour. Each has a
//! title, a description that says the same in a sentence, and stands beside its table: nothing is told by the drawing alone.

use super::html::escape;
use crate::cells::{Key, Return, TOTAL};
use crate::phrases::{self, Language, Phrase};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::fmt::Write as _;

/// Bars, points and tiles drawn at most; the rest is in the table.
const MOST: usize = 40;

/// Small drawings side by side at most.
const PANELS: usize = 9;

/// One number with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// What it is of.
    pub name: String,
    /// The number.
    pub value: Decimal,
}

/// The charts of a table: name and SVG.
#[must_use]
pub fn write(made: &Return) -> Vec<(String, String)> {
    let mut charts = Vec::new();
    let Some(column) = made.columns.first() else { return charts };
    for (place, dimension) in made.dimensions.iter().enumerate() {
        let marks = marks(made, 0, |code| key(made, &[(place, code)]), place);
        if marks.len() < 2 || is_nothing(&marks) {
            continue;
        }
        let title = phrases::say(made.language, Phrase::ChartBy, &[&made.title, &column.name, &dimension.words]);
        let told = described(made.language, &column.unit, &marks);
        let is_time = matches!(dimension.name.as_str(), "day" | "month" | "quarter" | "year" | "hour");
        let svg = if is_time { line(&title, &told, &marks) } else { bars(&title, &told, &marks) };
        charts.push((format!("by-{}", super::csv::column_name(&dimension.name)), svg));
    }
    let place = |name: &str| made.dimensions.iter().position(|d| d.name == name);
    if let (Some(across), Some(down)) = (place("hour"), place("place"))
        && !is_nothing(&marks(made, 0, |code| key(made, &[(down, code)]), down))
    {
        charts.push(("place-and-hour".to_owned(), heat(made, across, down)));
    }
    if made.dimensions.len() >= 2 && !is_nothing(&marks(made, 0, |code| key(made, &[(0, code)]), 0)) {
        charts.push(("stacked".to_owned(), stacked(made)));
    }
    if made.columns.len() >= 2 && !made.dimensions.is_empty() {
        let each = (0..made.columns.len()).map(|column| (column, marks(made, column, |code| key(made, &[(0, code)]), 0)));
        let panels: Vec<(usize, Vec<Mark>)> = each.filter(|(_, marks)| !is_nothing(marks)).take(PANELS).collect();
        if panels.len() >= 2 {
            charts.push(("multiples".to_owned(), multiples(made, &panels)));
        }
    }
    charts
}

/// A drawing of noughts says nothing.
fn is_nothing(marks: &[Mark]) -> bool {
    marks.iter().all(|mark| mark.value.is_zero())
}

fn key(made: &Return, fixed: &[(usize, u16)]) -> Key {
    let mut key: Key = vec![TOTAL; made.dimensions.len()].into_boxed_slice();
    fixed.iter().for_each(|(place, code)| key[*place] = *code);
    key
}

/// The numbers of a column along one dimension; what is withheld or missing is left out.
fn marks(made: &Return, column: usize, at: impl Fn(u16) -> Key, dimension: usize) -> Vec<Mark> {
    let codes = 1..=u16::try_from(made.dimensions[dimension].codes.len()).unwrap_or(u16::MAX);
    let value = |code: u16| made.cells_at(column, &at(code)).find(|c| !c.shown.is_withheld()).and_then(|c| c.value);
    let found = codes.filter_map(|code| Some(Mark { name: made.label(dimension, code), value: value(code)? }));
    found.filter(|mark| mark.value >= Decimal::ZERO).take(MOST).collect()
}

fn frame(title: &str, described: &str, width: usize, height: usize) -> String {
    let (width, whole) = (width.max(640), height + 28);
    // What does not fit is told without the table's own title, which stands above.
    let fits = title.chars().count() <= width / 7;
    let shown = if fits { title } else { title.split_once(": ").map_or(title, |(_, rest)| rest) };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 -28 {width} {whole}\" width=\"{width}\" height=\"{whole}\" role=\"img\">\
         <title>{0}</title><desc>{1}</desc><text x=\"4\" y=\"-10\" font-weight=\"600\">{2}</text>\n",
        escape(title),
        escape(described),
        escape(&shorten(shown, width / 7))
    )
}

/// Says in a sentence what the drawing shows.
fn described(language: Language, unit: &str, marks: &[Mark]) -> String {
    let most = marks.iter().max_by(|a, b| a.value.cmp(&b.value).then_with(|| b.name.cmp(&a.name)));
    let said = phrases::say(language, Phrase::ChartSays, &[&marks.len().to_string(), unit]);
    let most = most.map(|m| phrases::say(language, Phrase::ChartMost, &[&m.name, &super::figure(m.value)]));
    most.map_or_else(|| said.clone(), |most| format!("{said} {most}"))
}

fn greatest(marks: &[Mark]) -> Decimal {
    marks.iter().map(|m| m.value).max().filter(|most| *most > Decimal::ZERO).unwrap_or(Decimal::ONE)
}

/// So many of `length` as the value is of the greatest.
fn scaled(value: Decimal, most: Decimal, length: u32) -> u32 {
    let scaled = value.checked_mul(Decimal::from(length)).and_then(|v| v.checked_div(most));
    scaled.and_then(|v| v.round().to_u32()).map_or(length, |v| v.min(length))
}

fn shorten(name: &str, letters: usize) -> String {
    if name.chars().count() <= letters { name.to_owned() } else { name.chars().take(letters - 1).chain(['…']).collect() }
}

/// Bars lying, from zero, the number at the end of each.
#[must_use]
pub fn bars(title: &str, described: &str, marks: &[Mark]) -> String {
    let mut out = frame(title, described, 640, marks.len() * 24 + 12);
    let most = greatest(marks);
    for (place, mark) in marks.iter().enumerate() {
        let (y, width) = (place * 24 + 6, scaled(mark.value, most, 320));
        let _ = writeln!(
            out,
            "<text x=\"212\" y=\"{0}\" text-anchor=\"end\">{1}</text>\
             <rect class=\"bar\" x=\"220\" y=\"{y}\" width=\"{width}\" height=\"16\"/>\
             <text x=\"{2}\" y=\"{0}\">{3}</text>",
            y + 13,
            escape(&shorten(&mark.name, 30)),
            226 + width,
            super::figure(mark.value)
        );
    }
    out.push_str("</svg>");
    out
}

/// A line over parts of a year or hours of the day; its foot is zero.
#[must_use]
pub fn line(title: &str, described: &str, marks: &[Mark]) -> String {
    let step = (600 / marks.len().max(1)).clamp(12, 60);
    let mut out = frame(title, described, marks.len() * step + 80, 240);
    let most = greatest(marks);
    let right = marks.len() * step + 60;
    let _ = writeln!(
        out,
        "<line class=\"grid\" x1=\"56\" x2=\"{right}\" y1=\"20\" y2=\"20\"/>\
         <line class=\"grid\" x1=\"56\" x2=\"{right}\" y1=\"200\" y2=\"200\"/>\
         <text x=\"50\" y=\"24\" text-anchor=\"end\">{}</text><text x=\"50\" y=\"204\" text-anchor=\"end\">0</text>",
        super::figure(most)
    );
    let every = marks.len().div_ceil(10).max(1);
    let at = |place: usize, mark: &Mark| (60 + place * step, 200 - scaled(mark.value, most, 180));
    let points: Vec<String> = marks.iter().enumerate().map(|(p, m)| at(p, m)).map(|(x, y)| format!("{x},{y}")).collect();
    let _ = writeln!(out, "<polyline class=\"line\" points=\"{}\"/>", points.join(" "));
    for (place, mark) in marks.iter().enumerate() {
        let (x, y) = at(place, mark);
        let _ = writeln!(out, "<circle class=\"dot\" cx=\"{x}\" cy=\"{y}\" r=\"3\"/>");
        if place.is_multiple_of(every) {
            let _ = writeln!(out, "<text x=\"{x}\" y=\"220\" text-anchor=\"middle\">{}</text>", escape(&mark.name));
        }
    }
    out.push_str("</svg>");
    out
}

/// One bar a code of the first dimension, cut by the codes of the second; the six largest, then the others together.
fn stacked(made: &Return) -> String {
    let (first, second) = (&made.dimensions[0], &made.dimensions[1]);
    let title = phrases::say(made.language, Phrase::ChartByBoth, &[&made.title, &made.columns[0].name, &first.words, &second.words]);
    let wholes = marks(made, 0, |code| key(made, &[(0, code)]), 0);
    let rows = (1..=first.codes.len().min(MOST) as u16)
        .map(|code| (made.label(0, code), marks(made, 0, |other| key(made, &[(0, code), (1, other)]), 1)));
    let rows: Vec<(String, Vec<Mark>)> = rows.filter(|(_, parts)| !parts.is_empty()).collect();
    let sum = |parts: &[Mark]| parts.iter().fold(Decimal::ZERO, |sum, m| sum.saturating_add(m.value));
    let most = rows.iter().map(|(_, parts)| sum(parts)).max().filter(|m| *m > Decimal::ZERO).unwrap_or(Decimal::ONE);
    let mut names: Vec<(Decimal, String)> = Vec::new();
    for mark in rows.iter().flat_map(|(_, parts)| parts) {
        match names.iter_mut().find(|(_, name)| *name == mark.name) {
            Some((total, _)) => *total = total.saturating_add(mark.value),
            None => names.push((mark.value, mark.name.clone())),
        }
    }
    names.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    names.truncate(6);
    let mut out = frame(&title, &described(made.language, &made.columns[0].unit, &wholes), 640, rows.len() * 24 + names.len() * 18 + 24);
    for (place, (name, parts)) in rows.iter().enumerate() {
        let y = place * 24 + 6;
        let _ = writeln!(out, "<text x=\"212\" y=\"{}\" text-anchor=\"end\">{}</text>", y + 13, escape(&shorten(name, 30)));
        let mut x = 220;
        for (number, (_, named)) in names.iter().enumerate() {
            let value = parts.iter().find(|m| m.name == *named).map_or(Decimal::ZERO, |m| m.value);
            let width = scaled(value, most, 380);
            let _ = writeln!(out, "<rect class=\"s{}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"16\"/>", number + 1);
            x += width;
        }
    }
    for (number, (_, name)) in names.iter().enumerate() {
        let y = rows.len() * 24 + number * 18 + 12;
        let _ = writeln!(
            out,
            "<rect class=\"s{}\" x=\"220\" y=\"{y}\" width=\"12\" height=\"12\"/><text x=\"238\" y=\"{}\">{}</text>",
            number + 1,
            y + 11,
            escape(&shorten(name, 40))
        );
    }
    out.push_str("</svg>");
    out
}

/// The same bars for columns that have something, side by side, each by its own scale.
fn multiples(made: &Return, panels: &[(usize, Vec<Mark>)]) -> String {
    let title = phrases::say(made.language, Phrase::ChartEach, &[&made.title, &made.dimensions[0].words]);
    let rows = panels.iter().map(|(_, panel)| panel.len()).max().unwrap_or(0).min(20);
    let mut out = frame(
        &title,
        &phrases::say(made.language, Phrase::ChartPanels, &[&panels.len().to_string()]),
        2 * 340,
        panels.len().div_ceil(2) * (rows * 18 + 44),
    );
    for (number, (column, panel)) in panels.iter().enumerate() {
        let (x, y) = (number % 2 * 340 + 4, number / 2 * (rows * 18 + 44));
        let _ = writeln!(out, "<text x=\"{x}\" y=\"{}\">{}</text>", y + 16, escape(&shorten(&made.columns[*column].name, 44)));
        let most = greatest(panel);
        for (place, mark) in panel.iter().take(rows).enumerate() {
            let (top, width) = (y + 26 + place * 18, scaled(mark.value, most, 110));
            let _ = writeln!(
                out,
                "<text x=\"{}\" y=\"{2}\" text-anchor=\"end\" font-size=\"11\">{1}</text>\
                 <rect class=\"bar\" x=\"{3}\" y=\"{top}\" width=\"{width}\" height=\"12\"/>\
                 <text x=\"{4}\" y=\"{2}\" font-size=\"11\">{5}</text>",
                x + 154,
                escape(&shorten(&mark.name, 24)),
                top + 10,
                x + 160,
                x + 165 + width as usize,
                super::figure(mark.value)
            );
        }
    }
    out.push_str("</svg>");
    out
}

/// A tile for each place and hour, the darker the more; the number stands in the tile.
fn heat(made: &Return, across: usize, down: usize) -> String {
    let title = phrases::say(made.language, Phrase::ChartHeat, &[&made.title, &made.columns[0].name]);
    let places = made.dimensions[down].codes.len().min(MOST);
    let mut out = frame(&title, &phrases::say(made.language, Phrase::ChartTiles, &[&places.to_string()]), 220 + 24 * 22, places * 20 + 30);
    let value = |place: u16, hour: u16| {
        let key = key(made, &[(down, place), (across, hour)]);
        made.cells_at(0, &key).find(|c| !c.shown.is_withheld()).and_then(|c| c.value).unwrap_or(Decimal::ZERO)
    };
    let hours: Vec<(u16, &String)> = (1..).zip(&made.dimensions[across].codes).filter(|(_, code)| code.len() == 2).collect();
    let all = (1..=places as u16).flat_map(|place| hours.iter().map(move |(hour, _)| (place, *hour)));
    let most = all.map(|(place, hour)| value(place, hour)).max().filter(|m| *m > Decimal::ZERO).unwrap_or(Decimal::ONE);
    for (number, (_, code)) in hours.iter().enumerate() {
        let _ = writeln!(out, "<text x=\"{}\" y=\"16\" font-size=\"9\">{code}</text>", 216 + number * 22);
    }
    for place in 1..=places as u16 {
        let y = 22 + (usize::from(place) - 1) * 20;
        let _ =
            writeln!(out, "<text x=\"206\" y=\"{}\" text-anchor=\"end\">{}</text>", y + 14, escape(&shorten(&made.label(down, place), 28)));
        for (number, (hour, _)) in hours.iter().enumerate() {
            let value = value(place, *hour);
            let light = 97 - scaled(value, most, 60);
            let ink = if light < 60 { "#fff" } else { "#1b1b1b" };
            let x = 212 + number * 22;
            let _ = writeln!(out, "<rect x=\"{x}\" y=\"{y}\" width=\"21\" height=\"19\" fill=\"hsl(205,65%,{light}%)\"/>");
            if value > Decimal::ZERO {
                let _ = writeln!(
                    out,
                    "<text x=\"{}\" y=\"{}\" font-size=\"9\" text-anchor=\"middle\" fill=\"{ink}\">{}</text>",
                    x + 10,
                    y + 13,
                    super::figure(value)
                );
            }
        }
    }
    out.push_str("</svg>");
    out
}
