-- The inbox: threads of messages. A message is in one folder; a thread shows in every folder that it has a
-- message in.
CREATE TABLE mail_thread (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant      TEXT NOT NULL,
    id          TEXT NOT NULL,
    subject     TEXT NOT NULL,
    subject_key TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    updated_at  TEXT NOT NULL,
    UNIQUE (tenant, id)
) STRICT;
CREATE INDEX mail_thread_by_subject ON mail_thread (tenant, subject_key, seq);

CREATE TABLE mail_message (
    seq               INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant            TEXT NOT NULL,
    id                TEXT NOT NULL,
    thread_id         TEXT NOT NULL,
    folder            TEXT NOT NULL CHECK (folder IN ('inbox', 'sent', 'drafts', 'archive')),
    direction         TEXT NOT NULL CHECK (direction IN ('inbound', 'outbound')),
    -- The address that an inbound message came from; of an outbound one the actor.
    sender            TEXT NOT NULL,
    sender_contact_id TEXT,
    subject           TEXT NOT NULL,
    body              TEXT NOT NULL,
    is_read           INTEGER NOT NULL,
    created_by        TEXT NOT NULL,
    created_at        TEXT NOT NULL,
    sent_at           TEXT,
    UNIQUE (tenant, id),
    FOREIGN KEY (tenant, thread_id) REFERENCES mail_thread (tenant, id)
) STRICT;
CREATE INDEX mail_message_by_thread ON mail_message (tenant, thread_id, seq);
CREATE INDEX mail_message_by_folder ON mail_message (tenant, folder, thread_id, seq);
CREATE INDEX mail_message_by_contact ON mail_message (tenant, sender_contact_id);

CREATE TABLE mail_recipient (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant      TEXT NOT NULL,
    message_id  TEXT NOT NULL,
    field       TEXT NOT NULL CHECK (field IN ('to', 'cc', 'bcc')),
    address     TEXT NOT NULL,
    address_key TEXT NOT NULL,
    contact_id  TEXT,
    FOREIGN KEY (tenant, message_id) REFERENCES mail_message (tenant, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX mail_recipient_by_message ON mail_recipient (tenant, message_id, seq);
CREATE INDEX mail_recipient_by_contact ON mail_recipient (tenant, contact_id);
