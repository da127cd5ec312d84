//! Where foreign vectors lie, and what tests share: randomness from a seed.

use habeas_ledger::CryptoRng;
use rand_core::{TryCryptoRng, TryRng};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use std::path::{Path, PathBuf};

/// A folder of public vectors, named by `HABEAS_DATA` or beside the workspace; says so where it is not there.
pub fn foreign(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("HABEAS_DATA").map_or(beside, PathBuf::from);
    let path = folder.join("tlog").join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there; set HABEAS_DATA to the folder that holds `tlog`", path.display());
    None
}

/// The lines of a file of vectors; none where it is not there.
pub fn lines(name: &str) -> Vec<Value> {
    let Some(path) = foreign(name) else { return Vec::new() };
    parse_lines(&std::fs::read_to_string(path).expect("vectors that can be read"))
}

/// One JSON object a line.
pub fn parse_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("one JSON object a line")).collect()
}

/// Bytes that follow from a seed: the same story every time.
pub struct Dice(pub u64);

impl TryRng for Dice {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for chunk in out.chunks_mut(32) {
            self.0 += 1;
            let block = Sha256::digest(self.0.to_be_bytes());
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Dice {}

/// A source of randomness that a test can repeat.
pub fn dice(seed: u64) -> impl CryptoRng {
    Dice(seed << 32)
}
