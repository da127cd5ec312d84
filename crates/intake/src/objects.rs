//! JSON texts, object by object, each with its place: one object a line, or one list of objects however it is broken into lines.

use crate::csv::piece_error;
use crate::gather::Place;
use crate::problem::IntakeError;
use crate::records::{LONGEST_RECORD, PieceError, Pieces};
use serde_json::Value as Json;
use std::io::{BufRead, BufReader, Read};

/// Bytes asked for at once.
const PART: usize = 1 << 17;

/// One object as it is written, with the place of its first letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written<'b> {
    pub(crate) line: u64,
    /// In characters, from 1.
    pub(crate) column: u64,
    pub(crate) bytes: &'b [u8],
}

/// What a text of JSON comes to, step by step.
pub(crate) enum Step<'b> {
    /// So many bytes were read; a good moment to hand on what came of the objects so far.
    Read(u64),
    /// What stands where an object should.
    Object(Written<'b>),
}

/// Goes through a text.
///
/// # Errors
/// [`IntakeError`]: it cannot be read, an object has no end, or a list is not closed or is followed by more.
pub(crate) fn each<R: Read>(reader: R, file: &str, take: &mut dyn FnMut(Step<'_>)) -> Result<(), IntakeError> {
    let mut reader = BufReader::with_capacity(PART, reader);
    let unreadable = |source| IntakeError::Unreadable { file: file.to_owned(), source };
    // Blanks before the first object are few; a text of blanks alone is one of lines.
    let head = reader.fill_buf().map_err(unreadable)?;
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if head.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        return List::new(file).each(reader, take);
    }
    let mut pieces = Pieces::new(reader, false);
    while let Some(piece) = pieces.next().map_err(|e| piece_error(e, file))? {
        for (i, line) in piece.bytes.split(|b| *b == b'\n').enumerate() {
            let number = piece.line + i as u64;
            let bytes = line.strip_prefix(b"\xef\xbb\xbf").filter(|_| number == 1).unwrap_or(line);
            if !bytes.iter().all(u8::is_ascii_whitespace) {
                take(Step::Object(Written { line: number, column: 1, bytes }));
            }
        }
        take(Step::Read(piece.bytes.len() as u64));
        pieces.give_back(piece.bytes);
    }
    Ok(())
}

/// The members of an object as cells: members of members are `outer.inner`, a list is joined by `|`; what is null is not there.
pub(crate) fn flatten(prefix: &str, json: &Json, put: &mut dyn FnMut(String, String)) {
    let named = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
    match json {
        Json::Object(members) => members.iter().for_each(|(name, value)| flatten(&named(name), value, put)),
        Json::Null => {}
        Json::String(text) => put(prefix.to_owned(), text.clone()),
        Json::Array(items) => {
            let texts: Vec<String> = items.iter().map(|i| i.as_str().map_or_else(|| i.to_string(), str::to_owned)).collect();
            put(prefix.to_owned(), texts.join("|"));
        }
        Json::Bool(_) | Json::Number(_) => put(prefix.to_owned(), json.to_string()),
    }
}

/// A list on its way through: what stands between its brackets and commas is told apart, and nothing else is understood of it.
struct List<'f> {
    file: &'f str,
    part: Part,
    /// Brackets and braces that are open within the list.
    depth: usize,
    /// Within a text, and after a backslash there.
    in_text: bool,
    escaped: bool,
    /// Where the next letter stands.
    line: u64,
    column: u64,
    /// What stands since the last comma of the list, without blanks before it, and where that begins.
    open: Vec<u8>,
    began: (u64, u64),
    /// A comma was the last sign of the list: something has to follow.
    after_comma: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Before,
    Within,
    After,
}

impl<'f> List<'f> {
    fn new(file: &'f str) -> Self {
        let part = Part::Before;
        List {
            file,
            part,
            depth: 0,
            in_text: false,
            escaped: false,
            line: 1,
            column: 1,
            open: Vec::new(),
            began: (1, 1),
            after_comma: false,
        }
    }

