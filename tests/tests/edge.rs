//! What the server does with clients that are hostile, broken, slow, too many or gone.

mod framing;
mod hand_made;
mod json;
mod route;
