-- What is known of each copy of an image's bytes: a row for each location, which goes with it.
-- Never checked is checked_at 0.

CREATE TABLE image_copies (
    image_id    TEXT NOT NULL,
    store       TEXT NOT NULL,
    state       TEXT NOT NULL,
    verified_at INTEGER,
    checked_at  INTEGER NOT NULL,
    reason      TEXT,
    CONSTRAINT image_copies_pkey PRIMARY KEY (image_id, store),
    CONSTRAINT image_copies_image FOREIGN KEY (image_id) REFERENCES images (id),
    CONSTRAINT image_copies_state_is_known
        CHECK (state IN ('unverified', 'ok', 'damaged', 'missing', 'unreadable')),
    CONSTRAINT image_copies_ok_was_verified CHECK (state <> 'ok' OR verified_at IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX image_copies_by_check ON image_copies (checked_at, image_id, store);

CREATE TRIGGER image_locations_copy_begins AFTER INSERT ON image_locations
BEGIN
    INSERT INTO image_copies (image_id, store, state, verified_at, checked_at, reason)
    VALUES (NEW.image_id, NEW.store, 'unverified', NULL, 0, NULL)
        ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER image_locations_copy_ends AFTER DELETE ON image_locations
BEGIN
    DELETE FROM image_copies
     WHERE image_id = OLD.image_id AND store = OLD.store;
END;

-- A digest that was found of a copy was found by reading all of it, and held against what was
-- known.
INSERT INTO image_copies (image_id, store, state, verified_at, checked_at, reason)
SELECT places.image_id, places.store,
       CASE WHEN found.at IS NULL THEN 'unverified' ELSE 'ok' END,
       found.at, COALESCE(found.at, 0), NULL
  FROM (SELECT DISTINCT image_id, store FROM image_locations) AS places
  LEFT JOIN (SELECT image_id, store, MAX(confirmed_at) AS at
               FROM image_digests
              GROUP BY image_id, store) AS found
    ON found.image_id = places.image_id AND found.store = places.store;

-- Figures for the planner, as for the other tables.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('image_copies', 'image_copies', '100000 1 1'),
    ('image_copies', 'image_copies_by_check', '100000 1 1 1');
ANALYZE sqlite_schema;
