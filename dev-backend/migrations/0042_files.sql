-- What was read of the tenant's files, so that they are found by their words. The files themselves are on the
-- disk; a row is made anew when its file has another size or time.
CREATE TABLE file_entry (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant      TEXT NOT NULL,
    path        TEXT NOT NULL,
    size        INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    text        TEXT NOT NULL,
    UNIQUE (tenant, path)
) STRICT;
CREATE INDEX file_entry_by_time ON file_entry (tenant, modified_ns);

CREATE VIEW file_text (seq, scope, path, text) AS
    SELECT seq, 't' || lower(hex(tenant)), path, text FROM file_entry;

CREATE VIRTUAL TABLE file_search USING fts5 (
    scope, path, text,
    content = 'file_text', content_rowid = 'seq',
    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
INSERT INTO file_search (file_search, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER file_entry_inserted AFTER INSERT ON file_entry BEGIN
    INSERT INTO file_search (rowid, scope, path, text)
        SELECT seq, scope, path, text FROM file_text WHERE seq = new.seq;
END;
CREATE TRIGGER file_entry_updating BEFORE UPDATE OF tenant, path, text ON file_entry BEGIN
    INSERT INTO file_search (file_search, rowid, scope, path, text)
        SELECT 'delete', seq, scope, path, text FROM file_text WHERE seq = old.seq;
END;
CREATE TRIGGER file_entry_updated AFTER UPDATE OF tenant, path, text ON file_entry BEGIN
    INSERT INTO file_search (rowid, scope, path, text)
        SELECT seq, scope, path, text FROM file_text WHERE seq = new.seq;
END;
CREATE TRIGGER file_entry_deleting BEFORE DELETE ON file_entry BEGIN
    INSERT INTO file_search (file_search, rowid, scope, path, text)
        SELECT 'delete', seq, scope, path, text FROM file_text WHERE seq = old.seq;
END;
