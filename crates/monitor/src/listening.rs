//! A log that is listened to: what is known of it is kept between two questions, and only what came in since is heard.

use crate::hearing::Hearing;
use crate::knowledge::{Knowledge, Map, target_id};
use crate::monitor::Monitor;
use crate::verdict::Asked;
use habeas_codebook::log::{EventId, Log};
use habeas_codebook::moment::{Moment, Precision};
use std::num::NonZeroUsize;

/// What is known of a log that grows at its end. Whoever keeps it keeps the log too, and hears no other one with it.
#[derive(Debug)]
pub struct Listening {
    knowledge: Knowledge,
    /// As of when it was last listened.
    asked: Asked,
    /// How many entries of the log were looked at.
    looked_at: usize,
    /// Those that were not known yet, or lay ahead.
    ahead: Vec<EventId>,
    /// When the last of the others was recorded, and happened: whoever asks as of earlier than that must hear the log anew.
    reach: Asked,
    /// How many came in since the log was heard as a whole.
    came_in: usize,
    /// Some entry's time is not known at all, so that it lies between those of others.
    unknown: bool,
}

/// What listening brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// The log was heard as a whole: nothing that was worked out before stands.
    Whole,
    /// These entries came in; none of those before was changed.
    Entries(Vec<EventId>),
}

/// So many entries may come in, for each hundred that were heard as a whole, before all are heard anew and lie close together again.
const AFTER: usize = 10;
/// And so many in any case.
const AT_LEAST: usize = 10_000;

impl Listening {
    /// Hears a log as of a moment.
    #[must_use]
    pub fn new(monitor: &Monitor<'_>, log: &Log, asked: Asked) -> Self {
        let mut own = Listening {
            knowledge: Knowledge::of(monitor, log, asked, NonZeroUsize::MIN),
            asked,
            looked_at: log.len(),
            ahead: Vec::new(),
            reach: Asked { now: Moment::LONG_AGO, known_at: Moment::LONG_AGO },
            came_in: 0,
            unknown: false,
        };
        for event in log.events() {
            if own.is_ahead(log, event, asked) {
                own.ahead.push(event);
            } else {
                own.reach(log, event);
            }
        }
        own
    }

    fn is_ahead(&self, log: &Log, event: EventId, asked: Asked) -> bool {
        log.recorded_at(event) > asked.known_at || self.knowledge.at(log, event).earliest > asked.now
    }

    fn reach(&mut self, log: &Log, event: EventId) {
        let at = self.knowledge.at(log, event);
        self.unknown |= at.precision == Precision::Unknown;
        self.reach.now = self.reach.now.max(at.earliest);
        self.reach.known_at = self.reach.known_at.max(log.recorded_at(event));
    }

    /// Whether a question as of a moment can be answered from what is kept, once it is listened to.
    #[must_use]
    pub fn reaches(&self, asked: Asked) -> bool {
        self.reach.now <= asked.now && self.reach.known_at <= asked.known_at
    }

    /// Whether some entry's time is not known at all: when it may have happened can change with every entry.
    #[must_use]
    pub fn has_unknown_times(&self) -> bool {
        self.unknown
    }

    /// Takes in what the log holds since, and what is no more ahead. Ask only what it [reaches](Listening::reaches).
    pub fn listen(&mut self, monitor: &Monitor<'_>, log: &Log, asked: Asked) -> News {
        let fresh = (self.looked_at as u32..log.len() as u32).map(EventId);
        let (ahead, come): (Vec<_>, Vec<_>) = self.ahead.iter().copied().chain(fresh).partition(|event| self.is_ahead(log, *event, asked));
        // Withdrawn before it was known of.
        let come: Vec<EventId> = come.into_iter().filter(|event| !self.knowledge.is_withdrawn(*event)).collect();
        self.came_in += come.len();
        let changes = |event: &EventId| monitor.changes(log.kind(*event));
        // A correction counts from its record on, whenever it is said to have happened; one that is ahead is heard with all the others.
        let is_rare = ahead.iter().any(|event| changes(event) && log.recorded_at(*event) <= asked.known_at);
        if is_rare || self.came_in > AT_LEAST.max(log.len() / 100 * AFTER) || !self.change(monitor, log, &come, asked) {
            *self = Listening::new(monitor, log, asked);
            return News::Whole;
        }
        let is_changed = come.iter().any(changes);
        come.iter().for_each(|event| self.reach(log, *event));
        (self.looked_at, self.asked, self.ahead) = (log.len(), asked, ahead);
        if is_changed { News::Whole } else { News::Entries(come) }
    }

    /// Takes entries in and does what they say of others; false where that cannot be done one by one.
    fn change(&mut self, monitor: &Monitor<'_>, log: &Log, come: &[EventId], asked: Asked) -> bool {
        come.iter().for_each(|event| self.knowledge.grow(monitor, log, *event));
        let said: Vec<(EventId, &str)> = come
            .iter()
            .filter(|event| monitor.changes(log.kind(**event)))
            .filter_map(|event| Some((*event, target_id(monitor, log, *event)?)))
            .collect();
        if said.is_empty() {
            return true;
        }
        let wanted: Map<&str, ()> = said.iter().map(|(_, id)| (*id, ())).collect();
        let found: Map<&str, EventId> = log.events().map(|e| (log.id(e), e)).filter(|(id, _)| wanted.contains_key(id)).collect();
        let mut plain = true;
        for (event, id) in said {
            let Some(target) = found.get(id) else { continue };
            let root = self.knowledge.change(monitor, log, event, *target);
            plain &= !self.ahead.contains(&root) && !self.is_ahead(log, root, asked);
            self.reach(log, root);
        }
        plain
    }

    /// The log, heard as of the moment of the last [`Listening::listen`], or of another that it reaches and by which nothing more came.
    #[must_use]
    pub fn hearing<'m>(&'m self, monitor: &'m Monitor<'m>, log: &'m Log) -> Hearing<'m> {
        Hearing::of_kept(monitor, log, self.asked, &self.knowledge)
    }
}
