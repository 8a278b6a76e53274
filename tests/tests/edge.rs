//! What the server does with clients that are hostile, broken, slow, too many or gone.

pub(crate) mod alone;
mod drain;
mod framing;
mod fuzz;
mod gone;
mod hand_made;
pub(crate) mod holding;
mod json;
pub(crate) mod log;
mod overload;
mod placement;
mod route;
mod slow;

pub(crate) use hand_made::call;
