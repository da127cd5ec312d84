//! Who may do what: asked here, answered elsewhere. The rules are the codebook's; the desk has them compiled and answers by them.

use crate::draft::{Actor, Draft};
use habeas_codebook::tree::Sensitivity;

/// A refusal, with the rule that refuses in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why, for the person who is refused and for the log of the desk. Holds no value of a field.
    pub why: String,
}

/// What the register knows of the subjects of a draft: whom they are tied to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ties {
    /// Class and id of the draft's own subjects.
    pub subjects: Vec<(String, String)>,
    /// Class and id of those that earlier entries name together with them: the person of a custody, its place.
    pub tied: Vec<(String, String)>,
}

/// Says who may record and read what.
pub trait Authorise: Send + Sync {
    /// Whether anybody is ever refused a record: if not, [`Authorise::may_record`] is not asked, and whom a draft's subjects are tied to is
    /// not looked up.
    fn refuses(&self) -> bool {
        true
    }

    /// Whether the actor may record the draft.
    ///
    /// # Errors
    /// The [`Refusal`].
    fn may_record(&self, actor: &Actor, draft: &Draft, ties: &Ties) -> Result<(), Refusal>;

    /// Whether the actor may read a field of an entry of this kind about these subjects.
    fn may_read(&self, actor: &Actor, kind: &str, field: &str, class: Sensitivity, ties: &Ties) -> bool;
}

/// Everybody may do everything: for tests, and for the operator's own imports at the command line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Everybody;

impl Authorise for Everybody {
    fn refuses(&self) -> bool {
        false
    }

    fn may_record(&self, _: &Actor, _: &Draft, _: &Ties) -> Result<(), Refusal> {
        Ok(())
    }

    fn may_read(&self, _: &Actor, _: &str, _: &str, _: Sensitivity, _: &Ties) -> bool {
        true
    }
}
