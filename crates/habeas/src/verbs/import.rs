//! `habeas import LOG… --data DIR`: anybody's log into a register, through the one door.

use crate::logs::{self, Request};
use crate::outcome::{Outcome, Trouble};
use crate::packs;
use crate::registers::{self, Data};
use crate::terminal::{self, Terminal};
use clap::Args;
use habeas_codebook::log::{EventId, Log};
use habeas_codebook::moment::Precision;
use habeas_codebook::tree::{Codebook, FieldId};
use habeas_intake::{Intake, Mapping};
use habeas_register::folder::DataFolder;
use habeas_register::{Actor, Draft, Register, Remark};
use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  habeas import register.csv --codebook standards --data ./station
  habeas import placements.csv --map isolation.toml --data ./station
  habeas import more.jsonl --data ./station
  habeas import more.jsonl --data ./keys --database postgresql://habeas@db.example/custody

A folder that is not there is made: with keys, the codebook, and a passphrase beside the keys unless one is given.
What was imported before is not imported twice. Entries keep the time at which their source recorded them, and say where they are from.

Exit status: 0 all imported; 2 bad input, or entries that were refused; 3 trouble with the machine.";

/// Entries in one commit.
const AT_ONCE: usize = 1_024;

/// Bring a log into a register, through the same door as every other entry.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Import {
    /// Logs: CSV, JSON (an object a line, or one list) or Parquet, also packed as .gz; `-` is standard input.
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<String>,
    #[command(flatten)]
    data: Data,
    /// Mapping file that turns foreign columns into events.
    #[arg(long, value_name = "MAP.toml")]
    map: Option<PathBuf>,
    /// For a register that is made: folder of a codebook, or the name of a pack inside this program [default: the mapping's]
    #[arg(long, value_name = "PACK")]
    codebook: Option<String>,
    /// For a register that is made: name of its log.
    #[arg(long, value_name = "NAME", default_value = "localhost/register")]
    origin: String,
}

impl Import {
    /// Imports.
    ///
    /// # Errors
    /// What cannot be read, or a register that cannot be opened.
    pub fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let (mut codebook, pack) = self.codebook(terminal)?;
        let mapping = self.map.as_deref().map(|path| logs::mapping(path, &codebook, terminal)).transpose()?;
        if let (Some(mapping), Some(_)) = (&mapping, &pack) {
            logs::move_to_zone(&mut codebook, mapping);
        }
        let intake = self.read(&codebook, mapping.as_ref(), terminal)?;
        if let Some(pack) = &pack {
            let passphrase = self.data.passphrase.read()?;
            let folder = registers::create(&self.data, pack, &codebook, &self.origin, passphrase.as_ref().map(|text| text.as_str()), &[])?;
            terminal.note(&format!("made a register in {}", self.data.data.display()));
            if folder.has_own_passphrase() {
                terminal.note("its passphrase stands beside its keys: good for a trial; `habeas admin doctor` says how to part them");
            }
        }
        let (_, register) = registers::open(&self.data)?;
        let counts = self.append(&register, &intake, terminal)?;
        let Counts { new, before, refused, late } = counts;
        if late > 0 {
            terminal.note(&format!(
                "{late} were entered in their source later than their kinds' limits, and no column says why; rules count them late"
            ));
        }
        let checkpoint = register.checkpoint().map_err(registers::trouble)?;
        let told = format!("{new} entries imported, {before} were there before, {refused} refused; the log has {}\n", checkpoint.size);
        terminal::print(told.as_bytes())?;
        Ok(if refused == 0 { Outcome::Clean } else { Outcome::BadInput })
    }

    /// The codebook to read by; with the pack's name where the register has to be made.
    fn codebook(&self, terminal: Terminal) -> Result<(Codebook, Option<String>), Trouble> {
        if DataFolder::is_one(&self.data.data) {
            if self.codebook.is_some() {
                terminal.note("the register has a codebook of its own; --codebook is not needed");
            }
            return Ok((registers::find(&self.data.data)?.codebook().map_err(registers::trouble)?, None));
        }
        let named = self.codebook.clone().map(Ok).or_else(|| self.map.as_deref().map(pack_of_mapping));
        let Some(named) = named.transpose()? else {
            return Err(Trouble::Input("the register has to be made: say by which codebook, with --codebook PACK".to_owned()));
        };
        Ok((packs::codebook(&named, terminal)?, Some(named)))
    }

    fn read(&self, codebook: &Codebook, mapping: Option<&Mapping>, terminal: Terminal) -> Result<Intake, Trouble> {
        let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        logs::read(codebook, Request { logs: &self.logs, mapping, keep_going: false, threads, authors: true }, terminal)
    }

    fn append(&self, register: &Register, intake: &Intake, terminal: Terminal) -> Result<Counts, Trouble> {
        let log = &intake.log;
        let order = in_order(register.codebook(), log);
        let source = self.logs.join(", ");
        let actor = Actor::named("import");
        let bar = terminal.counting(order.len() as u64, "importing");
        let mut counts = Counts::default();
        for chunk in order.chunks(AT_ONCE) {
            counts.late += chunk.iter().filter(|event| is_late(register.codebook(), log, **event)).count() as u64;
            let drafts = chunk.iter().map(|event| Draft::of_entry(register.codebook(), log, *event, &source)).collect();
            let answers = register.append_all(drafts, &actor, registers::now()).map_err(registers::trouble)?;
            for (event, answer) in chunk.iter().zip(answers) {
                match answer {
                    Ok(receipt) if receipt.remarks.contains(&Remark::Before) => counts.before += 1,
                    Ok(_) => counts.new += 1,
                    Err(error) => match registers::trouble(error) {
                        Trouble::Input(why) => {
                            counts.refused += 1;
                            terminal.complain(&format!("{}: {why}", log.id(*event)));
                        }
                        trouble @ (Trouble::Machine(_) | Trouble::Closed) => return Err(trouble),
                    },
                }
            }
            bar.inc(chunk.len() as u64);
        }
        bar.finish_and_clear();
        let bar = terminal.counting(intake.log.subject_count() as u64, "judging");
        register.judge_brought(registers::now(), |judged| bar.set_position(judged as u64)).map_err(registers::trouble)?;
        bar.finish_and_clear();
        Ok(counts)
    }
}

