//! The question and its answer.

use crate::policies::{self, Written};
use crate::schema::{self, TIES, act_name, class_name, field_id, tie_name};
use cedar_policy::{Authorizer, Context, Entities, Entity, EntityUid, Policy, PolicyId, PolicySet, Request, RestrictedExpression, Schema};
use habeas_codebook::tree::{Access as Sentence, Act, Codebook, FieldId, KindId, RoleId, RoleIs, Sensitivity, Tie};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

/// Answers kept; the questions are few (roles held together, kinds, ties), so this is never reached by honest use.
const KEPT: usize = 100_000;

/// What is wrong with a codebook's access, or with the engine.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// A `cedar` sentence that `habeas codebook check` refuses.
    #[error("the access sentence `{sentence}` cannot be used: {why}")]
    Sentence {
        /// The policy as written.
        sentence: String,
        /// The engine's words.
        why: String,
    },
    /// Cedar refused what this crate generated.
    #[error("the access engine: {0}")]
    Engine(String),
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Account, for example `officer:1042`.
    pub user: String,
    /// Roles held, as the codebook declares them.
    pub roles: BTreeSet<RoleId>,
    /// Places where the person works.
    pub places: BTreeSet<String>,
}

/// How the one who asks is tied to what is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ties(u16);

impl Ties {
    /// The same with one tie more, if it holds.
    #[must_use]
    pub fn with(self, tie: Tie, holds: bool) -> Self {
        let bit = TIES.iter().position(|one| *one == tie).map_or(0, |place| 1 << place);
        if holds { Self(self.0 | bit) } else { Self(self.0 & !bit) }
    }

    /// Whether a tie holds.
    #[must_use]
    pub fn has(self, tie: Tie) -> bool {
        TIES.iter().position(|one| *one == tie).is_some_and(|place| self.0 & (1 << place) != 0)
    }
}

impl FromIterator<Tie> for Ties {
    fn from_iter<I: IntoIterator<Item = Tie>>(ties: I) -> Self {
        ties.into_iter().fold(Self::default(), |all, tie| all.with(tie, true))
    }
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// An event of this kind: that it happened, when, and who entered it.
    Event(KindId),
    /// A field of such an event.
    Field(KindId, FieldId),
    /// The record of a subject of this class, by the class's place in the codebook.
    Record(habeas_codebook::tree::ClassId),
    /// A verdict, clock, count or notice that rests on facts of this sensitivity.
    Verdict(Sensitivity),
    /// A statistical return, by id.
    Table(String),
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether the act is allowed.
    pub allowed: bool,
    /// The reasons that the codebook gives: of the lines that allowed, or of those that denied. Empty: no line allows it.
    pub because: Vec<String>,
}

/// The access sentences of one codebook, ready to decide.
pub struct Access {
    entities: HashMap<EntityUid, Entity>,
    schema: Schema,
    sets: BTreeMap<&'static str, PolicySet>,
    because: HashMap<PolicyId, String>,
    names: Names,
    excludes: Vec<(RoleId, RoleId)>,
    /// Which ties the lines speak of, by their roles and acts.
    spoken: Vec<(Vec<RoleId>, Vec<Act>, Vec<Tie>)>,
    /// A `cedar` sentence may speak of one user or one place: then answers are kept by user.
    personal: bool,
    kept: Mutex<HashMap<Asked, Decision>>,
}

/// The names of the codebook that questions use.
struct Names {
    roles: Vec<(String, Option<String>)>,
    kinds: Vec<String>,
    fields: Vec<String>,
    classes: Vec<String>,
}

#[derive(PartialEq, Eq, Hash)]
struct Asked {
    user: Option<(String, Vec<String>)>,
    roles: Vec<RoleId>,
    act: Act,
    what: What,
    ties: Ties,
}

