//! The two faces, how wide a text is in them, and where a line is broken.

use rustybuzz::{Face, UnicodeBuffer};

/// The regular face that papers are set in, Noto Sans with the letters of the languages here: a TrueType file.
pub const REGULAR: &[u8] = include_bytes!("../../fonts/NotoSans-Regular.ttf");
/// The bold face.
pub const BOLD: &[u8] = include_bytes!("../../fonts/NotoSans-Bold.ttf");
/// The licence of both, which goes wherever they go: the SIL Open Font License.
pub const LICENCE: &str = include_str!("../../fonts/LICENSE.txt");

/// Which face a text is set in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

pub(super) struct Faces {
    regular: Face<'static>,
    bold: Face<'static>,
}

impl Faces {
    pub(super) fn load() -> Self {
        let face = |bytes| Face::from_slice(bytes, 0).expect("the crate's own font files are whole, as its tests show");
        Self { regular: face(REGULAR), bold: face(BOLD) }
    }

    /// The bytes of a face's file, for the PDF writer.
    pub(super) fn bytes(weight: Weight) -> &'static [u8] {
        match weight {
            Weight::Regular => REGULAR,
            Weight::Bold => BOLD,
        }
    }

    fn of(&self, weight: Weight) -> &Face<'static> {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    /// The text with every character that the face lacks as a question mark, and every kind of space as a space.
    pub(super) fn printable(&self, text: &str) -> String {
        let shown = |character: char| match character {
            '\u{2212}' => '\u{2013}',
            character if character.is_whitespace() => ' ',
            // Invisible marks of direction and joining have no glyph and need none.
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => '\u{a0}',
            character if self.regular.glyph_index(character).is_some() => character,
            _ => '?',
        };
        text.chars().map(shown).filter(|character| *character != '\u{a0}').collect()
    }

    /// Width in points at a size.
    pub(super) fn width(&self, text: &str, weight: Weight, size: f32) -> f32 {
        let face = self.of(weight);
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        let shaped = rustybuzz::shape(face, &[], buffer);
        let units: i64 = shaped.glyph_positions().iter().map(|glyph| i64::from(glyph.x_advance)).sum();
        #[expect(clippy::cast_precision_loss, reason = "a line is far below 2^24 units")]
        let units = units as f32;
        #[expect(clippy::cast_precision_loss, reason = "a face has some thousand units an em")]
        let em = face.units_per_em() as f32;
        units / em * size
    }

    /// The lines of a text that fit a width; a word that is wider than the line is broken inside. Never empty.
    pub(super) fn lines(&self, text: &str, weight: Weight, size: f32, room: f32) -> Vec<String> {
        let mut lines = Vec::new();
        for paragraph in text.lines() {
            self.fill(&self.printable(paragraph), weight, size, room, &mut lines);
        }
        if lines.is_empty() {
            lines.push(String::new());
        }
        lines
    }

    fn fill(&self, text: &str, weight: Weight, size: f32, room: f32, lines: &mut Vec<String>) {
        let space = self.width(" ", weight, size);
        let (mut line, mut used) = (String::new(), 0.0_f32);
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let width = self.width(word, weight, size);
            if !line.is_empty() && used + space + width > room {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            if !line.is_empty() {
                line.push(' ');
                used += space;
            }
            if width <= room {
                line.push_str(word);
                used += width;
                continue;
            }
            for character in word.chars() {
                let width = self.width(character.encode_utf8(&mut [0; 4]), weight, size);
                if used + width > room && !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                    used = 0.0;
                }
                line.push(character);
                used += width;
            }
        }
        lines.push(line);
    }
}
