//! `habeas check --arrow`: a partition of a cluster comes in as an Arrow stream and its verdicts go out as one.

use crate::station::{NOW, Said, check, folder, habeas};
use arrow_array::builder::StringDictionaryBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::{FileWriter, StreamWriter};
use std::io::Cursor;
use std::sync::Arc;

/// The station's register as a batch; kinds as a dictionary, as engines that hold tables in columns like to hand them on.
fn register() -> RecordBatch {
    let text = std::fs::read_to_string(folder().join("register.csv")).expect("the register");
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    let rows: Vec<Vec<&str>> = lines.collect();
    let column = |place: usize| -> ArrayRef {
        let cells = rows.iter().map(|row| Some(row[place]).filter(|cell| !cell.is_empty()));
        if header[place] != "kind" {
            return Arc::new(cells.collect::<StringArray>());
        }
        let mut kinds = StringDictionaryBuilder::<Int32Type>::new();
        cells.for_each(|kind| kinds.append_option(kind));
        Arc::new(kinds.finish())
    };
    let columns: Vec<(&str, ArrayRef, bool)> = header.iter().enumerate().map(|(place, name)| (*name, column(place), true)).collect();
    RecordBatch::try_from_iter_with_nullable(columns).expect("a batch")
}

fn as_stream(batch: &RecordBatch) -> Vec<u8> {
    let mut stream = StreamWriter::try_new(Vec::new(), &batch.schema()).expect("a stream");
    stream.write(batch).expect("written");
    stream.into_inner().expect("ended")
}

fn hand_on(stream: Vec<u8>) -> (i32, Vec<u8>, String) {
    let run = habeas(&["check", "--arrow", "--codebook", ".", "--now", NOW]).write_stdin(stream).output().expect("it runs");
    (run.status.code().expect("it ends by itself"), run.stdout, String::from_utf8_lossy(&run.stderr).into_owned())
}

fn verdicts(stream: Vec<u8>) -> Vec<RecordBatch> {
    StreamReader::try_new(Cursor::new(stream), None).expect("a stream").collect::<Result<_, _>>().expect("whole batches")
}

#[test]
fn a_partition_has_the_verdicts_that_the_same_register_has_as_csv() {
    let (status, out, err) = hand_on(as_stream(&register()));
    let Said { status: expected, .. } = check(&["--format", "json"]);
    assert_eq!(status, expected, "{err}");
    let lines = check(&["--format", "json"]).lines();
    let mut handed_on = Vec::new();
    for batch in verdicts(out) {
        let text = |name: &str, row: usize| {
            let column = batch.column_by_name(name).expect("the column").as_string::<i32>();
            column.is_valid(row).then(|| column.value(row).to_owned())
        };
        let due = batch.column_by_name("due_at").expect("the column").as_primitive::<TimestampMicrosecondType>();
        let events = batch.column_by_name("events").expect("the column").as_list::<i32>();
        for row in 0..batch.num_rows() {
            let named: Vec<String> = events.value(row).as_string::<i32>().iter().flatten().map(str::to_owned).collect();
            handed_on.push((
                text("rule", row),
                text("trigger", row),
                text("verdict", row),
                due.is_valid(row).then(|| due.value(row)),
                named,
            ));
        }
    }
    let told: Vec<_> = lines
        .iter()
        .map(|line| {
            let text = |name: &str| line[name].as_str().map(str::to_owned);
            let due = text("due_at").map(|at| at.parse::<jiff::Timestamp>().expect("a time").as_microsecond());
            let named = line["events"].as_array().expect("a list").iter().map(|id| id.as_str().expect("an id").to_owned()).collect();
            (text("rule"), text("trigger"), text("verdict"), due, named)
        })
        .collect();
    assert_eq!(handed_on, told);
}

#[test]
fn an_arrow_file_is_a_log_like_any_other() {
    let batch = register();
    let mut file = FileWriter::try_new(Vec::new(), &batch.schema()).expect("a file");
    file.write(&batch).expect("written");
    let room = tempfile::tempdir().expect("a folder");
    let path = room.path().join("register.feather");
    std::fs::write(&path, file.into_inner().expect("ended")).expect("written");
    let run = habeas(&["check", "--codebook", ".", "--now", NOW, "--format", "json"]).arg(&path).output().expect("it runs");
    assert_eq!(String::from_utf8_lossy(&run.stdout), check(&["--format", "json"]).out);
}

#[test]
fn a_stream_cut_short_is_bad_input_and_nothing_is_judged() {
    let mut stream = as_stream(&register());
    stream.truncate(stream.len() / 2);
    let (status, out, err) = hand_on(stream);
    assert_eq!(status, 2, "{err}");
    assert!(out.is_empty());
    let (status, _, err) = hand_on(vec![0xff; 64]);
    assert_eq!(status, 2, "{err}");
    assert!(err.contains("not a whole Arrow stream"), "{err}");
}
