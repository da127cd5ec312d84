//! The register: one door for every entry, and everything that is read of them.
//!
//! ```text
//! Draft ──▶ Register::append ──▶ Receipt
//!            check → authorise → seal → header → one transaction → durable → read back → last.note
//! ```
//!
//! [`Register::open`] opens (or makes) a register; [`Register::append`] is the only public function that writes an event, and
//! [`Register::append_all`], [`Register::append_together`] and [`Register::append_each`] the same for many at once. Readers:
//! [`Register::history`] (a record as known at a moment), [`Register::verdicts`] (what is due, met, breached),
//! [`Register::subjects_open`], [`Register::scan`], [`Register::log_so_far`], [`Register::receipt`], [`Register::changes`].
//!
//! A register is cheap to clone and may be used from any thread: one thread writes, a few connections read. It knows no clock (the time is
//! an argument), no user interface and no network. What is sealed leaves it only for those whose key is here, as values that say their
//! class. Start reading at [`draft`], then `door`, then `judging`.

mod access;
mod again;
pub mod authorise;
pub mod brought;
mod checking;
mod chosen;
pub mod clock;
pub mod delivery;
mod door;
pub mod draft;
pub mod entry;
pub mod epoch;
pub mod error;
pub mod files;
pub mod folder;
mod founding;
pub mod fuzzed;
mod judge;
mod judging;
pub mod keys;
pub mod lately;
mod looking;
mod maintenance;
mod making;
mod moving;
mod note;
pub mod notices;
mod opening;
pub mod outbox;
mod place;
mod random;
pub mod reading;
mod readings;
mod register;
mod remembering;
mod replay;
pub mod rotation;
mod sealing;
mod settling;
mod spelling;
pub mod stations;
mod store;
pub mod stored;
mod storing;
mod succession;
mod things;
mod verdicts;
pub mod whole;
pub mod witnessed;

pub use authorise::{Authorise, Everybody, Refusal, Ties};
pub use brought::{Brought, Stands};
pub use door::Change;
pub use draft::{Actor, Attachment, Draft, Receipt, Remark};
pub use error::{FieldProblem, RegisterError};
pub use keys::{Authority, Keys, Unwrap};
pub use lately::Lately;
pub use looking::Looked;
pub use maintenance::{Erased, Erasure};
pub use place::{Moved, move_register, without_password};
pub use random::Random;
pub use reading::{Count, Entry, Life, Query, Told, VerdictEntry};
pub use register::{Options, Place, Register, codebook_hash};
pub use storing::MissingFact;