impl Access {
    /// Compiles the access sentences of a codebook.
    ///
    /// # Errors
    /// When a `cedar` sentence cannot be read, or Cedar refuses what was generated.
    pub fn new(codebook: &Codebook) -> Result<Self, AccessError> {
        let schema = schema::schema()?;
        let entities = schema::entities(codebook)?;
        let mut sets: BTreeMap<&'static str, PolicySet> = schema::ACTS.iter().map(|act| (act_name(*act), PolicySet::new())).collect();
        let mut because = HashMap::new();
        let written = policies::written(codebook);
        for policy in &written {
            add(policy, &mut sets, &mut because)?;
        }
        let excludes = codebook.access.iter().filter_map(|sentence| match sentence {
            Sentence::Excludes(one, other, _) => Some((*one, *other)),
            Sentence::Line { .. } | Sentence::Cedar(..) => None,
        });
        let spoken = codebook.access.iter().filter_map(|sentence| match sentence {
            Sentence::Line { roles, acts, when, .. } => Some((roles.clone(), acts.clone(), when.iter().map(|(_, tie)| *tie).collect())),
            Sentence::Excludes(..) | Sentence::Cedar(..) => None,
        });
        let spoken = spoken.collect();
        let desk = |is: &RoleIs| match is {
            RoleIs::Desk(name) => Some(name.clone()),
            RoleIs::Addressee { .. } => None,
        };
        let names = Names {
            roles: codebook.roles.iter().map(|role| (role.name.clone(), desk(&role.is))).collect(),
            kinds: codebook.kinds.iter().map(|kind| kind.name.clone()).collect(),
            fields: codebook.field_names.clone(),
            classes: codebook.classes.iter().map(|class| class.name.clone()).collect(),
        };
        let personal = written.iter().any(|policy| policy.because.is_empty());
        Ok(Self { entities, schema, sets, because, names, excludes: excludes.collect(), spoken, personal, kept: Mutex::default() })
    }

    /// The roles that people sign in with, in the order declared, with the name that the desk shows.
    pub fn desk_roles(&self) -> impl Iterator<Item = (RoleId, &str)> {
        self.names.roles.iter().enumerate().filter_map(|(i, (_, desk))| Some((RoleId(u16::try_from(i).ok()?), desk.as_deref()?)))
    }

    /// A role that people sign in with, by its declared name or by the name that the desk shows.
    #[must_use]
    pub fn role_named(&self, name: &str) -> Option<RoleId> {
        let found = self.names.roles.iter().position(|(declared, desk)| desk.is_some() && declared == name);
        let found = found.or_else(|| self.names.roles.iter().position(|(_, desk)| desk.as_deref() == Some(name)))?;
        Some(RoleId(u16::try_from(found).ok()?))
    }

    /// The declared name of a role.
    #[must_use]
    pub fn role_name(&self, role: RoleId) -> &str {
        self.names.roles.get(role.index()).map_or("", |(name, _)| name.as_str())
    }

    /// Pairs among these roles that no one person may hold together.
    #[must_use]
    pub fn incompatible(&self, roles: &BTreeSet<RoleId>) -> Vec<(RoleId, RoleId)> {
        self.excludes.iter().filter(|(one, other)| roles.contains(one) && roles.contains(other)).copied().collect()
    }

    /// Whether an act is allowed. An error of the engine is a denial.
    #[must_use]
    pub fn decide(&self, who: &Principal, act: Act, what: &What, ties: Ties) -> Decision {
        let asked = Asked {
            user: self.personal.then(|| (who.user.clone(), who.places.iter().cloned().collect())),
            roles: who.roles.iter().copied().collect(),
            act,
            what: what.clone(),
            ties,
        };
        if let Some(decision) = self.kept().get(&asked) {
            return decision.clone();
        }
        let decision = self.ask(who, act, what, ties).unwrap_or(Decision { allowed: false, because: Vec::new() });
        let mut kept = self.kept();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(asked, decision.clone());
        decision
    }

    /// The short question.
    #[must_use]
    pub fn may(&self, who: &Principal, act: Act, what: &What, ties: Ties) -> bool {
        self.decide(who, act, what, ties).allowed
    }

    /// Every way of being tied to something that the lines about an act of somebody tell apart.
    pub fn ways(&self, who: &Principal, act: Act) -> impl Iterator<Item = Ties> + Clone + use<> {
        let about = self.spoken.iter().filter(|(roles, acts, _)| acts.contains(&act) && roles.iter().any(|role| who.roles.contains(role)));
        let spoken: HashSet<Tie> = about.flat_map(|(.., ties)| ties).copied().collect();
        // A `cedar` sentence may speak of any.
        let matter: Vec<Tie> = TIES.into_iter().filter(|tie| self.personal || spoken.contains(tie)).collect();
        (0..1_u16 << matter.len())
            .map(move |way| matter.iter().enumerate().filter(|(place, _)| way & (1 << place) != 0).map(|(_, tie)| *tie).collect())
    }

