//! `benches/ledger`: what the register costs beside a bare store, as ratios in one run on one disk.
//!
//! Appends in batches and one by one, many clients at once, one entry judged with the whole pack, verification, and the same append in
//! registers of different sizes. Figures and what they mean: `docs/performance.md`.
#![expect(clippy::disallowed_methods, reason = "a measurement reads its arguments")]

mod alone;
mod bare;
mod measure;
mod story;

use alone::Alone;
use bare::Bare;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::Codebook;
use habeas_ledger::policy::Policy;
use habeas_ledger::verify::{self, Trust};
use habeas_register::stored::StoredRegister;
use habeas_register::{Draft, Receipt, Register};
use measure::Wanted::{AtLeast, AtMost, Nothing};
use measure::{Took, heading, line, median, peak, took, whole_processor};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use story::{MEASURED, Teller, officer, open, without_rules};

/// Entries of a batch.
const BATCH: usize = 256;

/// Entries of the custody that is judged.
const LONG: u64 = 100;

struct Wishes {
    records: u64,
    large: bool,
    quick: bool,
    folder: PathBuf,
    parts: Vec<String>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.as_slice() {
        [verify, folder] if verify == "--verify" => verified(Path::new(folder)).map(|(took, memory, proven)| {
            println!("{} {} {memory} {proven}", took.wall, took.cpu);
        }),
        _ => wishes().and_then(|wishes| measure_all(&wishes)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

const PARTS: [&str; 5] = ["batch", "one", "clients", "judging", "sizes"];

fn wishes() -> Result<Wishes, String> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("ledger");
    let mut wishes = Wishes { records: 1_000_000, large: false, quick: false, folder, parts: Vec::new() };
    let mut rest = std::env::args().skip(1);
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--records" => wishes.records = rest.next().and_then(|n| n.parse().ok()).ok_or("--records needs a number")?,
            "--large" => wishes.large = true,
            "--quick" => wishes.quick = true,
            "--folder" => wishes.folder = rest.next().map(PathBuf::from).ok_or("--folder needs a folder")?,
            "--bench" => {} // cargo says so
            part if PARTS.contains(&part) => wishes.parts.push(argument),
            other => {
                let known = PARTS.join(", ");
                return Err(format!("`{other}`: known are --quick, --large, --records N, --folder DIR, and the parts {known}"));
            }
        }
    }
    if wishes.quick {
        wishes.records = wishes.records.min(20_000);
    }
    Ok(wishes)
}

/// What all parts share.
struct Bench {
    law: Arc<Codebook>,
    bare_law: Arc<Codebook>,
    teller: Teller,
    folder: PathBuf,
    runs: usize,
}

fn measure_all(wishes: &Wishes) -> Result<(), String> {
    let law = Arc::new(story::codebook()?);
    let bare_law = Arc::new(without_rules(&law));
    let folder = fresh(&wishes.folder)?;
    let teller = Teller::new(&bare_law, &fresh(&folder.join("tried"))?)?;
    let flushes = bare::flushes_a_second(&folder)?;
    println!("{} rules ({}), {} kinds of entries in turn, in {}", law.rules.len(), law.id, teller.kinds(), folder.display());
    println!("this disk makes {flushes:.0} flushes of 4 KiB a second");
    let bench = Bench { law, bare_law, teller, folder, runs: if wishes.quick { 5 } else { 20 } };
    let wants = |part: &str| wishes.parts.is_empty() || wishes.parts.iter().any(|wanted| wanted == part);
    if wants("batch") {
        bench.batch()?;
    }
    if wants("one") {
        bench.one()?;
    }
    if wants("clients") {
        bench.clients(flushes)?;
    }
    if wants("judging") {
        bench.judging()?;
    }
    if wants("sizes") {
        bench.sizes(wishes)?;
    }
    Ok(())
}

fn fresh(folder: &Path) -> Result<PathBuf, String> {
    let io = |error: std::io::Error| format!("{}: {error}", folder.display());
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(io)?;
    }
    std::fs::create_dir_all(folder).map_err(io)?;
    Ok(folder.to_owned())
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn float(count: u64) -> f64 {
    count as f64
}

