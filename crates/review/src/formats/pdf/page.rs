//! What one page shows: its content is run as a program that places strings, and each string comes out with its place, size and weight.

use super::fonts::Font;
use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, Object, ObjectId};
use std::collections::HashMap;

/// A stretch of text at one place of a page, in points from the lower left corner.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// Where it begins.
    pub x: f32,
    /// Where it ends.
    pub end: f32,
    /// Its base line.
    pub y: f32,
    /// The size of its letters.
    pub size: f32,
    /// Whether they are bold.
    pub bold: bool,
    /// The letters.
    pub text: String,
}

/// How large the content of one page may unpack to.
const LARGEST: usize = 32 << 20;
/// How deep a form may stand within forms.
const DEEPEST: usize = 6;
/// How many forms one page may show: a page of text has a handful.
const MOST_FORMS: usize = 2_000;
/// A gap of this part of the letters' size is a space.
const SPACE: f32 = 0.17;
/// And one of this part ends a run.
const APART: f32 = 1.2;

/// A matrix of six numbers, as the format writes it.
type Matrix = [f32; 6];

const UNMOVED: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

fn times(a: &Matrix, b: &Matrix) -> Matrix {
    [
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4],
        a[4] * b[1] + a[5] * b[3] + b[5],
    ]
}

/// What the program of a page has set.
#[derive(Clone)]
struct State {
    moved: Matrix,
    font: Vec<u8>,
    size: f32,
    between: f32,
    spread: f32,
    stretch: f32,
    leading: f32,
    rise: f32,
    hidden: bool,
}

struct Reader<'a> {
    document: &'a Document,
    state: State,
    kept: Vec<State>,
    text: Matrix,
    line: Matrix,
    runs: Vec<Run>,
    forms: usize,
}

/// The runs of a page.
///
/// # Errors
/// Content that cannot be unpacked or is no program.
pub fn runs(document: &Document, page: ObjectId) -> Result<Vec<Run>, lopdf::Error> {
    let bytes = document.get_page_content_with_limit(page, LARGEST)?;
    let (own, shared) = document.get_page_resources(page)?;
    let shared = shared.into_iter().filter_map(|id| document.get_dictionary(id).ok());
    let resources: Vec<&Dictionary> = own.into_iter().chain(shared).collect();
    let state = State {
        moved: UNMOVED,
        font: Vec::new(),
        size: 0.0,
        between: 0.0,
        spread: 0.0,
        stretch: 1.0,
        leading: 0.0,
        rise: 0.0,
        hidden: false,
    };
    let mut reader = Reader { document, state, kept: Vec::new(), text: UNMOVED, line: UNMOVED, runs: Vec::new(), forms: 0 };
    reader.run(&bytes, &resources, 0)?;
    Ok(reader.runs)
}

fn number(operands: &[Object], at: usize) -> f32 {
    operands.get(at).and_then(|one| one.as_float().ok()).filter(|number| number.is_finite()).unwrap_or(0.0)
}

fn matrix(operands: &[Object]) -> Matrix {
    [0, 1, 2, 3, 4, 5].map(|at| number(operands, at))
}

