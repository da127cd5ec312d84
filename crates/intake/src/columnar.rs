//! Parquet and Arrow as delimited text, so that everything after it is the same as for CSV: same columns, same mappings, same messages. A
//! row of the table is a line, counted from 2 as below a header.

use crate::open::Format;
use crate::problem::{IntakeError, Problem};
use std::io::Read;

fn broken(file: &str, what: String) -> IntakeError {
    IntakeError::Broken(Problem {
        file: file.to_owned(),
        line: 1,
        column: 0,
        what,
        found: String::new(),
        expected: "a whole file of texts, numbers, booleans, dates and timestamps".to_owned(),
    })
}

/// A cell as CSV.
pub(crate) fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// The table as CSV.
#[cfg(not(feature = "parquet"))]
pub(crate) fn as_csv(_: Format, file: &str, _: Box<dyn Read + Send>) -> Result<Box<dyn Read + Send>, IntakeError> {
    Err(broken(file, "this build reads neither Parquet nor Arrow (feature `parquet`)".to_owned()))
}

/// The table as CSV, a batch of rows at a time.
#[cfg(feature = "parquet")]
pub(crate) fn as_csv(format: Format, file: &str, bytes: Box<dyn Read + Send>) -> Result<Box<dyn Read + Send>, IntakeError> {
    if format == Format::Arrow { table::of_arrow(file, bytes) } else { table::of_parquet(file, bytes) }
}

#[cfg(feature = "parquet")]
mod table {
    use super::{IntakeError, Read, broken, quoted};
    use arrow_array::cast::AsArray;
    use arrow_array::types::{
        Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
        TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
    };
    use arrow_array::{Array, RecordBatch};
    use arrow_ipc::reader::{FileReader, StreamReader};
    use arrow_schema::{ArrowError, DataType, Schema, TimeUnit};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use std::io::Cursor;

