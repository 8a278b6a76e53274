CREATE TABLE company (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant          TEXT NOT NULL,
    id              TEXT NOT NULL,
    name            TEXT NOT NULL,
    name_key        TEXT NOT NULL,
    domain          TEXT,
    industry        TEXT,
    company_size    TEXT,
    lifecycle_stage TEXT,
    created_at      TEXT NOT NULL,
    updated_at      TEXT NOT NULL,
    UNIQUE (tenant, id),
    UNIQUE (tenant, domain)
) STRICT;
CREATE INDEX company_by_name ON company (tenant, name_key);

CREATE TABLE contact (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant       TEXT NOT NULL,
    id           TEXT NOT NULL,
    email        TEXT NOT NULL,
    email_key    TEXT NOT NULL,
    first_name   TEXT,
    last_name    TEXT,
    phone        TEXT,
    phone_digits TEXT,
    company_id   TEXT,
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    UNIQUE (tenant, id),
    UNIQUE (tenant, email_key),
    FOREIGN KEY (tenant, company_id) REFERENCES company (tenant, id)
) STRICT;
CREATE INDEX contact_by_company ON contact (tenant, company_id);

CREATE TABLE pipeline (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant      TEXT NOT NULL,
    id          TEXT NOT NULL,
    object_type TEXT NOT NULL,
    key         TEXT NOT NULL,
    name        TEXT NOT NULL,
    is_default  INTEGER NOT NULL,
    created_at  TEXT NOT NULL,
    updated_at  TEXT NOT NULL,
    UNIQUE (tenant, id),
    UNIQUE (tenant, object_type, key)
) STRICT;

CREATE TABLE stage (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant      TEXT NOT NULL,
    id          TEXT NOT NULL,
    pipeline_id TEXT NOT NULL,
    position    INTEGER NOT NULL,
    key         TEXT NOT NULL,
    name        TEXT NOT NULL,
    probability REAL NOT NULL CHECK (probability BETWEEN 0 AND 1),
    outcome     TEXT NOT NULL CHECK (outcome IN ('open', 'won', 'lost')),
    UNIQUE (tenant, id),
    UNIQUE (tenant, pipeline_id, key),
    FOREIGN KEY (tenant, pipeline_id) REFERENCES pipeline (tenant, id)
) STRICT;

CREATE TABLE deal (
    seq                 INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant              TEXT NOT NULL,
    id                  TEXT NOT NULL,
    name                TEXT NOT NULL,
    amount              REAL,
    currency            TEXT NOT NULL,
    pipeline_id         TEXT NOT NULL,
    stage_id            TEXT NOT NULL,
    status              TEXT NOT NULL CHECK (status IN ('open', 'won', 'lost')),
    company_id          TEXT,
    primary_contact_id  TEXT,
    expected_close_date TEXT,
    closed_at           TEXT,
    created_at          TEXT NOT NULL,
    updated_at          TEXT NOT NULL,
    UNIQUE (tenant, id),
    FOREIGN KEY (tenant, pipeline_id) REFERENCES pipeline (tenant, id),
    FOREIGN KEY (tenant, stage_id) REFERENCES stage (tenant, id),
    FOREIGN KEY (tenant, company_id) REFERENCES company (tenant, id),
    FOREIGN KEY (tenant, primary_contact_id) REFERENCES contact (tenant, id)
) STRICT;
CREATE INDEX deal_by_company ON deal (tenant, company_id);
CREATE INDEX deal_by_contact ON deal (tenant, primary_contact_id);
CREATE INDEX deal_by_stage ON deal (tenant, stage_id);

CREATE TABLE stage_move (
    seq           INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant        TEXT NOT NULL,
    deal_id       TEXT NOT NULL,
    from_stage_id TEXT,
    to_stage_id   TEXT NOT NULL,
    actor         TEXT NOT NULL,
    moved_at      TEXT NOT NULL,
    FOREIGN KEY (tenant, deal_id) REFERENCES deal (tenant, id),
    FOREIGN KEY (tenant, from_stage_id) REFERENCES stage (tenant, id),
    FOREIGN KEY (tenant, to_stage_id) REFERENCES stage (tenant, id)
) STRICT;
CREATE INDEX stage_move_by_deal ON stage_move (tenant, deal_id, seq);

