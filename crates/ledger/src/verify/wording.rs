//! How reports spell times, handles and numbers.

use crate::leaf::Handle;

/// A time in milliseconds since 1970: RFC 3339 in UTC.
#[must_use]
pub fn moment(ms: u64) -> String {
    let stamp = i64::try_from(ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    stamp.map_or_else(|| format!("{ms} ms after 1970"), |stamp| stamp.to_string())
}

/// A time in seconds since 1970, as witnesses state it.
#[must_use]
pub fn moment_of_seconds(seconds: u64) -> String {
    moment(seconds.saturating_mul(1000))
}

/// A handle in lower-case hex.
#[must_use]
pub fn hex(handle: &Handle) -> String {
    handle.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A number with commas.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let grouped = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    grouped.collect::<Vec<_>>().join(",")
}
