//! Time of the clock and of the processor, medians, memory; lines of the table.

use std::time::Instant;

/// What something took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Took {
    /// Seconds by the clock.
    pub(crate) wall: f64,
    /// Seconds of processor, all threads of this process; zero where the system does not tell.
    pub(crate) cpu: f64,
}

/// Nanoseconds of processor that the threads alive have had.
fn processor() -> u64 {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else { return 0 };
    let one = |thread: std::fs::DirEntry| std::fs::read_to_string(thread.path().join("schedstat")).ok();
    let texts = threads.filter_map(|thread| one(thread.ok()?));
    texts.filter_map(|text| text.split_whitespace().next()?.parse::<u64>().ok()).sum()
}

/// Seconds of processor of this process so far, threads that have ended too, in steps of a hundredth.
pub(crate) fn whole_processor() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u32>().ok());
    f64::from(ticks.sum::<u32>()) / 100.0
}

/// Measures one thing, without what the measuring takes.
pub(crate) fn took<T>(work: impl FnOnce() -> T) -> (T, Took) {
    let asked = processor();
    let cpu = processor();
    let clock = Instant::now();
    let done = work();
    let wall = clock.elapsed().as_secs_f64();
    let measuring = cpu.saturating_sub(asked);
    (done, Took { wall, cpu: seconds(processor().saturating_sub(cpu + measuring)) })
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn seconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e9
}

/// The median of both, each for itself.
pub(crate) fn median(all: &[Took]) -> Took {
    let middle = |of: fn(&Took) -> f64| {
        let mut sorted: Vec<f64> = all.iter().map(of).collect();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
    };
    Took { wall: middle(|took| took.wall), cpu: middle(|took| took.cpu) }
}

/// The most memory of this process so far, in MiB.
pub(crate) fn peak() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

/// A wanted value.
pub(crate) enum Wanted {
    AtLeast(f64),
    AtMost(f64),
    /// Told for comparison.
    Nothing,
}

/// One line of the table: what, how much, what is wanted, whether it is so.
pub(crate) fn line(what: &str, figure: f64, unit: &str, wanted: &Wanted) {
    let (wish, missed) = match wanted {
        Wanted::AtLeast(least) => (format!("at least {least}"), figure < *least),
        Wanted::AtMost(most) => (format!("at most {most}"), figure > *most),
        Wanted::Nothing => (String::new(), false),
    };
    let verdict = if missed { "MISSED" } else { "" };
    let figure = if figure.abs() >= 1_000.0 { format!("{figure:.0}") } else { format!("{figure:.3}") };
    println!("{what:<74} {figure:>10} {unit:<10} {wish:<16} {verdict}");
}

/// A heading.
pub(crate) fn heading(text: &str) {
    println!("\n{text}");
}
