-- Who works with the CRM. The table names are the entities' own.
CREATE TABLE user (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant       TEXT NOT NULL,
    id           TEXT NOT NULL,
    external_id  TEXT NOT NULL,
    email        TEXT,
    display_name TEXT,
    role         TEXT NOT NULL,
    is_active    INTEGER NOT NULL,
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    UNIQUE (tenant, id),
    UNIQUE (tenant, external_id)
) STRICT;

CREATE TABLE team (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant         TEXT NOT NULL,
    id             TEXT NOT NULL,
    name           TEXT NOT NULL,
    name_key       TEXT NOT NULL,
    parent_team_id TEXT,
    created_at     TEXT NOT NULL,
    updated_at     TEXT NOT NULL,
    UNIQUE (tenant, id),
    UNIQUE (tenant, name_key),
    FOREIGN KEY (tenant, parent_team_id) REFERENCES team (tenant, id)
) STRICT;

CREATE TABLE team_member (
    tenant   TEXT NOT NULL,
    team_id  TEXT NOT NULL,
    user_id  TEXT NOT NULL,
    role     TEXT NOT NULL,
    added_at TEXT NOT NULL,
    PRIMARY KEY (tenant, team_id, user_id),
    FOREIGN KEY (tenant, team_id) REFERENCES team (tenant, id),
    FOREIGN KEY (tenant, user_id) REFERENCES user (tenant, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX team_member_by_user ON team_member (tenant, user_id);

-- The key itself is never stored, only its SHA-256.
CREATE TABLE api_key (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant     TEXT NOT NULL,
    id         TEXT NOT NULL,
    name       TEXT NOT NULL,
    sha256     TEXT NOT NULL UNIQUE,
    scopes     TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (tenant, id)
) STRICT;

CREATE TABLE ownership (
    tenant        TEXT NOT NULL,
    entity_type   TEXT NOT NULL,
    entity_id     TEXT NOT NULL,
    owner_user_id TEXT,
    owner_team_id TEXT,
    visibility    TEXT NOT NULL CHECK (visibility IN ('private', 'team', 'tenant')),
    updated_at    TEXT NOT NULL,
    PRIMARY KEY (tenant, entity_type, entity_id),
    FOREIGN KEY (tenant, owner_user_id) REFERENCES user (tenant, id),
    FOREIGN KEY (tenant, owner_team_id) REFERENCES team (tenant, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX ownership_by_user ON ownership (tenant, owner_user_id);
CREATE INDEX ownership_by_team ON ownership (tenant, owner_team_id);
