//! Due days as a calendar (RFC 5545): one all-day entry an item, with a reminder a month and a week before.

use super::{KINDS, Plan};
use std::fmt::Write;

/// Text for a calendar: marks escaped.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace('\n', "\\n")
}

/// A line, folded after 73 bytes between characters, as the format asks.
fn fold(line: &str, out: &mut String) {
    let mut width = 0;
    for c in line.chars() {
        if width + c.len_utf8() > 73 {
            out.push_str("\r\n ");
            width = 1;
        }
        out.push(c);
        width += c.len_utf8();
    }
    out.push_str("\r\n");
}

/// The calendar of everything open that has a due day. `stamp` is when it is made, RFC 3339; only its digits are used.
#[must_use]
pub fn calendar(plan: &Plan, stamp: &str) -> String {
    let mut out = String::new();
    let digits: String = stamp.chars().filter(char::is_ascii_digit).take(14).collect();
    let stamp = format!("{:0<8}T{:0<6}Z", digits.get(..8).unwrap_or("19700101"), digits.get(8..).unwrap_or(""));
    for line in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//habeas//review//EN"] {
        fold(line, &mut out);
    }
    for due in plan.dues() {
        let Ok(day) = due.due.parse::<jiff::civil::Date>() else { continue };
        let Ok(next) = day.tomorrow() else { continue };
        let compact = |day: jiff::civil::Date| day.to_string().replace('-', "");
        let mut lines =
            vec!["BEGIN:VEVENT".to_owned(), format!("UID:{}@habeas-review", escaped(due.reference)), format!("DTSTAMP:{stamp}")];
        lines.push(format!("DTSTART;VALUE=DATE:{}", compact(day)));
        lines.push(format!("DTEND;VALUE=DATE:{}", compact(next)));
        let mut summary = String::new();
        // Writing to a string does not fail.
        let _ = write!(summary, "SUMMARY:{} {} due", KINDS[due.kind].one, escaped(due.reference));
        lines.push(summary);
        lines.push(format!("DESCRIPTION:{}", escaped(due.what)));
        for before in ["-P30D", "-P7D"] {
            let alarm = [
                "BEGIN:VALARM".to_owned(),
                "ACTION:DISPLAY".to_owned(),
                format!("TRIGGER:{before}"),
                "DESCRIPTION:due soon".to_owned(),
                "END:VALARM".to_owned(),
            ];
            lines.extend(alarm);
        }
        lines.push("END:VEVENT".to_owned());
        for line in lines {
            fold(&line, &mut out);
        }
    }
    fold("END:VCALENDAR", &mut out);
    out
}
