//! Who may sign in to a desk, as its operator enters them.

use crate::outcome::Trouble;
use habeas_access::Access;
use habeas_codebook::moment::Moment;
use habeas_desk::{Account, Accounts};

/// How long a one-time link lasts: 8 hours, in microseconds.
const LINK: i64 = 8 * 3600 * 1_000_000;

/// `ID=NAME=ROLE,ROLE=PLACE,PLACE`
///
/// # Errors
/// A text that is not that.
pub fn account(text: &str) -> Result<Account, Trouble> {
    let parts: Vec<&str> = text.split('=').collect();
    let list = |text: &str| text.split(',').map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect();
    match parts.as_slice() {
        [id, name, roles, places] if !id.is_empty() && !name.is_empty() => {
            Ok(Account { id: (*id).to_owned(), name: (*name).to_owned(), roles: list(roles), places: list(places), ..Account::default() })
        }
        _ => Err(Trouble::Input(format!("an account is ID=NAME=ROLE,ROLE=PLACE,PLACE; `{text}` is not"))),
    }
}

/// Refuses roles that are not there, and roles that exclude each other.
///
/// # Errors
/// The first of them.
pub fn refuse_incompatible(access: &Access, account: &Account) -> Result<(), Trouble> {
    let mut roles = std::collections::BTreeSet::new();
    for name in &account.roles {
        let known = || access.desk_roles().map(|(_, name)| name).collect::<Vec<_>>().join(", ");
        roles.insert(access.role_named(name).ok_or_else(|| Trouble::Input(format!("there is no role `{name}`; there are: {}", known())))?);
    }
    match access.incompatible(&roles).first() {
        Some((one, other)) => Err(Trouble::Input(format!(
            "{} cannot be `{}` and `{}`: the codebook says that one excludes the other",
            account.id,
            access.role_name(*one),
            access.role_name(*other)
        ))),
        None => Ok(()),
    }
}

/// Enters somebody, or gives them a new name, roles and places; the records that they are tied to stay theirs.
///
/// # Errors
/// When the file of accounts cannot be used.
pub fn enter(accounts: &Accounts, mut account: Account) -> Result<(), Trouble> {
    account.ties = accounts.get(&account.id)?.map_or_else(Vec::new, |before| before.ties);
    Ok(accounts.put(&account)?)
}

/// A link that signs somebody in once. Who has no password yet is led on to choose one.
///
/// # Errors
/// When the file of accounts cannot be used.
pub fn link(accounts: &Accounts, id: &str, desk: &str, now: Moment) -> Result<String, Trouble> {
    let secret = accounts.make_link(id, Moment(now.0 + LINK))?;
    let on = if accounts.has_password(id)? { "" } else { "?next=/account/password" };
    Ok(format!("{}/sign-in/{secret}{on}", desk.trim_end_matches('/')))
}
