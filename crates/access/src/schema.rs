//! The Cedar schema and the entities of a codebook: users in roles, acts, and what the acts are done to.
//!
//! | entity | id | attributes | parents |
//! | --- | --- | --- | --- |
//! | `User` | account id | `places` | each `Role` held |
//! | `Role` | name as declared | | |
//! | `Event` | kind as declared | `class`, `own`, `subject` | |
//! | `Field` | `kind/field` | `class`, `own`, `subject` | its `Event` |
//! | `Record` | class of subject | `class`, `own`, `subject` | |
//! | `Verdict` | sensitivity | `class`, `own` | |
//! | `Table` | id of the return | | |
//!
//! `class` is the sensitivity that counts: the higher of the field's own and that of the kind it stands in. `own` is the field's own. The
//! ties (`own_place`, `named_in_it`, …) are attributes of the context. A `cedar` sentence may use all of these.

use crate::decide::AccessError;
use cedar_policy::{Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression, Schema};
use habeas_codebook::tree::{Act, Codebook, Field, Kind, Sensitivity, Tie};
use std::collections::{HashMap, HashSet};

/// Every act, in the order of the language page.
pub const ACTS: [Act; 7] = [Act::Read, Act::Record, Act::Correct, Act::Print, Act::Export, Act::Search, Act::Approve];

/// Every tie, in the order of the language page.
pub const TIES: [Tie; 10] = [
    Tie::OwnPlace,
    Tie::OwnClient,
    Tie::OwnPatient,
    Tie::OwnCase,
    Tie::Own,
    Tie::NamedInIt,
    Tie::OverOneNamed,
    Tie::ConsentGiven,
    Tie::BreakGlass,
    Tie::OnShift,
];

/// Every sensitivity, lowest first.
pub const CLASSES: [Sensitivity; 5] =
    [Sensitivity::Public, Sensitivity::Custody, Sensitivity::Identity, Sensitivity::Medical, Sensitivity::Privileged];

/// The act's id in Cedar, the word of the language.
#[must_use]
pub fn act_name(act: Act) -> &'static str {
    match act {
        Act::Read => "read",
        Act::Record => "record",
        Act::Correct => "correct",
        Act::Print => "print",
        Act::Export => "export",
        Act::Search => "search",
        Act::Approve => "approve",
    }
}

/// The tie's attribute in the context: the words of the language with `_` for spaces.
#[must_use]
pub fn tie_name(tie: Tie) -> &'static str {
    match tie {
        Tie::OwnPlace => "own_place",
        Tie::OwnClient => "own_client",
        Tie::OwnPatient => "own_patient",
        Tie::OwnCase => "own_case",
        Tie::Own => "self",
        Tie::NamedInIt => "named_in_it",
        Tie::OverOneNamed => "over_one_named_in_it",
        Tie::ConsentGiven => "consent_given",
        Tie::BreakGlass => "break_glass",
        Tie::OnShift => "on_shift",
    }
}

/// The sensitivity's word in the language.
#[must_use]
pub fn class_name(class: Sensitivity) -> &'static str {
    match class {
        Sensitivity::Public => "public",
        Sensitivity::Custody => "custody",
        Sensitivity::Identity => "identity",
        Sensitivity::Medical => "medical",
        Sensitivity::Privileged => "privileged",
    }
}

/// The sensitivity that counts for a field: a field of a privileged kind is privileged, whatever it says of itself.
#[must_use]
pub fn class_of(kind: &Kind, field: &Field) -> Sensitivity {
    kind.seen_as.max(field.sensitivity)
}

/// A text as a Cedar string literal.
#[must_use]
pub fn quoted(text: &str) -> String {
    let inner: String = text.chars().flat_map(char::escape_debug).collect();
    format!("\"{inner}\"")
}

/// The id of a field's entity.
#[must_use]
pub fn field_id(kind: &str, field: &str) -> String {
    format!("{kind}/{field}")
}

