-- Addresses that must not come back. The address itself is not kept: its SHA-256, salted with the tenant,
-- is enough to recognise it.
CREATE TABLE blocklist_entry (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant     TEXT NOT NULL,
    id         TEXT NOT NULL,
    sha256     TEXT NOT NULL,
    reason     TEXT,
    created_by TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (tenant, id),
    UNIQUE (tenant, sha256)
) STRICT;

-- That a contact was erased, and nothing about who it was.
CREATE TABLE erasure (
    tenant     TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    erased_at  TEXT NOT NULL,
    erased     TEXT NOT NULL,
    PRIMARY KEY (tenant, contact_id)
) STRICT, WITHOUT ROWID;
