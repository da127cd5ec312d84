//! Imports a file and prints the JSON: `cargo run -p habeas-review --example import -- FILE [TIMES]`.
//! With TIMES, it tells how long one import takes: `head -c 50000000 /dev/urandom > noise` is a fair file to try.
#![expect(clippy::disallowed_methods, reason = "an example reads its file and measures its time")]

use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("which file?")?;
    let bytes = std::fs::read(file)?;
    let times: u32 = arguments.next().map_or(Ok(0), |times| times.parse())?;
    let review = habeas_review::import(&bytes)?;
    if times == 0 {
        println!("{}", serde_json::to_string_pretty(&review)?);
        return Ok(());
    }
    let start = Instant::now();
    for _ in 0..times {
        std::hint::black_box(habeas_review::import(&bytes)?);
    }
    println!("{} bytes: {:?} an import", bytes.len(), start.elapsed() / times);
    Ok(())
}
