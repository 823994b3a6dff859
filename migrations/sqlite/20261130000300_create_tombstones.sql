-- What stays of an image whose row was purged: its id and its digests are never used again.

CREATE TABLE image_tombstones (
    id            TEXT NOT NULL,
    checksum      TEXT,
    os_hash_algo  TEXT,
    os_hash_value TEXT,
    deleted_at    INTEGER NOT NULL,
    CONSTRAINT image_tombstones_pkey PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER image_tombstones_stay BEFORE DELETE ON image_tombstones
BEGIN
    SELECT RAISE(ABORT, 'a tombstone stays for ever');
END;

CREATE TRIGGER image_tombstones_never_change BEFORE UPDATE ON image_tombstones
BEGIN
    SELECT RAISE(ABORT, 'a tombstone never changes');
END;

DROP TRIGGER images_id_is_never_free;

CREATE TRIGGER images_id_is_never_free BEFORE DELETE ON images
    WHEN OLD.status <> 'deleted'
        OR NOT EXISTS (SELECT 1 FROM image_tombstones WHERE id = OLD.id)
BEGIN
    SELECT RAISE(ABORT, 'the id of an image is never used again');
END;

CREATE TRIGGER images_id_is_new AFTER INSERT ON images
    WHEN EXISTS (SELECT 1 FROM image_tombstones WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'the id of an image is never used again');
END;

-- Figures for the planner, as for the other tables.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('image_tombstones', 'image_tombstones', '100000 1');
ANALYZE sqlite_schema;
