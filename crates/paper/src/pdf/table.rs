//! A table on sheets: as wide columns as its words need, in smaller letters or in parts where they do not fit beside one another.

use super::face::Weight;
use super::layout::{BODY, Cell, GAP, LEADING, Role, Setting, count};

/// Sizes of letters that are tried, each with the gap between columns.
const SIZES: [(f32, f32); 3] = [(BODY, GAP), (8.5, 10.0), (7.5, 8.0)];
/// What the names of rows are given at least, of the width, if they wish for it.
const NAMES: f32 = 0.24;
/// What a word takes at most: beyond that it is broken.
const WORD: f32 = 0.4;

/// What a column needs, at the size of running text.
struct Column {
    /// Its widest word.
    least: f32,
    /// Its widest cell.
    wish: f32,
    is_of_numbers: bool,
}

/// Columns that fit beside one another.
struct Part {
    columns: Vec<usize>,
    size: f32,
    gap: f32,
}

impl Setting<'_> {
    pub(super) fn table(&mut self, heads: &[String], rows: &[Vec<String>]) {
        let columns: Vec<Column> = (0..heads.len()).map(|place| self.column(place, heads, rows)).collect();
        for part in parts(&columns, self.width) {
            self.part(&part, &columns, heads, rows);
        }
    }

    fn column(&self, place: usize, heads: &[String], rows: &[Vec<String>]) -> Column {
        let texts = || rows.iter().filter_map(|row| row.get(place)).map(|cell| (cell, Weight::Regular));
        let mut column = Column { least: 0.0, wish: 0.0, is_of_numbers: place > 0 && texts().all(|(cell, _)| is_number(cell)) };
        for (text, weight) in texts().chain([(&heads[place], Weight::Bold)]) {
            let text = self.faces.printable(text);
            let words = text.split(' ').map(|word| self.faces.width(word, weight, BODY) + 1.0);
            column.least = words.fold(column.least, f32::max);
            // The head over numbers is told in as many lines as it needs: what is left is for the names of the rows.
            if weight == Weight::Regular || !column.is_of_numbers {
                // A hair more than is measured: widths of words do not add up exactly.
                column.wish = column.wish.max(self.faces.width(&text, weight, BODY) + 1.0);
            }
        }
        if place == 0 && heads.len() > 1 {
            column.least = column.least.max(column.wish.min(self.width * NAMES));
        }
        column
    }

    fn part(&mut self, part: &Part, columns: &[Column], heads: &[String], rows: &[Vec<String>]) {
        let widths = widths(part, columns, self.width);
        let cells = |texts: &[String], is_head: bool| -> Vec<(String, f32, f32, bool)> {
            let mut x = 0.0;
            let cell = |(place, width): (&usize, &f32)| {
                let begin = x;
                x += width + part.gap;
                let of_numbers = columns[*place].is_of_numbers && (is_head || !rows.is_empty());
                (texts.get(*place).cloned().unwrap_or_default(), begin, *width, of_numbers)
            };
            part.columns.iter().zip(&widths).map(cell).collect()
        };
        let table = self.tag(Role::Table, None);
        let head = cells(heads, true);
        let head = set(&head, Weight::Bold, &Role::Head);
        // With its first row: heads at the foot of a page head nothing.
        let high = head.iter().map(|cell| self.faces.lines(cell.text, cell.weight, part.size, cell.room).len()).max().unwrap_or(1);
        self.need(part.size * LEADING * count(high + 1) + 4.0);
        self.row(table, &head, part.size, &[]);
        self.rule();
        for row in rows {
            let row = cells(row, false);
            self.row(table, &set(&row, Weight::Regular, &Role::Cell), part.size, &head);
            self.rule();
        }
        self.y += 5.0;
    }
}

fn set<'c>(cells: &'c [(String, f32, f32, bool)], weight: Weight, role: &Role) -> Vec<Cell<'c>> {
    let cell = |(text, x, room, to_the_right): &'c (String, f32, f32, bool)| Cell {
        text,
        weight,
        role: role.clone(),
        x: *x,
        room: *room,
        to_the_right: *to_the_right,
    };
    cells.iter().map(cell).collect()
}

/// Whether a cell is a number, or a mark beside or in place of one (`60 p`, `c`); what stands in brackets is not looked at.
fn is_number(text: &str) -> bool {
    let bare = text.split('(').next().unwrap_or_default();
    let is_part = |character: char| character.is_ascii_digit() || ".,:%+-\u{2013}\u{2212}".contains(character);
    bare.split_whitespace().all(|part| part.chars().all(is_part) || part.chars().count() == 1)
}

/// In which parts a table is told: whole in the largest letters in which its words fit, else in several, the first column in each.
fn parts(columns: &[Column], width: f32) -> Vec<Part> {
    let room = |size: f32, gap: f32, places: &[usize]| {
        let words: f32 = places.iter().map(|place| columns[*place].least * size / BODY).sum();
        gap.mul_add(-count(places.len().saturating_sub(1)), width) - words
    };
    let all: Vec<usize> = (0..columns.len()).collect();
    let whole = SIZES.into_iter().find(|(size, gap)| room(*size, *gap, &all) >= 0.0);
    if let Some((size, gap)) = whole {
        return if all.is_empty() { Vec::new() } else { vec![Part { columns: all, size, gap }] };
    }
    let (size, gap) = SIZES[1];
    let mut parts: Vec<Part> = Vec::new();
    for place in 1..columns.len() {
        let fits = parts.last().is_some_and(|part| room(size, gap, &[part.columns.as_slice(), &[place]].concat()) >= 0.0);
        match parts.last_mut().filter(|_| fits) {
            Some(part) => part.columns.push(place),
            None => parts.push(Part { columns: vec![0, place], size, gap }),
        }
    }
    if parts.is_empty() { vec![Part { columns: all, size, gap }] } else { parts }
}

/// How wide each column of a part is: as its widest word, and what is left is shared by those that wish for more, narrow wishes first.
fn widths(part: &Part, columns: &[Column], width: f32) -> Vec<f32> {
    let scale = part.size / BODY;
    let room = part.gap.mul_add(-count(part.columns.len() - 1), width).max(1.0);
    let most = room * WORD.max(1.0 / count(part.columns.len()));
    let least = |place: &usize| (columns[*place].least * scale).min(most);
    let mut widths: Vec<f32> = part.columns.iter().map(least).collect();
    let taken: f32 = widths.iter().sum();
    if taken > room {
        widths.iter_mut().for_each(|one| *one *= room / taken);
        return widths;
    }
    let mut left = room - taken;
    let mut wishes: Vec<(usize, f32)> = part
        .columns
        .iter()
        .map(|place| columns[*place].wish * scale)
        .zip(&widths)
        .map(|(wish, least)| (wish - least).max(0.0))
        .enumerate()
        .collect();
    wishes.sort_by(|one, other| one.1.total_cmp(&other.1));
    let many = wishes.len();
    for (done, (place, wish)) in wishes.into_iter().enumerate() {
        let more = wish.min(left / count(many - done));
        widths[place] += more;
        left -= more;
    }
    widths
}
