-- What projects have reserved of their quotas, for bytes that are arriving. Sizes are bytes.

-- A row for a transaction to lock while it holds what a project has against its quota.
CREATE TABLE quota_projects (
    project TEXT COLLATE "C" NOT NULL,
    CONSTRAINT quota_projects_pkey PRIMARY KEY (project)
);

CREATE TABLE image_reservations (
    image_id TEXT COLLATE "C" NOT NULL,
    holder   TEXT COLLATE "C" NOT NULL,
    project  TEXT COLLATE "C" NOT NULL,
    stored   BIGINT NOT NULL,
    staged   BIGINT NOT NULL,
    CONSTRAINT image_reservations_pkey PRIMARY KEY (image_id),
    CONSTRAINT image_reservations_image FOREIGN KEY (image_id) REFERENCES images (id),
    CONSTRAINT image_reservations_are_natural CHECK (stored >= 0 AND staged >= 0)
);

CREATE INDEX image_reservations_by_project ON image_reservations (project);

-- Whatever the reason: an image that no bytes arrive for any more holds no reservation. What it
-- has become counts by itself, in the same transaction.
CREATE FUNCTION drop_image_reservation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM image_reservations WHERE image_id = NEW.id;
    RETURN NULL;
END
$$;

CREATE TRIGGER images_reservation_ends AFTER UPDATE OF status ON images
    FOR EACH ROW WHEN (NEW.status NOT IN ('saving', 'uploading', 'importing'))
    EXECUTE FUNCTION drop_image_reservation();
