//! Lines and fields of delimited text: big pieces that end with a record, and the fields of each record in place.
//!
//! Registers of a nation's year are hundreds of megabytes of short fields without a single quotation mark. A piece without one is
//! split by looking for the next delimiter only; a piece with quotation marks is read as RFC 4180 says. Both ways give the same
//! fields (a property test compares them with each other and with the `csv` crate).

use std::io::Read;

/// Bytes asked for at once.
///
/// So few that the text of a piece, where its fields end and what is made of them stay in a core's own cache.
const PIECE: usize = 1 << 17;

/// The longest record accepted, so that a file without line ends cannot fill the memory.
pub(crate) const LONGEST_RECORD: usize = 64 << 20;

/// Part of a text that ends with the end of a record.
#[derive(Debug, Default)]
pub(crate) struct Piece {
    pub(crate) bytes: Vec<u8>,
    /// Line on which it begins, from 1.
    pub(crate) line: u64,
    /// It holds a quotation mark.
    pub(crate) quoted: bool,
}

/// Why a text cannot be cut into pieces.
#[derive(Debug)]
pub(crate) enum PieceError {
    Io(std::io::Error),
    /// A record longer than [`LONGEST_RECORD`] begins on this line.
    TooLong {
        line: u64,
    },
}

/// Cuts a text into pieces.
pub(crate) struct Pieces<R> {
    reader: R,
    rest: Vec<u8>,
    line: u64,
    done: bool,
    /// Quotation marks protect line ends (CSV, not JSON Lines).
    quotes: bool,
    /// Room of pieces that are done with.
    spare: Vec<Vec<u8>>,
}

impl<R: Read> Pieces<R> {
    pub(crate) fn new(reader: R, quotes: bool) -> Self {
        Pieces { reader, rest: Vec::new(), line: 1, done: false, quotes, spare: Vec::new() }
    }

    /// Takes back the room of a piece that is done with, so that the next need not be given new memory.
    pub(crate) fn give_back(&mut self, bytes: Vec<u8>) {
        self.spare.push(bytes);
    }

    /// The next piece; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Piece>, PieceError> {
        let mut bytes = std::mem::take(&mut self.rest);
        let mut searched = 0;
        loop {
            if self.done {
                if bytes.is_empty() {
                    return Ok(None);
                }
                return Ok(Some(self.piece(bytes)));
            }
            let before = bytes.len();
            let want = PIECE.max(before / 2);
            let read = (&mut self.reader).take(want as u64).read_to_end(&mut bytes).map_err(PieceError::Io)?;
            self.done = read < want;
            let quoted = self.quotes && memchr::memchr(b'"', &bytes).is_some();
            let end = if quoted {
                last_line_end_outside_quotes(&bytes)
            } else {
                memchr::memrchr(b'\n', &bytes[searched..]).map(|i| i + searched)
            };
            if let Some(end) = end {
                let mut rest = self.spare.pop().unwrap_or_default();
                rest.clear();
                rest.extend_from_slice(&bytes[end + 1..]);
                bytes.truncate(end + 1);
                self.rest = rest;
                return Ok(Some(self.piece(bytes)));
            }
            searched = if quoted { 0 } else { bytes.len() };
            if bytes.len() > LONGEST_RECORD {
                return Err(PieceError::TooLong { line: self.line });
            }
        }
    }

    fn piece(&mut self, bytes: Vec<u8>) -> Piece {
        let line = self.line;
        self.line += memchr::memchr_iter(b'\n', &bytes).count() as u64;
        let quoted = self.quotes && memchr::memchr(b'"', &bytes).is_some();
        Piece { bytes, line, quoted }
    }
}

fn last_line_end_outside_quotes(bytes: &[u8]) -> Option<usize> {
    let mut inside = false;
    let mut last = None;
    for i in memchr::memchr2_iter(b'"', b'\n', bytes) {
        if bytes[i] == b'"' {
            inside = !inside;
        } else if !inside {
            last = Some(i);
        }
    }
    last
}

/// A field in its piece: bytes `start..end`; `escaped` fields hold doubled quotation marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) escaped: bool,
}

/// Splits the record that begins at `at`; gives where the next begins. Empty `fields`: a blank line.
pub(crate) fn split(bytes: &[u8], at: usize, delimiter: u8, quoted: bool, fields: &mut Vec<Span>) -> usize {
    fields.clear();
    if quoted { split_quoted(bytes, at, delimiter, fields) } else { split_plain(bytes, at, delimiter, fields) }
}

/// Where the fields of a piece without quotation marks end: found 64 bytes at a time, once for the whole piece. Kept from piece to piece
/// for its room.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    /// Place of every delimiter and every line end, as far as `count`.
    places: Vec<u32>,
    count: usize,
    next: usize,
}

