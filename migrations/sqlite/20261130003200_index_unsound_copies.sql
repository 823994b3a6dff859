-- Copies that are not sound are counted every few seconds by whoever watches the registry.

CREATE INDEX image_copies_unsound ON image_copies (state) WHERE state <> 'ok';

-- A figure for the planner, as for the other indices: few copies are not sound.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('image_copies', 'image_copies_unsound', '100 20');
ANALYZE sqlite_schema;
