//! What the fuzz targets run, and what `cargo test` runs over the committed corpus: every parser on any bytes. None may panic; a
//! parser that accepts must have accepted something that can be read aloud or judged.

pub mod ledger;
pub mod register;

use crate::packs;
use crate::verdicts::wording;
use habeas_codebook::diagnostic::SourceFile;
use habeas_codebook::log::Log;
use habeas_codebook::pack::PackSource;
use habeas_codebook::tree::Codebook;
use habeas_intake::{Input, Mapping, Options};
use habeas_monitor::{Asked, Monitor};
use habeas_returns::cells::{Audience, Cell, ColumnKind, Treatment};
use habeas_returns::period::Period;
use habeas_returns::release::{self, Wanted};
use habeas_returns::withhold::Limits;
use std::io::Cursor;
use std::sync::OnceLock;

const SETTINGS: &str = r#"id = "fuzzed"
name = "Fuzzed"
version = "1"
zone = "Europe/London"
languages = ["en"]
builds_on = []
chapters = ["a.md"]
subjects = ["custody", "person", "interview", "cell", "place"]
things = ["person", "cell", "place"]
late_entry_after = "PT1H"
[calendar]
weekend = ["sat", "sun"]
holidays = []
[[sources]]
name = "Law"
paragraph = ["1-9"]
"#;

const CHAPTER: &str = r#"# A law to fuzz against
```event
event arrested of custody, person, opens custody: ground choice(offence, other) public; money money; seen time; note text medical.
event relative notified of custody: reached yes/no; after duration.
event interview started of custody, interview.
event interview ended of custody, interview.
event placed in cell of custody, cell.
event left cell of custody, cell.
event released of custody, closes custody.
event described of person, describes person: born date identity.
```
```state
state questioned of custody, interview: from interview started until interview ended.
```
```role
role head of custody: address-book entry "head-of-custody", language en.
```
```rule
rule relative
  Cites "Law" paragraph 1. In force from 2000-01-01. Severity serious.
  For each custody, after arrested, relative notified must happen within 2 hours.
  On breach, tell head of custody.
rule questioning
  Cites "Law" paragraph 2. In force from 2000-01-01. Severity serious.
  For each custody, while questioned, it must not last longer than 2 hours without a break of at least 15 minutes.
  On breach, tell head of custody.
```
```table
table WHO
  Title "Who". Cites "Law" paragraph 1. In force from 2000-01-01. Class person.
  Column arrests: number of arrested. Column persons: number of person with arrested. Column money: total of the money of arrested.
  Column released: of persons, number with released by as-of. Column median: median time from arrested to released.
  By ground of the arrested, age of the person in bands 0-17/18+, month, hour.
```
"#;

fn pack(chapter: &str) -> PackSource {
    let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
    PackSource { files: vec![file("codebook.toml", SETTINGS), file("chapters/a.md", chapter)] }
}

/// The codebook against which logs and timelines are read.
///
/// # Panics
/// Never: the chapter stands in this file, and a test reads it.
fn codebook() -> &'static Codebook {
    static READ: OnceLock<Codebook> = OnceLock::new();
    READ.get_or_init(|| habeas_codebook::read(&pack(CHAPTER), &|_| None).codebook.expect("the chapter in this file reads"))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A chapter: what is accepted can be read aloud.
pub fn chapter(bytes: &[u8]) {
    let found = packs::Found { source: pack(&text(bytes)), folder: None };
    if let Some(codebook) = packs::read_found(&found).codebook {
        for rule in &codebook.rules {
            let aloud = wording::law(&codebook, rule);
            assert!(!aloud.is_empty(), "a rule that is read can be read aloud");
        }
    }
}

/// A CSV log: what is accepted can be judged.
pub fn csv(bytes: &[u8]) {
    log("fuzzed.csv", bytes);
}

/// A log of JSON Lines: what is accepted can be judged.
pub fn json_lines(bytes: &[u8]) {
    log("fuzzed.jsonl", bytes);
}