/// The dictionary `name` among those of one sort in the resources.
fn named<'a>(document: &'a Document, resources: &[&'a Dictionary], sort: &[u8], name: &[u8]) -> Option<&'a Object> {
    resources.iter().find_map(|one| one.get_deref(sort, document).ok()?.as_dict().ok()?.get_deref(name, document).ok())
}

impl<'a> Reader<'a> {
    fn run(&mut self, bytes: &[u8], resources: &[&'a Dictionary], depth: usize) -> Result<(), lopdf::Error> {
        let content = Content::decode(bytes)?;
        let plain = without_encodings(self.document, resources);
        let mut fonts: HashMap<Vec<u8>, Font<'_>> = HashMap::new();
        for operation in &content.operations {
            match operation.operator.as_str() {
                "Tj" | "'" | "\"" | "TJ" => {
                    let name = self.state.font.clone();
                    if !fonts.contains_key(&name)
                        && let Some(font) = named(self.document, resources, b"Font", &name).and_then(|font| font.as_dict().ok())
                    {
                        fonts.insert(name.clone(), Font::of(font, plain.get(&name), self.document));
                    }
                    if let Some(font) = fonts.get_mut(&name) {
                        self.show(operation, font);
                    }
                }
                "Do" if depth < DEEPEST => self.form(&operation.operands, resources, depth)?,
                _ => self.set(operation),
            }
        }
        Ok(())
    }

    /// A form is a page within the page.
    fn form(&mut self, operands: &[Object], resources: &[&'a Dictionary], depth: usize) -> Result<(), lopdf::Error> {
        let document = self.document;
        let Some(name) = operands.first().and_then(|name| name.as_name().ok()) else { return Ok(()) };
        let Some(form) = named(document, resources, b"XObject", name).and_then(|form| form.as_stream().ok()) else { return Ok(()) };
        let is_form = form.dict.get_deref(b"Subtype", document).and_then(Object::as_name).is_ok_and(|sort| sort == b"Form");
        self.forms += 1;
        if !is_form || self.forms > MOST_FORMS {
            return Ok(());
        }
        let own = form.dict.get_deref(b"Resources", document).and_then(Object::as_dict).ok();
        let within: Vec<&Dictionary> = own.into_iter().chain(resources.iter().copied()).collect();
        let bytes = form.get_plain_content_with_limit(LARGEST)?;
        let before = (self.state.clone(), self.text, self.line, std::mem::take(&mut self.kept));
        if let Ok(moves) = form.dict.get_deref(b"Matrix", document).and_then(Object::as_array) {
            self.state.moved = times(&matrix(moves), &self.state.moved);
        }
        let ran = self.run(&bytes, &within, depth + 1);
        (self.state, self.text, self.line, self.kept) = before;
        ran
    }

    /// Operators that set something.
    fn set(&mut self, operation: &Operation) {
        let operands = &operation.operands;
        match operation.operator.as_str() {
            "q" if self.kept.len() < 512 => self.kept.push(self.state.clone()),
            "Q" => {
                if let Some(state) = self.kept.pop() {
                    self.state = state;
                }
            }
            "cm" => self.state.moved = times(&matrix(operands), &self.state.moved),
            "BT" => (self.text, self.line) = (UNMOVED, UNMOVED),
            "Tf" => {
                self.state.font = operands.first().and_then(|name| name.as_name().ok()).unwrap_or_default().to_vec();
                self.state.size = number(operands, 1);
            }
            "Tc" => self.state.between = number(operands, 0),
            "Tw" => self.state.spread = number(operands, 0),
            "Tz" => self.state.stretch = number(operands, 0) / 100.0,
            "TL" => self.state.leading = number(operands, 0),
            "Ts" => self.state.rise = number(operands, 0),
            // Text that is drawn by nothing is what text recognition lays under a scan: it is read, clipping alone is not.
            "Tr" => self.state.hidden = number(operands, 0) >= 7.0,
            "Td" => self.next(number(operands, 0), number(operands, 1)),
            "TD" => {
                self.state.leading = -number(operands, 1);
                self.next(number(operands, 0), number(operands, 1));
            }
            "Tm" => (self.text, self.line) = (matrix(operands), matrix(operands)),
            "T*" => self.next(0.0, -self.state.leading),
            _ => {}
        }
    }

    fn next(&mut self, right: f32, up: f32) {
        self.line = times(&[1.0, 0.0, 0.0, 1.0, right, up], &self.line);
        self.text = self.line;
    }

    fn show(&mut self, operation: &Operation, font: &mut Font<'_>) {
        let operands = &operation.operands;
        match operation.operator.as_str() {
            "'" => self.next(0.0, -self.state.leading),
            "\"" => {
                (self.state.spread, self.state.between) = (number(operands, 0), number(operands, 1));
                self.next(0.0, -self.state.leading);
            }
            _ => {}
        }
        match operands.last() {
            Some(Object::String(bytes, _)) => self.string(bytes, font),
            Some(Object::Array(parts)) => {
                for part in parts {
                    match part.as_str() {
                        Ok(bytes) => self.string(bytes, font),
                        Err(_) => {
                            let back = number(std::slice::from_ref(part), 0) / 1_000.0 * self.state.size * self.state.stretch;
                            self.advance(-back);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn advance(&mut self, right: f32) {
        self.text = times(&[1.0, 0.0, 0.0, 1.0, right, 0.0], &self.text);
    }

    fn string(&mut self, bytes: &[u8], font: &mut Font<'_>) {
        for glyph in font.glyphs(bytes) {
            let placed = times(&[1.0, 0.0, 0.0, 1.0, 0.0, self.state.rise], &times(&self.text, &self.state.moved));
            let spread = if glyph.is_space { self.state.spread } else { 0.0 };
            let width = (glyph.width * self.state.size + self.state.between + spread) * self.state.stretch;
            self.advance(width);
            // What stands upright or on its head is a stamp in the margin, not the text.
            let level = placed[0] > 0.0 && placed[0].abs() > placed[1].abs();
            if level && !self.state.hidden && !glyph.text.is_empty() {
                let size = (self.state.size * placed[3]).abs();
                let own = Run { x: placed[4], end: placed[4] + width * placed[0], y: placed[5], size, bold: font.bold, text: glyph.text };
                self.place(own);
            }
        }
    }

    /// Puts a character behind the run before it, or begins another.
    fn place(&mut self, own: Run) {
        if let Some(last) = self.runs.last_mut() {
            let gap = own.x - last.end;
            let same = (own.y - last.y).abs() < 0.05 && (own.size - last.size).abs() < 0.05 && own.bold == last.bold;
            if same && gap > -0.5 * own.size && gap < APART * own.size {
                if gap > SPACE * own.size && !last.text.ends_with(' ') && !own.text.starts_with(' ') {
                    last.text.push(' ');
                }
                last.text.push_str(&own.text);
                last.end = own.end;
                return;
            }
        }
        self.runs.push(own);
    }
}

/// The fonts that have a table of their characters' text, without the names of their shapes.
fn without_encodings(document: &Document, resources: &[&Dictionary]) -> HashMap<Vec<u8>, Dictionary> {
    let mut found = HashMap::new();
    for fonts in resources.iter().filter_map(|one| one.get_deref(b"Font", document).ok()?.as_dict().ok()) {
        for (name, _) in fonts {
            if let Ok(font) = fonts.get_deref(name, document).and_then(Object::as_dict)
                && font.has(b"ToUnicode")
                && !found.contains_key(name)
            {
                let mut plain = font.clone();
                plain.remove(b"Encoding");
                found.insert(name.clone(), plain);
            }
        }
    }
    found
}