/// Enters drafts in one batch; all must be taken. What telling them takes is not counted.
fn enter(register: &Register, teller: &Teller, of: &[(u64, u64)]) -> Result<(Vec<Receipt>, Took), String> {
    let drafts = of.iter().map(|(custody, step)| teller.entry(*custody, *step)).collect();
    let latest = of.iter().map(|(custody, step)| teller.moment(*custody, *step)).max().ok_or("nothing to enter")?;
    let (receipts, took) = took(|| entered(register, drafts, latest));
    Ok((receipts?, took))
}

/// The receipts of drafts, all of which must be taken.
fn entered(register: &Register, drafts: Vec<Draft>, now: Moment) -> Result<Vec<Receipt>, String> {
    let answers = register.append_all(drafts, &officer(), now).map_err(|error| error.to_string())?;
    answers.into_iter().map(|answer| answer.map_err(|error| error.to_string())).collect()
}

impl Bench {
    /// A register whose custodies `MEASURED..MEASURED + custodies` have `steps` entries each.
    fn with_custodies(&self, name: &str, law: &Arc<Codebook>, custodies: u64, steps: u64) -> Result<Register, String> {
        let register = open(&fresh(&self.folder.join(name))?, law)?;
        for custody in MEASURED..MEASURED + custodies {
            let all: Vec<_> = (0..steps).map(|step| (custody, step)).collect();
            enter(&register, &self.teller, &all)?;
        }
        Ok(register)
    }

    /// Batches of 256 beside the same rows written bare.
    fn batch(&self) -> Result<(), String> {
        heading("A batch of 256 entries of 32 custodies, without judging, beside the same transaction bare");
        let custodies = 32;
        let register = self.with_custodies("batch", &self.bare_law, custodies, 4)?;
        let bare = Bare::beside(&self.folder.join("batch"))?;
        let (mut whole, mut rows, mut openings, mut steps_alone) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for run in 0..=self.runs as u64 {
            let steps = BATCH as u64 / custodies;
            let of: Vec<_> = (0..BATCH as u64).map(|n| (MEASURED + n % custodies, 4 + run * steps + n / custodies)).collect();
            let new: Vec<_> = (0..BATCH as u64).map(|n| (MEASURED + 1_000 + run * 32 + n / 8, n % 8)).collect();
            let (receipts, took_whole) = enter(&register, &self.teller, &of)?;
            let first = receipts[0].index;
            let copied = bare.copied(first, first + BATCH as u64)?;
            let (written, took_rows) = took(|| bare.write(&copied));
            written?;
            let drafts: Vec<_> = of.iter().map(|(custody, step)| self.teller.entry(*custody, *step)).collect();
            let mut alone = Alone::of(&copied, &drafts)?;
            let (sealed, took_alone) = took(|| alone.seal());
            sealed?;
            let (_, took_new) = enter(&register, &self.teller, &new)?;
            // The first run warms every cache.
            if run > 0 {
                whole.push(took_whole);
                rows.push(took_rows);
                steps_alone.push(took_alone);
                openings.push(took_new);
            }
        }
        let (whole, rows, openings, alone) = (median(&whole), median(&rows), median(&openings), median(&steps_alone));
        let rate = |took: Took| BATCH as f64 / took.wall;
        line("the same transaction, bare", rate(rows), "entries/s", &Nothing);
        line("checked, sealed, hashed, signed, read back", rate(whole), "entries/s", &Nothing);
        line("the same, every eighth opening a custody (new data keys, a flush of their own)", rate(openings), "entries/s", &Nothing);
        // One thread that waits for nothing: the clock is its processor, and finer.
        line("sealing, hashing and signing alone, for an entry", alone.wall / BATCH as f64 * 1e6, "µs", &Nothing);
        line("  of the rate of the same transaction without them, by processor", 1.0 - alone.wall / whole.cpu, "", &AtLeast(0.85));
        line("  of the bare rate, by the clock", rows.wall / whole.wall, "", &Nothing);
        line("  processor for an entry beyond the bare transaction", (whole.cpu - rows.cpu) / BATCH as f64 * 1e6, "µs", &Nothing);
        line("  processor for an entry bare", rows.cpu / BATCH as f64 * 1e6, "µs", &Nothing);
        Ok(())
    }

