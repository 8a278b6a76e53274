CREATE TABLE memory (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant     TEXT NOT NULL,
    id         TEXT NOT NULL,
    kind       TEXT NOT NULL,
    content    TEXT NOT NULL,
    tags       TEXT NOT NULL,
    status     TEXT NOT NULL CHECK (status IN ('active', 'archived', 'deleted')),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (tenant, id)
) STRICT;
CREATE INDEX memory_by_status ON memory (tenant, status, seq);

-- What is searchable of a memory. The scope holds the tenant as one token, and the status.
CREATE VIEW memory_text (seq, scope, content, tags) AS
    SELECT seq, 't' || lower(hex(tenant)) || ' ' || status, content, tags
    FROM memory WHERE status <> 'deleted';

CREATE VIRTUAL TABLE memory_search USING fts5 (
    scope, content, tags,
    content = 'memory_text', content_rowid = 'seq',
    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
INSERT INTO memory_search (memory_search, rank) VALUES ('secure-delete', 1);

-- The index follows the table by itself, so that no change can leave it behind.
CREATE TRIGGER memory_inserted AFTER INSERT ON memory BEGIN
    INSERT INTO memory_search (rowid, scope, content, tags)
        SELECT seq, scope, content, tags FROM memory_text WHERE seq = new.seq;
END;
CREATE TRIGGER memory_updating BEFORE UPDATE OF tenant, status, content, tags ON memory BEGIN
    INSERT INTO memory_search (memory_search, rowid, scope, content, tags)
        SELECT 'delete', seq, scope, content, tags FROM memory_text WHERE seq = old.seq;
END;
CREATE TRIGGER memory_updated AFTER UPDATE OF tenant, status, content, tags ON memory BEGIN
    INSERT INTO memory_search (rowid, scope, content, tags)
        SELECT seq, scope, content, tags FROM memory_text WHERE seq = new.seq;
END;
CREATE TRIGGER memory_deleting BEFORE DELETE ON memory BEGIN
    INSERT INTO memory_search (memory_search, rowid, scope, content, tags)
        SELECT 'delete', seq, scope, content, tags FROM memory_text WHERE seq = old.seq;
END;
