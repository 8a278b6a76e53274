-- Runs of workflows. What is not finished is taken up again when the service starts.
CREATE TABLE automation_run (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant         TEXT NOT NULL,
    id             TEXT NOT NULL,
    workflow_id    TEXT NOT NULL,
    flow_key       TEXT NOT NULL,
    mode           TEXT NOT NULL CHECK (mode IN ('sync', 'async')),
    state          TEXT NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed')),
    input          TEXT NOT NULL,
    actor          TEXT NOT NULL,
    actor_role     TEXT,
    correlation_id TEXT,
    created_at     TEXT NOT NULL,
    started_at     TEXT,
    finished_at    TEXT,
    UNIQUE (tenant, id)
) STRICT;
CREATE INDEX automation_run_by_workflow ON automation_run (tenant, workflow_id, seq);
CREATE INDEX automation_run_unfinished ON automation_run (seq) WHERE finished_at IS NULL;

-- A step is there once it is over, in the transaction of what it did: so none is done twice.
CREATE TABLE automation_step (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant      TEXT NOT NULL,
    run_id      TEXT NOT NULL,
    key         TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('succeeded', 'failed', 'skipped')),
    result_type TEXT,
    result_id   TEXT,
    problem     TEXT,
    finished_at TEXT NOT NULL,
    UNIQUE (tenant, run_id, key),
    FOREIGN KEY (tenant, run_id) REFERENCES automation_run (tenant, id) ON DELETE CASCADE
) STRICT;