    /// One client, one entry after the other.
    fn one(&self) -> Result<(), String> {
        heading("One client, one durable entry after the other, beside a bare durable insert");
        for (name, law) in [("without rules", &self.bare_law), ("judged by the whole pack", &self.law)] {
            let register = self.with_custodies("one", law, 4, 20)?;
            let bare = Bare::beside(&self.folder.join("one"))?;
            let (mut whole, mut inserts) = (Vec::new(), Vec::new());
            for run in 0..self.runs as u64 * 10 {
                let (receipts, took_whole) = enter(&register, &self.teller, &[(MEASURED + run % 4, 20 + run / 4)])?;
                let index = receipts[0].index;
                let copied = bare.copied(index, index + 1)?;
                let (inserted, took_insert) = took(|| bare.insert_one(&copied));
                inserted?;
                whole.push(took_whole);
                inserts.push(took_insert);
            }
            let (whole, inserts) = (median(&whole), median(&inserts));
            line(&format!("bare durable insert, median ({name})"), inserts.wall * 1e3, "ms", &Nothing);
            line(&format!("durable entry, median ({name})"), whole.wall * 1e3, "ms", &Nothing);
            line(&format!("times the bare insert ({name})"), whole.wall / inserts.wall, "", &AtMost(2.5));
        }
        Ok(())
    }

    /// Many clients at once: the writer takes what waits.
    fn clients(&self, flushes: f64) -> Result<(), String> {
        heading("32 clients at once, each waiting for its receipt");
        let wanted = 4_000.0 * (flushes / 300.0).min(1.0);
        for (name, law, wanted) in [("without rules", &self.bare_law, AtLeast(wanted)), ("judged by the whole pack", &self.law, Nothing)] {
            let register = self.with_custodies("clients", law, 32, 20)?;
            let each = self.runs as u64 * 10;
            // Clients only tell and wait: to read the processor's time of 36 threads for each entry would be most of what they do.
            let enter = &|custody: u64, step: u64| {
                let moment = self.teller.moment(custody, step);
                entered(&register, vec![self.teller.entry(custody, step)], moment).map(|_| ())
            };
            let (done, took) = took(|| {
                std::thread::scope(|scope| {
                    let client = |client| scope.spawn(move || (20..20 + each).try_for_each(|step| enter(MEASURED + client, step)));
                    let clients: Vec<_> = (0..32).map(client).collect();
                    clients.into_iter().try_for_each(|client| client.join().map_err(|_| "a client fell over".to_owned())?)
                })
            });
            done?;
            line(&format!("entries of 32 clients ({name})"), float(32 * each) / took.wall, "entries/s", &wanted);
        }
        Ok(())
    }

    /// One entry of a long custody, judged with every rule in its transaction.
    fn judging(&self) -> Result<(), String> {
        heading("One more entry of a custody of 100, its verdicts in the same transaction");
        let custodies = 8;
        let costs = |law: &Arc<Codebook>| -> Result<(Took, Took), String> {
            drop(self.with_custodies("judging", law, custodies, LONG)?);
            let register = open(&self.folder.join("judging"), law)?;
            let (mut cold, mut warm) = (Vec::new(), Vec::new());
            for run in 0..self.runs as u64 {
                for custody in MEASURED..MEASURED + custodies {
                    let (_, took) = enter(&register, &self.teller, &[(custody, LONG + run)])?;
                    if run == 0 { cold.push(took) } else { warm.push(took) }
                }
            }
            Ok((median(&cold), median(&warm)))
        };
        let ((_, plain), (cold, judged)) = (costs(&self.bare_law)?, costs(&self.law)?);
        line("processor for an entry, without rules", plain.cpu * 1e3, "ms", &Nothing);
        line(&format!("processor for an entry, {} rules, verdicts stored", self.law.rules.len()), judged.cpu * 1e3, "ms", &AtMost(1.0));
        line("the same, the first entry after a start (its history is opened)", cold.cpu * 1e3, "ms", &Nothing);
        Ok(())
    }

