//! `habeas return ID --period P`: a table that fills itself from the record.
//!
//! The story of one run: find the law that has the table, read the log (all of it, or nothing is counted), count, protect, print.

use crate::counting::{Entries, Kept};
use crate::messages::Language;
use crate::outcome::{Outcome, Trouble};
use crate::packs;
use crate::registers;
use crate::terminal::{self, Terminal};
use clap::{Args, ValueEnum};
use habeas_codebook::moment::Moment;
use habeas_codebook::table::Table;
use habeas_codebook::tree::Codebook;
use habeas_returns::cells::{Audience, Return as Made};
use habeas_returns::period::Period;
use habeas_returns::release::{self, Release, Wanted};
use habeas_returns::withhold::Limits;
use habeas_returns::write::files::{self, Origin};
use habeas_returns::write::{charts, csv, html, json, markdown, sdmx, text};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = r#"Examples:
  habeas return --list
  habeas return R10 --period 2029 --data ./station
  habeas return --asked-by "Committee against Torture" --period 2025/2029 --data ./station --out for-the-committee
  habeas return --all --period 2029 --log register.jsonl --out tables
  habeas return R10 --period 2029 --data ./station --as-of 2030-03-01T00:00:00Z --out tables
  habeas return R10 --period 2029 --log register.jsonl
  habeas return R10 --period 2029-Q1 --log register.jsonl --as-of 2029-05-01T00:00:00Z --class restricted --format csv
  habeas return isolation --period 2019 --log placements.csv --map isolation.toml --codebook my-tables --out tables

From a register, R10.proof.json carries its signed checkpoint: whoever holds the entries up to there can count the same again.
Exit status: 0 counted; 2 bad input, nothing counted; 3 trouble with the machine."#;

/// Fill a statistical table from a register, or from a log of events.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Return {
    /// Ids of tables, for example R10.
    #[arg(required_unless_present_any = ["list", "all", "asked_by"], value_name = "ID")]
    ids: Vec<String>,
    /// Every table of the codebook.
    #[arg(long, conflicts_with_all = ["ids", "asked_by"])]
    all: bool,
    /// Every table that this body asks for, as the codebook names it, for example "Committee against Torture".
    #[arg(long, value_name = "BODY", conflicts_with = "ids")]
    asked_by: Option<String>,
    /// When things happened: 2029, 2029-H1, 2029-Q1, 2029-03, 2029-03-04, or two of them 2027/2029.
    #[arg(long, required_unless_present = "list", value_name = "PERIOD")]
    period: Option<String>,
    #[command(flatten)]
    kept: Kept,
    /// Logs: CSV, JSON (an object a line, or one list) or Parquet, also packed as .gz; `-` is standard input. May be repeated.
    #[arg(
        long = "log", required_unless_present_any = ["list", "data", "database"], conflicts_with = "data", num_args = 1..,
        value_name = "LOG"
    )]
    logs: Vec<String>,
    /// Mapping file that turns foreign columns into events.
    #[arg(long, conflicts_with = "data", value_name = "MAP.toml")]
    map: Option<PathBuf>,
    /// Folder of a codebook, or the name of a pack inside this program [default: the first pack that has the table; a register has its own]
    #[arg(long, conflicts_with = "data", value_name = "PACK")]
    codebook: Option<String>,
    /// Count by what had been recorded at this moment [default: now]
    #[arg(long, value_name = "TIME", value_parser = super::check::moment)]
    as_of: Option<Moment>,
    /// For whom: everybody (small numbers about persons are withheld), or those with access.
    #[arg(long, value_name = "CLASS", default_value = "public")]
    class: Class,
    /// When this table was released before, by its as-of: changed cells are marked, and nothing may be worked out from the difference.
    #[arg(long, value_name = "TIME", value_parser = super::check::moment)]
    released: Vec<Moment>,
    /// How to print [default: text]
    #[arg(long)]
    format: Option<Format>,
    /// Language of what people read; files for machines are the same in all [text, markdown, html, svg]
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    lang: Language,
    /// Write every format into this folder, the pages for people in every language of the codebook.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print id and title of each table.
    #[arg(long)]
    list: bool,
    /// Count the good rows although others are bad; never exits 0 if there were any.
    #[arg(long)]
    keep_going: bool,
}

/// For whom a table is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Class {
    /// Everybody.
    Public,
    /// Those with access.
    Restricted,
}

