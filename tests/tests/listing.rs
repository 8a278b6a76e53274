//! What is listed.
