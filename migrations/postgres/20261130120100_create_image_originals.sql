-- The bytes that an import brought, where what is stored was made of them: unpacked, or converted.

CREATE TABLE image_originals (
    image_id TEXT NOT NULL,
    size     BIGINT NOT NULL,
    forms    TEXT NOT NULL,
    digests  TEXT NOT NULL,
    CONSTRAINT image_originals_pkey PRIMARY KEY (image_id),
    CONSTRAINT image_originals_image FOREIGN KEY (image_id) REFERENCES images (id),
    CONSTRAINT image_originals_size_counts CHECK (size >= 0),
    CONSTRAINT image_originals_texts_fit
        CHECK (length(forms) <= 255 AND length(digests) <= 4096)
);