    /// The same append, and verification, in registers of different sizes.
    fn sizes(&self, wishes: &Wishes) -> Result<(), String> {
        heading("Registers of different sizes: custodies of ten entries each at the same 50 places");
        let folder = fresh(&self.folder.join("sizes"))?;
        let small = wishes.records.min(10_000);
        let mut sizes = vec![small, wishes.records];
        if wishes.large {
            sizes.push(wishes.records * 10);
        }
        let (mut told, mut first, mut peaks) = (0, None, Vec::new());
        for size in sizes {
            told = self.fill(&folder, told, size)?;
            let cost = self.cost_at(&folder, (size, told))?;
            let first = first.get_or_insert(cost);
            line(&format!("{size} entries: processor for one judged entry"), cost.cpu * 1e3, "ms", &Nothing);
            line(&format!("{size} entries: durable entry, median"), cost.wall * 1e3, "ms", &Nothing);
            line("  times that in the smallest register (processor)", cost.cpu / first.cpu, "", &AtMost(1.25));
            let (took, memory, proven) = verified_apart(&folder)?;
            let rate = float(proven) / took.cpu.max(1e-9) / 1e6;
            line(&format!("{size} entries: verified"), took.wall, "s", &Nothing);
            // With reading them from the database and its own check; verifying alone is measured by the ledger's own example.
            line("  million entries a second of processor", rate, "", &Nothing);
            line("  seconds by the clock for a million", took.wall / float(proven) * 1e6, "s", &AtMost(3.0));
            line("  most memory meanwhile", memory, "MiB", &Nothing);
            peaks.push(memory);
        }
        if let [.., before, last] = peaks[..] {
            line("most memory, the largest register to the one before", last / before, "", &AtMost(1.1));
        }
        Ok(())
    }

    /// Fills the register with custodies of ten entries, without rules; how many custodies it then has.
    fn fill(&self, folder: &Path, from: u64, size: u64) -> Result<u64, String> {
        let register = open(folder, &self.bare_law)?;
        let (mut custody, mut waiting) = (from, Vec::new());
        let (filled, took) = took(|| -> Result<(), String> {
            while custody < size / 10 {
                waiting.extend((0..10).map(|step| (custody, step)));
                custody += 1;
                if waiting.len() >= 2_000 || custody == size / 10 {
                    enter(&register, &self.teller, &std::mem::take(&mut waiting))?;
                }
            }
            Ok(())
        });
        filled?;
        line(&format!("filled up to {size}"), float(size - from * 10) / took.wall, "entries/s", &Nothing);
        Ok(custody)
    }

    /// What one judged entry of a custody of 100 costs there, once its history has been read. The custody is the next after those `told`:
    /// one from before them would be late for all that its place has been through since.
    fn cost_at(&self, folder: &Path, (size, told): (u64, u64)) -> Result<Took, String> {
        let custody = MEASURED + told;
        let law = open(folder, &self.law)?;
        let all: Vec<_> = (0..LONG).map(|step| (custody, step)).collect();
        let (_, first) = enter(&law, &self.teller, &all)?;
        line(&format!("{size} entries: processor for the first 100 entries of a custody there"), first.cpu * 1e3, "ms", &Nothing);
        let mut costs = Vec::new();
        for run in 0..self.runs as u64 * 2 {
            let (_, took) = enter(&law, &self.teller, &[(custody, LONG + run)])?;
            costs.push(took);
        }
        Ok(median(&costs))
    }
}

/// Verifies a register as anybody may, without its keys: what it took, most memory, entries proven.
fn verified(folder: &Path) -> Result<(Took, f64, u64), String> {
    let policy = Policy::of_log(story::keys()?.log.verifier().clone());
    let (report, Took { wall, .. }) = took(|| -> Result<_, String> {
        let stored = StoredRegister::open(folder, None).map_err(|error| error.to_string())?;
        verify::log(&stored, &Trust::new(&policy)).map_err(|error| error.to_string())
    });
    let report = report?;
    let broken = report.findings.iter().any(|finding| finding.code.weight() == verify::Weight::Broken);
    if broken {
        Err(format!("what was just written does not verify: {:?}", report.findings.first()))
    } else {
        // The process does nothing else.
        Ok((Took { wall, cpu: whole_processor() }, peak(), report.proven))
    }
}

/// The same in a process of its own, whose memory is that of verifying alone.
fn verified_apart(folder: &Path) -> Result<(Took, f64, u64), String> {
    let here = std::env::current_exe().map_err(|error| error.to_string())?;
    let done = std::process::Command::new(here).arg("--verify").arg(folder).output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&done.stdout);
    let figures: Vec<f64> = said.split_whitespace().filter_map(|figure| figure.parse().ok()).collect();
    match figures[..] {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of entries")]
        [wall, cpu, memory, proven] => Ok((Took { wall, cpu }, memory, proven as u64)),
        _ => Err(format!("the process that verifies said: {said}{}", String::from_utf8_lossy(&done.stderr))),
    }
}
