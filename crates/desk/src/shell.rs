//! What every page has around it: language, navigation, who is signed in, as of when.

use crate::account::{SignedIn, Visitor};
use crate::desk::Desk;
use crate::error::DeskError;
use crate::texts::Language;
use askama::Template;

/// A line of the main navigation: its address and the id of its words.
pub struct NavLine {
    /// Address.
    pub href: &'static str,
    /// Id of the text.
    pub text: &'static str,
}

/// The main navigation of those who are signed in.
#[must_use]
pub fn nav() -> &'static [NavLine] {
    &[
        NavLine { href: "/board", text: "nav-board" },
        NavLine { href: "/book", text: "nav-book" },
        NavLine { href: "/law", text: "nav-law" },
        NavLine { href: "/verify", text: "nav-verify" },
    ]
}

/// The main navigation of the public pages.
#[must_use]
pub fn public_nav() -> &'static [NavLine] {
    &[
        NavLine { href: "/law", text: "nav-law" },
        NavLine { href: "/verify", text: "nav-verify" },
        NavLine { href: "/sign-in", text: "nav-sign-in" },
    ]
}

/// Another language of the same page.
pub struct Switch {
    /// Code.
    pub code: &'static str,
    /// Its own name.
    pub name: &'static str,
    /// This page is in it.
    pub is_current: bool,
}

/// What a page is built into; every page's struct has one as `shell`.
pub struct Shell {
    desk: Desk,
    /// Of the page.
    pub language: Language,
    /// Title, without the name of the program.
    pub title: String,
    /// The page shows mistakes: its title begins with the word for it.
    pub has_errors: bool,
    /// Main navigation.
    pub nav: &'static [NavLine],
    /// Address of this page, for the language switch.
    pub here: String,
    /// Name of who is signed in.
    pub user: Option<String>,
    /// Roles of who is signed in.
    pub roles: String,
    /// Place of who is signed in; the program's name else.
    pub place: String,
    /// What every form carries.
    pub form_token: String,
    /// As of: RFC 3339.
    pub stamp: String,
    /// As of: hours, minutes, seconds.
    pub as_of: String,
    /// Entries in the log.
    pub entries: String,
}

impl Shell {
    fn new(desk: &Desk, language: Language, title: String) -> Self {
        let now = desk.now();
        let stamp = desk.teller(language).stamp(now);
        let as_of = stamp.get(11..19).unwrap_or_default().to_owned();
        let entries = desk.register.checkpoint().map(|signed| signed.size.to_string()).unwrap_or_default();
        Self {
            desk: desk.clone(),
            language,
            title,
            has_errors: false,
            nav: public_nav(),
            here: "/".to_owned(),
            user: None,
            roles: String::new(),
            place: desk.texts.say(language, "public-pages", &[]),
            form_token: String::new(),
            stamp,
            as_of,
            entries,
        }
    }

    /// A text.
    #[must_use]
    pub fn say(&self, id: &str) -> String {
        self.desk.texts.say(self.language, id, &[])
    }

    /// A text with one value.
    #[must_use]
    pub fn with(&self, id: &str, name: &str, value: impl std::fmt::Display) -> String {
        self.desk.texts.say(self.language, id, &[(name, &value.to_string())])
    }

    /// The languages.
    #[must_use]
    pub fn switches(&self) -> Vec<Switch> {
        let one = |language: Language| Switch { code: language.code(), name: language.own_name(), is_current: language == self.language };
        Language::ALL.into_iter().map(one).collect()
    }

    /// Whether a line of the navigation leads to this page or to one under it.
    #[must_use]
    pub fn is_here(&self, href: &str) -> bool {
        self.here == href || self.here.strip_prefix(href).is_some_and(|rest| rest.starts_with(['/', '?']))
    }

    /// The same, at an address.
    #[must_use]
    pub fn at(mut self, here: impl Into<String>) -> Self {
        self.here = here.into();
        self
    }

    /// The same, saying in its title that there are mistakes.
    #[must_use]
    pub fn mistaken(mut self, is: bool) -> Self {
        self.has_errors = is;
        self
    }
}

impl Desk {
    /// The shell of a page for somebody who is signed in; `title` is the id of a text.
    #[must_use]
    pub fn shell(&self, who: &SignedIn, title: &str) -> Shell {
        self.titled(who, self.texts.say(who.language, title, &[]))
    }

    /// The same, with a title in words.
    #[must_use]
    pub fn titled(&self, who: &SignedIn, title: String) -> Shell {
        let mut shell = Shell::new(self, who.language, title);
        shell.nav = nav();
        shell.user = Some(who.session.account.name.clone());
        shell.roles = who.session.account.roles.join(", ");
        shell.place = who.session.account.places.first().map_or_else(|| shell.say("all-places"), |place| self.place_name(place));
        shell.form_token.clone_from(&who.session.form_token);
        shell
    }

    /// The shell of a page for anybody.
    #[must_use]
    pub fn public_shell(&self, visitor: &Visitor, title: &str) -> Shell {
        match &visitor.signed_in {
            Some(who) => self.shell(who, title),
            None => Shell::new(self, visitor.language, self.texts.say(visitor.language, title, &[])),
        }
    }

    /// A place by the name that describes it, else by its id.
    #[must_use]
    pub fn place_name(&self, id: &str) -> String {
        id.replace(['-', '_'], " ")
    }
}

/// A page that says what went wrong and what to do.
#[derive(Template)]
#[template(path = "pages/error.html")]
pub struct ErrorPage {
    shell: Shell,
    heading: String,
    what_to_do: String,
}

impl ErrorPage {
    /// In the visitor's language.
    #[must_use]
    pub fn of(desk: &Desk, visitor: &Visitor, error: &DeskError) -> Self {
        let id = match error.status().as_u16() {
            401 | 403 => "error-forbidden",
            404 => "error-absent",
            409 => "error-conflict",
            413 => "error-too-large",
            422 => "error-unreadable",
            503 => "error-read-only",
            _ => "error-machine",
        };
        let id = if matches!(error, DeskError::Forged) { "error-forged" } else { id };
        let shell = desk.public_shell(visitor, id);
        let (heading, what_to_do) = (shell.say(id), shell.say(&format!("{id}-help")));
        Self { shell: shell.mistaken(true), heading, what_to_do }
    }
}
