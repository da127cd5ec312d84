//! Work that several threads share and one of them takes in, in the order in which it was handed out.
//!
//! Nobody has a part of the work laid down beforehand. Whoever is free takes the next job; the calling thread takes in what is ready
//! whenever it has done one, and works itself while the next in turn is not ready. So no thread sleeps as long as there is anything to do:
//! on small machines, where waking a thread takes as long as a job, lanes of workers that wait for one another gain next to nothing.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Jobs that may be done and not yet taken in, for each thread.
const AHEAD: usize = 4;

/// Does every job that `jobs` hands out, and takes in what each came to, in the same order, on the calling thread. Each thread works with
/// something of its own, made by `own`; these come back. After `take` breaks off, no further job is begun.
///
/// With one thread nothing is shared and nothing locked.
pub fn in_turn<J, D, S: Send>(
    threads: usize,
    mut jobs: impl FnMut() -> Option<J> + Send,
    own: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, J) -> D + Sync,
    take: &mut dyn FnMut(D) -> ControlFlow<()>,
) -> Vec<S>
where
    D: Send,
{
    let mut mine = own();
    if threads <= 1 {
        while let Some(job) = jobs()
            && take(work(&mut mine, job)).is_continue()
        {}
        return vec![mine];
    }
    let jobs = Mutex::new(Jobs { hand_out: Some(jobs), given: 0 });
    let shared = Shared { jobs, ready: Mutex::default(), news: Condvar::new(), room: Condvar::new() };
    std::thread::scope(|scope| {
        let begun = (1..threads).map(|_| {
            scope.spawn(|| {
                let _down = Down(&shared);
                let mut own = own();
                shared.help(threads * AHEAD, |job| work(&mut own, job));
                own
            })
        });
        let begun: Vec<_> = begun.collect();
        let down = Down(&shared);
        shared.lead(threads * AHEAD, |job| work(&mut mine, job), take);
        drop(down);
        shared.end();
        let mut all = vec![mine];
        for thread in begun {
            // What went wrong there goes wrong here, as if there had been one thread.
            all.push(thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        all
    })
}

struct Shared<F, D> {
    jobs: Mutex<Jobs<F>>,
    ready: Mutex<Ready<D>>,
    /// The leader waits for what is next in turn.
    news: Condvar,
    /// Helpers wait for something to be taken in.
    room: Condvar,
}

struct Jobs<F> {
    /// Nothing once it has said that there are no more.
    hand_out: Option<F>,
    given: usize,
}

/// What is done and not yet taken in.
struct Ready<D> {
    done: VecDeque<Option<D>>,
    /// Number of the job at the front.
    first: usize,
    leader_waits: bool,
    helpers_wait: usize,
    over: bool,
}

impl<D> Default for Ready<D> {
    fn default() -> Self {
        Ready { done: VecDeque::new(), first: 0, leader_waits: false, helpers_wait: 0, over: false }
    }
}

impl<D> Ready<D> {
    fn put(&mut self, number: usize, done: D) {
        let place = number - self.first;
        if self.done.len() <= place {
            self.done.resize_with(place + 1, || None);
        }
        self.done[place] = Some(done);
    }

    fn next(&mut self) -> Option<D> {
        let next = self.done.front_mut()?.take()?;
        self.done.pop_front();
        self.first += 1;
        Some(next)
    }
}

impl<F, D> Shared<F, D> {
    fn ready(&self) -> MutexGuard<'_, Ready<D>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self) {
        self.ready().over = true;
        self.news.notify_all();
        self.room.notify_all();
    }
}

impl<J, D, F: FnMut() -> Option<J>> Shared<F, D> {
    fn job(&self) -> Option<(usize, J)> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(job) = jobs.hand_out.as_mut()?() else {
            jobs.hand_out = None;
            return None;
        };
        jobs.given += 1;
        Some((jobs.given - 1, job))
    }

    /// A helper's part: jobs until there are none; waits only where it is far ahead of what was taken in.
    fn help(&self, most: usize, mut work: impl FnMut(J) -> D) {
        while let Some((number, job)) = self.job() {
            let done = work(job);
            let mut ready = self.ready();
            ready.put(number, done);
            if ready.leader_waits {
                self.news.notify_one();
            }
            if number >= ready.first + most {
                ready.helpers_wait += 1;
                let far = |ready: &mut Ready<D>| !ready.over && number > ready.first + most / 2;
                ready = self.room.wait_while(ready, far).unwrap_or_else(PoisonError::into_inner);
                ready.helpers_wait -= 1;
            }
            if ready.over {
                return;
            }
        }
    }

    /// The leader's part: takes in what is next in turn, and works where it is not ready.
    fn lead(&self, most: usize, mut work: impl FnMut(J) -> D, take: &mut dyn FnMut(D) -> ControlFlow<()>) {
        loop {
            let mut ready = self.ready();
            if ready.over {
                return;
            }
            if let Some(next) = ready.next() {
                if ready.helpers_wait > 0 && ready.done.len() <= most / 2 {
                    self.room.notify_all();
                }
                drop(ready);
                if take(next).is_break() {
                    return;
                }
                continue;
            }
            drop(ready);
            if let Some((number, job)) = self.job() {
                let done = work(job);
                self.ready().put(number, done);
            } else if self.wait_for_the_last() {
                return;
            }
        }
    }

    /// Waits for what others are still working on; true when there is nothing.
    fn wait_for_the_last(&self) -> bool {
        let given = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).given;
        let mut ready = self.ready();
        ready.leader_waits = true;
        let nothing = |ready: &mut Ready<D>| !ready.over && ready.first < given && !ready.done.front().is_some_and(Option::is_some);
        ready = self.news.wait_while(ready, nothing).unwrap_or_else(PoisonError::into_inner);
        ready.leader_waits = false;
        ready.first >= given
    }
}