impl Ends {
    /// Finds them all.
    pub(crate) fn find(&mut self, bytes: &[u8], delimiter: u8) {
        if self.places.len() < bytes.len() {
            self.places.resize(bytes.len(), 0);
        }
        self.next = 0;
        let (blocks, rest) = bytes.as_chunks::<64>();
        let mut count = 0;
        for (number, block) in blocks.iter().enumerate() {
            let mut hits = marks(block, delimiter);
            let found = hits.count_ones() as usize;
            let first = (number * 64) as u32;
            for place in &mut self.places[count..count + found] {
                *place = first + hits.trailing_zeros();
                hits &= hits.wrapping_sub(1);
            }
            count += found;
        }
        for (place, byte) in rest.iter().enumerate() {
            if *byte == delimiter || *byte == b'\n' {
                self.places[count] = (blocks.len() * 64 + place) as u32;
                count += 1;
            }
        }
        self.count = count;
    }

    /// The record that begins at `at`, if it has this number of fields and is not the last of the piece without a line end: its fields,
    /// and where the next begins. Nothing is written down. Records have to be asked for in turn.
    pub(crate) fn fields<'e>(&'e mut self, bytes: &[u8], at: usize, number: usize) -> Option<(Fields<'e>, usize)> {
        let ends = self.places[..self.count].get(self.next..self.next + number)?;
        let (last, before) = ends.split_last()?;
        let line_end = *last as usize;
        if bytes[line_end] != b'\n' || before.iter().any(|end| bytes[*end as usize] == b'\n') {
            return None;
        }
        self.next += number;
        let returned = line_end > at && bytes[line_end - 1] == b'\r';
        Some((Fields { ends, start: at as u32, last: *last - u32::from(returned) }, line_end + 1))
    }

    /// Splits the record that begins at `at`, as [`split`] does. Records have to be asked for in turn.
    pub(crate) fn split(&mut self, bytes: &[u8], at: usize, fields: &mut Vec<Span>) -> usize {
        fields.clear();
        let mut start = at;
        for end in &self.places[self.next..self.count] {
            let end = *end as usize;
            self.next += 1;
            if bytes[end] == b'\n' {
                finish(bytes, start, end, fields);
                return end + 1;
            }
            fields.push(Span { start: start as u32, end: end as u32, escaped: false });
            start = end + 1;
        }
        finish(bytes, start, bytes.len(), fields);
        bytes.len()
    }
}

/// The fields of one record, by where they end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'e> {
    ends: &'e [u32],
    start: u32,
    /// The end of the last, before its line end.
    last: u32,
}

impl Fields<'_> {
    /// One of them.
    pub(crate) fn get(&self, place: usize) -> Span {
        let start = if place == 0 { self.start } else { self.ends[place - 1] + 1 };
        let end = if place + 1 == self.ends.len() { self.last } else { self.ends[place] };
        Span { start, end, escaped: false }
    }

    /// All, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Span> + '_ {
        let ends = self.ends[..self.ends.len() - 1].iter().copied().chain(std::iter::once(self.last));
        ends.scan(self.start, |start, end| Some(Span { start: std::mem::replace(start, end + 1), end, escaped: false }))
    }
}

/// One bit for each byte that is the delimiter or ends a line. Written so that the compiler compares many bytes at once.
fn marks(block: &[u8; 64], delimiter: u8) -> u64 {
    let mut flags = [0_u8; 64];
    for (flag, byte) in flags.iter_mut().zip(block) {
        *flag = u8::from(*byte == delimiter) | u8::from(*byte == b'\n');
    }
    // Eight bytes of nought or one become eight bits: the factor moves the one of byte i to bit 56 + i.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let (words, _) = flags.as_chunks::<8>();
    words.iter().rev().fold(0, |bits, word| bits << 8 | u64::from_le_bytes(*word).wrapping_mul(GATHER) >> 56)
}

fn split_plain(bytes: &[u8], at: usize, delimiter: u8, fields: &mut Vec<Span>) -> usize {
    let rest = &bytes[at..];
    let mut start = 0;
    for i in memchr::memchr2_iter(delimiter, b'\n', rest) {
        if rest[i] == b'\n' {
            finish(bytes, at + start, at + i, fields);
            return at + i + 1;
        }
        fields.push(Span { start: (at + start) as u32, end: (at + i) as u32, escaped: false });
        start = i + 1;
    }
    finish(bytes, at + start, bytes.len(), fields);
    bytes.len()
}

/// The last field of a record, without a carriage return; a line of nothing is no record.
fn finish(bytes: &[u8], start: usize, end: usize, fields: &mut Vec<Span>) {
    let end = if end > start && bytes[end - 1] == b'\r' { end - 1 } else { end };
    if !(fields.is_empty() && start == end) {
        fields.push(Span { start: start as u32, end: end as u32, escaped: false });
    }
}

