//! Those whom mail goes to and comes from, as the inbox asks the CRM about them.

use super::contact::{self, Contact};
use super::gdpr::refuse_blocked;
use crate::database::View;
use crate::failure::Failure;

/// Somebody with an e-mail address.
pub(crate) struct Correspondent {
    pub(crate) address: String,
    /// The contact with this address, where there is one.
    pub(crate) contact_id: Option<String>,
}

/// The correspondent with this address.
///
/// # Errors
/// A text that is not one e-mail address, or an address that is on the blocklist.
pub(crate) fn correspondent(view: &View<'_>, field: &str, given: &str) -> Result<Correspondent, Failure> {
    let address = mail_address(field, given)?;
    refuse_blocked(view, &address).map_err(|failure| match failure {
        Failure::Conflict(reason) => Failure::Conflict(format!("{field}: {reason}")),
        other => other,
    })?;
    let contact = contact::by_email(view, &address)?;
    Ok(Correspondent { contact_id: contact.map(|contact| contact.id), address })
}

/// One e-mail address, and nothing around it: no name, no second address.
///
/// # Errors
/// Anything else.
pub(crate) fn mail_address(field: &str, given: &str) -> Result<String, Failure> {
    let refusal = || Failure::Meaningless(format!("{field} {given:?} is not one e-mail address"));
    let address = contact::address(given).map_err(|_| refusal())?;
    let is_one = address.matches('@').count() == 1 && !address.contains([',', ';', '<', '>', '(', ')', '"']);
    if is_one { Ok(address) } else { Err(refusal()) }
}

// === impl Correspondent ===

impl From<Contact> for Correspondent {
    fn from(contact: Contact) -> Self {
        Self { address: contact.email, contact_id: Some(contact.id) }
    }
}
