//! The rules of a register, compiled once for all who ask a reader to judge afresh.

use habeas_codebook::tree::Codebook;
use habeas_monitor::Monitor;
use std::sync::{Arc, OnceLock};

self_cell::self_cell!(
    /// A monitor together with the codebook that it borrows from.
    struct Compiled {
        owner: Arc<Codebook>,
        #[covariant]
        dependent: Monitor,
    }
);

/// The monitor of a codebook, made when it is first asked for.
#[derive(Default)]
pub(crate) struct Judge(OnceLock<Compiled>);

impl Judge {
    pub(crate) fn monitor(&self, codebook: &Arc<Codebook>) -> &Monitor<'_> {
        self.0.get_or_init(|| Compiled::new(Arc::clone(codebook), |codebook| Monitor::new(codebook))).borrow_dependent()
    }
}