    fn each<R: BufRead>(mut self, mut reader: R, take: &mut dyn FnMut(Step<'_>)) -> Result<(), IntakeError> {
        loop {
            let bytes = reader.fill_buf().map_err(|source| IntakeError::Unreadable { file: self.file.to_owned(), source })?;
            let read = bytes.len();
            if read == 0 {
                break;
            }
            for byte in bytes {
                self.letter(*byte, take)?;
            }
            if self.open.len() > LONGEST_RECORD {
                return Err(piece_error(PieceError::TooLong { line: self.began.0 }, self.file));
            }
            reader.consume(read);
            take(Step::Read(read as u64));
        }
        if self.part == Part::After {
            return Ok(());
        }
        let what = "the file ends before the list that it is";
        Err(self.broken(what, "", "a closing `]`; is this the whole file?"))
    }

    fn letter(&mut self, byte: u8, take: &mut dyn FnMut(Step<'_>)) -> Result<(), IntakeError> {
        let here = (self.line, self.column);
        match byte {
            b'\n' => (self.line, self.column) = (self.line + 1, 1),
            // What continues a letter has no place of its own.
            0x80..=0xbf => {}
            _ => self.column += 1,
        }
        let blank = byte.is_ascii_whitespace() || matches!(byte, 0xef | 0xbb | 0xbf);
        match self.part {
            Part::Before if byte == b'[' => self.part = Part::Within,
            // A byte order mark has no place.
            Part::Before if blank => self.column = if byte.is_ascii_whitespace() { self.column } else { 1 },
            Part::Before => return Err(self.broken("this is not a list", "", "`[`")),
            Part::After if blank => {}
            Part::After => {
                (self.line, self.column) = here;
                return Err(self.broken("something follows the list", char::from(byte).to_string().as_str(), "the end of the file"));
            }
            Part::Within => self.within(byte, here, take),
        }
        Ok(())
    }

    fn within(&mut self, byte: u8, here: (u64, u64), take: &mut dyn FnMut(Step<'_>)) {
        if self.in_text {
            self.in_text = self.escaped || byte != b'"';
            self.escaped = !self.escaped && byte == b'\\';
            self.open.push(byte);
            return;
        }
        match byte {
            b',' | b']' if self.depth == 0 => {
                let closes = byte == b']';
                // An empty list has nothing; what a comma promises is missed where it should stand.
                if !self.open.is_empty() || !closes || self.after_comma {
                    let (line, column) = if self.open.is_empty() { here } else { self.began };
                    take(Step::Object(Written { line, column, bytes: &self.open }));
                }
                self.open.clear();
                self.after_comma = !closes;
                if closes {
                    self.part = Part::After;
                }
                return;
            }
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            b'"' => self.in_text = true,
            _ => {}
        }
        if self.open.is_empty() {
            if byte.is_ascii_whitespace() {
                return;
            }
            self.began = here;
        }
        self.open.push(byte);
    }

    fn broken(&self, what: &str, found: &str, expected: &str) -> IntakeError {
        IntakeError::Broken(Place { file: self.file, line: self.line, column: self.column }.problem(what, found, expected))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    /// Every object with its place, or what is wrong with the whole.
    fn objects(text: &str) -> Result<Vec<(u64, u64, String)>, String> {
        let mut found = Vec::new();
        let read = each(text.as_bytes(), "l.json", &mut |step| {
            if let Step::Object(written) = step {
                found.push((written.line, written.column, String::from_utf8_lossy(written.bytes).trim_end().to_owned()));
            }
        });
        read.map(|()| found).map_err(|error| error.to_string())
    }

    fn at(line: u64, column: u64, text: &str) -> (u64, u64, String) {
        (line, column, text.to_owned())
    }

    #[test]
    fn a_list_is_read_however_it_is_broken_into_lines() {
        assert_eq!(objects("[]"), Ok(vec![]));
        assert_eq!(objects("\u{feff} [ {\"a\": \"],}\\\"\"} ,\n  {\"ə\": [1, {}]}, 3]\n"), {
            Ok(vec![at(1, 4, "{\"a\": \"],}\\\"\"}"), at(2, 3, "{\"ə\": [1, {}]}"), at(2, 19, "3")])
        });
        assert_eq!(objects("[{},,{},]"), Ok(vec![at(1, 2, "{}"), at(1, 5, ""), at(1, 6, "{}"), at(1, 9, "")]), "what is missed");
    }

    #[test]
    fn a_list_that_is_cut_off_or_followed_by_more_is_refused_with_its_place() {
        assert!(objects("[{},\n{").is_err_and(|why| why.starts_with("l.json:2:2: the file ends before")));
        assert!(objects("[{}]\n[").is_err_and(|why| why.starts_with("l.json:2:1: something follows the list, found `[`")));
    }

    fn texts() -> impl Strategy<Value = Vec<String>> {
        proptest::collection::vec("[a\\]\\[{},:\\\\\"\u{259}]{0,8}", 0..6)
    }

    proptest! {
        #[test]
        fn a_list_comes_to_what_its_objects_come_to_a_line_each(texts in texts()) {
            let objects_of: Vec<Json> = texts.iter().map(|text| json!({"text": text, "more": [text, {}]})).collect();
            let lines: String = objects_of.iter().map(|object| format!("{object}\n")).collect();
            let read = |(.., text): &(u64, u64, String)| serde_json::from_str::<Json>(text).unwrap();
            let whole = |text: &str| objects(text).map(|all| all.iter().map(read).collect::<Vec<_>>());
            prop_assert_eq!(whole(&lines), Ok(objects_of.clone()));
            prop_assert_eq!(whole(&serde_json::to_string(&objects_of).unwrap()), Ok(objects_of.clone()));
            prop_assert_eq!(whole(&serde_json::to_string_pretty(&objects_of).unwrap()), Ok(objects_of));
        }
    }
}