/// How a table is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One object.
    Json,
    /// Long form: one row a cell.
    Csv,
    /// A table for a document.
    Markdown,
    /// One page with charts.
    Html,
    /// SDMX-CSV 2.0.
    SdmxCsv,
    /// SDMX-JSON 2.0.
    SdmxJson,
    /// The first chart.
    Svg,
}

impl Return {
    /// Counts and prints.
    ///
    /// # Errors
    /// Bad input (nothing counted), or trouble with the machine.
    pub fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        if self.list {
            let codebook = match &self.kept.data() {
                Some(data) => registers::find(&data.data)?.codebook().map_err(registers::trouble)?,
                None => self.codebook(terminal)?,
            };
            terminal::print(list(&codebook, self.format == Some(Format::Json)).as_bytes())?;
            return Ok(Outcome::Clean);
        }
        let as_of = self.as_of.unwrap_or_else(|| Moment::from_timestamp(Timestamp::now()));
        let entries = match &self.kept.data() {
            Some(data) => Entries::of_register(data, as_of)?,
            None => Entries::of_files(self.codebook(terminal)?, &self.logs, self.map.as_deref(), self.keep_going, terminal)?,
        };
        let (codebook, log) = (&entries.codebook, &entries.log);
        let text = self.period.as_deref().unwrap_or_default();
        let period = Period::parse(text, &codebook.almanac).map_err(|error| Trouble::Input(error.to_string()))?;
        let tables = self.tables(codebook, &period)?;
        self.fits(tables.len())?;
        let audience = if self.class == Class::Restricted { Audience::Restricted } else { Audience::Public };
        let limits = Limits::default();
        let wanted = Wanted { period: &period, as_of, audience, released: &self.released, limits };
        let made = release::release_all(codebook, log, &tables, &wanted);
        self.print(&made, &entries)?;
        if let Some(out) = &self.out {
            terminal.note(&format!(
                "{} written to {}",
                if made.len() == 1 { "a table".to_owned() } else { format!("{} tables", made.len()) },
                out.display()
            ));
        }
        if entries.bad_rows > 0 {
            terminal.complain(&format!("{} rows could not be read and were not counted", entries.bad_rows));
            return Ok(Outcome::BadInput);
        }
        Ok(Outcome::Clean)
    }

    /// The codebook named, else the first pack that has the tables; for the list and for all, the one with most tables.
    fn codebook(&self, terminal: Terminal) -> Result<Codebook, Trouble> {
        if let Some(pack) = &self.codebook {
            return packs::codebook(pack, terminal);
        }
        let built_in = packs::built_in_names().into_iter().filter_map(|name| packs::read(name).ok()?.codebook);
        let has = |codebook: &Codebook| {
            let is_wanted = |id: &str| self.ids.is_empty() || self.ids.iter().any(|wanted| wanted.eq_ignore_ascii_case(id));
            codebook.tables.iter().filter(|table| is_wanted(&table.id)).count()
        };
        // `max_by_key` takes the last of equals; the first is wanted, so that a pack added later changes nothing.
        let mut best: Option<Codebook> = None;
        for codebook in built_in {
            if has(&codebook) > best.as_ref().map_or(0, has) {
                best = Some(codebook);
            }
        }
        best.ok_or_else(|| {
            let ids = self.ids.join(", ");
            Trouble::Input(format!("no pack inside this program has a table `{ids}`; name a codebook with --codebook"))
        })
    }

    /// The tables that are asked for, each in the version in force when the period ends.
    fn tables<'c>(&self, codebook: &'c Codebook, period: &Period) -> Result<Vec<&'c Table>, Trouble> {
        let listed = |list: Vec<&str>| if list.is_empty() { "none".to_owned() } else { list.join(", ") };
        if self.ids.is_empty() {
            let asks = |table: &&Table| {
                self.asked_by.as_ref().is_none_or(|body| table.asked_by.iter().any(|asks| asks.eq_ignore_ascii_case(body.trim())))
            };
            let mut ids: Vec<&str> = codebook.tables.iter().filter(asks).map(|table| table.id.as_str()).collect();
            ids.sort_unstable();
            ids.dedup();
            if ids.is_empty() {
                let mut bodies: Vec<&str> = codebook.tables.iter().flat_map(|table| &table.asked_by).map(String::as_str).collect();
                bodies.sort_unstable();
                bodies.dedup();
                let body = self.asked_by.as_deref().unwrap_or_default();
                let why =
                    format!("the codebook `{}` has no table that `{body}` asks for; bodies that ask: {}", codebook.id, listed(bodies));
                return Err(Trouble::Input(why));
            }
            return Ok(ids.into_iter().filter_map(|id| release::version(codebook, id, period)).collect());
        }
        let one = |id: &String| {
            release::version(codebook, id, period).ok_or_else(|| {
                let known = listed(codebook.tables.iter().map(|table| table.id.as_str()).collect());
                Trouble::Input(format!("the codebook `{}` has no table `{id}`; it has: {known}", codebook.id))
            })
        };
        self.ids.iter().map(one).collect()
    }

    /// Whether so many tables can be printed as they are asked for: some formats hold one table only.
    fn fits(&self, tables: usize) -> Result<(), Trouble> {
        let holds_several = match self.format {
            None | Some(Format::Text | Format::Json | Format::Markdown) => true,
            Some(Format::Csv | Format::Html | Format::SdmxCsv | Format::SdmxJson | Format::Svg) => false,
        };
        if tables > 1 && self.out.is_none() && !holds_several {
            let why = "this format holds one table; ask for one, or name a folder with --out, where each table has its own";
            return Err(Trouble::Input(format!("{tables} tables: {why}")));
        }
        Ok(())
    }

    fn print(&self, releases: &[Release], entries: &Entries) -> Result<(), Trouble> {
        if let Some(folder) = &self.out {
            let origin = origin(entries);
            for release in releases {
                let told = habeas_returns::in_other_languages(&release.made, &entries.codebook);
                let own = if releases.len() > 1 { folder.join(&release.made.id) } else { folder.clone() };
                save(&own, &files::write(&release.made, &told, &origin, release.audit.as_ref(), &hex))?;
            }
            return Ok(());
        }
        for (number, release) in releases.iter().enumerate() {
            let text = self.written(&release.made, entries);
            if number > 0 && self.format != Some(Format::Json) {
                terminal::print(b"\n")?;
            }
            terminal::print(text.as_bytes())?;
        }
        Ok(())
    }

    fn written(&self, made: &Made, entries: &Entries) -> String {
        let log = &entries.log;
        let told = || habeas_returns::spoken(made, &entries.codebook, self.lang.of_tables());
        match self.format {
            Some(Format::Text) | None => text::write(&told()),
            Some(Format::Csv) => csv::write(made),
            Some(Format::Json) => {
                let mut line = json::write(made, (made.audience == Audience::Restricted).then_some(log));
                line.push('\n');
                line
            }
            Some(Format::Markdown) => markdown::write(&told()),
            Some(Format::Html) => html::write(&told()),
            Some(Format::SdmxCsv) => sdmx::csv(made),
            Some(Format::SdmxJson) => format!("{}\n", sdmx::message(made)),
            Some(Format::Svg) => charts::write(&told()).into_iter().next().map(|(_, svg)| svg).unwrap_or_default(),
        }
    }
}

