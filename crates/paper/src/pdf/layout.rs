//! What stands where: blocks become lines on sheets, and each line knows the tag it belongs to.

use super::Paper;
use super::face::{Faces, Weight};
use crate::{Bar, Block, Document};

const MARGIN: f32 = 56.0;
const FOOT: f32 = 34.0;
const BODY: f32 = 9.5;
const LEADING: f32 = 1.35;
const GAP: f32 = 14.0;

/// What a part of the document is, for a screen reader.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Role {
    /// A heading of a level from 1, and its words.
    Heading(u16, String),
    Paragraph,
    Table,
    Row,
    Head,
    /// The name that begins a row.
    RowHead,
    Cell,
    /// A picture, and its words.
    Figure(String),
}

/// A node of the tree of tags: its role, and the node above it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tag {
    pub(super) role: Role,
    pub(super) above: Option<usize>,
}

/// A line of text, or a bar or squares, at a place from the sheet's upper left corner.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) what: What,
    /// The tag it belongs to; none for what only decorates.
    pub(super) tag: Option<usize>,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    Line {
        text: String,
        weight: Weight,
        size: f32,
    },
    /// A filled rectangle: width, height, and how dark, 0 black to 255 white.
    Bar(f32, f32, u8),
    Squares {
        side: usize,
        dark: Vec<bool>,
        size: f32,
    },
}

/// Sheets of pieces, and the tags they belong to in reading order.
#[derive(Debug, Default)]
pub(super) struct Laid {
    pub(super) sheets: Vec<Vec<Piece>>,
    pub(super) tags: Vec<Tag>,
}

/// One cell to be set in a row.
struct Cell<'a> {
    text: &'a str,
    weight: Weight,
    role: Role,
    x: f32,
    room: f32,
}

struct Setting<'a> {
    faces: &'a Faces,
    width: f32,
    bottom: f32,
    y: f32,
    laid: Laid,
}

/// Sets a document on sheets.
pub(super) fn lay(document: &Document, paper: Paper, faces: &Faces) -> Laid {
    let (width, height) = paper.points();
    let laid = Laid { sheets: vec![Vec::new()], tags: Vec::new() };
    let mut setting = Setting { faces, width: width - 2.0 * MARGIN, bottom: height - MARGIN - FOOT, y: MARGIN, laid };
    setting.heading(1, &document.title, 18.0, 0.0);
    for block in &document.blocks {
        setting.block(block);
    }
    let Setting { mut laid, .. } = setting;
    let count = laid.sheets.len();
    for (place, sheet) in laid.sheets.iter_mut().enumerate() {
        let y = height - FOOT;
        sheet.push(Piece { x: MARGIN, y: y - 12.0, what: What::Bar(width - 2.0 * MARGIN, 0.5, 120), tag: None });
        let number = format!("{} / {count}", place + 1);
        let room = faces.width(&number, Weight::Regular, 8.0);
        let line = |text, x| Piece { x, y, what: What::Line { text, weight: Weight::Regular, size: 8.0 }, tag: None };
        let foot = faces.lines(&document.foot, Weight::Regular, 8.0, width - 2.0 * MARGIN - room - GAP).swap_remove(0);
        sheet.push(line(foot, MARGIN));
        sheet.push(line(number, width - MARGIN - room));
    }
    laid
}

