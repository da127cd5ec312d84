//! Bytes as they come: unpacked, decoded to UTF-8, and what they seem to be.

use crate::problem::{IntakeError, Problem};
use std::io::{BufReader, Cursor, Read};

/// An input as the caller hands it in; this crate opens no file itself.
pub struct Input {
    /// Name as the user gave it; `-` is standard input.
    pub name: String,
    /// Its bytes.
    pub bytes: Box<dyn Read + Send>,
}

/// Format of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Delimited text with a header line.
    Csv,
    /// JSON objects, one a line or in one list.
    JsonLines,
    /// Apache Parquet.
    Parquet,
    /// Apache Arrow: a stream or a file.
    Arrow,
}

impl Format {
    /// By the ending of a name, without `.gz`.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.strip_suffix(".gz").unwrap_or(name).to_lowercase();
        match name.rsplit('.').next()? {
            "csv" | "tsv" | "txt" => Some(Format::Csv),
            "jsonl" | "ndjson" | "json" => Some(Format::JsonLines),
            "parquet" | "pq" => Some(Format::Parquet),
            "arrow" | "arrows" | "feather" | "ipc" => Some(Format::Arrow),
            _ => None,
        }
    }

    /// By the bytes that tables in columns begin with.
    fn of_magic(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"PAR1") {
            Some(Format::Parquet)
        } else if head.starts_with(b"ARROW1") || head.starts_with(&[0xff; 4]) {
            Some(Format::Arrow)
        } else {
            None
        }
    }

    /// Of a text, by its first bytes.
    fn of_text(head: &[u8]) -> Self {
        let mut signs = head.iter().filter(|b| !b.is_ascii_whitespace() && !matches!(b, 0xef | 0xbb | 0xbf));
        match (signs.next(), signs.next()) {
            (Some(b'{'), _) | (Some(b'['), Some(b'{' | b']')) => Format::JsonLines,
            _ => Format::Csv,
        }
    }
}

/// Text encodings that registers come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark; UTF-16 is recognised by its mark.
    #[default]
    Utf8,
    /// UTF-16, either end first.
    Utf16,
    /// Windows code page 1252.
    #[serde(rename = "windows-1252")]
    Windows1252,
    /// Mac Roman.
    Macintosh,
    /// Another that the web knows.
    #[serde(skip)]
    Other(&'static encoding_rs::Encoding),
}

impl Encoding {
    /// By its name, as the web knows it (WHATWG, *Encoding Standard*).
    pub(crate) fn called(name: &str) -> Option<Self> {
        Some(match name.to_lowercase().as_str() {
            "utf-8" => Encoding::Utf8,
            "utf-16" => Encoding::Utf16,
            "windows-1252" => Encoding::Windows1252,
            "macintosh" => Encoding::Macintosh,
            other => Encoding::Other(encoding_rs::Encoding::for_label(other.as_bytes())?),
        })
    }
}

/// An input, ready to be read as text (or Parquet).
pub(crate) struct Opened {
    pub(crate) name: String,
    pub(crate) format: Format,
    pub(crate) bytes: Box<dyn Read + Send>,
}

/// Unpacks and decodes an input.
pub(crate) fn open(input: Input, format: Option<Format>, encoding: Encoding) -> Result<Opened, IntakeError> {
    let name = input.name;
    let unreadable = |source| IntakeError::Unreadable { file: name.clone(), source };
    let (head, mut bytes) = peek(input.bytes).map_err(unreadable)?;
    let mut head = head;
    if head.starts_with(&[0x1f, 0x8b]) {
        let unpacked: Box<dyn Read + Send> = Box::new(flate2::read::MultiGzDecoder::new(BufReader::with_capacity(1 << 16, bytes)));
        (head, bytes) = peek(unpacked).map_err(|error| {
            let what = format!("this is not a whole gzip file ({error})");
            IntakeError::Broken(Problem {
                file: name.clone(),
                line: 1,
                column: 0,
                what,
                found: String::new(),
                expected: "a file that unpacks".to_owned(),
            })
        })?;
    }
    let utf16 = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    let format = format.or_else(|| Format::of_magic(&head)).or_else(|| Format::of_name(&name));
    if !matches!(format, Some(Format::Parquet | Format::Arrow)) {
        let decoder = match encoding {
            Encoding::Utf8 if utf16 => Some(if head.starts_with(&[0xff, 0xfe]) { encoding_rs::UTF_16LE } else { encoding_rs::UTF_16BE }),
            Encoding::Utf8 => None,
            Encoding::Utf16 => Some(if head.starts_with(&[0xfe, 0xff]) { encoding_rs::UTF_16BE } else { encoding_rs::UTF_16LE }),
            Encoding::Windows1252 => Some(encoding_rs::WINDOWS_1252),
            Encoding::Macintosh => Some(encoding_rs::MACINTOSH),
            Encoding::Other(known) => Some(known),
        };
        if let Some(encoding) = decoder {
            bytes = Box::new(Transcoded { inner: bytes, decoder: encoding.new_decoder(), ready: Cursor::new(Vec::new()), done: false });
        }
        if head.contains(&b'\r') && !head.contains(&b'\n') {
            bytes = Box::new(OldEnds(bytes));
        }
    }
    Ok(Opened { format: format.unwrap_or_else(|| Format::of_text(&head)), name, bytes })
}

/// The first bytes, and a reader that still gives them.
fn peek(mut bytes: Box<dyn Read + Send>) -> std::io::Result<(Vec<u8>, Box<dyn Read + Send>)> {
    let mut head = Vec::new();
    (&mut bytes).take(4096).read_to_end(&mut head)?;
    Ok((head.clone(), Box::new(Cursor::new(head).chain(bytes))))
}

/// Lines that end with a carriage return alone, as on old Macintoshes.
struct OldEnds(Box<dyn Read + Send>);

impl Read for OldEnds {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let read = self.0.read(out)?;
        out[..read].iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
        Ok(read)
    }
}

/// Text of another encoding as UTF-8; the byte order mark is dropped.
struct Transcoded {
    inner: Box<dyn Read + Send>,
    decoder: encoding_rs::Decoder,
    ready: Cursor<Vec<u8>>,
    done: bool,
}

impl Read for Transcoded {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let n = self.ready.read(out)?;
            if n > 0 || self.done || out.is_empty() {
                return Ok(n);
            }
            let mut raw = vec![0; 1 << 16];
            let read = self.inner.read(&mut raw)?;
            self.done = read == 0;
            let room = self.decoder.max_utf8_buffer_length(read).unwrap_or(4 * read + 16);
            let mut text = String::with_capacity(room);
            let (_, _, _) = self.decoder.decode_to_string(&raw[..read], &mut text, self.done);
            self.ready = Cursor::new(text.into_bytes());
        }
    }
}
