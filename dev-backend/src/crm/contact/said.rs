//! What somebody says about a contact, before it is known which one that is.

use crate::failure::Failure;
use crate::input;

/// What somebody says about a contact: `None` leaves a field as it is, `Some(None)` empties it.
pub(crate) struct Said {
    pub(super) first_name: Option<Option<String>>,
    pub(super) last_name: Option<Option<String>>,
    pub(super) phone: Option<Option<String>>,
    pub(super) employer: Option<Option<Employer>>,
}

/// The company that a contact belongs to.
pub(super) enum Employer {
    /// The one of this name, made where there is none.
    Called(String),
    /// This one.
    Known { id: String, name: String },
}

// === impl Said ===

impl Said {
    /// Reads the fields of a contact; a blank one is empty.
    ///
    /// # Errors
    /// A field that is too long.
    pub(crate) fn read(
        first_name: Option<&str>,
        last_name: Option<&str>,
        phone: Option<&str>,
        company_name: Option<&str>,
    ) -> Result<Self, Failure> {
        Ok(Self {
            first_name: input::optional_line("first_name", first_name)?,
            last_name: input::optional_line("last_name", last_name)?,
            phone: input::optional_line("phone", phone)?,
            employer: input::optional_line("company_name", company_name)?
                .map(|name| name.map(Employer::Called)),
        })
    }

    /// The same of somebody who belongs to this company.
    pub(crate) fn at(self, id: String, name: String) -> Self {
        Self { employer: Some(Some(Employer::Known { id, name })), ..self }
    }
}
