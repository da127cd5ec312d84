//! Entries one by one, and a log that passes by, give what the whole log gives.

use crate::histories::{Ready, codebook, give, histories, log_of, ready, spoken, story};
use habeas_codebook::moment::Moment;
use habeas_monitor::live::Live;
use habeas_monitor::stream::Stream;
use habeas_monitor::{Asked, Monitor};
use proptest::prelude::*;
use std::num::NonZeroUsize;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn appended_one_by_one_they_equal_the_batch_at_every_prefix(history in histories(24, true, true)) {
        let monitor = Monitor::new(codebook());
        let entries = ready(&history);
        let mut live = Live::new(&monitor);
        for n in 0..entries.len() {
            let now = entries[n].recorded_at;
            let subjects: Vec<_> = entries[n].subjects.iter().map(|(c, s)| (*c, s.as_str())).collect();
            let fields = {
                let log = live.log_mut();
                give(log, &entries[n], |_, e| e.fields.to_vec())
            };
            let (id, kind, at, recorded_at) = (entries[n].id.as_str(), entries[n].kind, entries[n].at, now);
            let entry = habeas_codebook::log::Entry { id, kind, at, recorded_at, by: None, subjects: &subjects, fields: &fields };
            prop_assert!(live.append(&entry, now).is_ok());
            let log = log_of(&entries[..=n]);
            // On how many threads a log is heard changes nothing.
            let threads = NonZeroUsize::MIN.saturating_add(n % 4);
            let hearing = monitor.hear_on(&log, Asked { now, known_at: now }, threads);
            let batch: Vec<String> = hearing.rows().iter().map(|r| spoken(&hearing, r)).collect();
            let rows = live.rows(now);
            let grown = log_of(&entries[..=n]);
            let words = monitor.hear(&grown, Asked { now, known_at: now });
            let lived: Vec<String> = rows.iter().map(|r| spoken(&words, r)).collect();
            prop_assert_eq!(lived, batch, "after {} entries:\n{}", n + 1, story(&entries[..=n]));
        }
    }

    #[test]
    fn a_log_that_passes_by_gives_the_rows_of_the_whole(history in histories(60, false, false)) {
        let monitor = Monitor::new(codebook());
        let mut entries: Vec<Ready> = ready(&history);
        entries.sort_by_key(|e| e.at.earliest);
        let now = Moment(entries.last().map_or(0, |e| e.at.latest.0) + 40 * 86_400_000_000);
        let asked = Asked { now, known_at: now };
        let log = log_of(&entries);
        let hearing = monitor.hear(&log, asked);
        let mut batch: Vec<String> = hearing.rows().iter().map(|r| spoken(&hearing, r)).collect();
        let mut passed: Vec<String> = Vec::new();
        let Ok(mut stream) = Stream::looking_every(&monitor, asked, 7) else { return Err(TestCaseError::fail("no rule reads breaches")) };
        for entry in &entries {
            let fields = give(stream.log_mut(), entry, |_, e| e.fields.to_vec());
            let subjects: Vec<_> = entry.subjects.iter().map(|(c, s)| (*c, s.as_str())).collect();
            let (id, kind, at, recorded_at) = (entry.id.as_str(), entry.kind, entry.at, entry.recorded_at);
            let given = habeas_codebook::log::Entry { id, kind, at, recorded_at, by: None, subjects: &subjects, fields: &fields };
            // An entry for somebody already settled is refused, never judged wrongly; then the whole log has to be judged at once.
            if stream.push(&given, &mut |h, r| passed.push(spoken(h, r))).is_err() {
                return Ok(());
            }
        }
        stream.finish(&mut |h, r| passed.push(spoken(h, r)));
        batch.sort();
        passed.sort();
        prop_assert_eq!(passed, batch, "{}", story(&entries));
    }
}
