-- Work in progress: who holds an image while data arrives, and the imports.

CREATE TABLE image_claims (
    image_id    TEXT COLLATE "C" NOT NULL,
    holder      TEXT COLLATE "C" NOT NULL,
    lease_until BIGINT NOT NULL,
    CONSTRAINT image_claims_pkey PRIMARY KEY (image_id),
    CONSTRAINT image_claims_image FOREIGN KEY (image_id) REFERENCES images (id)
);

CREATE INDEX image_claims_by_lease ON image_claims (lease_until);

CREATE TABLE tasks (
    id          TEXT COLLATE "C" NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    status      TEXT COLLATE "C" NOT NULL,
    image_id    TEXT COLLATE "C" NOT NULL,
    owner       TEXT COLLATE "C",
    user_id     TEXT COLLATE "C",
    request_id  TEXT COLLATE "C" NOT NULL,
    input       TEXT COLLATE "C" NOT NULL,
    message     TEXT COLLATE "C" NOT NULL,
    attempts    BIGINT NOT NULL,
    holder      TEXT COLLATE "C",
    lease_until BIGINT,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    expires_at  BIGINT,
    CONSTRAINT tasks_pkey PRIMARY KEY (id),
    CONSTRAINT tasks_image FOREIGN KEY (image_id) REFERENCES images (id),
    CONSTRAINT tasks_status_is_known
        CHECK (status IN ('pending', 'processing', 'success', 'failure')),
    CONSTRAINT tasks_processing_is_held
        CHECK ((status = 'processing') = (holder IS NOT NULL)
               AND (status = 'processing') = (lease_until IS NOT NULL)),
    CONSTRAINT tasks_attempts_are_natural CHECK (attempts BETWEEN 0 AND 2147483647)
);

-- An image has one live task at most.
CREATE UNIQUE INDEX tasks_live_of_image ON tasks (image_id)
    WHERE status IN ('pending', 'processing');
CREATE INDEX tasks_waiting ON tasks (created_at, id)
    WHERE status IN ('pending', 'processing');
CREATE INDEX tasks_of_image ON tasks (image_id, created_at);
CREATE INDEX tasks_by_expiry ON tasks (expires_at) WHERE expires_at IS NOT NULL;
