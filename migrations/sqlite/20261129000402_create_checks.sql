-- Copies that are to be read again, or are being read: one row for a copy, whoever asks for it.
-- It goes when the reading has come to its end; what came of it is in image_copies.

CREATE TABLE checks (
    image_id    TEXT NOT NULL,
    store       TEXT NOT NULL,
    purpose     TEXT NOT NULL,
    algorithms  TEXT NOT NULL,
    user_id     TEXT,
    request_id  TEXT,
    attempts    INTEGER NOT NULL,
    asked_at    INTEGER NOT NULL,
    due_at      INTEGER NOT NULL,
    begun_at    INTEGER,
    holder      TEXT,
    lease_until INTEGER,
    CONSTRAINT checks_pkey PRIMARY KEY (image_id, store),
    CONSTRAINT checks_image FOREIGN KEY (image_id) REFERENCES images (id),
    CONSTRAINT checks_purpose_is_known
        CHECK (purpose IN ('verify', 'hash', 'read', 'scrub', 'backfill')),
    CONSTRAINT checks_held_has_lease
        CHECK ((holder IS NULL) = (lease_until IS NULL)
               AND (holder IS NULL OR begun_at IS NOT NULL)),
    CONSTRAINT checks_attempts_are_natural CHECK (attempts BETWEEN 0 AND 2147483647)
) STRICT, WITHOUT ROWID;

CREATE INDEX checks_by_due ON checks (due_at, image_id, store);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('checks', 'checks', '20 1 1'),
    ('checks', 'checks_by_due', '20 1 1 1');
ANALYZE sqlite_schema;
