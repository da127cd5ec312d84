//! Telling people of breaches: the ways that `[notices]` of a register's `habeas.toml` names, made ready to send.
//!
//! The register keeps what has to be told and tries again ([`habeas_register::delivery`]); here is the network: mail by SMTP ([`mail`]) and
//! signed posts ([`webhook`]).

pub mod mail;
pub mod webhook;

use crate::outcome::Trouble;
use habeas_codebook::tree::Codebook;
use habeas_register::delivery::Route;
use habeas_register::folder::DataFolder;
use habeas_register::notices::Recipient;
use habeas_register::outbox::{ToFile, Way};
use std::path::Path;
use std::time::Duration;
use zeroize::Zeroizing;

/// How long a receiver may take to answer.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The recipients that a register's folder names.
///
/// # Errors
/// Everything that is wrong with `[notices]`, at once; a secret that cannot be read.
pub fn routes(folder: &DataFolder, codebook: &Codebook) -> Result<Vec<Route>, Trouble> {
    let notices = &folder.settings().notices;
    let problems = notices.problems(codebook);
    if !problems.is_empty() {
        let file = folder.path().join("habeas.toml").display().to_string();
        let lines = problems.iter().map(|problem| format!("{file}: {problem}"));
        return Err(Trouble::Input(lines.collect::<Vec<_>>().join("\n")));
    }
    notices.to.iter().map(|to| Ok(Route { name: to.name.clone(), tell: to.tell.clone(), way: way(folder, to)? })).collect()
}

fn way(folder: &DataFolder, to: &Recipient) -> Result<Box<dyn Way>, Trouble> {
    let settings = folder.settings();
    let desk = settings.notices.desk.clone();
    if let (Some(url), Some(secret)) = (&to.webhook, &to.secret_file) {
        return Ok(Box::new(webhook::Webhook::new(url, &first_line(secret)?, desk)?));
    }
    if let (false, Some(smtp)) = (to.mail.is_empty(), &settings.notices.smtp) {
        let password = smtp.password_file.as_deref().map(first_line).transpose()?;
        return Ok(Box::new(mail::Mail::new(smtp, password.as_ref().map(|text| text.as_str()), &to.mail, desk)?));
    }
    let file = to.file.as_ref().map(|file| folder.path().join(file));
    file.map(|file| Box::new(ToFile(file)) as Box<dyn Way>).ok_or_else(|| Trouble::Input(format!("`{}` has no way to be told", to.name)))
}

fn first_line(path: &Path) -> Result<Zeroizing<String>, Trouble> {
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|error| Trouble::reading(path, &error))?);
    Ok(Zeroizing::new(text.lines().next().unwrap_or_default().trim().to_owned()))
}
