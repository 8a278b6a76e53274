-- A tenant's own types of records.
CREATE TABLE object_type (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant       TEXT NOT NULL,
    id           TEXT NOT NULL,
    key          TEXT NOT NULL,
    label        TEXT NOT NULL,
    plural_label TEXT NOT NULL,
    description  TEXT,
    archived     INTEGER NOT NULL,
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    UNIQUE (tenant, id),
    UNIQUE (tenant, key)
) STRICT;

-- A record's values of defined properties are where everybody's are, in property_value. `fields` holds what
-- was written while its type had no properties defined.
CREATE TABLE object_record (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant      TEXT NOT NULL,
    id          TEXT NOT NULL,
    object_type TEXT NOT NULL,
    fields      TEXT NOT NULL,
    created_by  TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    updated_at  TEXT NOT NULL,
    UNIQUE (tenant, id),
    FOREIGN KEY (tenant, object_type) REFERENCES object_type (tenant, key)
) STRICT;
CREATE INDEX object_record_by_type ON object_record (tenant, object_type, seq);
