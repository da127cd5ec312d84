//! The gallery: every part of a page, each in the states that it can be in.

use crate::account::Visitor;
use crate::desk::Desk;
use crate::error::{Answer, show};
use crate::shell::Shell;
use crate::station::chips::Chip;
use askama::Template;
use axum::extract::State;

#[derive(Template)]
#[template(path = "pages/parts.html")]
struct Gallery {
    shell: Shell,
    chips: Vec<Chip>,
}

/// The gallery of parts.
pub async fn gallery(State(desk): State<Desk>, visitor: Visitor) -> Answer {
    let shell = desk.public_shell(&visitor, "parts-title").at("/parts");
    let teller = desk.teller(visitor.language);
    let minute = 60_000_000;
    let chips = vec![
        Chip::due(&teller, 43 * minute, 90 * minute),
        Chip::due(&teller, 9 * minute, 90 * minute),
        Chip::overdue(&teller, 52 * minute),
        Chip::plain(&teller, "breached", "chip-breached", Some(15 * minute)),
        Chip::plain(&teller, "met", "chip-met", None),
        Chip::plain(&teller, "late-met", "chip-met-late", Some(12 * minute)),
        Chip::plain(&teller, "late-entry", "chip-late-entry", Some(53 * minute)),
        Chip::plain(&teller, "unknown", "chip-undetermined", None),
        Chip::plain(&teller, "excused", "chip-excused", None),
        Chip::plain(&teller, "withheld", "chip-withheld", None),
    ];
    show(&Gallery { shell, chips })
}