impl Setting<'_> {
    fn block(&mut self, block: &Block) {
        match block {
            Block::Section(head) => self.heading(2, head, 13.0, 16.0),
            Block::Part(head) => self.heading(3, head, 10.0, 9.0),
            Block::Text(said) | Block::Lines(said) => self.paragraph(said, Weight::Regular, 0.0),
            Block::Alert(said) => self.paragraph(said, Weight::Bold, 10.0),
            Block::Facts(facts) => self.facts(facts),
            Block::Table { heads, rows } => self.table(heads, rows),
            Block::Bars { title, bars } => self.bars(title, bars),
            Block::Squares { alt, side, dark } => self.squares(alt, *side, dark),
        }
    }

    fn tag(&mut self, role: Role, above: Option<usize>) -> usize {
        self.laid.tags.push(Tag { role, above });
        self.laid.tags.len() - 1
    }

    /// Goes to a new sheet where less than this is left.
    fn need(&mut self, height: f32) {
        if self.y + height > self.bottom && self.y > MARGIN {
            self.laid.sheets.push(Vec::new());
            self.y = MARGIN;
        }
    }

    fn put(&mut self, x: f32, y: f32, what: What, tag: Option<usize>) {
        let sheet = self.laid.sheets.last_mut().expect("there is a first sheet from the start");
        sheet.push(Piece { x: MARGIN + x, y, what, tag });
    }

    fn heading(&mut self, level: u16, text: &str, size: f32, before: f32) {
        let lines = self.faces.lines(text, Weight::Bold, size, self.width);
        if self.y > MARGIN {
            self.y += before;
        }
        // With room for what it heads: a heading at the foot of a page heads nothing.
        self.need(size * LEADING * count(lines.len()) + 4.0 * BODY * LEADING);
        let tag = self.tag(Role::Heading(level, lines.join(" ")), None);
        for text in lines {
            self.y += size * LEADING;
            self.put(0.0, self.y, What::Line { text, weight: Weight::Bold, size }, Some(tag));
        }
        self.y += if level < 3 { 6.0 } else { 1.5 };
    }

    fn paragraph(&mut self, text: &str, weight: Weight, indent: f32) {
        let lines = self.faces.lines(text, weight, BODY, self.width - indent);
        let tag = self.tag(Role::Paragraph, None);
        for text in lines {
            self.need(BODY * LEADING);
            if indent > 0.0 {
                self.put(0.0, self.y + 2.0, What::Bar(3.0, BODY * LEADING, 40), None);
            }
            self.y += BODY * LEADING;
            self.put(indent, self.y, What::Line { text, weight, size: BODY }, Some(tag));
        }
        self.y += 3.0;
    }

    fn facts(&mut self, facts: &[(String, String)]) {
        if facts.is_empty() {
            return;
        }
        let table = self.tag(Role::Table, None);
        let names = self.width * 0.3;
        for (name, said) in facts {
            let cells = [
                Cell { text: name, weight: Weight::Regular, role: Role::RowHead, x: 0.0, room: names - GAP },
                Cell { text: said, weight: Weight::Regular, role: Role::Cell, x: names, room: self.width - names },
            ];
            self.row(table, &cells);
        }
        self.y += 3.0;
    }

    fn table(&mut self, heads: &[String], rows: &[Vec<String>]) {
        if heads.is_empty() {
            return;
        }
        let places = self.columns(heads, rows);
        let table = self.tag(Role::Table, None);
        let line = |texts: &[String], head: bool| -> Vec<(String, f32, f32, bool)> {
            let cell = |(place, (x, room)): (usize, &(f32, f32))| (texts.get(place).cloned().unwrap_or_default(), *x, *room, head);
            places.iter().enumerate().map(cell).collect()
        };
        let lines = std::iter::once(line(heads, true)).chain(rows.iter().map(|row| line(row, false))).collect::<Vec<_>>();
        for cells in &lines {
            let cells: Vec<Cell<'_>> = cells
                .iter()
                .map(|(text, x, room, head)| Cell {
                    text,
                    weight: if *head { Weight::Bold } else { Weight::Regular },
                    role: if *head { Role::Head } else { Role::Cell },
                    x: *x,
                    room: *room,
                })
                .collect();
            self.row(table, &cells);
            self.put(0.0, self.y + 2.0, What::Bar(self.width, 0.4, 170), None);
            self.y += 2.0;
        }
        self.y += 5.0;
    }

    /// Where each column begins and how wide it is: narrow columns get what they wish, the wide ones share what is left.
    fn columns(&self, heads: &[String], rows: &[Vec<String>]) -> Vec<(f32, f32)> {
        let wish = |place: usize| {
            let head = self.faces.width(&self.faces.printable(&heads[place]), Weight::Bold, BODY);
            let cells = rows.iter().filter_map(|row| row.get(place)).take(200);
            cells.map(|cell| self.faces.width(&self.faces.printable(cell), Weight::Regular, BODY)).fold(head, f32::max) + 1.0
        };
        let mut wishes: Vec<(usize, f32)> = (0..heads.len()).map(wish).enumerate().collect();
        wishes.sort_by(|one, other| one.1.total_cmp(&other.1));
        let mut left = GAP.mul_add(-count(heads.len() - 1), self.width).max(1.0);
        let mut widths = vec![0.0; heads.len()];
        for (done, (place, wish)) in wishes.into_iter().enumerate() {
            widths[place] = wish.min(left / count(heads.len() - done));
            left -= widths[place];
        }
        let mut x = 0.0;
        let begin = |width: f32| {
            let begin = x;
            x += width + GAP;
            (begin, width)
        };
        widths.into_iter().map(begin).collect()
    }

    /// One row of cells, as high as its highest; a row longer than a sheet goes on on the next.
    fn row(&mut self, table: usize, cells: &[Cell<'_>]) {
        let set: Vec<Vec<String>> = cells.iter().map(|cell| self.faces.lines(cell.text, cell.weight, BODY, cell.room)).collect();
        let height = set.iter().map(Vec::len).max().unwrap_or(1);
        let row = self.tag(Role::Row, Some(table));
        let tags: Vec<usize> = cells.iter().map(|cell| self.tag(cell.role.clone(), Some(row))).collect();
        self.need((BODY * LEADING * count(height)).min((self.bottom - MARGIN) / 2.0));
        for place in 0..height {
            self.need(BODY * LEADING);
            self.y += BODY * LEADING;
            for ((cell, lines), tag) in cells.iter().zip(&set).zip(&tags) {
                if let Some(text) = lines.get(place).filter(|text| !text.is_empty()) {
                    self.put(cell.x, self.y, What::Line { text: text.clone(), weight: cell.weight, size: BODY }, Some(*tag));
                }
            }
        }
        self.y += 1.5;
    }

    /// A chart: its title, then a bar a line. What is longer than a sheet goes on on the next.
    fn bars(&mut self, title: &str, bars: &[Bar]) {
        if bars.is_empty() {
            return;
        }
        let height = BODY * LEADING;
        self.need(height * count(bars.len().min(6) + 1));
        let tag = self.tag(Role::Figure(crate::bars_told(title, bars)), None);
        let (names, numbers) = (self.width * 0.34, self.width * 0.16);
        let line = |text: String, weight| What::Line { text, weight, size: BODY };
        self.y += height;
        let title = self.faces.lines(title, Weight::Bold, BODY, self.width).swap_remove(0);
        self.put(0.0, self.y, line(title, Weight::Bold), Some(tag));
        for bar in bars {
            self.need(height);
            self.y += height;
            let name = self.faces.lines(&bar.name, Weight::Regular, BODY, names - GAP).swap_remove(0);
            let said = self.faces.lines(&bar.said, Weight::Regular, BODY, numbers).swap_remove(0);
            self.put(0.0, self.y, line(name, Weight::Regular), Some(tag));
            let long = (self.width - names - numbers - GAP) * f32::from(bar.length.min(1000)) / 1000.0;
            self.put(names, self.y - BODY * 0.8, What::Bar(long.max(0.4), BODY, 90), Some(tag));
            self.put(names + long + 4.0, self.y, line(said, Weight::Regular), Some(tag));
        }
        self.y += 8.0;
    }

    fn squares(&mut self, alt: &str, side: usize, dark: &[bool]) {
        let size = 130.0_f32.min(self.width);
        self.need(size + 8.0);
        // A picture without words does not pass PDF/UA-1.
        let tag = self.tag(Role::Figure(if alt.is_empty() { "–".to_owned() } else { alt.to_owned() }), None);
        self.put(0.0, self.y + 4.0, What::Squares { side, dark: dark.to_vec(), size }, Some(tag));
        self.y += size + 8.0;
    }
}

#[expect(clippy::cast_precision_loss, reason = "lines and columns of one row, far below 2^24")]
fn count(number: usize) -> f32 {
    number as f32
}
