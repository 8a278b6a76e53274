//! schema_oracle
