//! A font of a page, as far as reading needs it: which text a code stands for, how wide it is, whether it is bold.

use lopdf::{Dictionary, Document, Encoding, Object};
use std::collections::HashMap;

/// How large the table of a font's characters may unpack to.
const LARGEST: usize = 8 << 20;
/// Width of a character, in thousandths, where the file tells none.
const USUAL: f32 = 500.0;

/// A font.
pub struct Font<'a> {
    encoding: Option<Encoding<'a>>,
    /// Bytes a code takes.
    code: usize,
    widths: HashMap<u32, f32>,
    usual: f32,
    /// Size of a unit of width, against the size of the font.
    unit: f32,
    /// Whether its name says bold.
    pub bold: bool,
    known: HashMap<u32, String>,
}

/// A character of a shown string.
pub struct Glyph {
    /// Its text; may be none or several characters.
    pub text: String,
    /// How far it moves, against the size of the font.
    pub width: f32,
    /// Whether it is the single-byte space, which words are spread by.
    pub is_space: bool,
}

fn number(object: &Object) -> Option<f32> {
    object.as_float().ok().filter(|number| number.is_finite())
}

fn list<'a>(dictionary: &'a Dictionary, key: &[u8], document: &'a Document) -> Option<&'a Vec<Object>> {
    dictionary.get_deref(key, document).ok()?.as_array().ok()
}

impl<'a> Font<'a> {
    /// Reads a font's dictionary.
    pub fn of(font: &'a Dictionary, plain: Option<&'a Dictionary>, document: &'a Document) -> Self {
        let name = font.get_deref(b"BaseFont", document).and_then(Object::as_name).unwrap_or_default();
        let name = String::from_utf8_lossy(name).to_lowercase();
        let kind = font.get_deref(b"Subtype", document).and_then(Object::as_name).unwrap_or_default();
        let composite = kind == b"Type0";
        // The table that tells the text of each code is worth more than the names of the shapes.
        let encoding = plain.and_then(|plain| plain.get_font_encoding_with_limit(document, LARGEST).ok());
        let encoding = encoding.or_else(|| font.get_font_encoding_with_limit(document, LARGEST).ok());
        let mut made = Font {
            encoding,
            code: if composite { 2 } else { 1 },
            widths: HashMap::new(),
            usual: USUAL,
            unit: 0.001,
            bold: name.contains("bold") || name.contains("black") || name.contains("heavy"),
            known: HashMap::new(),
        };
        if composite {
            made.read_composite(font, document);
        } else {
            made.read_simple(font, document);
        }
        if kind == b"Type3" {
            made.unit = list(font, b"FontMatrix", document).and_then(|matrix| number(matrix.first()?)).unwrap_or(0.001).abs();
        }
        made
    }

    fn read_simple(&mut self, font: &Dictionary, document: &Document) {
        let first = font.get_deref(b"FirstChar", document).and_then(Object::as_i64).unwrap_or(0);
        let Some(widths) = list(font, b"Widths", document) else { return };
        for (width, code) in widths.iter().take(256).zip(first..) {
            let width = document.dereference(width).ok().and_then(|(_, width)| number(width));
            if let (Some(width), Ok(code)) = (width, u32::try_from(code)) {
                self.widths.insert(code, width);
            }
        }
    }

    /// `[first [w w w] first last w …]`.
    fn read_composite(&mut self, font: &Dictionary, document: &Document) {
        let Some(inner) = list(font, b"DescendantFonts", document).and_then(|fonts| fonts.first()) else { return };
        let Some(inner) = document.dereference(inner).ok().and_then(|(_, inner)| inner.as_dict().ok()) else { return };
        self.usual = inner.get_deref(b"DW", document).ok().and_then(number).unwrap_or(1_000.0);
        let Some(widths) = list(inner, b"W", document) else { return };
        let plain: Vec<&Object> = widths.iter().filter_map(|one| document.dereference(one).ok().map(|(_, one)| one)).collect();
        let code = |at: usize| plain.get(at).and_then(|one| one.as_i64().ok()).and_then(|code| u32::try_from(code).ok());
        let mut at = 0;
        while let Some(first) = code(at) {
            if let Some(Object::Array(own)) = plain.get(at + 1) {
                self.widths.extend((first..).zip(own.iter().take(65_536).filter_map(number)));
                at += 2;
            } else if let (Some(last), Some(width)) = (code(at + 1), plain.get(at + 2).and_then(|one| number(one))) {
                self.widths.extend((first..=last.min(first.saturating_add(65_535))).map(|code| (code, width)));
                at += 3;
            } else {
                break;
            }
        }
    }

    /// The characters of a shown string.
    pub fn glyphs(&mut self, bytes: &[u8]) -> Vec<Glyph> {
        bytes
            .chunks(self.code)
            .map(|code| {
                let number = code.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
                let width = self.widths.get(&number).copied().unwrap_or(self.usual) * self.unit;
                Glyph { text: self.text(number, code), width, is_space: code == [b' '] }
            })
            .collect()
    }

    fn text(&mut self, number: u32, code: &[u8]) -> String {
        if let Some(known) = self.known.get(&number) {
            return known.clone();
        }
        let told = self.encoding.as_ref().and_then(|encoding| encoding.bytes_to_string(code).ok());
        let text: String = told.unwrap_or_default().chars().filter(|c| *c != '\u{fffd}' && (!c.is_control() || *c == '\t')).collect();
        let text = ligatures(&text);
        self.known.insert(number, text.clone());
        text
    }
}

/// Letters that printers join, apart again.
fn ligatures(text: &str) -> String {
    const JOINED: [(&str, &str); 7] = [("ﬀ", "ff"), ("ﬁ", "fi"), ("ﬂ", "fl"), ("ﬃ", "ffi"), ("ﬄ", "ffl"), ("ﬅ", "st"), ("ﬆ", "st")];
    JOINED.iter().fold(text.to_owned(), |text, (joined, apart)| if text.contains(joined) { text.replace(joined, apart) } else { text })
}
