-- Which events have been handed out and settled. Memories are no news of the CRM.
CREATE TABLE outbox (
    event_seq    INTEGER PRIMARY KEY REFERENCES event (seq) ON DELETE CASCADE,
    tenant       TEXT NOT NULL,
    deliveries   INTEGER NOT NULL DEFAULT 0,
    leased_until TEXT,
    outcome      TEXT CHECK (outcome IN ('processed', 'failed', 'skipped')),
    settled_at   TEXT,
    settled_by   TEXT,
    CHECK ((outcome IS NULL) = (settled_at IS NULL))
) STRICT;
CREATE INDEX outbox_pending ON outbox (tenant, event_seq) WHERE settled_at IS NULL;

INSERT INTO outbox (event_seq, tenant) SELECT seq, tenant FROM event WHERE entity_type <> 'memory';

-- The outbox follows the events by itself, so that no event can be forgotten.
CREATE TRIGGER event_inserted AFTER INSERT ON event WHEN new.entity_type <> 'memory' BEGIN
    INSERT INTO outbox (event_seq, tenant) VALUES (new.seq, new.tenant);
END;

-- What audit queries ask for.
CREATE INDEX event_by_tenant ON event (tenant, seq);
CREATE INDEX event_by_kind ON event (tenant, kind, seq);