/// The schema in Cedar's own notation.
#[must_use]
pub fn text() -> String {
    let ties: Vec<String> = TIES.iter().map(|tie| format!("{}: Bool", tie_name(*tie))).collect();
    let acts: Vec<&str> = ACTS.iter().map(|act| act_name(*act)).collect();
    format!(
        "entity Role;\n\
         entity User in [Role] {{ places: Set<String> }};\n\
         entity Event {{ class: String, own: String, subject: String }};\n\
         entity Field in [Event] {{ class: String, own: String, subject: String }};\n\
         entity Record {{ class: String, own: String, subject: String }};\n\
         entity Verdict {{ class: String, own: String }};\n\
         entity Table;\n\
         type Ties = {{ {} }};\n\
         action {} appliesTo {{ principal: User, resource: [Event, Field, Record, Verdict, Table], context: Ties }};\n",
        ties.join(", "),
        acts.join(", "),
    )
}

/// The schema, read.
///
/// # Errors
/// Never for the text above; a later version of Cedar might read it otherwise.
pub fn schema() -> Result<Schema, AccessError> {
    let (schema, _) = Schema::from_cedarschema_str(&text()).map_err(|error| AccessError::Engine(error.to_string()))?;
    Ok(schema)
}

/// An entity's uid.
///
/// # Errors
/// When `kind` is not the name of an entity type.
pub(crate) fn uid(kind: &str, id: &str) -> Result<EntityUid, AccessError> {
    let kind: EntityTypeName = kind.parse().map_err(|error| AccessError::Engine(format!("{error}")))?;
    Ok(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
}

fn string(text: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(text.to_owned())
}

fn entity(uid: EntityUid, attributes: &[(&str, &str)], parents: HashSet<EntityUid>) -> Result<Entity, AccessError> {
    let attributes: HashMap<String, RestrictedExpression> =
        attributes.iter().map(|(name, value)| ((*name).to_owned(), string(value))).collect();
    Entity::new(uid, attributes, parents).map_err(|error| AccessError::Engine(error.to_string()))
}

/// Every role, kind, field, record, table and sensitivity of the codebook.
///
/// # Errors
/// When Cedar refuses an entity.
pub fn entities(codebook: &Codebook) -> Result<HashMap<EntityUid, Entity>, AccessError> {
    let mut all = Vec::new();
    for role in &codebook.roles {
        all.push(entity(uid("Role", &role.name)?, &[], HashSet::new())?);
    }
    for kind in &codebook.kinds {
        let subject = kind.subjects.first().map_or("", |class| codebook.class(*class).name.as_str());
        let event = uid("Event", &kind.name)?;
        let class = class_name(kind.seen_as);
        all.push(entity(event.clone(), &[("class", class), ("own", class), ("subject", subject)], HashSet::new())?);
        for field in &kind.fields {
            let id = field_id(&kind.name, &codebook.field_names[field.name.index()]);
            let (class, own) = (class_name(class_of(kind, field)), class_name(field.sensitivity));
            let parents = HashSet::from([event.clone()]);
            all.push(entity(uid("Field", &id)?, &[("class", class), ("own", own), ("subject", subject)], parents)?);
        }
    }
    for class in &codebook.classes {
        let custody = class_name(Sensitivity::Custody);
        let attributes = [("class", custody), ("own", custody), ("subject", class.name.as_str())];
        all.push(entity(uid("Record", &class.name)?, &attributes, HashSet::new())?);
    }
    for class in CLASSES.map(class_name) {
        all.push(entity(uid("Verdict", class)?, &[("class", class), ("own", class)], HashSet::new())?);
    }
    let tables: HashSet<&str> = codebook.tables.iter().map(|table| table.id.as_str()).collect();
    for id in tables {
        all.push(entity(uid("Table", id)?, &[], HashSet::new())?);
    }
    Ok(all.into_iter().map(|entity| (entity.uid(), entity)).collect())
}
