//! Whether something that the codebook can say holds of a record now: for a task list that asks `when`, a room that must not go on alone.

use crate::error::RegisterError;
use crate::register::Register;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::Cond;
use habeas_monitor::look::{Ground, Look};

impl Register {
    /// Whether each condition holds of a subject at `now`, read as the safeguards read it: what was not recorded passes no test.
    /// A subject that no entry names passes none.
    ///
    /// # Errors
    /// What the machine says.
    pub fn holds(&self, class: &str, id: &str, conditions: &[&Cond], now: Moment) -> Result<Vec<bool>, RegisterError> {
        let mut held = vec![false; conditions.len()];
        if conditions.is_empty() {
            return Ok(held);
        }
        let class_id = self.codebook().class_named(class);
        let heard = self.hear(class, id, now, &mut |hearing, _| {
            let Some(subject) = class_id.and_then(|class| hearing.log().find_subject(class, id)) else { return };
            let ground = Ground::default();
            let look = Look::at(hearing, &ground, subject);
            held = conditions.iter().map(|condition| look.holds(condition, None, now)).collect();
        });
        match heard {
            Ok(()) => Ok(held),
            Err(RegisterError::Absent { .. }) => Ok(held),
            Err(other) => Err(other),
        }
    }
}
