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

/// Part of a piece: bytes `start..end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Cell {
    pub(crate) fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
    pub(crate) fn is_empty(self) -> bool {
        self.start == self.end
    }
    pub(crate) fn len(self) -> u32 {
        self.end - self.start
    }
}

/// What the quotation marks of a field come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quotes {
    /// There are none, or one at either end.
    Plain,
    /// There are doubled ones inside, which mean one each.
    Doubled,
    /// Text follows the closing mark.
    TextAfter,
    /// The text ends before the mark is closed.
    NeverClosed,
}

impl Quotes {
    /// What is wrong with them, and what was expected; `None` where nothing is.
    pub(crate) fn wrong(self) -> Option<(&'static str, &'static str)> {
        match self {
            Quotes::Plain | Quotes::Doubled => None,
            Quotes::TextAfter => {
                let what = "text follows the closing quotation mark of this cell";
                Some((what, "the delimiter or the end of the line there; a quotation mark inside a quoted cell is written twice"))
            }
            Quotes::NeverClosed => {
                let what = "the quotation mark that opens this cell is never closed";
                Some((what, "a closing quotation mark; one inside a quoted cell is written twice"))
            }
        }
    }
}

/// A field in its piece, without the quotation marks around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) cell: Cell,
    pub(crate) quotes: Quotes,
}

impl Span {
    fn plain(start: usize, end: usize) -> Self {
        Span { cell: Cell { start: start as u32, end: end as u32 }, quotes: Quotes::Plain }
    }
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
    /// Place of every delimiter and every line end, from 1 to `count`.
    places: Vec<u32>,
    count: usize,
    next: usize,
}

impl Ends {
    /// Finds them all.
    pub(crate) fn find(&mut self, bytes: &[u8], delimiter: u8) {
        // A block may write some places too many: the next block writes over them.
        if self.places.len() < bytes.len() + BLOCK + 1 {
            self.places.resize(bytes.len() + BLOCK + 1, 0);
        }
        (self.next, self.count) = (0, 0);
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        for (number, block) in blocks.iter().enumerate() {
            self.block((number * BLOCK) as u32, marks(block, delimiter));
        }
        let mut last = [if delimiter == 0 { 1 } else { 0 }; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        self.block((blocks.len() * BLOCK) as u32, marks(&last, delimiter));
    }

    /// Notes the marks of a block.
    fn block(&mut self, first: u32, mut hits: u64) {
        let found = hits.count_ones() as usize;
        // Eight at a time and asked only then whether there are more: a number that nobody can foretell costs more than a few writes.
        for eight in self.places[self.count + 1..].as_chunks_mut::<8>().0.iter_mut().take(found.div_ceil(8)) {
            for place in eight {
                *place = first + hits.trailing_zeros();
                hits &= hits.wrapping_sub(1);
            }
        }
        self.count += found;
    }

    /// The record that begins at `at`, and where the next begins, if it has this number of fields and is not the last of the piece
    /// without a line end. Nothing is written down. Records have to be asked for in turn.
    pub(crate) fn record<'e>(&'e mut self, bytes: &[u8], at: usize, number: usize) -> Option<(Record<'e>, usize)> {
        let line_end = at + memchr::memchr(b'\n', &bytes[at..])?;
        // One place before the first, so that every field begins after a place.
        let past = self.next + number;
        if past > self.count || self.places[past] as usize != line_end {
            return None;
        }
        let returned = line_end > at && bytes[line_end - 1] == b'\r';
        self.places[self.next] = (at as u32).wrapping_sub(1);
        self.places[past] -= u32::from(returned);
        let ends = &self.places[self.next..=past];
        self.next = past;
        Some((Record { ends }, line_end + 1))
    }

    /// Splits the record that begins at `at`, as [`split`] does. Records have to be asked for in turn.
    pub(crate) fn split(&mut self, bytes: &[u8], at: usize, fields: &mut Vec<Span>) -> usize {
        fields.clear();
        let mut start = at;
        for end in &self.places[self.next + 1..=self.count] {
            let end = *end as usize;
            self.next += 1;
            if bytes[end] == b'\n' {
                finish(bytes, start, end, fields);
                return end + 1;
            }
            fields.push(Span::plain(start, end));
            start = end + 1;
        }
        finish(bytes, start, bytes.len(), fields);
        bytes.len()
    }
}

/// A record, by the places before, between and after its fields.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'e> {
    ends: &'e [u32],
}

impl Record<'_> {
    /// One of its fields.
    #[inline]
    pub(crate) fn get(&self, place: usize) -> Cell {
        Cell { start: self.ends[place].wrapping_add(1), end: self.ends[place + 1] }
    }

    /// How many letters its fields have together.
    pub(crate) fn letters(&self) -> u32 {
        let all = self.ends.first().zip(self.ends.last()).map_or(0, |(before, end)| end.wrapping_sub(*before));
        all.wrapping_sub(self.ends.len() as u32 - 1)
    }

    /// All fields, in order.
    pub(crate) fn cells(&self) -> impl Iterator<Item = Cell> {
        (0..self.ends.len() - 1).map(|place| self.get(place))
    }
}

