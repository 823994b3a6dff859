-- Work in progress: who holds an image while data arrives, and the imports.

CREATE TABLE image_claims (
    image_id    TEXT NOT NULL,
    holder      TEXT NOT NULL,
    lease_until INTEGER NOT NULL,
    CONSTRAINT image_claims_pkey PRIMARY KEY (image_id),
    CONSTRAINT image_claims_image FOREIGN KEY (image_id) REFERENCES images (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX image_claims_by_lease ON image_claims (lease_until);

CREATE TABLE tasks (
    id          TEXT NOT NULL,
    kind        TEXT NOT NULL,
    status      TEXT NOT NULL,
    image_id    TEXT NOT NULL,
    owner       TEXT,
    user_id     TEXT,
    request_id  TEXT NOT NULL,
    input       TEXT NOT NULL,
    message     TEXT NOT NULL,
    attempts    INTEGER NOT NULL,
    holder      TEXT,
    lease_until INTEGER,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    expires_at  INTEGER,
    CONSTRAINT tasks_pkey PRIMARY KEY (id),
    CONSTRAINT tasks_image FOREIGN KEY (image_id) REFERENCES images (id),
    CONSTRAINT tasks_status_is_known
        CHECK (status IN ('pending', 'processing', 'success', 'failure')),
    CONSTRAINT tasks_processing_is_held
        CHECK ((status = 'processing') = (holder IS NOT NULL)
               AND (status = 'processing') = (lease_until IS NOT NULL)),
    CONSTRAINT tasks_attempts_are_natural CHECK (attempts BETWEEN 0 AND 2147483647)
) STRICT;

-- An image has one live task at most.
CREATE UNIQUE INDEX tasks_live_of_image ON tasks (image_id)
    WHERE status IN ('pending', 'processing');
CREATE INDEX tasks_waiting ON tasks (created_at, id)
    WHERE status IN ('pending', 'processing');
CREATE INDEX tasks_of_image ON tasks (image_id, created_at);
CREATE INDEX tasks_by_expiry ON tasks (expires_at) WHERE expires_at IS NOT NULL;

-- Without figures the planner takes every index to be equally selective, and reads all images
-- where one hash is asked for. These are the figures of a registry with 100,000 images; they
-- stay, so that plans do not change with the content.
ANALYZE;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('images', 'sqlite_autoindex_images_1', '100000 1'),
    ('images', 'images_by_time', '80000 40000 1 1'),
    ('images', 'images_by_owner', '80000 200 150 1 1'),
    ('images', 'images_by_visibility', '80000 20000 15000 1 1'),
    ('images', 'images_by_status', '80000 40000 30000 1 1'),
    ('images', 'images_by_name', '80000 40000 2 1 1'),
    ('images', 'images_by_change', '80000 40000 1 1 1'),
    ('images', 'images_by_checksum', '100000 1'),
    ('images', 'images_by_hash', '100000 1'),
    ('image_properties', 'image_properties', '500000 5 1'),
    ('image_properties', 'image_properties_by_value', '500000 50000 50 1'),
    ('image_tags', 'image_tags', '100000 2 1'),
    ('image_tags', 'image_tags_by_tag', '100000 500 1'),
    ('image_locations', 'image_locations', '100000 1 1'),
    ('image_locations', 'image_locations_by_store', '100000 50000 1'),
    ('image_members', 'image_members', '50000 2 1'),
    ('image_members', 'image_members_by_member', '50000 100 50 1'),
    ('image_claims', 'image_claims', '20 1'),
    ('image_claims', 'image_claims_by_lease', '20 1 1'),
    ('tasks', 'sqlite_autoindex_tasks_1', '10000 1'),
    ('tasks', 'tasks_live_of_image', '20 1'),
    ('tasks', 'tasks_waiting', '20 1 1'),
    ('tasks', 'tasks_of_image', '10000 2 1'),
    ('tasks', 'tasks_by_expiry', '10000 1');
ANALYZE sqlite_schema;
