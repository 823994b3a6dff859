-- What the image caches of nodes hold, and what they are asked to fetch. There is no reference to
-- images: what is noted of a download waits for nobody who changes an image. Rows of images that are
-- gone are removed by the node.

CREATE TABLE cached_images (
    node      TEXT COLLATE "C" NOT NULL,
    image_id  TEXT COLLATE "C" NOT NULL,
    file      TEXT COLLATE "C" NOT NULL,
    hits      BIGINT NOT NULL,
    cached_at BIGINT NOT NULL,
    used_at   BIGINT NOT NULL,
    CONSTRAINT cached_images_pkey PRIMARY KEY (node, image_id),
    CONSTRAINT cached_images_hits_are_natural CHECK (hits >= 0)
);

CREATE INDEX cached_images_by_image ON cached_images (image_id, node);

CREATE TABLE images_to_cache (
    node     TEXT COLLATE "C" NOT NULL,
    image_id TEXT COLLATE "C" NOT NULL,
    asked_at BIGINT NOT NULL,
    CONSTRAINT images_to_cache_pkey PRIMARY KEY (node, image_id)
);
