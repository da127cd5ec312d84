//! Writes a log of made-up entries as tiles, to measure `habeas verify log` on:
//! `cargo run --release -p habeas-ledger --example tiles -- FOLDER [ENTRIES]`; prints the log's key.
#![expect(clippy::disallowed_methods, reason = "an example that writes a folder reads its arguments and meets the disk")]

use habeas_ledger::checkpoint::Checkpoint;
use habeas_ledger::merkle::{Edge, leaf_hash};
use habeas_ledger::note::SigningKey;
use habeas_ledger::tile::{Kind, bundle, tile_bytes, tiles_of};
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("the folder to write to")?;
    let count: u64 = arguments.next().map_or(Ok(1_000_000), |count| count.parse())?;
    let entry = |index: u64| [index.to_be_bytes().repeat(38), b"entry".to_vec()].concat();
    let (mut edge, mut leaves) = (Edge::new(), Vec::new());
    for index in 0..count {
        leaves.push(leaf_hash(&entry(index)));
        edge.push(leaves[leaves.len() - 1]);
    }
    for tile in tiles_of(count) {
        let path = Path::new(&folder).join(tile.to_string());
        std::fs::create_dir_all(path.parent().ok_or("a folder")?)?;
        let bytes = if tile.kind == Kind::Entries {
            let first = tile.index * 256;
            let held: Vec<Vec<u8>> = (first..first + u64::from(tile.width)).map(entry).collect();
            bundle(held.iter().map(Vec::as_slice))?
        } else {
            tile_bytes(&tile, &leaves)?
        };
        std::fs::write(path, bytes)?;
    }
    let key = SigningKey::from_seed("example.com/made-up", &[1; 32])?;
    let note = Checkpoint::new("example.com/made-up", count, edge.root()).sign(&key)?;
    std::fs::write(Path::new(&folder).join("checkpoint"), note.to_string())?;
    println!("{}", key.verifier());
    Ok(())
}
