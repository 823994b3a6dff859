-- Staging areas that belong to some nodes and not to all. An image says in which of them its bytes
-- are staged; none: in one that all nodes share. There is no reference to the areas: one that was
-- not seen for long is forgotten, whatever is staged there.

ALTER TABLE images ADD COLUMN staged_in TEXT;

CREATE TABLE staging_areas (
    id      TEXT NOT NULL,
    node    TEXT,
    seen_at INTEGER NOT NULL,
    CONSTRAINT staging_areas_pkey PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('staging_areas', 'staging_areas', '10 1');
ANALYZE sqlite_schema;
