//! Reads a log and says how fast: `cargo run --release -p habeas-intake --example parse -- LOG CODEBOOK [THREADS]`.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot read its input should stop")]

use habeas_codebook::pack::PackSource;
use std::time::Instant;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let folder = std::path::PathBuf::from(&arguments[2]);
    let source = PackSource::from_folder(&folder).unwrap();
    let codebook = habeas_codebook::read(&source, &|id| PackSource::from_folder(&folder.join("..").join(id)).ok()).codebook.unwrap();
    let threads = arguments.get(3).map_or(1, |n| n.parse().unwrap());
    let start = Instant::now();
    let input = habeas_intake::Input { name: arguments[1].clone(), bytes: Box::new(std::fs::File::open(&arguments[1]).unwrap()) };
    let options = habeas_intake::Options { keep_going: false, threads, authors: false };
    match habeas_intake::read(vec![input], &codebook, options, &mut |_| {}) {
        Ok(intake) => println!("{} entries in {:?}", intake.log.len(), start.elapsed()),
        Err(error) => println!("{error:?}"),
    }
}