/// Ends the work where a thread goes down in the midst of it: nobody may wait for it for ever.
struct Down<'s, F, D>(&'s Shared<F, D>);

impl<F, D> Drop for Down<'_, F, D> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The squares of the first numbers, by so many threads, until one is above `most`.
    fn squares(threads: usize, numbers: u64, most: u64) -> (Vec<u64>, u64) {
        let mut next = 0..numbers;
        let mut taken = Vec::new();
        let done = in_turn(
            threads,
            || next.next(),
            || 0,
            |count, number| {
                *count += 1;
                if number % 7 == 0 {
                    std::thread::yield_now();
                }
                number * number
            },
            &mut |square| {
                taken.push(square);
                if square > most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        );
        (taken, done.into_iter().sum())
    }

    #[test]
    fn what_is_taken_in_has_the_order_in_which_it_was_handed_out_whatever_the_number_of_threads() {
        let alone = squares(1, 2000, u64::MAX);
        assert_eq!(alone.1, 2000);
        for threads in [2, 3, 8] {
            assert_eq!(squares(threads, 2000, u64::MAX), alone, "{threads} threads");
        }
        assert_eq!(squares(4, 0, u64::MAX), (Vec::new(), 0));
        assert_eq!(squares(4, 1, u64::MAX), (vec![0], 1));
    }

    #[test]
    fn nothing_is_taken_in_after_a_break() {
        for threads in [1, 2, 5] {
            assert_eq!(squares(threads, 100_000, 100).0.last(), Some(&121), "{threads} threads");
        }
    }

    #[test]
    fn a_thread_that_goes_down_takes_all_with_it_and_nobody_waits() {
        let mut next = 0..500;
        let run = std::panic::AssertUnwindSafe(|| {
            in_turn(3, || next.next(), || (), |(), number| assert!(number != 250), &mut |()| ControlFlow::Continue(()))
        });
        assert!(std::panic::catch_unwind(run).is_err());
    }
}