fn save(folder: &Path, all: &[files::File]) -> Result<(), Trouble> {
    std::fs::create_dir_all(folder).map_err(|error| Trouble::writing(&format!("`{}`", folder.display()), &error))?;
    for (name, text) in all {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|error| Trouble::writing(&format!("`{}`", path.display()), &error))?;
    }
    Ok(())
}

/// SHA-256 in hex.
fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// From what the table was counted: the register's checkpoint, hashes of the law and of the log's entries (id, kind, times).
fn origin(of: &Entries) -> Origin {
    let Entries { codebook, log, checkpoint, .. } = of;
    let mut law = String::new();
    for file in &codebook.files {
        law.push_str(&format!("{}\n{}\n", file.path, file.text));
    }
    let mut entries = Sha256::new();
    for event in log.events() {
        let at = log.at(event);
        let kind = &codebook.kind(log.kind(event)).name;
        let line = format!("{}\t{kind}\t{}\t{}\t{}\n", log.id(event), at.earliest.0, at.latest.0, log.recorded_at(event).0);
        entries.update(line.as_bytes());
    }
    let log_hash = entries.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let program = format!("habeas {}", env!("CARGO_PKG_VERSION"));
    Origin { checkpoint: checkpoint.clone(), codebook_hash: hex(law.as_bytes()), log_hash, program }
}

fn list(codebook: &Codebook, as_json: bool) -> String {
    let mut out = String::new();
    for table in &codebook.tables {
        let line = if as_json {
            serde_json::json!({"id": table.id, "title": table.title}).to_string()
        } else {
            format!("{}  {}", table.id, table.title)
        };
        out.push_str(&line);
        out.push('\n');
    }
    out
}
