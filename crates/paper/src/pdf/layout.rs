//! What stands where: blocks become lines on sheets, and each line knows the tag it belongs to.

use super::Paper;
use super::face::{Faces, Weight};
use crate::{Bar, Block, Document};

const MARGIN: f32 = 56.0;
const FOOT: f32 = 34.0;
pub(super) const BODY: f32 = 9.5;
pub(super) const LEADING: f32 = 1.35;
pub(super) const GAP: f32 = 14.0;

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
pub(super) struct Cell<'a> {
    pub(super) text: &'a str,
    pub(super) weight: Weight,
    pub(super) role: Role,
    pub(super) x: f32,
    pub(super) room: f32,
    /// A number: its lines end where the column does.
    pub(super) to_the_right: bool,
}

pub(super) struct Setting<'a> {
    pub(super) faces: &'a Faces,
    pub(super) width: f32,
    bottom: f32,
    pub(super) y: f32,
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

    pub(super) fn tag(&mut self, role: Role, above: Option<usize>) -> usize {
        self.laid.tags.push(Tag { role, above });
        self.laid.tags.len() - 1
    }

    /// Goes to a new sheet where less than this is left.
    pub(super) fn need(&mut self, height: f32) {
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
                Cell { text: name, weight: Weight::Regular, role: Role::RowHead, x: 0.0, room: names - GAP, to_the_right: false },
                Cell { text: said, weight: Weight::Regular, role: Role::Cell, x: names, room: self.width - names, to_the_right: false },
            ];
            self.row(table, &cells, BODY, &[]);
        }
        self.y += 3.0;
    }

    /// One row of cells, as high as its highest; a row longer than a sheet goes on on the next. On a new sheet the heads of its table stand
    /// above it again, for eyes only.
    pub(super) fn row(&mut self, table: usize, cells: &[Cell<'_>], size: f32, heads: &[Cell<'_>]) {
        let set = self.set(cells, size);
        let height = set.iter().map(Vec::len).max().unwrap_or(1);
        let row = self.tag(Role::Row, Some(table));
        let tags: Vec<Option<usize>> = cells.iter().map(|cell| Some(self.tag(cell.role.clone(), Some(row)))).collect();
        let sheets = self.laid.sheets.len();
        self.need((size * LEADING * count(height)).min((self.bottom - MARGIN) / 2.0));
        if self.laid.sheets.len() > sheets && !heads.is_empty() {
            let again = self.set(heads, size);
            self.lines_of(heads, &again, &vec![None; heads.len()], size);
            self.rule();
        }
        self.lines_of(cells, &set, &tags, size);
    }

    fn set(&self, cells: &[Cell<'_>], size: f32) -> Vec<Vec<String>> {
        cells.iter().map(|cell| self.faces.lines(cell.text, cell.weight, size, cell.room)).collect()
    }

    fn lines_of(&mut self, cells: &[Cell<'_>], set: &[Vec<String>], tags: &[Option<usize>], size: f32) {
        for place in 0..set.iter().map(Vec::len).max().unwrap_or(1) {
            self.need(size * LEADING);
            self.y += size * LEADING;
            for ((cell, lines), tag) in cells.iter().zip(set).zip(tags) {
                if let Some(text) = lines.get(place).filter(|text| !text.is_empty()) {
                    let before = if cell.to_the_right { (cell.room - self.faces.width(text, cell.weight, size)).max(0.0) } else { 0.0 };
                    self.put(cell.x + before, self.y, What::Line { text: text.clone(), weight: cell.weight, size }, *tag);
                }
            }
        }
        self.y += 1.5;
    }

    /// The rule under a row.
    pub(super) fn rule(&mut self) {
        self.put(0.0, self.y + 2.0, What::Bar(self.width, 0.4, 170), None);
        self.y += 2.0;
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
        for (place, title) in self.faces.lines(title, Weight::Bold, BODY, self.width).into_iter().enumerate() {
            self.y += if place == 0 { 0.0 } else { height };
            self.put(0.0, self.y, line(title, Weight::Bold), Some(tag));
        }
        for bar in bars {
            let mut name = self.faces.lines(&bar.name, Weight::Regular, BODY, names - GAP);
            self.need(height * count(name.len()));
            // The bar stands beside the last line of a long name.
            let last = name.pop().unwrap_or_default();
            for text in name {
                self.y += height;
                self.put(0.0, self.y, line(text, Weight::Regular), Some(tag));
            }
            self.y += height;
            let said = self.faces.lines(&bar.said, Weight::Regular, BODY, numbers).swap_remove(0);
            self.put(0.0, self.y, line(last, Weight::Regular), Some(tag));
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
pub(super) fn count(number: usize) -> f32 {
    number as f32
}
