-- Every digest that was ever computed of the bytes of an image: where it comes from, of which
-- copy, when it was found first and last.

CREATE TABLE image_digests (
    image_id     TEXT NOT NULL,
    algorithm    TEXT NOT NULL,
    value        TEXT NOT NULL,
    source       TEXT NOT NULL,
    store        TEXT NOT NULL,
    computed_at  INTEGER NOT NULL,
    confirmed_at INTEGER NOT NULL,
    CONSTRAINT image_digests_pkey PRIMARY KEY (image_id, algorithm, value, source, store),
    CONSTRAINT image_digests_image FOREIGN KEY (image_id) REFERENCES images (id),
    CONSTRAINT image_digests_source_is_known
        CHECK (source IN ('upload', 'import', 'backfill', 'scrub', 'publisher')),
    CONSTRAINT image_digests_texts_fit
        CHECK (length(algorithm) <= 64 AND length(value) <= 128)
) STRICT, WITHOUT ROWID;

CREATE INDEX image_digests_by_value ON image_digests (value, algorithm, image_id);

-- What is known of the images that are here already.
INSERT INTO image_digests
SELECT images.id, os_hash_algo, os_hash_value, 'upload', store, updated_at, updated_at
  FROM images
  JOIN image_locations ON image_id = images.id AND position = 0
 WHERE status IN ('active', 'deactivated');

INSERT INTO image_digests
SELECT images.id, 'md5', checksum, 'upload', store, updated_at, updated_at
  FROM images
  JOIN image_locations ON image_id = images.id AND position = 0
 WHERE status IN ('active', 'deactivated') AND checksum IS NOT NULL AND os_hash_algo <> 'md5';
