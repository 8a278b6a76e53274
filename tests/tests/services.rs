//! How single services are spoken to: within which time, by which proof of who asks, and by which proof of theirs.

mod certificate;
mod statement;
mod timeout;