fn split_quoted(bytes: &[u8], at: usize, delimiter: u8, fields: &mut Vec<Span>) -> usize {
    let mut place = at;
    loop {
        let mut span = Span { start: place as u32, end: 0, escaped: false };
        if bytes.get(place) == Some(&b'"') {
            span.start += 1;
            let mut inside = place + 1;
            loop {
                match memchr::memchr(b'"', &bytes[inside..]) {
                    Some(i) if bytes.get(inside + i + 1) == Some(&b'"') => {
                        span.escaped = true;
                        inside += i + 2;
                    }
                    Some(i) => {
                        place = inside + i;
                        break;
                    }
                    None => {
                        place = bytes.len();
                        break;
                    }
                }
            }
            span.end = place as u32;
            // What follows the closing mark up to the delimiter is dropped, as there should be nothing.
            place = memchr::memchr2(delimiter, b'\n', &bytes[place.min(bytes.len())..]).map_or(bytes.len(), |i| place + i);
            fields.push(span);
        } else {
            place = memchr::memchr2(delimiter, b'\n', &bytes[place.min(bytes.len())..]).map_or(bytes.len(), |i| place + i);
            span.end = place as u32;
            if bytes.get(place) == Some(&delimiter) {
                fields.push(span);
            } else {
                finish(bytes, span.start as usize, place, fields);
            }
        }
        match bytes.get(place) {
            Some(b) if *b == delimiter && delimiter != b'\n' => place += 1,
            Some(_) => return place + 1,
            None => return bytes.len(),
        }
    }
}

/// The text of a field, with doubled quotation marks made single.
pub(crate) fn text<'b>(bytes: &'b [u8], span: Span, scratch: &'b mut String) -> Option<&'b str> {
    let text = std::str::from_utf8(&bytes[span.start as usize..span.end as usize]).ok()?;
    if !span.escaped {
        return Some(text);
    }
    scratch.clear();
    scratch.push_str(&text.replace("\"\"", "\""));
    Some(scratch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn records(bytes: &[u8], quoted: bool) -> Vec<Vec<String>> {
        let (mut at, mut fields, mut all, mut scratch) = (0, Vec::new(), Vec::new(), String::new());
        while at < bytes.len() {
            at = split(bytes, at, b',', quoted, &mut fields);
            if !fields.is_empty() {
                all.push(fields.iter().map(|f| text(bytes, *f, &mut scratch).unwrap_or("?").to_owned()).collect());
            }
        }
        all
    }

    proptest! {
        #[test]
        fn what_the_csv_crate_writes_is_read_back(rows in proptest::collection::vec(proptest::collection::vec("[ \
            a-c\",\n]{0,4}", 2..4), 0..6)) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let bytes = writer.into_inner().unwrap();
            prop_assert_eq!(records(&bytes, true), rows);
        }

        #[test]
        fn text_without_quotation_marks_is_split_alike_both_ways(text in "[ab,\r\n]{0,40}") {
            let plain = records(text.as_bytes(), false);
            prop_assert_eq!(records(text.as_bytes(), true), plain);
        }

        #[test]
        fn fields_found_once_for_a_piece_are_those_found_one_after_another(text in "[ab,;\u{a0}\u{8a}\r\n]{0,60}") {
            let bytes = text.as_bytes();
            let (mut ends, mut at, mut fields, mut plain) = (Ends::default(), 0, Vec::new(), Vec::new());
            ends.find(bytes, b',');
            while at < bytes.len() {
                let next = split(bytes, at, b',', false, &mut plain);
                match ends.fields(bytes, at, 2) {
                    Some((pair, after)) => {
                        prop_assert_eq!(after, next);
                        prop_assert_eq!(pair.iter().collect::<Vec<_>>(), plain.clone());
                        prop_assert_eq!(vec![pair.get(0), pair.get(1)], plain.clone());
                    }
                    None => {
                        prop_assert_eq!(ends.split(bytes, at, &mut fields), next);
                        prop_assert_eq!(&fields, &plain);
                    }
                }
                at = next;
            }
        }

        #[test]
        fn pieces_hold_all_bytes_and_end_with_records(text in "([a\",\n]|\"\"){0,60}") {
            let mut pieces = Pieces::new(text.as_bytes(), true);
            let mut all = Vec::new();
            while let Ok(Some(piece)) = pieces.next() {
                all.extend(piece.bytes);
            }
            prop_assert_eq!(all, text.as_bytes());
        }
    }

    #[test]
    fn a_record_without_an_end_is_refused_before_it_fills_the_memory() {
        let endless = std::io::repeat(b'x');
        assert!(matches!(Pieces::new(endless, true).next(), Err(PieceError::TooLong { line: 1 })));
    }
}
