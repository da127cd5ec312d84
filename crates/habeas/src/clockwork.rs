//! What goes on beside the desk while it serves: due times looked for, notices sent, witnesses shown the log. Each in a thread of its own,
//! so that a receiver that does not answer holds up no entry and no other receiver's.

use crate::outcome::Trouble;
use crate::registers::now;
use crate::terminal::Terminal;
use crate::witnessing::fanout::{Fanout, Turn};
use crate::witnessing::handing;
use habeas_ledger::policy::Policy;
use habeas_register::Register;
use habeas_register::clock::Watch;
use habeas_register::delivery::Route;
use habeas_register::folder::DataFolder;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often what has fallen due is looked for.
const SWEEP: Duration = Duration::from_secs(10);

/// How often the outbox is looked at.
const DELIVER: Duration = Duration::from_secs(5);

/// How often it is seen whether witnesses should be asked.
const SHOW: Duration = Duration::from_secs(2);

/// How often a station tries the line to its centre.
const HAND_OVER: Duration = Duration::from_secs(60);

/// Told to stop, all at once.
#[derive(Debug, Default)]
struct Stop {
    stopped: Mutex<bool>,
    told: Condvar,
}

impl Stop {
    /// Waits; true once it is time to stop.
    fn wait(&self, time: Duration) -> bool {
        let stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.told.wait_timeout_while(stopped, time, |stopped| !*stopped);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// The threads beside a desk. Dropped, it stops them and waits until each has finished what it was doing.
#[derive(Debug, Default)]
pub struct Clockwork {
    stop: Arc<Stop>,
    threads: Vec<JoinHandle<()>>,
}

impl Drop for Clockwork {
    fn drop(&mut self) {
        *self.stop.stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.stop.told.notify_all();
        for thread in self.threads.drain(..) {
            // A thread that panicked has said so; what it was doing is done again at the next start.
            let _ = thread.join();
        }
    }
}

impl Clockwork {
    /// Does `work` at once and then each time `pause` has passed. What fails is said once, and again when it fails differently.
    ///
    /// # Errors
    /// A machine that has no thread left.
    pub fn every(
        &mut self,
        name: &'static str,
        pause: Duration,
        terminal: Terminal,
        mut work: impl FnMut() -> Result<(), String> + Send + 'static,
    ) -> Result<(), Trouble> {
        let stop = Arc::clone(&self.stop);
        let beat = move || {
            let mut said = None;
            loop {
                let failed = work().err();
                if failed != said {
                    match &failed {
                        Some(why) => terminal.complain(&format!("{name}: {why}")),
                        None => terminal.note(&format!("{name}: well again")),
                    }
                    said = failed;
                }
                if stop.wait(pause) {
                    return;
                }
            }
        };
        let failed = |error: std::io::Error| Trouble::Machine(format!("the {name} cannot be started: {error}"));
        self.threads.push(std::thread::Builder::new().name(name.to_owned()).spawn(beat).map_err(failed)?);
        Ok(())
    }

    /// Shows the log to its witnesses, if the folder's policy asks for any, and enters who they are.
    ///
    /// # Errors
    /// A policy that is none; a machine that has no thread left.
    pub fn show_to_witnesses(&mut self, register: &Register, folder: &DataFolder, terminal: Terminal) -> Result<(), Trouble> {
        let path = folder.path().join("policy");
        let text = std::fs::read(&path).map_err(|error| Trouble::reading(&path, &error))?;
        let policy = Policy::parse(&text).map_err(|error| Trouble::Input(format!("{}: {error}", path.display())))?;
        let Some(mut fanout) = Fanout::new(register, policy.clone()) else { return Ok(()) };
        register.name_witnesses(&policy, &text, now())?;
        self.every("witnesses", SHOW, terminal, move || match fanout.turn(now()) {
            Ok(Turn::NotDue | Turn::Witnessed(_) | Turn::Unwitnessed(_)) => fanout.standing(),
            Err(error) => Err(error.to_string()),
        })
    }

    /// Hands the log over to the centre that the folder's settings name, whenever the line is there.
    ///
    /// # Errors
    /// A key that is none; a machine that has no thread left.
    pub fn hand_over(&mut self, register: &Register, folder: &DataFolder, terminal: Terminal) -> Result<(), Trouble> {
        if folder.settings().centre.is_none() {
            return Ok(());
        }
        let (Some(url), key) = crate::verbs::station::centre_of(folder)? else { return Ok(()) };
        let register = register.clone();
        self.every("centre", HAND_OVER, terminal, move || {
            handing::hand_over(&register, &url, &key).map(|_| ()).map_err(|error| error.to_string())
        })
    }

    /// Holds the machine's clock against the last entry, and then against one that nobody can set.
    fn watch_clock(&mut self, register: &Register, terminal: Terminal) -> Result<(), Trouble> {
        register.look_at_clock(now())?;
        let (register, begun) = (register.clone(), Instant::now());
        let mut watch = Watch::new(now(), begun.elapsed());
        self.every("clock", SWEEP, terminal, move || {
            let Some(step) = watch.look(now(), begun.elapsed()) else { return Ok(()) };
            let way = if step < 0 { "back" } else { "forward" };
            terminal.complain(&format!("the machine's clock went {way} by {} s; that is entered", step.unsigned_abs() / 1_000_000));
            register.clock_stepped(step, now()).map(|_| ()).map_err(|error| error.to_string())
        })
    }

    /// Looks for what has fallen due, and sends the notices that wait.
    ///
    /// # Errors
    /// A machine that has no thread left.
    pub fn watch(&mut self, register: &Register, routes: Vec<Route>, terminal: Terminal) -> Result<(), Trouble> {
        let swept = register.clone();
        self.watch_clock(register, terminal)?;
        self.every("sweep", SWEEP, terminal, move || swept.sweep(now()).map(|_| ()).map_err(|error| error.to_string()))?;
        if routes.is_empty() {
            return Ok(());
        }
        let register = register.clone();
        self.every("notices", DELIVER, terminal, move || {
            let delivered = register.deliver(&routes, now()).map_err(|error| error.to_string())?;
            match delivered.failed.first() {
                Some((name, why)) => Err(format!("`{name}` was not reached and will be tried again: {why}")),
                None => Ok(()),
            }
        })
    }
}
