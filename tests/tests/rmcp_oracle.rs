//! rmcp.
