-- Verifications that get a receipt, and the receipts. They outlive their images.

CREATE TABLE receipts (
    entry       INTEGER PRIMARY KEY AUTOINCREMENT,
    image_id    TEXT NOT NULL,
    store       TEXT NOT NULL,
    source      TEXT NOT NULL,
    digests     TEXT NOT NULL,
    verified_at INTEGER NOT NULL,
    number      INTEGER,
    envelope    TEXT,
    CONSTRAINT receipts_number_is_unique UNIQUE (number),
    CONSTRAINT receipts_are_numbered CHECK ((number IS NULL) = (envelope IS NULL))
) STRICT;

CREATE INDEX receipts_of_image ON receipts (image_id, number);

CREATE INDEX receipts_unsigned ON receipts (entry) WHERE number IS NULL;

-- The end of the chain of all receipts: one row, changed by whoever adds to it.
CREATE TABLE receipt_chain (
    id        INTEGER PRIMARY KEY,
    is_kept   INTEGER NOT NULL,
    number    INTEGER NOT NULL,
    last_hash TEXT,
    CONSTRAINT receipt_chain_is_one CHECK (id = 1),
    CONSTRAINT receipt_chain_is_kept_or_not CHECK (is_kept IN (0, 1))
) STRICT;

INSERT INTO receipt_chain (id, is_kept, number, last_hash)
VALUES (1, 0, 0, NULL);
