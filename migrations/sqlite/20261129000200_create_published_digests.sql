-- What a checksum file of the publisher says of the bytes of an image, and who signed that file.
-- An import writes it before it takes in any byte; it goes if they do not arrive.

CREATE TABLE published_digests (
    image_id    TEXT NOT NULL,
    algorithm   TEXT NOT NULL,
    value       TEXT NOT NULL,
    url         TEXT NOT NULL,
    line        TEXT NOT NULL,
    checked_at  INTEGER NOT NULL,
    publisher   TEXT,
    key         TEXT,
    signing_key TEXT,
    signed_at   INTEGER,
    CONSTRAINT published_digests_pkey PRIMARY KEY (image_id, algorithm),
    CONSTRAINT published_digests_image FOREIGN KEY (image_id) REFERENCES images (id),
    CONSTRAINT published_digests_texts_fit
        CHECK (length(algorithm) <= 64 AND length(value) <= 128 AND length(url) <= 8192
               AND length(line) <= 16384 AND length(publisher) <= 255 AND length(key) <= 128
               AND length(signing_key) <= 128),
    CONSTRAINT published_digests_are_signed_or_not
        CHECK ((publisher IS NULL) = (key IS NULL)
               AND (publisher IS NULL) = (signing_key IS NULL)
               AND (publisher IS NULL) = (signed_at IS NULL))
) STRICT, WITHOUT ROWID;
