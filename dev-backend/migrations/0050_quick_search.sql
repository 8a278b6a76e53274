-- Words are looked for by their beginnings. With the beginnings of up to eight letters in the index none has
-- to be gathered from the longer words. Whose a memory is and its state are one token together, so that a
-- search reads one list of rows for both.
DROP TABLE memory_search;
DROP VIEW memory_text;
CREATE VIEW memory_text (seq, scope, content, tags) AS
    SELECT seq, 't' || lower(hex(tenant)) || ' t' || lower(hex(tenant)) || status, content, tags
    FROM memory WHERE status <> 'deleted';
CREATE VIRTUAL TABLE memory_search USING fts5 (
    scope, content, tags,
    content = 'memory_text', content_rowid = 'seq',
    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3 4 5 6 7 8'
);
INSERT INTO memory_search (memory_search, rank) VALUES ('secure-delete', 1);
INSERT INTO memory_search (memory_search) VALUES ('rebuild');

DROP TABLE customer_search;
CREATE VIRTUAL TABLE customer_search USING fts5 (
    scope, name, email, phone, domain,
    content = 'customer_text', content_rowid = 'entry',
    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3 4 5 6 7 8'
);
INSERT INTO customer_search (customer_search, rank) VALUES ('secure-delete', 1);
INSERT INTO customer_search (customer_search) VALUES ('rebuild');

-- Every three letters in a row of a contact's fields, for conditions on a part of a text. Three letters of other
-- blocks have lower cases in ASCII or Latin-1; they are written so here, which makes the index exact for both.
CREATE VIEW contact_part (seq, email, first_name, last_name, phone) AS
    SELECT seq, replace(replace(replace(email_key, char(304), 'i' || char(775)), char(8490), 'k'), char(8491), 'å'),
           replace(replace(replace(first_name, char(304), 'i' || char(775)), char(8490), 'k'), char(8491), 'å'),
           replace(replace(replace(last_name, char(304), 'i' || char(775)), char(8490), 'k'), char(8491), 'å'),
           replace(replace(replace(phone, char(304), 'i' || char(775)), char(8490), 'k'), char(8491), 'å')
    FROM contact;
CREATE VIRTUAL TABLE contact_part_search USING fts5 (
    email, first_name, last_name, phone,
    content = 'contact_part', content_rowid = 'seq', tokenize = 'trigram'
);
INSERT INTO contact_part_search (contact_part_search, rank) VALUES ('secure-delete', 1);
INSERT INTO contact_part_search (contact_part_search) VALUES ('rebuild');

CREATE TRIGGER contact_part_inserted AFTER INSERT ON contact BEGIN
    INSERT INTO contact_part_search (rowid, email, first_name, last_name, phone)
        SELECT seq, email, first_name, last_name, phone FROM contact_part WHERE seq = new.seq;
END;
CREATE TRIGGER contact_part_updating BEFORE UPDATE OF email_key, first_name, last_name, phone ON contact BEGIN
    INSERT INTO contact_part_search (contact_part_search, rowid, email, first_name, last_name, phone)
        SELECT 'delete', seq, email, first_name, last_name, phone FROM contact_part WHERE seq = old.seq;
END;
CREATE TRIGGER contact_part_updated AFTER UPDATE OF email_key, first_name, last_name, phone ON contact BEGIN
    INSERT INTO contact_part_search (rowid, email, first_name, last_name, phone)
        SELECT seq, email, first_name, last_name, phone FROM contact_part WHERE seq = new.seq;
END;
CREATE TRIGGER contact_part_deleting BEFORE DELETE ON contact BEGIN
    INSERT INTO contact_part_search (contact_part_search, rowid, email, first_name, last_name, phone)
        SELECT 'delete', seq, email, first_name, last_name, phone FROM contact_part WHERE seq = old.seq;
END;
