//! The demo's history as a log, up to a moment: `cargo run --example arvenia -- 2026-03-04T02:20:00+04:00 > arvenia.jsonl`.

use habeas::demo::{State, tell};
use std::error::Error;
use std::io::{self, Write};

fn main() -> Result<(), Box<dyn Error>> {
    let now = std::env::args().nth(1).ok_or("the moment up to which to tell, such as 2026-03-04T02:20:00+04:00")?;
    let now = habeas_codebook::value::moment(&now).ok_or("not a time with its offset")?;
    let state = State::read()?;
    let codebook = habeas::packs::read(&state.codebook)?.codebook.ok_or("the demo's pack does not read")?;
    let mut out = io::stdout().lock();
    for told in tell(&state, &codebook, now)?.iter().filter(|told| told.recorded_at <= now) {
        writeln!(out, "{}", told.to_json())?;
    }
    Ok(())
}