/// The entries of a log as they are entered: by when their source recorded them, but never one that corrects or withdraws another before
/// that one, whatever their times say.
fn in_order(codebook: &Codebook, log: &Log) -> Vec<EventId> {
    let mut order: Vec<EventId> = log.events().collect();
    order.sort_by_key(|event| log.recorded_at(*event));
    let corrects = codebook.field_names.iter().zip(0..).find(|(name, _)| *name == "corrects").map(|(_, place)| FieldId(place));
    let named = |event: EventId| Some(log.text_of(log.field(event, corrects?)?.as_text()?));
    let wanted: HashSet<&str> = order.iter().filter_map(|event| named(*event)).collect();
    let found: HashMap<&str, EventId> = log.events().map(|event| (log.id(event), event)).filter(|(id, _)| wanted.contains(id)).collect();
    let target = |event: EventId| found.get(named(event)?).copied();
    let mut is_placed = vec![false; order.len()];
    let mut placed = Vec::with_capacity(order.len());
    for event in order {
        let mut waiting = Vec::new();
        let mut next = Some(event).filter(|event| !is_placed[event.0 as usize]);
        while let Some(event) = next {
            is_placed[event.0 as usize] = true;
            waiting.push(event);
            next = target(event).filter(|target| !is_placed[target.0 as usize]);
        }
        placed.extend(waiting.into_iter().rev());
    }
    placed
}

#[derive(Default)]
struct Counts {
    new: u64,
    before: u64,
    refused: u64,
    late: u64,
}

/// Whether an entry was made later than its kind's limit, by its source's own word. Where the source does not say, it counts as in time.
fn is_late(codebook: &Codebook, log: &Log, event: EventId) -> bool {
    let at = log.at(event);
    at.precision != Precision::Unknown && log.recorded_at(event) > codebook.entered_by(log.kind(event), at.latest)
}

/// The pack that a mapping file is written for.
fn pack_of_mapping(path: &std::path::Path) -> Result<String, Trouble> {
    let text = std::fs::read_to_string(path).map_err(|error| Trouble::reading(path, &error))?;
    let table: toml::Table = text.parse().map_err(|error| Trouble::Input(format!("{}: {error}", path.display())))?;
    let named = table.get("codebook").and_then(toml::Value::as_str).map(str::to_owned);
    named.ok_or_else(|| Trouble::Input(format!("{} names no codebook; give --codebook PACK", path.display())))
}

#[cfg(test)]
mod tests {
    use super::{Terminal, in_order, packs};
    use crate::terminal::Colour;
    use habeas_codebook::log::{Entry, Log, Value};
    use habeas_codebook::moment::{At, Moment};
    use habeas_codebook::tree::FieldId;

    /// A correction that its source recorded before what it corrects, and a withdrawal of that correction before both.
    #[test]
    fn a_correction_is_entered_after_what_it_corrects_whatever_their_times_say() {
        let terminal = Terminal { quiet: true, colour: Colour::Never };
        let codebook = packs::codebook("standards", terminal).expect("the pack is inside the program");
        let corrects = FieldId(codebook.field_names.iter().position(|name| name == "corrects").expect("a builtin field") as u16);
        let mut log = Log::new();
        let mut enter = |id: &str, recorded: i64, changed: Option<&str>| {
            let fields: Vec<_> = changed.map(|changed| (corrects, Value::Text(log.text(changed)))).into_iter().collect();
            let kind = codebook.kinds.iter().position(|kind| kind.corrects == changed.is_some()).expect("kinds that correct, and others");
            let at = At::exact(Moment(recorded));
            let kind = habeas_codebook::tree::KindId(kind as u16);
            log.push(&Entry { id, kind, at, recorded_at: Moment(recorded), by: None, subjects: &[], fields: &fields }).expect("a new id")
        };
        let withdrawal = enter("w", 1, Some("c"));
        let correction = enter("c", 2, Some("a"));
        let other = enter("b", 3, None);
        let arrival = enter("a", 4, None);
        let in_circle = [enter("x", 5, Some("y")), enter("y", 6, Some("x"))];
        assert_eq!(in_order(&codebook, &log), [arrival, correction, withdrawal, other, in_circle[1], in_circle[0]]);
    }
}
