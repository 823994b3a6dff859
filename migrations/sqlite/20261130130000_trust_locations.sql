-- When an image became usable by a location that was taken at its word, where the operator has it so:
-- nobody had read its bytes. Every other image that is usable has its digests.

ALTER TABLE images ADD COLUMN trusted_at INTEGER;

-- A constraint that lets more pass is changed where it is written down: the rows stay as they are
-- (SQLite, "Making Other Kinds Of Table Schema Changes").
PRAGMA writable_schema = ON;

UPDATE sqlite_schema
   SET sql = replace(sql,
                     '(size IS NOT NULL AND os_hash_algo IS NOT NULL AND os_hash_value IS NOT NULL)',
                     '(size IS NOT NULL AND (trusted_at IS NOT NULL OR (os_hash_algo IS NOT NULL AND os_hash_value IS NOT NULL)))')
 WHERE type = 'table' AND name = 'images';

PRAGMA writable_schema = RESET;

CREATE INDEX images_trusted ON images (trusted_at) WHERE trusted_at IS NOT NULL;
