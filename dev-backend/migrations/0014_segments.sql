CREATE TABLE segment (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant      TEXT NOT NULL,
    id          TEXT NOT NULL,
    object_type TEXT NOT NULL,
    name        TEXT NOT NULL,
    name_key    TEXT NOT NULL,
    is_dynamic  INTEGER NOT NULL,
    -- The filters of a dynamic segment; a static one has its members instead.
    filters     TEXT,
    created_at  TEXT NOT NULL,
    updated_at  TEXT NOT NULL,
    UNIQUE (tenant, id),
    UNIQUE (tenant, object_type, name_key),
    CHECK (is_dynamic = (filters IS NOT NULL))
) STRICT;

CREATE TABLE segment_member (
    tenant     TEXT NOT NULL,
    segment_id TEXT NOT NULL,
    record_id  TEXT NOT NULL,
    position   INTEGER NOT NULL,
    PRIMARY KEY (tenant, segment_id, record_id),
    FOREIGN KEY (tenant, segment_id) REFERENCES segment (tenant, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX segment_member_by_record ON segment_member (tenant, record_id);
