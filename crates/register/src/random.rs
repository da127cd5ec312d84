//! Random bytes for many small things at once: salts, names of events, nonces. The system is asked for a page of them, not for each.

use getrandom::SysRng;
use rand_core::{Infallible, Rng as _, TryCryptoRng, TryRng, UnwrapErr};

/// Bytes that the system is asked for at once.
const PAGE: usize = 4_096;

/// The system's random bytes, a page ahead. A byte is handed out once and forgotten.
pub struct Random {
    page: Box<[u8; PAGE]>,
    used: usize,
}

impl Random {
    /// Nothing is asked of the system yet.
    #[must_use]
    pub fn new() -> Self {
        Random { page: Box::new([0; PAGE]), used: PAGE }
    }
}

impl Default for Random {
    fn default() -> Self {
        Random::new()
    }
}

impl TryRng for Random {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, wanted: &mut [u8]) -> Result<(), Infallible> {
        if wanted.len() > PAGE {
            UnwrapErr(SysRng).fill_bytes(wanted);
            return Ok(());
        }
        if self.used + wanted.len() > PAGE {
            UnwrapErr(SysRng).fill_bytes(&mut *self.page);
            self.used = 0;
        }
        let page = &mut self.page[self.used..self.used + wanted.len()];
        wanted.copy_from_slice(page);
        page.fill(0);
        self.used += wanted.len();
        Ok(())
    }
}

impl TryCryptoRng for Random {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_bytes_are_handed_out_twice() {
        let mut random = Random::new();
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..3 * PAGE / 16 {
            let mut bytes = [0; 16];
            random.fill_bytes(&mut bytes);
            assert!(seen.insert(bytes));
        }
        assert!(random.page[..random.used].iter().all(|byte| *byte == 0), "what was handed out is forgotten");
        let mut long = vec![0; 3 * PAGE];
        random.fill_bytes(&mut long);
        assert!(long.chunks(16).all(|chunk| chunk.iter().any(|byte| *byte != 0)));
    }
}
