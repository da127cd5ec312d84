//! The bodies of `while` and of quantities (section 5).

use super::states::{Run, within};
use super::{Oracle, Said, Stand, Subject};
use crate::histories::{MINUTE, Spelt};
use habeas_codebook::log::Value;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{Amount, Bound, ClassId, Cond, Consequence, FieldId, ItemId, Pattern, Rule, Span, StateId};
use habeas_monitor::{Flags, Verdict};
use rust_decimal::Decimal;

/// A part of a run in which the rule applies.
#[derive(Clone)]
pub(super) struct Part<'r> {
    start: Moment,
    end: Option<Moment>,
    run: Run,
    /// From each of these instants on, what the first true exception says.
    regimes: Vec<(Moment, Option<&'r Consequence>)>,
}

impl<'r> Part<'r> {
    fn regime(&self, at: Moment) -> Option<&'r Consequence> {
        self.regimes.iter().rev().find(|(from, _)| *from <= at).and_then(|(_, then)| *then)
    }
    fn is_excused(&self, at: Moment) -> bool {
        self.regime(at) == Some(&Consequence::Excused)
    }
    /// "A state with no end …; release, death or removal closes all open states (flag `end_inferred`)."
    fn ends_inferred(&self) -> bool {
        self.run.inferred && self.end == self.run.end
    }
}

/// An interval in which there are too many or too few.
struct Outside {
    since: Moment,
    until: Option<Moment>,
    excused: bool,
    /// Somebody's presence ended in it with no entry of its own.
    inferred: bool,
    rests_on: Vec<usize>,
}

fn excuse(row: &mut Said, excused: bool) {
    if excused && matches!(row.verdict, Verdict::Breached | Verdict::MetLate) {
        row.verdict = Verdict::Excused;
    }
}