    /// Whether an act is allowed, however somebody is tied to what it is done to; nothing where that turns on their ties.
    #[must_use]
    pub fn whatever_ties(&self, who: &Principal, act: Act, what: &What) -> Option<bool> {
        let first = self.may(who, act, what, Ties::default());
        self.ways(who, act).all(|ties| self.may(who, act, what, ties) == first).then_some(first)
    }

    /// Whether an act is allowed at most to whoever has this tie.
    #[must_use]
    pub fn needs(&self, who: &Principal, act: Act, what: &What, tie: Tie) -> bool {
        self.ways(who, act).filter(|ties| !ties.has(tie)).all(|ties| !self.may(who, act, what, ties))
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<Asked, Decision>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(&self, who: &Principal, act: Act, what: &What, ties: Ties) -> Result<Decision, AccessError> {
        let engine = |error: &dyn std::fmt::Display| AccessError::Engine(error.to_string());
        let user = schema::uid("User", &who.user)?;
        let resource = self.resource(what)?;
        let roles: Result<HashSet<EntityUid>, AccessError> =
            who.roles.iter().map(|role| schema::uid("Role", self.role_name(*role))).collect();
        let roles = roles?;
        let places = who.places.iter().map(|place| RestrictedExpression::new_string(place.clone()));
        let attributes = HashMap::from([("places".to_owned(), RestrictedExpression::new_set(places))]);
        let event = if let What::Field(kind, _) = what { Some(self.resource(&What::Event(*kind))?) } else { None };
        let named: Vec<Entity> = roles.iter().chain([&resource]).chain(&event).filter_map(|uid| self.entities.get(uid)).cloned().collect();
        let entity = Entity::new(user.clone(), attributes, roles).map_err(|error| engine(&error))?;
        let entities = Entities::from_entities(named.into_iter().chain([entity]), Some(&self.schema)).map_err(|error| engine(&error))?;
        let context = TIES.iter().map(|tie| (tie_name(*tie).to_owned(), RestrictedExpression::new_bool(ties.has(*tie))));
        let context = Context::from_pairs(context).map_err(|error| engine(&error))?;
        let request = Request::new(user, schema::uid("Action", act_name(act))?, resource, context, Some(&self.schema))
            .map_err(|error| engine(&error))?;
        let Some(set) = self.sets.get(act_name(act)) else { return Err(AccessError::Engine("an unknown act".to_owned())) };
        let response = Authorizer::new().is_authorized(&request, set, &entities);
        if let Some(error) = response.diagnostics().errors().next() {
            return Err(engine(&error));
        }
        let reasons: BTreeSet<String> =
            response.diagnostics().reason().filter_map(|id| self.because.get(id)).filter(|text| !text.is_empty()).cloned().collect();
        Ok(Decision { allowed: response.decision() == cedar_policy::Decision::Allow, because: reasons.into_iter().collect() })
    }

    fn resource(&self, what: &What) -> Result<EntityUid, AccessError> {
        let name = |names: &[String], place: usize| names.get(place).cloned().unwrap_or_default();
        match what {
            What::Event(kind) => schema::uid("Event", &name(&self.names.kinds, kind.index())),
            What::Field(kind, field) => {
                let id = field_id(&name(&self.names.kinds, kind.index()), &name(&self.names.fields, field.index()));
                schema::uid("Field", &id)
            }
            What::Record(class) => schema::uid("Record", &name(&self.names.classes, class.index())),
            What::Verdict(class) => schema::uid("Verdict", class_name(*class)),
            What::Table(id) => schema::uid("Table", id),
        }
    }
}

fn add(policy: &Written, sets: &mut BTreeMap<&'static str, PolicySet>, because: &mut HashMap<PolicyId, String>) -> Result<(), AccessError> {
    let id = PolicyId::new(format!("line {}", policy.line));
    let wrong = |why: String| AccessError::Sentence { sentence: policy.text.clone(), why };
    let parsed = Policy::parse(Some(id.clone()), &policy.text).map_err(|error| wrong(error.to_string()))?;
    for (act, set) in sets.iter_mut() {
        if policy.acts.is_empty() || policy.acts.iter().any(|one| act_name(*one) == *act) {
            set.add(parsed.clone()).map_err(|error| wrong(error.to_string()))?;
        }
    }
    because.insert(id, policy.because.clone());
    Ok(())
}
