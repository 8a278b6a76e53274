-- E-mails that were sent to or came from a customer.
CREATE TABLE email (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant      TEXT NOT NULL,
    id          TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    entity_id   TEXT NOT NULL,
    subject     TEXT NOT NULL,
    body        TEXT NOT NULL,
    direction   TEXT NOT NULL CHECK (direction IN ('inbound', 'outbound')),
    occurred_at TEXT NOT NULL,
    logged_by   TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    UNIQUE (tenant, id)
) STRICT;
CREATE INDEX email_by_entity ON email (tenant, entity_type, entity_id);

-- An import recognises people by phone too.
CREATE INDEX contact_by_phone ON contact (tenant, phone_digits);
