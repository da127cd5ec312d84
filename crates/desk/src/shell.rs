//! What every page has around it: language, navigation, who is signed in, as of when.

use crate::account::{SignedIn, Visitor};
use crate::desk::Desk;
use crate::error::DeskError;
use crate::texts::Language;
use askama::Template;
use habeas_access::{Ties, What};
use habeas_codebook::tree::{Act, KindId, Tie};

/// A line of the main navigation: its address and the id of its words.
#[derive(Clone, Copy)]
pub struct NavLine {
    /// Address.
    pub href: &'static str,
    /// Id of the text.
    pub text: &'static str,
    /// Who is shown it.
    pub wants: Wants,
}

/// What somebody must be able to do somewhere for a page to be theirs. Asked of the access sentences: no role is known by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// To be signed in.
    Nothing,
    /// To read custody records of every place.
    EveryPlace,
    /// To read custody records of the places where they serve.
    OwnPlace,
    /// To read custody records only of those for whom they act.
    OwnClient,
    /// To read a record of another place through a broken glass only.
    Glass,
    /// To record events with this screen role.
    Records(&'static str),
    /// To read events with this screen role.
    Reads(&'static str),
    /// To keep the plan of action on recommendations.
    Plan,
    /// To have a work list.
    Work,
}

/// The main navigation: the first line that is somebody's own is their first page. A new room that stands in it adds its line.
const NAV: &[NavLine] = &[
    NavLine { href: "/last-day", text: "nav-last-day", wants: Wants::EveryPlace },
    NavLine { href: "/clinic", text: "nav-clinic", wants: Wants::Records("examination") },
    NavLine { href: "/interviews", text: "nav-interviews", wants: Wants::Records("interview-start") },
    NavLine { href: "/clients", text: "nav-clients", wants: Wants::OwnClient },
    NavLine { href: "/board", text: "nav-board", wants: Wants::OwnPlace },
    NavLine { href: "/book", text: "nav-book", wants: Wants::Records("arrival") },
    NavLine { href: "/handover", text: "nav-handover", wants: Wants::Records("handover") },
    NavLine { href: "/work", text: "nav-work", wants: Wants::Work },
    NavLine { href: "/cells", text: "nav-cells", wants: Wants::OwnPlace },
    NavLine { href: "/whereabouts", text: "nav-whereabouts", wants: Wants::Reads("whereabouts-asked") },
    NavLine { href: "/glass", text: "nav-glass", wants: Wants::Glass },
    NavLine { href: "/glass/openings", text: "nav-openings", wants: Wants::Records("glass-review") },
    NavLine { href: "/review", text: "nav-review", wants: Wants::Plan },
    NavLine { href: "/statistics", text: "nav-statistics", wants: Wants::Nothing },
    NavLine { href: "/law", text: "nav-law", wants: Wants::Nothing },
    NavLine { href: "/codebook", text: "nav-codebook", wants: Wants::EveryPlace },
    NavLine { href: "/verify", text: "nav-verify", wants: Wants::Nothing },
];

/// The main navigation of the public pages.
const PUBLIC_NAV: &[NavLine] = &[
    NavLine { href: "/relative", text: "nav-relative", wants: Wants::Nothing },
    NavLine { href: "/complain", text: "nav-complain", wants: Wants::Nothing },
    NavLine { href: "/open-data", text: "nav-open-data", wants: Wants::Nothing },
    NavLine { href: "/plan", text: "nav-plan", wants: Wants::Nothing },
    NavLine { href: "/law", text: "nav-law", wants: Wants::Nothing },
    NavLine { href: "/verify", text: "nav-verify", wants: Wants::Nothing },
    NavLine { href: "/sign-in", text: "nav-sign-in", wants: Wants::Nothing },
];

impl Desk {
    /// The lines of the main navigation that are this reader's.
    #[must_use]
    pub fn nav(&self, who: &SignedIn) -> Vec<NavLine> {
        NAV.iter().filter(|line| self.is_for(who, line.wants)).copied().collect()
    }

    /// Whether somebody can do somewhere what a page is for.
    #[must_use]
    pub fn is_for(&self, who: &SignedIn, wants: Wants) -> bool {
        let principal = self.authority.principal(&who.actor());
        let at_work: Ties = [Tie::OwnPlace, Tie::OwnPatient, Tie::OnShift].into_iter().collect();
        let ties = if who.session.account.places.is_empty() { Ties::default().with(Tie::OnShift, true) } else { at_work };
        let may = |act: Act, what: &What, ties: Ties| self.authority.access().may(&principal, act, what, ties);
        let custody = self.codebook.class_named("custody").map(What::Record);
        let reads = |ties: Ties| custody.as_ref().is_some_and(|custody| may(Act::Read, custody, ties));
        let kinds = |act: Act, screen: &str| self.screened(screen).any(|kind| may(act, &What::Event(kind), ties));
        match wants {
            Wants::Nothing => true,
            Wants::EveryPlace => reads(Ties::default()),
            Wants::OwnPlace => reads(ties),
            Wants::OwnClient => !reads(at_work) && reads(Ties::default().with(Tie::OwnClient, true)),
            Wants::Glass => !reads(Ties::default()) && reads(ties.with(Tie::BreakGlass, true).with(Tie::OwnPlace, false)),
            Wants::Records(screen) => kinds(Act::Record, screen),
            Wants::Reads(screen) => kinds(Act::Read, screen),
            Wants::Plan => self.keeps_the_plan(who),
            Wants::Work => self.codebook.rooms.iter().any(|room| room.roles.iter().any(|role| principal.roles.contains(role))),
        }
    }

    /// Kinds of events that declare a screen role.
    pub fn screened<'d>(&'d self, screen: &'d str) -> impl Iterator<Item = KindId> + 'd {
        let kinds = self.codebook.kinds.iter().enumerate();
        kinds
            .filter(move |(_, kind)| kind.screens.iter().any(|role| role == screen))
            .filter_map(|(n, _)| Some(KindId(u16::try_from(n).ok()?)))
    }
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
    pub nav: Vec<NavLine>,
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
    /// As of: the day. A screen is of today; paper is read on another.
    pub as_of_day: String,
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
            nav: PUBLIC_NAV.to_vec(),
            here: "/".to_owned(),
            user: None,
            roles: String::new(),
            place: desk.texts.say(language, "public-pages", &[]),
            form_token: String::new(),
            stamp,
            as_of,
            as_of_day: desk.teller(language).day(now),
            entries,
        }
    }

    /// Whether nobody is signed in.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.form_token.is_empty()
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

    /// A text with two values.
    #[must_use]
    pub fn say_both(&self, id: &str, one: &str, first: impl std::fmt::Display, other: &str, second: impl std::fmt::Display) -> String {
        self.desk.texts.say(self.language, id, &[(one, &first.to_string()), (other, &second.to_string())])
    }

    /// The dark squares of a code as the outline of one shape.
    #[must_use]
    pub fn outline(&self, side: &usize, dark: &[bool]) -> String {
        crate::station::paper::outline(*side, dark)
    }

    /// A name made of two parts, for texts that are named by a value.
    #[must_use]
    pub fn joined(&self, start: &str, end: &str) -> String {
        format!("{start}{end}")
    }

    /// The last part of a name such as `Sahil/C2`.
    #[must_use]
    pub fn short(&self, name: &str) -> String {
        name.rsplit('/').next().unwrap_or(name).to_owned()
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

    /// Whether a line of the navigation has this address: the page is one of the reader's.
    #[must_use]
    pub fn leads_to(&self, href: &str) -> bool {
        self.nav.iter().any(|line| line.href == href)
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
        shell.nav = self.nav(who);
        shell.user = Some(who.session.account.name.clone());
        shell.roles = who.session.account.roles.join(", ");
        shell.place = match who.session.account.places.as_slice() {
            [only] => self.place_name(only),
            [] | [_, _, ..] => shell.say("all-places"),
        };
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

    /// Somebody by the name of their account, else by their id.
    #[must_use]
    pub fn person_name(&self, id: &str) -> String {
        self.accounts.name(id).ok().flatten().unwrap_or_else(|| id.to_owned())
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
    /// So many entries are read of so many: the page asks again by itself.
    being_read: Option<(u64, u64)>,
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
        let id = if matches!(error, DeskError::Stopped(_)) { "error-stopped" } else { id };
        let being_read = if let DeskError::BeingRead { read, of } = error { Some((*read, *of)) } else { None };
        let id = if being_read.is_some() { "being-read" } else { id };
        let shell = desk.public_shell(visitor, id);
        let (heading, what_to_do) = (shell.say(id), shell.say(&format!("{id}-help")));
        Self { shell: shell.mistaken(being_read.is_none()), heading, what_to_do, being_read }
    }
}
