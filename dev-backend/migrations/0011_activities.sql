CREATE TABLE task (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant       TEXT NOT NULL,
    id           TEXT NOT NULL,
    entity_type  TEXT NOT NULL,
    entity_id    TEXT NOT NULL,
    subject      TEXT NOT NULL,
    description  TEXT NOT NULL,
    due_at       TEXT,
    created_by   TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    completed_by TEXT,
    completed_at TEXT,
    UNIQUE (tenant, id)
) STRICT;
CREATE INDEX task_by_entity ON task (tenant, entity_type, entity_id);

-- Calls and meetings are told to memory too; the memory may be deleted without them.
CREATE TABLE call (
    seq              INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant           TEXT NOT NULL,
    id               TEXT NOT NULL,
    entity_type      TEXT NOT NULL,
    entity_id        TEXT NOT NULL,
    subject          TEXT NOT NULL,
    summary          TEXT NOT NULL,
    duration_seconds INTEGER CHECK (duration_seconds >= 0),
    occurred_at      TEXT NOT NULL,
    memory_id        TEXT NOT NULL,
    logged_by        TEXT NOT NULL,
    created_at       TEXT NOT NULL,
    UNIQUE (tenant, id)
) STRICT;
CREATE INDEX call_by_entity ON call (tenant, entity_type, entity_id);

CREATE TABLE meeting (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant      TEXT NOT NULL,
    id          TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    entity_id   TEXT NOT NULL,
    subject     TEXT NOT NULL,
    summary     TEXT NOT NULL,
    start_at    TEXT,
    end_at      TEXT,
    memory_id   TEXT NOT NULL,
    logged_by   TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    UNIQUE (tenant, id)
) STRICT;
CREATE INDEX meeting_by_entity ON meeting (tenant, entity_type, entity_id);
