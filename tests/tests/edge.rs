//! What the server does with clients that are hostile, broken, slow, too many or gone.

mod alone;
mod drain;
mod framing;
mod gone;
mod hand_made;
mod holding;
mod json;
mod log;
mod overload;
mod route;
mod slow;
