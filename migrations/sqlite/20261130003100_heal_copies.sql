-- A copy that is not what it should be can be made anew from another one: that waits among the
-- copies that are to be read again, for it ends with reading it.
--
-- A constraint cannot be changed here, so the table is made again.

CREATE TABLE checks_to_heal (
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
        CHECK (purpose IN ('verify', 'hash', 'read', 'scrub', 'backfill', 'heal')),
    CONSTRAINT checks_held_has_lease
        CHECK ((holder IS NULL) = (lease_until IS NULL)
               AND (holder IS NULL OR begun_at IS NOT NULL)),
    CONSTRAINT checks_attempts_are_natural CHECK (attempts BETWEEN 0 AND 2147483647)
) STRICT, WITHOUT ROWID;

INSERT INTO checks_to_heal (image_id, store, purpose, algorithms, user_id, request_id, attempts,
                            asked_at, due_at, begun_at, holder, lease_until)
SELECT image_id, store, purpose, algorithms, user_id, request_id, attempts,
       asked_at, due_at, begun_at, holder, lease_until
  FROM checks;

DROP TABLE checks;

ALTER TABLE checks_to_heal RENAME TO checks;

CREATE INDEX checks_by_due ON checks (due_at, image_id, store);

-- Figures for the planner, as before: they went with the table.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('checks', 'checks', '20 1 1'),
    ('checks', 'checks_by_due', '20 1 1 1');
ANALYZE sqlite_schema;
