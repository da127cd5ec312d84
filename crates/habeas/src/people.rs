//! Who may sign in to a desk, as its operator enters them, and by which ways.

use crate::outcome::Trouble;
use habeas_access::Access;
use habeas_codebook::moment::Moment;
use habeas_desk::account::provider::ProviderSettings;
use habeas_desk::account::ways::Ways;
use habeas_desk::accounts::{Step, Way};
use habeas_desk::{Account, Accounts};
use habeas_register::folder::DataFolder;
use std::path::Path;

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
    accounts.trace(Some(id), Step::LinkMade, Way::Operator, "", now)?;
    let on = if accounts.has_password(id)? { "" } else { "?next=/account/password" };
    Ok(format!("{}/sign-in/{secret}{on}", desk.trim_end_matches('/')))
}

/// The ways to sign in that `[desk]` of a register's `habeas.toml` makes possible.
///
/// # Errors
/// A setting that cannot be used; a file that cannot be read.
pub fn ways(folder: &DataFolder) -> Result<Ways, Trouble> {
    let desk = &folder.settings().desk;
    let file = folder.path().join("habeas.toml").display().to_string();
    let provider = desk.provider.as_ref().map(|named| provider(folder.path(), named)).transpose()?;
    match (&desk.address, provider) {
        (Some(address), provider) => Ways::new(address, provider).map_err(|why| Trouble::Input(format!("{file}: desk.{why}"))),
        (None, Some(_)) => Err(Trouble::Input(format!(
            "{file}: desk.provider: the provider sends people back to `address` of [desk], which is not said; \
             write there what people type: address = \"https://desk.sahil.example\""
        ))),
        (None, None) => Ok(Ways::default()),
    }
}

/// Files are sought beside `habeas.toml` where their path does not begin with `/`.
fn provider(folder: &Path, named: &habeas_register::folder::ProviderSettings) -> Result<ProviderSettings, Trouble> {
    let read = |path: &Path| {
        let path = folder.join(path);
        std::fs::read(&path).map_err(|error| Trouble::reading(&path, &error))
    };
    let secret = read(&named.secret_file)?;
    let secret = String::from_utf8_lossy(&secret).lines().next().unwrap_or_default().trim().to_owned();
    let roots = named.roots_file.as_deref().map(read).transpose()?;
    let (name, issuer, client) = (named.name.clone(), named.issuer.clone(), named.client.clone());
    Ok(ProviderSettings { name, issuer, client, secret, claim: named.claim.clone(), scopes: named.scopes.clone(), roots })
}
