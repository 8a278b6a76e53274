CREATE TABLE association (
    seq              INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant           TEXT NOT NULL,
    id               TEXT NOT NULL,
    from_type        TEXT NOT NULL,
    from_id          TEXT NOT NULL,
    to_type          TEXT NOT NULL,
    to_id            TEXT NOT NULL,
    association_type TEXT NOT NULL,
    created_by       TEXT NOT NULL,
    created_at       TEXT NOT NULL,
    UNIQUE (tenant, id),
    UNIQUE (tenant, from_type, from_id, to_type, to_id, association_type),
    CHECK (from_type <> to_type OR from_id <> to_id)
) STRICT;
CREATE INDEX association_by_target ON association (tenant, to_type, to_id);
