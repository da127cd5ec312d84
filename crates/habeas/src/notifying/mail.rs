//! Notices as mail. A letter holds what the notice holds and no more: the rule, the record's handle, the place, the time, a link behind
//! which the reader signs in. Mail is read on telephones and kept by others.

use super::PATIENCE;
use crate::outcome::Trouble;
use habeas_register::notices::{Security, Smtp};
use habeas_register::outbox::{Failed, Notice, Way};
use lettre::address::Envelope;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, SmtpTransport, Transport as _};
use std::fmt::Write as _;

/// Letters to some addresses by one server.
pub struct Mail {
    server: SmtpTransport,
    shown: String,
    from: Mailbox,
    to: Vec<Mailbox>,
    desk: Option<String>,
}

impl Mail {
    /// Letters to `to` by the server that the settings name.
    ///
    /// # Errors
    /// An address that is none, a name that no certificate can have.
    pub fn new(smtp: &Smtp, password: Option<&str>, to: &[String], desk: Option<String>) -> Result<Self, Trouble> {
        let mailbox = |text: &String| {
            text.parse::<Mailbox>().map_err(|error| Trouble::Input(format!("[notices]: `{text}` is no mail address: {error}")))
        };
        let tls = || TlsParameters::new(smtp.host.clone()).map_err(|error| Trouble::Input(format!("[notices.smtp]: {error}")));
        let (tls, port) = match smtp.security {
            Security::Starttls => (Tls::Required(tls()?), 587),
            Security::Tls => (Tls::Wrapper(tls()?), 465),
            Security::None => (Tls::None, 25),
        };
        let port = smtp.port.unwrap_or(port);
        let mut server = SmtpTransport::builder_dangerous(&smtp.host).port(port).tls(tls).timeout(Some(PATIENCE));
        if let (Some(user), Some(password)) = (&smtp.user, password) {
            server = server.credentials(Credentials::new(user.clone(), password.to_owned()));
        }
        Ok(Mail {
            server: server.build(),
            shown: format!("{}:{port}", smtp.host),
            from: mailbox(&smtp.from)?,
            to: to.iter().map(mailbox).collect::<Result<_, _>>()?,
            desk,
        })
    }

    fn letter(&self, key: &str, notice: &Notice) -> Result<Message, lettre::error::Error> {
        let rule = notice.rule.as_deref().unwrap_or("a safeguard");
        let short: String = notice.handle.chars().take(8).collect();
        let mut letter = Message::builder()
            .from(self.from.clone())
            .subject(format!("Not kept: {rule} (record {short})"))
            // One id for one notice: a mailbox that gets it twice shows it once.
            .message_id(Some(format!("<{key}@{}>", self.from.email.domain())));
        for to in &self.to {
            letter = letter.to(to.clone());
        }
        letter.header(ContentType::TEXT_PLAIN).body(self.text(notice))
    }

    fn text(&self, notice: &Notice) -> String {
        let mut text = "A duty that the register watches has not been kept.\n\n".to_owned();
        let mut line = |name: &str, value: Option<&String>| {
            if let Some(value) = value {
                let _ = writeln!(text, "{name:<9} {value}");
            }
        };
        line("Safeguard", notice.rule.as_ref());
        line("Record", Some(&notice.handle));
        line("Place", notice.place.as_ref());
        line("Due", notice.due_at.as_ref());
        line("Found", notice.found_at.as_ref());
        let link = format!("{}{}", self.desk.as_deref().unwrap_or_default().trim_end_matches('/'), notice.link);
        line("Read it", Some(&link));
        text.push_str("\nThis letter names nobody and tells no finding: sign in to read the record.\n");
        text.push_str("It was sent by the register itself; do not answer it.\n");
        text
    }
}

impl Way for Mail {
    fn send(&self, key: &str, notice: &Notice) -> Result<(), Failed> {
        let letter = self.letter(key, notice).map_err(|error| Failed::Notice(error.to_string()))?;
        let to: Vec<Address> = self.to.iter().map(|mailbox| mailbox.email.clone()).collect();
        let envelope = Envelope::new(Some(self.from.email.clone()), to).map_err(|error| Failed::Notice(error.to_string()))?;
        self.server.send_raw(&envelope, &letter.formatted()).map(|_| ()).map_err(|error| {
            let why = format!("{}: {error}", self.shown);
            if error.is_permanent() { Failed::Notice(why) } else { Failed::Way(why) }
        })
    }
}