impl Oracle<'_> {
    /// Runs that began in force, cut to where `where` holds and no exception says that the rule does not apply.
    fn parts<'r>(&self, rule: &'r Rule, subject: &Subject, runs: Vec<Run>) -> Vec<Part<'r>> {
        let mut parts = Vec::new();
        for run in runs.into_iter().filter(|r| self.in_force(rule, r.start)) {
            let mut open: Option<Part<'r>> = None;
            let mut instants = self.instants(run.start, run.end.unwrap_or(Moment::FAR_OFF));
            instants.retain(|m| *m <= self.now || *m == run.start);
            if run.end == Some(run.start) {
                instants = vec![run.start];
            }
            for (n, at) in instants.iter().enumerate() {
                let end = instants.get(n + 1).copied().or(run.end);
                let stand = Stand { subject, judged: run.by, at: *at, until: *at, strict: false };
                match self.regime(rule, stand) {
                    None => parts.extend(open.take()),
                    Some(then) => {
                        let part = open.get_or_insert_with(|| Part { start: *at, end, run: run.clone(), regimes: Vec::new() });
                        part.end = end;
                        if part.regimes.last().is_none_or(|(_, last)| *last != then) {
                            part.regimes.push((*at, then));
                        }
                    }
                }
            }
            parts.extend(open);
        }
        parts
    }

    pub(super) fn parts_of<'r>(&self, rule: &'r Rule, subject: &Subject, state: StateId) -> Vec<Part<'r>> {
        self.parts(rule, subject, self.runs(state, subject))
    }

    /// `no e may happen` without an e: met once the life has ended, pending before, n.a. where the rule never held.
    pub(super) fn never_so_far(&self, rule: &Rule, subject: &Subject) -> Option<Said> {
        let (start, close) = self.life(subject)?;
        let almanac = &self.codebook.almanac;
        let (from, until) = (almanac.start_of(rule.from), rule.until.map_or(Moment::FAR_OFF, |d| almanac.start_of(d)));
        let (start, end) = (start.max(from), close.unwrap_or(Moment::FAR_OFF).min(until));
        if start > self.now || start > end {
            return None;
        }
        let end = (end <= self.now).then_some(end);
        let run = Run { start, end, by: None, ended_by: None, key: String::new(), inferred: false };
        Some(Said::new(
            None,
            match self.parts(rule, subject, vec![run]).is_empty() {
                true => Verdict::NotApplicable,
                false if end.is_some() => Verdict::Met,
                false => Verdict::Pending,
            },
        ))
    }

    fn kept(&self, part: &Part<'_>) -> Said {
        let row = Said::new(part.run.by, if part.end.is_some() { Verdict::Met } else { Verdict::Pending });
        row.with(self.ended_by(part)).flagged(Flags::END_INFERRED, part.ends_inferred())
    }

    /// The entry that ended the run, where the part lasts so long.
    fn ended_by(&self, part: &Part<'_>) -> Option<usize> {
        part.run.ended_by.filter(|_| part.end == part.run.end)
    }

    /// "The starts and ends of S in other `while` bodies."
    pub(super) fn turns(&self, rule: &Rule, parts: &[Part<'_>]) -> Vec<Said> {
        let mut turns = Vec::new();
        for part in parts {
            turns.extend(part.run.by);
            turns.extend(part.run.ended_by.filter(|_| !part.run.inferred && part.end == part.run.end));
        }
        self.record_rows(rule, &turns)
    }

    pub(super) fn forbidden(&self, parts: &[Part<'_>]) -> Vec<Said> {
        let row = |part: &Part<'_>| {
            let mut row = Said { since: Some(part.start), until: part.end, ..Said::new(part.run.by, Verdict::Breached) };
            row = row.with(self.ended_by(part)).flagged(Flags::END_INFERRED, part.ends_inferred());
            excuse(&mut row, part.is_excused(part.start));
            row
        };
        parts.iter().map(row).collect()
    }

    pub(super) fn no_event(&self, subject: &Subject, parts: &[Part<'_>], event: &Pattern) -> Vec<Said> {
        let mut rows = Vec::new();
        for part in parts {
            let inside: Vec<usize> = self
                .all(subject, event)
                .into_iter()
                .filter(|e| {
                    let joined = part.run.by.is_none_or(|by| by != *e && self.joined(subject, by, *e));
                    part.start <= self.at(*e) && part.end.is_none_or(|end| self.at(*e) < end) && joined
                })
                .collect();
            if inside.is_empty() {
                rows.push(self.kept(part));
            }
            for e in inside {
                let mut row = Said { since: Some(self.at(e)), ..Said::new(Some(e), Verdict::Breached) }.with(part.run.by);
                excuse(&mut row, part.is_excused(self.at(e)));
                rows.push(row);
            }
        }
        rows
    }

    /// "Join the S-intervals; gaps shorter than B belong to the stretch. Runs that touch or overlap have no gap."
    pub(super) fn not_longer(
        &self,
        rule: &Rule,
        subject: &Subject,
        parts: &[Part<'_>],
        limit: &Span,
        break_of: Option<&Span>,
    ) -> Vec<Said> {
        let mut parts: Vec<&Part<'_>> = parts.iter().collect();
        parts.sort_by_key(|p| (p.start, p.run.by.map(|b| self.events[b].order)));
        let over = |end: Moment, by| break_of.map_or(end, |b| self.later(rule, end, b, by, end).expect("a length written out"));
        let mut stretches: Vec<Vec<&Part<'_>>> = Vec::new();
        for part in parts {
            let joins = stretches.last().is_some_and(|stretch| {
                let by = stretch.first().and_then(|p| p.run.by);
                match self.end_of(stretch) {
                    None => true,
                    Some(end) => part.start <= end || part.start < over(end, by),
                }
            });
            match stretches.last_mut().filter(|_| joins) {
                Some(stretch) => stretch.push(part),
                None => stretches.push(vec![part]),
            }
        }
        stretches.iter().map(|stretch| self.stretch(rule, subject, stretch, limit, &over)).collect()
    }

    fn end_of(&self, stretch: &[&Part<'_>]) -> Option<Moment> {
        stretch.iter().map(|p| p.end).collect::<Option<Vec<Moment>>>()?.into_iter().max()
    }

    fn stretch(
        &self,
        rule: &Rule,
        subject: &Subject,
        stretch: &[&Part<'_>],
        limit: &Span,
        over: &dyn Fn(Moment, Option<usize>) -> Moment,
    ) -> Said {
        let (start, by, end) = (stretch[0].start, stretch[0].run.by, self.end_of(stretch));
        let last = end.unwrap_or(self.now);
        let rests_on: Vec<usize> = stretch.iter().flat_map(|p| p.run.by.into_iter().chain(self.ended_by(p))).collect();
        // The part that ends last, the later one of two that end together.
        let longest = stretch.iter().max_by_key(|p| p.end.unwrap_or(Moment::FAR_OFF));
        let inferred = longest.is_some_and(|p| p.ends_inferred());
        let row = |verdict| Said::new(by, verdict).with(rests_on.clone()).flagged(Flags::END_INFERRED, inferred);
        let pauses = self.pauses(&rule.pauses, subject);
        let due = |then: Option<&Consequence>| {
            let span = if let Some(Consequence::LimitIs(other)) = then { other } else { limit };
            let due = self.later(rule, start, span, by, start).expect("a length written out");
            self.moved(&pauses, start, due, Some(last))
        };
        // "The stretch is breached once its length exceeds the limit then in force."
        let regimes: Vec<(Moment, Option<&Consequence>)> = stretch.iter().flat_map(|p| p.regimes.clone()).collect();
        for (n, (from, then)) in regimes.iter().enumerate() {
            let until = regimes.get(n + 1).map_or(last, |next| next.0);
            if let Some(due) = due(*then).filter(|due| until > *due) {
                let since = due.max(*from);
                let over = Some(last.0 - due.0);
                let mut row = Said { due: Some(since), since: Some(since), over, ..row(Verdict::Breached) };
                excuse(&mut row, *then == Some(&Consequence::Excused));
                return row;
            }
        }
        let due = due(regimes.last().and_then(|(_, then)| *then));
        let closed = by.and_then(|b| self.custody_close(b)).is_some();
        match end {
            None => Said { due, ..row(Verdict::Pending) },
            Some(end) if self.now < over(end, by) && !closed => Said { due: due.filter(|due| self.now <= *due), ..row(Verdict::Pending) },
            Some(_) => {
                let ended_by = longest.and_then(|p| self.ended_by(p)).zip(due);
                let cleared_late = ended_by.is_some_and(|(event, due)| self.known_since(event, |at| at <= due) > due);
                Said { due, ..row(Verdict::Met) }.flagged(Flags::CLEARED_LATE, cleared_late)
            }
        }
    }

    /// "`in any W`: total of S in every window of length W." Times are whole minutes here, so every minute is looked at.
    pub(super) fn not_longer_in_any(&self, rule: &Rule, parts: &[Part<'_>], limit: &Span, window: &Span) -> Vec<Said> {
        let Some(first) = parts.first() else { return Vec::new() };
        let length = |span| self.later(rule, Moment(0), span, None, Moment(0)).expect("a length written out").0;
        let (limit, window) = (length(limit), length(window));
        let on = |at: Moment| parts.iter().any(|p| p.start <= at && p.end.is_none_or(|end| at < end));
        let begin = parts.iter().map(|p| p.start).min().unwrap_or(first.start);
        let scan = |until: Moment| -> Vec<(Moment, Option<Moment>, i64)> {
            let minutes = (until.0 - begin.0) / MINUTE + 1;
            let spent: Vec<bool> = (0..minutes).map(|n| on(Moment(begin.0 + n * MINUTE))).collect();
            let mut over: Vec<(Moment, Option<Moment>, i64)> = Vec::new();
            let (mut total, mut above) = (0, false);
            for n in 1..minutes {
                total += i64::from(spent[n as usize - 1]) * MINUTE;
                let gone = n - 1 - window / MINUTE;
                total -= if gone >= 0 { i64::from(spent[gone as usize]) * MINUTE } else { 0 };
                match over.last_mut().filter(|_| above) {
                    Some(last) if total <= limit => {
                        last.1 = Some(Moment(begin.0 + n * MINUTE));
                        above = false;
                    }
                    Some(last) => last.2 = last.2.max(total),
                    None if total > limit => {
                        over.push((Moment(begin.0 + (n - 1) * MINUTE), None, total));
                        above = true;
                    }
                    None => {}
                }
            }
            over
        };
        let mut rows = Vec::new();
        for (since, until, most) in scan(self.now) {
            let during = parts.iter().rev().find(|p| p.start <= since).unwrap_or(first);
            let over = Some(most - limit);
            let mut row = Said { since: Some(since), until, over, ..Said::new(during.run.by, Verdict::Breached) };
            excuse(&mut row, during.is_excused(since));
            rows.push(row);
        }
        if rows.is_empty() {
            let open = parts.iter().any(|p| p.end.is_none());
            let closed = first.run.by.and_then(|b| self.custody_close(b)).is_some();
            let passed = parts.iter().filter_map(|p| p.end).max().is_some_and(|end| self.now.0 - end.0 >= window);
            let verdict = if !open && (closed || passed) { Verdict::Met } else { Verdict::Pending };
            let horizon = Moment(self.now.0 + window.max(limit) + MINUTE);
            let due = if open { scan(horizon).first().map(|(since, ..)| *since) } else { None };
            let ends = parts.iter().filter_map(|p| self.ended_by(p));
            rows.push(Said { due, ..Said::new(first.run.by, verdict) }.with(ends));
        }
        rows
    }

    /// "Step function of the item count during S; breached for each interval outside the bound, touching intervals joined."
    pub(super) fn count(
        &self,
        subject: &Subject,
        parts: &[Part<'_>],
        (bound, number): (Bound, &Amount),
        item: ItemId,
        condition: Option<&Cond>,
    ) -> Vec<Said> {
        let (mut outside, mut further): (Vec<Outside>, Vec<Outside>) = (Vec::new(), Vec::new());
        let mut kept = Vec::new();
        for part in parts.iter().filter(|p| p.end != Some(p.start)) {
            let limit = self.amount(number, part.start);
            let presences = self.presences_during(subject, part, item, condition);
            let mut instants = self.instants(part.start, part.end.unwrap_or(Moment::FAR_OFF));
            instants.extend(presences.iter().flat_map(|r| [Some(r.start), r.end]).flatten());
            instants.retain(|m| part.start <= *m && part.end.is_none_or(|end| *m < end));
            instants.sort();
            instants.dedup();
            let before = outside.len();
            for (n, from) in instants.iter().enumerate() {
                let present = Decimal::from(self.present(&presences, *from));
                if limit.is_none_or(|limit| within(bound, present, limit)) {
                    continue;
                }
                let until = instants.get(n + 1).copied().or(part.end).filter(|u| *u <= self.now);
                let excused = part.is_excused(*from);
                let there = presences.iter().filter(|r| r.covers(*from)).filter_map(|r| r.by);
                let rests_on: Vec<usize> = part.run.by.into_iter().chain(there).collect();
                let inferred = presences.iter().any(|r| r.inferred && r.end == Some(*from));
                match outside.last_mut() {
                    Some(last) if last.until.is_none_or(|u| *from <= u) && last.excused == excused => {
                        last.until = last.until.zip(until).map(|(a, b)| a.max(b));
                        last.inferred |= inferred;
                        last.rests_on.extend(rests_on);
                    }
                    _ => outside.push(Outside { since: *from, until, excused, inferred, rests_on }),
                }
            }
            if let Some(limit) = limit {
                further.extend(self.further(part, &presences, &instants, (bound, limit)));
            }
            let covered = outside.last().is_some_and(|o| o.since <= part.start && o.until.is_none_or(|u| u > part.start));
            if outside.len() == before && !covered {
                kept.push(self.kept(part));
            }
        }
        let interval = |o: Outside| {
            let mut row = Said { since: Some(o.since), until: o.until, ..Said::new(None, Verdict::Breached) };
            excuse(&mut row, o.excused);
            row.with(o.rests_on).flagged(Flags::END_INFERRED, o.inferred)
        };
        let mut rows: Vec<Said> = further.into_iter().chain(outside).map(interval).chain(kept).collect();
        if !parts.is_empty() && parts.iter().all(|p| p.end == Some(p.start)) {
            rows.push(Said::new(None, Verdict::NotApplicable));
        }
        rows
    }

    /// Presences of the item during a run: of the rule's subject, or of the interview that the run is one for.
    /// Each one too many (or missing) beside the first has intervals of its own: from when there are so many until there are fewer.
    fn further(&self, part: &Part<'_>, presences: &[Run], instants: &[Moment], (bound, limit): (Bound, Decimal)) -> Vec<Outside> {
        let by = |at: Moment| {
            let present = Decimal::from(self.present(presences, at));
            match bound {
                Bound::AtMost => present - limit,
                Bound::AtLeast => limit - present,
                Bound::Exactly => (present - limit).abs(),
            }
        };
        let mut all = Vec::new();
        let mut level = Decimal::ONE;
        while instants.iter().any(|at| by(*at) > level) {
            let mut goes_on = false;
            for (n, from) in instants.iter().enumerate() {
                let until = instants.get(n + 1).copied().or(part.end).filter(|u| *u <= self.now);
                let is_over = by(*from) > level;
                match all.last_mut() {
                    Some(Outside { until: last, .. }) if is_over && goes_on => *last = until,
                    Some(_) | None if is_over => {
                        let inferred = presences.iter().any(|r| r.inferred && r.end == Some(*from));
                        let rests_on = part.run.by.into_iter().collect();
                        all.push(Outside { since: *from, until, excused: part.is_excused(*from), inferred, rests_on });
                    }
                    Some(_) | None => {}
                }
                goes_on = is_over;
            }
            level += Decimal::ONE;
        }
        all
    }

    fn presences_during(&self, subject: &Subject, part: &Part<'_>, item: ItemId, condition: Option<&Cond>) -> Vec<Run> {
        let classes = &self.codebook.items[item.index()].subjects;
        let named = part.run.by.and_then(|by| self.events[by].subjects.iter().find(|s| classes.contains(&s.0)));
        let bearer = if classes.contains(&subject.0) { subject } else { named.unwrap_or(subject) };
        let mut presences = self.presences(item, bearer);
        presences.retain(|r| {
            let wanted = |by: usize| {
                let stand = Stand { subject, judged: Some(by), at: self.at(by), until: self.at(by), strict: false };
                condition.is_none_or(|c| self.holds(c, stand) == Some(true))
            };
            r.by.is_none_or(wanted) && r.end.is_none_or(|end| r.start < end)
        });
        presences
    }

    /// "due1 = S.start + F (P if absent), then due = last e + P. Every gap gets a verdict; the row's verdict is the worst."
    pub(super) fn recurring(
        &self,
        rule: &Rule,
        subject: &Subject,
        parts: &[Part<'_>],
        event: &Pattern,
        (period, first): (&Span, Option<&Span>),
    ) -> Vec<Said> {
        let pauses = self.pauses(&rule.pauses, subject);
        let (mut rows, mut answers) = (Vec::new(), Vec::new());
        for part in parts {
            let by = part.run.by;
            let inside: Vec<usize> = self
                .all(subject, event)
                .into_iter()
                .filter(|e| {
                    let joined = by.is_none_or(|by| by != *e && self.joined(subject, by, *e));
                    self.at(*e) >= part.start && part.end.is_none_or(|end| self.at(*e) <= end) && joined
                })
                .collect();
            let add = |from, span: &Span| self.later(rule, from, span, by, part.start).expect("a length written out");
            let due = |from: Moment, is_first: bool, until: Option<Moment>| {
                let written = add(from, if is_first { first.unwrap_or(period) } else { period });
                let due = match part.regime(from) {
                    Some(Consequence::LimitIs(other)) if is_first && first.is_some() => written.min(add(from, other)),
                    Some(Consequence::LimitIs(other)) => add(from, other),
                    _ => written,
                };
                self.moved(&pauses, from, due, until)
            };
            let mut row = Said::new(by, Verdict::Met).with(inside.clone()).flagged(Flags::END_INFERRED, part.ends_inferred());
            let worsen = |row: &mut Said, verdict, since: Moment, late| {
                let verdict = if part.is_excused(since) { Verdict::Excused } else { verdict };
                if verdict > row.verdict {
                    (row.verdict, row.since, row.late) = (verdict, Some(since), late);
                }
            };
            let mut last = part.start;
            for (n, e) in inside.iter().enumerate() {
                let at = self.at(*e);
                match due(last, n == 0, Some(at)) {
                    Some(due) if at > due => worsen(&mut row, Verdict::MetLate, due, Some(at.0 - due.0)),
                    Some(due) => row = row.flagged(Flags::CLEARED_LATE, self.known_since(*e, |at| at <= due) > due),
                    None => {}
                }
                last = at;
            }
            let next = due(last, inside.is_empty(), part.end);
            if let Some(due) = next.filter(|due| part.end.unwrap_or(self.now) > *due) {
                worsen(&mut row, Verdict::Breached, due, None);
            } else if part.end.is_none() && row.verdict < Verdict::Pending {
                row.verdict = Verdict::Pending;
            }
            row.due = next.filter(|_| part.end.is_none());
            rows.push(row);
            answers.extend(inside);
        }
        rows.extend(self.record_rows(rule, &answers));
        rows
    }

    /// "Step function over the subject's life; breached per interval; an unknown operand makes that interval undetermined."
    pub(super) fn quantity(
        &self,
        rule: &Rule,
        subject: &Subject,
        (field, of, less): (FieldId, ClassId, &[FieldId]),
        per: Option<ItemId>,
        (bound, number): (Bound, &Amount),
    ) -> Vec<Said> {
        let almanac = &self.codebook.almanac;
        let Some((start, close)) = self.life(subject) else { return Vec::new() };
        let start = start.max(almanac.start_of(rule.from));
        let end = close.unwrap_or(Moment::FAR_OFF).min(rule.until.map_or(Moment::FAR_OFF, |d| almanac.start_of(d)));
        if start >= end || start > self.now {
            return Vec::new();
        }
        let presences = per.map(|item| self.presences(item, subject)).unwrap_or_default();
        let mut held = false;
        let mut found: Vec<(Said, Option<FieldId>)> = Vec::new();
        let mut instants = self.instants(start, end);
        instants.retain(|m| *m <= self.now);
        for (n, at) in instants.iter().enumerate() {
            let until = instants.get(n + 1).copied().or((end <= self.now).then_some(end));
            let stand = Stand { subject, judged: None, at: *at, until: *at, strict: false };
            let Some(exception) = self.regime(rule, stand) else { continue };
            held = true;
            let present = Decimal::from(self.present(&presences, *at));
            let operand = |f: &FieldId| {
                let fact = self.serving(subject, of).iter().find_map(|s| self.fact(s, *f, *at).cloned());
                if let Some(Spelt::Value(Value::Number(number))) = fact { Ok(number) } else { Err(*f) }
            };
            let total = less.iter().try_fold(operand(&field), |total, f| Ok(Ok(total? - operand(f)?))).and_then(|total| total);
            let limit = self.amount(number, *at).map(|limit| if per.is_some() { limit * present } else { limit });
            let excused = exception == Some(&Consequence::Excused);
            let (verdict, unknown) = match total {
                _ if per.is_some() && present.is_zero() => continue,
                Err(unknown) => (Verdict::Undetermined, Some(unknown)),
                Ok(total) if limit.is_none_or(|limit| within(bound, total, limit)) => continue,
                Ok(_) => (if excused { Verdict::Excused } else { Verdict::Breached }, None),
            };
            let facts = std::iter::once(&field).chain(less);
            let told = facts.filter_map(|f| self.serving(subject, of).iter().find_map(|s| self.told_by(s, *f, *at)));
            let there = presences.iter().filter(|r| r.covers(*at)).filter_map(|r| r.by);
            let rests_on: Vec<usize> = told.chain(there).collect();
            match found.last_mut() {
                // What is unknown differs: each says what would have to be recorded.
                Some((last, of)) if last.until == Some(*at) && last.verdict == verdict && *of == unknown => {
                    last.until = until;
                    last.rests_on.extend(rests_on);
                }
                _ => found.push((Said { since: Some(*at), until, ..Said::new(None, verdict) }.with(rests_on), unknown)),
            }
        }
        let mut found: Vec<Said> = found.into_iter().map(|(said, _)| said).collect();
        if found.is_empty() {
            let kept = if close.is_some() { Verdict::Met } else { Verdict::Pending };
            found.push(Said::new(None, if held { kept } else { Verdict::NotApplicable }));
        }
        found
    }
}
