//! How many are present, as a step function of time.

use crate::handful::Handful;
use crate::scene::Entry;
use crate::states::Run;
use habeas_codebook::log::EventId;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::Bound;
use smallvec::SmallVec;

/// Part of a step function: what is present from one instant until the next change.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) from: Moment,
    pub(crate) until: Option<Moment>,
    /// Starting entries of those present, one for each different item.
    pub(crate) present: SmallVec<[EventId; 4]>,
    /// The entry that made this step.
    pub(crate) by: Option<Entry>,
    /// An end was inferred here.
    pub(crate) inferred: bool,
}

/// One pass over starts and ends in order of time; the work at each is the number present, not the number that ever were.
pub(crate) fn sweep(present: &[Run]) -> Vec<Step> {
    let mut edges: SmallVec<[(Moment, bool, usize); 16]> = SmallVec::new();
    for (i, run) in present.iter().enumerate() {
        edges.push((run.start, true, i));
        edges.extend(run.end.map(|end| (end, false, i)));
    }
    edges.sort_unstable();
    let mut there: SmallVec<[usize; 8]> = SmallVec::new();
    let mut steps: Vec<Step> = Vec::new();
    for (n, (at, starts, i)) in edges.iter().enumerate() {
        if steps.last().is_none_or(|s| s.from != *at) {
            steps.push(Step { from: *at, until: None, present: SmallVec::new(), by: None, inferred: false });
        }
        if *starts {
            there.push(*i);
        } else {
            there.retain(|r| r != i);
        }
        let Some(step) = steps.last_mut() else { continue };
        if *starts {
            step.by = step.by.or(present[*i].by);
        } else {
            step.inferred |= present[*i].inferred;
        }
        if edges.get(n + 1).is_none_or(|next| next.0 != *at) {
            let mut met = Handful::default();
            let different = there.iter().filter(|run| met.note(present[**run].key));
            step.present = different.filter_map(|run| present[*run].by.map(|e| e.event)).collect();
        }
    }
    for i in 1..steps.len() {
        steps[i - 1].until = Some(steps[i].from);
    }
    steps
}

/// Cuts a step function to a stretch, with an empty step before the first change.
pub(crate) fn stretch(steps: &[Step], start: Moment, end: Moment) -> Vec<Step> {
    let mut cut = Vec::new();
    let first = steps.iter().map(|s| s.from).min().unwrap_or(Moment::FAR_OFF);
    if start < first {
        cut.push(Step { from: start, until: Some(first.min(end)), present: SmallVec::new(), by: None, inferred: false });
    }
    for step in steps {
        let from = step.from.max(start);
        let until = step.until.unwrap_or(Moment::FAR_OFF).min(end);
        if from < until {
            cut.push(Step { from, until: Some(until), ..step.clone() });
        }
    }
    cut
}

/// Whether a number is on the right side of a bound.
pub(crate) fn within<T: PartialOrd>(bound: Bound, number: T, limit: T) -> bool {
    match bound {
        Bound::AtLeast => number >= limit,
        Bound::AtMost => number <= limit,
        Bound::Exactly => number == limit,
    }
}