    /// A Parquet file: read whole, as its index stands at the end.
    pub(super) fn of_parquet(file: &str, mut bytes: Box<dyn Read + Send>) -> Result<Box<dyn Read + Send>, IntakeError> {
        let mut whole = Vec::new();
        bytes.read_to_end(&mut whole).map_err(|source| IntakeError::Unreadable { file: file.to_owned(), source })?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(whole))
            .map_err(|e| broken(file, format!("this is not a whole Parquet file ({e})")))?;
        let ready = header(builder.schema());
        let reader = builder.build().map_err(|e| broken(file, format!("this Parquet file cannot be read ({e})")))?;
        Ok(Box::new(AsText { reader, ready, given: 0 }))
    }

    /// Arrow's own format: a stream, a batch at a time; or a file (Feather), read whole.
    pub(super) fn of_arrow(file: &str, mut bytes: Box<dyn Read + Send>) -> Result<Box<dyn Read + Send>, IntakeError> {
        let unreadable = |source| IntakeError::Unreadable { file: file.to_owned(), source };
        let mut head = Vec::new();
        (&mut bytes).take(ARROW_FILE.len() as u64).read_to_end(&mut head).map_err(unreadable)?;
        if head != ARROW_FILE {
            let stream: Box<dyn Read + Send> = Box::new(Cursor::new(head).chain(bytes));
            let reader =
                StreamReader::try_new(stream, None).map_err(|e| broken(file, format!("this is not a whole Arrow stream ({e})")))?;
            let ready = header(&reader.schema());
            return Ok(Box::new(AsText { reader, ready, given: 0 }));
        }
        let mut whole = head;
        bytes.read_to_end(&mut whole).map_err(unreadable)?;
        let reader =
            FileReader::try_new(Cursor::new(whole), None).map_err(|e| broken(file, format!("this is not a whole Arrow file ({e})")))?;
        let ready = header(&reader.schema());
        Ok(Box::new(AsText { reader, ready, given: 0 }))
    }

    const ARROW_FILE: &[u8] = b"ARROW1";

    fn header(schema: &Schema) -> Vec<u8> {
        let names: Vec<String> = schema.fields().iter().map(|field| quoted(field.name())).collect();
        format!("{}\n", names.join(",")).into_bytes()
    }

    struct AsText<R> {
        reader: R,
        ready: Vec<u8>,
        given: usize,
    }

    impl<R: Iterator<Item = Result<RecordBatch, ArrowError>>> Read for AsText<R> {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            while self.given == self.ready.len() {
                let Some(batch) = self.reader.next() else { return Ok(0) };
                let batch = batch.map_err(not_whole)?;
                self.ready.clear();
                self.given = 0;
                text_of(&batch, &mut self.ready).map_err(not_whole)?;
            }
            let n = out.len().min(self.ready.len() - self.given);
            out[..n].copy_from_slice(&self.ready[self.given..self.given + n]);
            self.given += n;
            Ok(n)
        }
    }

    /// What is wrong with a table is wrong with the input, not with the machine.
    fn not_whole(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> std::io::Error {
        std::io::Error::new(std::io::ErrorKind::InvalidData, why)
    }

    fn text_of(batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), String> {
        for row in 0..batch.num_rows() {
            for (i, column) in batch.columns().iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                out.extend(quoted(&cell(column.as_ref(), row)?).into_bytes());
            }
            out.push(b'\n');
        }
        Ok(())
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the format has two dozen more types, all refused alike")]
    fn cell(column: &dyn Array, row: usize) -> Result<String, String> {
        if column.is_null(row) {
            return Ok(String::new());
        }
        macro_rules! number {
            ($type:ty) => {
                column.as_primitive::<$type>().value(row).to_string()
            };
        }
        Ok(match column.data_type() {
            DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
            DataType::LargeUtf8 => column.as_string::<i64>().value(row).to_owned(),
            DataType::Utf8View => column.as_string_view().value(row).to_owned(),
            DataType::Dictionary(..) => {
                let words = column.as_any_dictionary();
                let word = cell(words.keys(), row)?.parse().map_err(|_| "a dictionary has a key that is no number".to_owned())?;
                if word >= words.values().len() {
                    return Err("a dictionary has no word of that number".to_owned());
                }
                cell(words.values().as_ref(), word)?
            }
            DataType::Boolean => if column.as_boolean().value(row) { "yes" } else { "no" }.to_owned(),
            DataType::Int8 => number!(Int8Type),
            DataType::Int16 => number!(Int16Type),
            DataType::Int32 => number!(Int32Type),
            DataType::Int64 => number!(Int64Type),
            DataType::UInt8 => number!(UInt8Type),
            DataType::UInt16 => number!(UInt16Type),
            DataType::UInt32 => number!(UInt32Type),
            DataType::UInt64 => number!(UInt64Type),
            DataType::Float32 => number!(Float32Type),
            DataType::Float64 => number!(Float64Type),
            DataType::Decimal128(_, _) => column.as_primitive::<Decimal128Type>().value_as_string(row),
            DataType::Date32 => {
                let days = column.as_primitive::<Date32Type>().value(row);
                let epoch = jiff::civil::date(1970, 1, 1);
                epoch.checked_add(jiff::Span::new().try_days(days).map_err(|e| e.to_string())?).map_err(|e| e.to_string())?.to_string()
            }
            DataType::Timestamp(unit, _) => {
                let micros = match unit {
                    TimeUnit::Second => column.as_primitive::<TimestampSecondType>().value(row).checked_mul(1_000_000),
                    TimeUnit::Millisecond => column.as_primitive::<TimestampMillisecondType>().value(row).checked_mul(1000),
                    TimeUnit::Microsecond => Some(column.as_primitive::<TimestampMicrosecondType>().value(row)),
                    TimeUnit::Nanosecond => Some(column.as_primitive::<TimestampNanosecondType>().value(row).div_euclid(1000)),
                };
                let at = micros.and_then(|m| jiff::Timestamp::from_microsecond(m).ok());
                at.ok_or_else(|| "a timestamp lies outside the years -9999 to 9999".to_owned())?.to_string()
            }
            other => return Err(format!("columns of type {other} are not read")),
        })
    }
}
