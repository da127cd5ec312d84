//! The demo's data as it stands in its files.

use crate::outcome::Trouble;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

const STATE: &str = include_str!("../../../../examples/arvenia/state.toml");
const ACTS: &str = include_str!("../../../../examples/arvenia/acts.toml");
const PEOPLE: &str = include_str!("../../../../examples/arvenia/people.toml");

/// A fictional State.
#[derive(Clone, Debug)]
pub struct State {
    /// The pack it is run by.
    pub codebook: String,
    /// Origin of its log.
    pub origin: String,
    /// Who signs in.
    pub users: Vec<User>,
    /// Where people are held.
    pub places: Vec<Place>,
    /// What can happen, by name.
    pub acts: BTreeMap<String, Act>,
    /// Who is, or was, in custody.
    pub people: Vec<Person>,
    /// What happens at places.
    pub happenings: Vec<Happening>,
}

/// Somebody who signs in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The id that entries carry.
    pub id: String,
    /// As people know them.
    pub name: String,
    /// Desk roles of the codebook.
    pub roles: Vec<String>,
    /// Place of work; everywhere where none is named.
    pub at: Option<String>,
    /// Further places where they serve.
    #[serde(default)]
    pub serves: Vec<String>,
    /// What acts call them: `officer`, `doctor`.
    pub key: String,
}

/// A place of detention.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Its name, which is its id.
    pub id: String,
    /// Kind of place.
    #[serde(rename = "type")]
    pub of: String,
    /// For how many it was built.
    pub capacity: String,
    /// Its cells and their floor areas in square metres.
    pub cells: BTreeMap<String, String>,
}

/// A piece of a life: steps from one moment on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// What is recorded.
    pub steps: Vec<Step>,
    /// Begins again after this long.
    pub every: Option<String>,
    /// Give or take so much.
    pub vary: Option<String>,
    /// How many times.
    #[serde(default = "once")]
    pub times: u32,
    /// Stops when the person is released or moved.
    #[serde(default)]
    pub until_released: bool,
    /// The person leaves the place by it.
    #[serde(default)]
    pub leaves: bool,
    /// Once for each cell of the place.
    #[serde(default)]
    pub each_cell: bool,
}

fn once() -> u32 {
    1
}

/// One entry of an act.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// When it happens, after the act began: `h:mm`.
    pub at: String,
    /// When it is entered, after the act began; a few minutes after it happened where nothing is said.
    pub entered: Option<String>,
    /// Who enters it.
    pub by: String,
    /// Kind of event, as in a log.
    pub kind: String,
    /// What later steps call it.
    pub label: Option<String>,
    /// Why it was entered late.
    pub late: Option<String>,
    /// The place that the person has been moved to.
    pub moves: Option<String>,
    /// Further subjects: class and id.
    #[serde(default)]
    pub on: BTreeMap<String, String>,
    /// Its fields.
    #[serde(default)]
    pub fields: Map<String, Value>,
}

/// Somebody in custody.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Family name first.
    pub names: String,
    /// A date, `age 16`, or empty where nobody knows.
    pub born: String,
    /// As recorded.
    pub sex: String,
    /// ISO 3166; Arvenia is the user-assigned `XA`.
    #[serde(default = "own_country")]
    pub nationality: String,
    /// BCP 47.
    #[serde(default = "own_language")]
    pub language: String,
    /// Where held.
    pub place: String,
    /// In which cell of it.
    pub cell: String,
    /// How long before the demo the custody began: `-h:mm`.
    pub began: String,
    /// What happened, each with its time after that: `0:28 arrival`.
    pub acts: Vec<String>,
}

fn own_country() -> String {
    "XA".to_owned()
}

fn own_language() -> String {
    "az".to_owned()
}

/// Acts at a place.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Happening {
    /// Where.
    pub place: String,
    /// How long before the demo: `-h:mm`.
    pub began: String,
    /// What, each with its time after that.
    pub acts: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StateFile {
    codebook: String,
    origin: String,
    user: Vec<User>,
    place: Vec<Place>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PeopleFile {
    person: Vec<Person>,
    happening: Vec<Happening>,
}

impl State {
    /// The State inside the binary.
    ///
    /// # Errors
    /// When its files cannot be read; a test keeps that from happening.
    pub fn read() -> Result<Self, Trouble> {
        let state: StateFile = parse("state.toml", STATE)?;
        let people: PeopleFile = parse("people.toml", PEOPLE)?;
        Ok(State {
            codebook: state.codebook,
            origin: state.origin,
            users: state.user,
            places: state.place,
            acts: parse("acts.toml", ACTS)?,
            people: people.person,
            happenings: people.happening,
        })
    }

    /// Keeps so many people in each place, the first who are written down.
    pub fn keep(&mut self, most: usize) {
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        self.people.retain(|person| {
            let there = places.entry(person.place.clone()).or_default();
            *there += 1;
            *there <= most
        });
    }

    /// Who is called so at a place, or everywhere.
    #[must_use]
    pub fn staff(&self, key: &str, place: &str) -> Option<&User> {
        let of = |at: Option<&str>| self.users.iter().find(|user| user.key == key && user.at.as_deref() == at);
        of(Some(place)).or_else(|| of(None))
    }
}

fn parse<'a, T: Deserialize<'a>>(file: &str, text: &'a str) -> Result<T, Trouble> {
    toml::from_str(text).map_err(|error| Trouble::Input(format!("examples/arvenia/{file}: {error}")))
}
