//! backend_request
