-- The ids of contacts that were merged into others. Each is another name of the contact that stayed.
CREATE TABLE contact_merge (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant     TEXT NOT NULL,
    source_id  TEXT NOT NULL,
    target_id  TEXT NOT NULL,
    reason     TEXT,
    merged_by  TEXT NOT NULL,
    merged_at  TEXT NOT NULL,
    UNIQUE (tenant, source_id)
) STRICT;
CREATE INDEX contact_merge_by_target ON contact_merge (tenant, target_id);
