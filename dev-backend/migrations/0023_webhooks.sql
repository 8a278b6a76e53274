-- Who is told of events, and how far. A subscription is told of each event in order; `told_seq` is the last
-- one that needs no more telling, and a failed one is tried again before any later one.
CREATE TABLE webhook (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant          TEXT NOT NULL,
    id              TEXT NOT NULL,
    name            TEXT NOT NULL,
    endpoint_url    TEXT NOT NULL,
    secret          TEXT,
    event_types     TEXT NOT NULL,
    status          TEXT NOT NULL CHECK (status IN ('active', 'disabled')),
    disabled_reason TEXT,
    told_seq        INTEGER NOT NULL,
    failures        INTEGER NOT NULL,
    next_attempt_at TEXT,
    last_attempt_at TEXT,
    last_success_at TEXT,
    last_outcome    TEXT,
    created_at      TEXT NOT NULL,
    updated_at      TEXT NOT NULL,
    UNIQUE (tenant, id),
    UNIQUE (tenant, name)
) STRICT;
