-- What projects have reserved of their quotas, for bytes that are arriving. Sizes are bytes.

-- A row for a transaction to lock while it holds what a project has against its quota.
CREATE TABLE quota_projects (
    project TEXT NOT NULL,
    CONSTRAINT quota_projects_pkey PRIMARY KEY (project)
) STRICT, WITHOUT ROWID;

CREATE TABLE image_reservations (
    image_id TEXT NOT NULL,
    holder   TEXT NOT NULL,
    project  TEXT NOT NULL,
    stored   INTEGER NOT NULL,
    staged   INTEGER NOT NULL,
    CONSTRAINT image_reservations_pkey PRIMARY KEY (image_id),
    CONSTRAINT image_reservations_image FOREIGN KEY (image_id) REFERENCES images (id),
    CONSTRAINT image_reservations_are_natural CHECK (stored >= 0 AND staged >= 0)
) STRICT, WITHOUT ROWID;

CREATE INDEX image_reservations_by_project ON image_reservations (project);

-- Whatever the reason: an image that no bytes arrive for any more holds no reservation. What it
-- has become counts by itself, in the same transaction.
CREATE TRIGGER images_reservation_ends AFTER UPDATE OF status ON images
    WHEN NEW.status NOT IN ('saving', 'uploading', 'importing')
BEGIN
    DELETE FROM image_reservations WHERE image_id = NEW.id;
END;

-- Figures for the planner, as for the other tables.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('quota_projects', 'quota_projects', '500 1'),
    ('image_reservations', 'image_reservations', '20 1'),
    ('image_reservations', 'image_reservations_by_project', '20 2 1');
ANALYZE sqlite_schema;
