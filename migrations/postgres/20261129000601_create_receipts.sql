-- Verifications that get a receipt, and the receipts. They outlive their images.

CREATE TABLE receipts (
    entry       BIGINT GENERATED ALWAYS AS IDENTITY,
    image_id    TEXT COLLATE "C" NOT NULL,
    store       TEXT COLLATE "C" NOT NULL,
    source      TEXT COLLATE "C" NOT NULL,
    digests     TEXT COLLATE "C" NOT NULL,
    verified_at BIGINT NOT NULL,
    number      BIGINT,
    envelope    TEXT COLLATE "C",
    CONSTRAINT receipts_pkey PRIMARY KEY (entry),
    CONSTRAINT receipts_number_is_unique UNIQUE (number),
    CONSTRAINT receipts_are_numbered CHECK ((number IS NULL) = (envelope IS NULL))
);

CREATE INDEX receipts_of_image ON receipts (image_id, number);

CREATE INDEX receipts_unsigned ON receipts (entry) WHERE number IS NULL;

-- The end of the chain of all receipts: one row, changed by whoever adds to it.
CREATE TABLE receipt_chain (
    id        BIGINT NOT NULL,
    is_kept   BIGINT NOT NULL,
    number    BIGINT NOT NULL,
    last_hash TEXT COLLATE "C",
    CONSTRAINT receipt_chain_pkey PRIMARY KEY (id),
    CONSTRAINT receipt_chain_is_one CHECK (id = 1),
    CONSTRAINT receipt_chain_is_kept_or_not CHECK (is_kept IN (0, 1))
);

INSERT INTO receipt_chain (id, is_kept, number, last_hash)
VALUES (1, 0, 0, NULL);