CREATE TABLE note (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant      TEXT NOT NULL,
    id          TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    entity_id   TEXT NOT NULL,
    text        TEXT NOT NULL,
    author      TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    UNIQUE (tenant, id)
) STRICT;
CREATE INDEX note_by_entity ON note (tenant, entity_type, entity_id);

-- What is searchable of contacts and companies, in one index so that one ranking orders both.
-- Contacts have the even rows, companies the odd ones.
CREATE VIEW contact_text (seq, entry, scope, name, email, phone, domain) AS
    SELECT seq, seq * 2, 't' || lower(hex(tenant)),
           coalesce(first_name, '') || ' ' || coalesce(last_name, ''), email,
           coalesce(phone, '') || ' ' || coalesce(phone_digits, ''), ''
    FROM contact;
CREATE VIEW company_text (seq, entry, scope, name, email, phone, domain) AS
    SELECT seq, seq * 2 + 1, 't' || lower(hex(tenant)), name, '', '', coalesce(domain, '')
    FROM company;
CREATE VIEW customer_text (entry, scope, name, email, phone, domain) AS
    SELECT entry, scope, name, email, phone, domain FROM contact_text
    UNION ALL SELECT entry, scope, name, email, phone, domain FROM company_text;

CREATE VIRTUAL TABLE customer_search USING fts5 (
    scope, name, email, phone, domain,
    content = 'customer_text', content_rowid = 'entry',
    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
INSERT INTO customer_search (customer_search, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER contact_inserted AFTER INSERT ON contact BEGIN
    INSERT INTO customer_search (rowid, scope, name, email, phone, domain)
        SELECT entry, scope, name, email, phone, domain FROM contact_text WHERE seq = new.seq;
END;
CREATE TRIGGER contact_updating BEFORE UPDATE OF tenant, email, first_name, last_name, phone, phone_digits ON contact BEGIN
    INSERT INTO customer_search (customer_search, rowid, scope, name, email, phone, domain)
        SELECT 'delete', entry, scope, name, email, phone, domain FROM contact_text WHERE seq = old.seq;
END;
CREATE TRIGGER contact_updated AFTER UPDATE OF tenant, email, first_name, last_name, phone, phone_digits ON contact BEGIN
    INSERT INTO customer_search (rowid, scope, name, email, phone, domain)
        SELECT entry, scope, name, email, phone, domain FROM contact_text WHERE seq = new.seq;
END;
CREATE TRIGGER contact_deleting BEFORE DELETE ON contact BEGIN
    INSERT INTO customer_search (customer_search, rowid, scope, name, email, phone, domain)
        SELECT 'delete', entry, scope, name, email, phone, domain FROM contact_text WHERE seq = old.seq;
END;

CREATE TRIGGER company_inserted AFTER INSERT ON company BEGIN
    INSERT INTO customer_search (rowid, scope, name, email, phone, domain)
        SELECT entry, scope, name, email, phone, domain FROM company_text WHERE seq = new.seq;
END;
CREATE TRIGGER company_updating BEFORE UPDATE OF tenant, name, domain ON company BEGIN
    INSERT INTO customer_search (customer_search, rowid, scope, name, email, phone, domain)
        SELECT 'delete', entry, scope, name, email, phone, domain FROM company_text WHERE seq = old.seq;
END;
CREATE TRIGGER company_updated AFTER UPDATE OF tenant, name, domain ON company BEGIN
    INSERT INTO customer_search (rowid, scope, name, email, phone, domain)
        SELECT entry, scope, name, email, phone, domain FROM company_text WHERE seq = new.seq;
END;
CREATE TRIGGER company_deleting BEFORE DELETE ON company BEGIN
    INSERT INTO customer_search (customer_search, rowid, scope, name, email, phone, domain)
        SELECT 'delete', entry, scope, name, email, phone, domain FROM company_text WHERE seq = old.seq;
END;
