//! The one door: whoever has shown who they are is let in or not, by whichever way they came, and it is recorded.

use super::cookie_name;
use crate::accounts::{Came, Step, Way};
use crate::desk::Desk;
use crate::error::DeskError;

/// What keeps an account out: not there, roles that exclude each other, shut, locked. A link opens what too many tries locked.
fn bar(desk: &Desk, account: &str, way: Way) -> Result<Option<&'static str>, DeskError> {
    let Some(found) = desk.accounts.get(account)? else { return Ok(Some("unknown")) };
    let access = desk.authority.access();
    let roles = found.roles.iter().filter_map(|role| access.role_named(role)).collect();
    if !access.incompatible(&roles).is_empty() {
        return Ok(Some("roles"));
    }
    if way == Way::Link { Ok(None) } else { desk.accounts.bar(account, desk.now()) }
}

/// The cookie of a new session of somebody who has shown who they are; `None`: refused, and the trail says why.
///
/// # Errors
/// When the file of accounts cannot be used, or the machine has no randomness.
pub fn admit(desk: &Desk, account: &str, way: Way) -> Result<Option<String>, DeskError> {
    if let Some(why) = bar(desk, account, way)? {
        desk.accounts.trace(Some(account), Step::Refused, way, why, desk.now())?;
        return Ok(None);
    }
    let came = if way == Way::Link { Came::ByLink } else { Came::ByItself };
    let secret = desk.accounts.begin(account, came, desk.now())?;
    desk.accounts.trace(Some(account), Step::SignedIn, way, "", desk.now())?;
    let secure = if desk.secure { "; Secure" } else { "" };
    Ok(Some(format!("{}={secret}; Path=/; HttpOnly; SameSite=Lax{secure}", cookie_name(desk.secure))))
}