fn log(name: &str, bytes: &[u8]) {
    let input = Input { name: name.to_owned(), bytes: Box::new(Cursor::new(bytes.to_vec())) };
    let options = Options { keep_going: true, threads: 1, authors: false };
    if let Ok(intake) = habeas_intake::read(vec![input], codebook(), options, &mut |_| ()) {
        judge(&intake.log);
    }
}

/// A mapping file: it is refused, or fits the codebook and reads a table.
pub fn mapping(bytes: &[u8]) {
    let Ok(mapping) = Mapping::parse(&text(bytes), "fuzzed.toml") else { return };
    let table = b"a,b,day,record\nx,y,2026-03-03,1\n?,,2026-03-04|2026-03-05,2\n".to_vec();
    let input = Input { name: "r_20260303.csv".to_owned(), bytes: Box::new(Cursor::new(table)) };
    let options = Options { keep_going: true, threads: 1, authors: false };
    if mapping.check(codebook()).is_ok()
        && let Ok(intake) = habeas_intake::read_mapped(vec![input], &mapping, codebook(), options, &mut |_| ())
    {
        judge(&intake.log);
    }
}

/// A timeline: what is accepted can be judged.
pub fn timeline(bytes: &[u8]) {
    if let Ok(timeline) = habeas_intake::timeline::read(&text(bytes), "fuzzed.json", codebook()) {
        let monitor = Monitor::new(&timeline.codebook);
        let asked = Asked { now: timeline.now, known_at: timeline.known_at };
        let _rows = monitor.hear(&timeline.log, asked).rows();
    }
}

/// A period on the first line and a log of JSON Lines after it: what is accepted can be counted, protected and written, and what leaves
/// shows no small number.
pub fn tables(bytes: &[u8]) {
    let all = text(bytes);
    let (period, rest) = all.split_once('\n').unwrap_or((&all, ""));
    let Ok(period) = Period::parse(period, &codebook().almanac) else { return };
    let input = Input { name: "fuzzed.jsonl".to_owned(), bytes: Box::new(Cursor::new(rest.as_bytes().to_vec())) };
    let options = Options { keep_going: true, threads: 1, authors: false };
    let Ok(intake) = habeas_intake::read(vec![input], codebook(), options, &mut |_| ()) else { return };
    let Some(table) = release::version(codebook(), "WHO", &period) else { return };
    let (as_of, audience, limits) = (habeas_codebook::moment::Moment::FAR_OFF, Audience::Public, Limits::default());
    let made = release::release(codebook(), &intake.log, table, &Wanted { period: &period, as_of, audience, released: &[], limits }).made;
    let small = |cell: &&Cell| {
        made.columns[cell.column].kind == ColumnKind::Count && !cell.shown.is_withheld() && (1..limits.smallest).contains(&cell.rests_on)
    };
    let is_rounded = matches!(made.treatment, Treatment::Rounded(_));
    assert!(is_rounded || made.cells.iter().find(small).is_none(), "a small number of persons leaves");
    assert!(!habeas_returns::write::csv::write(&made).is_empty(), "a table has a head");
}

/// A document of a treaty body, in any form: what is accepted has a paragraph, and its questions stand in paragraphs that are there.
pub fn review(bytes: &[u8]) {
    if let Ok(review) = habeas_review::import(bytes) {
        assert!(!review.paragraphs.is_empty(), "a recognised document has paragraphs");
        let numbers: Vec<u32> = review.paragraphs.iter().map(|paragraph| paragraph.number).collect();
        assert!(review.questions.iter().all(|question| numbers.contains(&question.paragraph)), "a question stands in a paragraph");
    }
}

fn judge(log: &Log) {
    let now = habeas_codebook::moment::Moment::FAR_OFF;
    let monitor = Monitor::new(codebook());
    let _rows = monitor.hear(log, Asked { now, known_at: now }).rows();
}
