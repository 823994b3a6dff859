-- What the image caches of nodes hold, and what they are asked to fetch. There is no reference to
-- images: what is noted of a download waits for nobody who changes an image. Rows of images that are
-- gone are removed by the node.

CREATE TABLE cached_images (
    node      TEXT NOT NULL,
    image_id  TEXT NOT NULL,
    file      TEXT NOT NULL,
    hits      INTEGER NOT NULL,
    cached_at INTEGER NOT NULL,
    used_at   INTEGER NOT NULL,
    CONSTRAINT cached_images_pkey PRIMARY KEY (node, image_id),
    CONSTRAINT cached_images_hits_are_natural CHECK (hits >= 0)
) STRICT, WITHOUT ROWID;

CREATE INDEX cached_images_by_image ON cached_images (image_id, node);

CREATE TABLE images_to_cache (
    node     TEXT NOT NULL,
    image_id TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    CONSTRAINT images_to_cache_pkey PRIMARY KEY (node, image_id)
) STRICT, WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('cached_images', 'cached_images', '1000 200 1'),
    ('cached_images', 'cached_images_by_image', '1000 2 1'),
    ('images_to_cache', 'images_to_cache', '20 10 1');
ANALYZE sqlite_schema;
