//! The receipt's check as a program without arguments, for the page that runs it in a browser (`web/verifier`): the number of bytes of the
//! policy and a newline, the policy, the number of bytes of the slip's groups and a newline, the groups (none: 0), and the receipt, on
//! standard input; the answer on standard output, and the exit status of `habeas verify receipt`.

use habeas_ledger::policy::Policy;
use habeas_ledger::verify::receipt;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::process::ExitCode;

/// The largest input that is read: a page must not hang on a film.
const LIMIT: u64 = 8 << 20;

fn main() -> ExitCode {
    let mut input = Vec::new();
    if let Err(error) = std::io::stdin().lock().take(LIMIT).read_to_end(&mut input) {
        return answer(&format!("standard input could not be read: {error}\n"), 3);
    }
    let (text, status) = match check(&input) {
        Ok(checked) => checked,
        Err(why) => (format!("error    {why}\n"), 2),
    };
    answer(&text, status)
}

fn answer(text: &str, status: u8) -> ExitCode {
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::from(status),
        Err(_) => ExitCode::from(3),
    }
}

fn check(input: &[u8]) -> Result<(String, u8), String> {
    let (policy, rest) = part(input).ok_or("no policy was given")?;
    let (groups, text) = part(rest).ok_or("no receipt was given")?;
    let policy = Policy::parse(policy).map_err(|error| error.to_string())?;
    let text = std::str::from_utf8(text).map_err(|_| "the receipt is not UTF-8")?;
    let groups = std::str::from_utf8(groups).map_err(|_| "the slip's groups are not UTF-8")?.trim();
    let checked = receipt::check(text, (!groups.is_empty()).then_some(groups), &policy).map_err(|error| error.to_string())?;
    let mut out = String::new();
    for (head, line) in checked.lines(&policy) {
        let _ = writeln!(out, "{head:<8} {line}");
    }
    Ok((out, checked.verdict().status()))
}

/// The next part: its length in decimal, a newline, its bytes.
fn part(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = input.iter().position(|byte| *byte == b'\n')?;
    let length: usize = std::str::from_utf8(&input[..end]).ok()?.parse().ok()?;
    input[end + 1..].split_at_checked(length)
}
