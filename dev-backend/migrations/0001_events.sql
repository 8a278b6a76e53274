-- What happened. Timeline, audit query and outbox all read from here.
CREATE TABLE event (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant         TEXT NOT NULL,
    id             TEXT NOT NULL,
    at             TEXT NOT NULL,
    kind           TEXT NOT NULL,
    entity_type    TEXT NOT NULL,
    entity_id      TEXT NOT NULL,
    actor          TEXT NOT NULL,
    actor_role     TEXT,
    correlation_id TEXT,
    summary        TEXT NOT NULL,
    details        TEXT NOT NULL,
    UNIQUE (tenant, id)
) STRICT;

-- In whose timelines an event shows: its subject's, and those of the entities it concerns.
CREATE TABLE event_entity (
    tenant      TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    entity_id   TEXT NOT NULL,
    event_seq   INTEGER NOT NULL REFERENCES event (seq) ON DELETE CASCADE,
    PRIMARY KEY (tenant, entity_type, entity_id, event_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_entity_by_event ON event_entity (event_seq);

-- Calls of a service, for its telemetry: a ring per tenant and service.
CREATE TABLE operation (
    tenant     TEXT NOT NULL,
    service    TEXT NOT NULL,
    slot       INTEGER NOT NULL,
    name       TEXT NOT NULL,
    succeeded  INTEGER NOT NULL,
    latency_ms REAL NOT NULL,
    at         TEXT NOT NULL,
    PRIMARY KEY (tenant, service, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE operation_count (
    tenant   TEXT NOT NULL,
    service  TEXT NOT NULL,
    recorded INTEGER NOT NULL,
    PRIMARY KEY (tenant, service)
) STRICT, WITHOUT ROWID;
