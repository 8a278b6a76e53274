-- Texts are compared and sorted without regard to case, which SQLite knows of ASCII alone. So each is kept folded
-- beside its own form, by the service, and found and sorted by an index of that.
ALTER TABLE contact ADD COLUMN first_name_key TEXT;
ALTER TABLE contact ADD COLUMN last_name_key TEXT;
ALTER TABLE contact ADD COLUMN phone_key TEXT;
UPDATE contact
    SET first_name_key = folded(first_name), last_name_key = folded(last_name), phone_key = folded(phone);
CREATE INDEX contact_by_first_name ON contact (tenant, first_name_key);
CREATE INDEX contact_by_last_name ON contact (tenant, last_name_key);
CREATE INDEX contact_by_phone_text ON contact (tenant, phone_key);
CREATE INDEX contact_by_creation ON contact (tenant, created_at);
-- The smallest index counts all contacts the quickest.
CREATE INDEX contact_by_tenant ON contact (tenant);
-- Conditions on several texts are met by this index alone.
CREATE INDEX contact_by_texts ON contact (tenant, email_key, first_name_key, last_name_key);
-- What is equal comes in the order of its making, which every index has already.
DROP INDEX contact_by_update;
DROP INDEX company_by_update;
DROP INDEX deal_by_update;
CREATE INDEX contact_by_update ON contact (tenant, updated_at);
CREATE INDEX company_by_update ON company (tenant, updated_at);
CREATE INDEX deal_by_update ON deal (tenant, updated_at);

ALTER TABLE property_value ADD COLUMN value_key ANY;
UPDATE property_value SET value_key = CASE typeof(value) WHEN 'text' THEN folded(value) ELSE value END;
DROP INDEX property_value_by_value;
CREATE INDEX property_value_by_key ON property_value (tenant, property_id, value_key);

-- Every three letters in a row of the folded texts, for conditions on a part of one.
DROP TRIGGER contact_part_inserted;
DROP TRIGGER contact_part_updating;
DROP TRIGGER contact_part_updated;
DROP TRIGGER contact_part_deleting;
DROP TABLE contact_part_search;
DROP VIEW contact_part;
CREATE VIRTUAL TABLE contact_part_search USING fts5 (
    email_key, first_name_key, last_name_key, phone_key,
    content = 'contact', content_rowid = 'seq', tokenize = 'trigram case_sensitive 1'
);
INSERT INTO contact_part_search (contact_part_search, rank) VALUES ('secure-delete', 1);
INSERT INTO contact_part_search (contact_part_search) VALUES ('rebuild');

CREATE TRIGGER contact_part_inserted AFTER INSERT ON contact BEGIN
    INSERT INTO contact_part_search (rowid, email_key, first_name_key, last_name_key, phone_key)
        VALUES (new.seq, new.email_key, new.first_name_key, new.last_name_key, new.phone_key);
END;
CREATE TRIGGER contact_part_updated
    AFTER UPDATE OF email_key, first_name_key, last_name_key, phone_key ON contact BEGIN
    INSERT INTO contact_part_search
            (contact_part_search, rowid, email_key, first_name_key, last_name_key, phone_key)
        VALUES ('delete', old.seq, old.email_key, old.first_name_key, old.last_name_key, old.phone_key);
    INSERT INTO contact_part_search (rowid, email_key, first_name_key, last_name_key, phone_key)
        VALUES (new.seq, new.email_key, new.first_name_key, new.last_name_key, new.phone_key);
END;
CREATE TRIGGER contact_part_deleted AFTER DELETE ON contact BEGIN
    INSERT INTO contact_part_search
            (contact_part_search, rowid, email_key, first_name_key, last_name_key, phone_key)
        VALUES ('delete', old.seq, old.email_key, old.first_name_key, old.last_name_key, old.phone_key);
END;
