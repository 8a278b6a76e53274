CREATE TABLE property (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant      TEXT NOT NULL,
    id          TEXT NOT NULL,
    object_type TEXT NOT NULL,
    name        TEXT NOT NULL,
    label       TEXT NOT NULL,
    data_type   TEXT NOT NULL CHECK (data_type IN ('string', 'number', 'boolean', 'date', 'enum')),
    field_type  TEXT,
    options     TEXT NOT NULL,
    required    INTEGER NOT NULL,
    is_unique   INTEGER NOT NULL,
    archived    INTEGER NOT NULL,
    description TEXT,
    created_at  TEXT NOT NULL,
    updated_at  TEXT NOT NULL,
    UNIQUE (tenant, id),
    UNIQUE (tenant, object_type, name)
) STRICT;

-- Numbers are REAL, booleans INTEGER 0 or 1, everything else TEXT. No row means no value.
CREATE TABLE property_value (
    tenant      TEXT NOT NULL,
    property_id TEXT NOT NULL,
    record_id   TEXT NOT NULL,
    value       ANY NOT NULL,
    updated_at  TEXT NOT NULL,
    PRIMARY KEY (tenant, property_id, record_id),
    FOREIGN KEY (tenant, property_id) REFERENCES property (tenant, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX property_value_by_record ON property_value (tenant, record_id);
CREATE INDEX property_value_by_value ON property_value (tenant, property_id, value);
