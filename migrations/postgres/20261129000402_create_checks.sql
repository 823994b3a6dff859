-- Copies that are to be read again, or are being read: one row for a copy, whoever asks for it.
-- It goes when the reading has come to its end; what came of it is in image_copies.

CREATE TABLE checks (
    image_id    TEXT COLLATE "C" NOT NULL,
    store       TEXT COLLATE "C" NOT NULL,
    purpose     TEXT COLLATE "C" NOT NULL,
    algorithms  TEXT COLLATE "C" NOT NULL,
    user_id     TEXT COLLATE "C",
    request_id  TEXT COLLATE "C",
    attempts    BIGINT NOT NULL,
    asked_at    BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    begun_at    BIGINT,
    holder      TEXT COLLATE "C",
    lease_until BIGINT,
    CONSTRAINT checks_pkey PRIMARY KEY (image_id, store),
    CONSTRAINT checks_image FOREIGN KEY (image_id) REFERENCES images (id),
    CONSTRAINT checks_purpose_is_known
        CHECK (purpose IN ('verify', 'hash', 'read', 'scrub', 'backfill')),
    CONSTRAINT checks_held_has_lease
        CHECK ((holder IS NULL) = (lease_until IS NULL)
               AND (holder IS NULL OR begun_at IS NOT NULL)),
    CONSTRAINT checks_attempts_are_natural CHECK (attempts BETWEEN 0 AND 2147483647)
);

CREATE INDEX checks_by_due ON checks (due_at, image_id, store);