const BLOCK: usize = 64;

/// One bit for each byte that is the delimiter or ends a line. Written so that the compiler compares many bytes at once.
fn marks(block: &[u8; BLOCK], delimiter: u8) -> u64 {
    let mut flags = [0_u8; BLOCK];
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
        fields.push(Span::plain(at + start, at + i));
        start = i + 1;
    }
    finish(bytes, at + start, bytes.len(), fields);
    bytes.len()
}

/// The last field of a record, without a carriage return; a line of nothing is no record.
fn finish(bytes: &[u8], start: usize, end: usize, fields: &mut Vec<Span>) {
    let end = if end > start && bytes[end - 1] == b'\r' { end - 1 } else { end };
    if !(fields.is_empty() && start == end) {
        fields.push(Span::plain(start, end));
    }
}

fn split_quoted(bytes: &[u8], at: usize, delimiter: u8, fields: &mut Vec<Span>) -> usize {
    let field_end = |from: usize| memchr::memchr2(delimiter, b'\n', &bytes[from..]).map_or(bytes.len(), |i| from + i);
    let mut place = at;
    loop {
        if bytes.get(place) == Some(&b'"') {
            let start = place + 1;
            let (end, quotes) = closing_mark(bytes, start);
            let mut span = Span { quotes, ..Span::plain(start, end) };
            if span.quotes != Quotes::NeverClosed {
                place = field_end(end + 1);
                let after = &bytes[end + 1..place];
                let line_end = place == bytes.len() || bytes[place] == b'\n';
                if !(after.is_empty() || (line_end && after == b"\r")) {
                    span.quotes = Quotes::TextAfter;
                }
            } else {
                place = end;
            }
            fields.push(span);
        } else {
            let start = place;
            place = field_end(place);
            if bytes.get(place) == Some(&delimiter) {
                fields.push(Span::plain(start, place));
            } else {
                finish(bytes, start, place, fields);
            }
        }
        match bytes.get(place) {
            Some(b) if *b == delimiter && delimiter != b'\n' => place += 1,
            Some(_) => return place + 1,
            None => return bytes.len(),
        }
    }
}

/// Where the quotation mark stands that closes a field which begins at `start`, or the end of the text.
fn closing_mark(bytes: &[u8], start: usize) -> (usize, Quotes) {
    let (mut inside, mut quotes) = (start, Quotes::Plain);
    loop {
        match memchr::memchr(b'"', &bytes[inside..]) {
            Some(i) if bytes.get(inside + i + 1) == Some(&b'"') => {
                quotes = Quotes::Doubled;
                inside += i + 2;
            }
            Some(i) => return (inside + i, quotes),
            None => return (bytes.len(), Quotes::NeverClosed),
        }
    }
}

/// A field whose quotation marks are wrong.
#[derive(Debug)]
pub(crate) struct WrongQuotes {
    pub(crate) cell: Cell,
    pub(crate) what: &'static str,
    /// What follows the mark, or the beginning of what it opens.
    pub(crate) found: String,
    pub(crate) expected: &'static str,
}

/// The first field of a record whose quotation marks are wrong.
pub(crate) fn wrong_quotes(bytes: &[u8], fields: &[Span], delimiter: u8) -> Option<WrongQuotes> {
    const SHOWN: usize = 40;
    fields.iter().find_map(|span| {
        let (what, expected) = span.quotes.wrong()?;
        let text = match span.quotes {
            Quotes::TextAfter => bytes[span.cell.end as usize + 1..].split(|b| *b == delimiter || *b == b'\n').next()?,
            Quotes::Plain | Quotes::Doubled | Quotes::NeverClosed => &bytes[span.cell.range()],
        };
        let line = text.split(|b| *b == b'\n').next()?;
        Some(WrongQuotes { cell: span.cell, what, found: String::from_utf8_lossy(line).chars().take(SHOWN).collect(), expected })
    })
}

/// The text of a field, with doubled quotation marks made single.
pub(crate) fn text<'b>(bytes: &'b [u8], span: Span, scratch: &'b mut String) -> Option<&'b str> {
    let text = std::str::from_utf8(&bytes[span.cell.range()]).ok()?;
    if span.quotes == Quotes::Plain {
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
        fn fields_found_once_for_a_piece_are_those_found_one_after_another(text in "[ab,;\u{a0}\u{8a}\r\n]{0,160}") {
            let bytes = text.as_bytes();
            let (mut ends, mut at, mut fields, mut plain) = (Ends::default(), 0, Vec::new(), Vec::new());
            ends.find(bytes, b',');
            while at < bytes.len() {
                let next = split(bytes, at, b',', false, &mut plain);
                match ends.record(bytes, at, 2) {
                    Some((pair, after)) => {
                        prop_assert_eq!(after, next);
                        prop_assert_eq!(pair.cells().collect::<Vec<_>>(), plain.iter().map(|span| span.cell).collect::<Vec<_>>());
                        prop_assert_eq!(pair.letters(), pair.cells().map(Cell::len).sum::<u32>());
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
