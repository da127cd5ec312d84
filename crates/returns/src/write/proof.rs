//! `ID.proof.json`: from what a table was counted, so that whoever holds the same record can recount it.

use super::files::Origin;
use super::json;
use crate::cells::{Audience, Return};
use crate::withhold::Audit;
use serde_json::{Value, json};

/// The proof; `files` are named with their hashes. The audit's figures stand only in a proof for those with access.
#[must_use]
pub fn write(made: &Return, origin: &Origin, audit: Option<&Audit>, files: &[(String, String)], hash: &dyn Fn(&[u8]) -> String) -> Value {
    let hashes: serde_json::Map<String, Value> = files.iter().map(|(name, text)| (name.clone(), hash(text.as_bytes()).into())).collect();
    let audited = audit.filter(|_| made.audience == Audience::Restricted).map(|audit| {
        json!({"withheld": audit.withheld, "primary": audit.primary, "narrowest_interval": audit.narrowest, "recovered": audit.recovered})
    });
    let passed = audit.map(|audit| audit.recovered == 0);
    json!({
        "return": made.id,
        "title": made.title,
        "period": made.period.name,
        // To its last digit: an entry recorded in the same second, but before it, counts.
        "as_of": made.as_of.timestamp().to_zoned_datetime(made.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%.f%:z").to_string(),
        "rules": made.rules,
        "codebook_sha256": origin.codebook_hash,
        "log_sha256": (!origin.log_hash.is_empty()).then_some(origin.log_hash.as_str()),
        "checkpoint": origin.checkpoint,
        "events_read": made.events_read,
        "program": origin.program,
        "cells": made.cells.len(),
        "audit_passed": passed,
        "audit": audited,
        "files_sha256": hashes,
        "treatment": json::treatment(&made.treatment),
    })
}
