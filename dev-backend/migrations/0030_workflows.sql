-- Conversations with the workflow services. Each belongs to one service; most come to be about one contact.
CREATE TABLE conversation (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant     TEXT NOT NULL,
    id         TEXT NOT NULL,
    service    TEXT NOT NULL,
    contact_id TEXT,
    turns      INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (tenant, id),
    FOREIGN KEY (tenant, contact_id) REFERENCES contact (tenant, id)
) STRICT;
CREATE INDEX conversation_by_contact ON conversation (tenant, contact_id);

-- A turn is what a caller says and what the service replies to it.
CREATE TABLE conversation_message (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant          TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    turn            INTEGER NOT NULL,
    role            TEXT NOT NULL CHECK (role IN ('caller', 'service')),
    author          TEXT NOT NULL,
    text            TEXT NOT NULL,
    created_at      TEXT NOT NULL,
    UNIQUE (tenant, conversation_id, turn, role),
    FOREIGN KEY (tenant, conversation_id) REFERENCES conversation (tenant, id) ON DELETE CASCADE
) STRICT;

-- How far an onboarding is, and what is known so far.
CREATE TABLE onboarding (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant          TEXT NOT NULL,
    session_id      TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    step            TEXT NOT NULL CHECK (step IN ('company', 'website', 'confirm', 'contact', 'done')),
    introduction    TEXT,
    company         TEXT,
    website         TEXT,
    -- What came of the wish to read the website.
    reading         TEXT NOT NULL CHECK (reading IN ('none', 'declined', 'unavailable', 'failed', 'read')),
    page_title      TEXT,
    page_text       TEXT,
    email           TEXT,
    -- Set while the website is being read, so that no second turn goes on meanwhile.
    claim           TEXT,
    claimed_until   TEXT,
    created_at      TEXT NOT NULL,
    updated_at      TEXT NOT NULL,
    UNIQUE (tenant, session_id),
    FOREIGN KEY (tenant, conversation_id) REFERENCES conversation (tenant, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX onboarding_by_conversation ON onboarding (tenant, conversation_id);

-- What is due is asked for across all records.
CREATE INDEX task_by_due ON task (tenant, due_at) WHERE completed_at IS NULL;
