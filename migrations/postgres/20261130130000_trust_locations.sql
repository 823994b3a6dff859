-- When an image became usable by a location that was taken at its word, where the operator has it so:
-- nobody had read its bytes. Every other image that is usable has its digests.

ALTER TABLE images ADD COLUMN trusted_at BIGINT;

ALTER TABLE images DROP CONSTRAINT images_active_is_verified;

ALTER TABLE images ADD CONSTRAINT images_active_is_verified
    CHECK (status NOT IN ('active', 'deactivated')
           OR (size IS NOT NULL
               AND (trusted_at IS NOT NULL
                    OR (os_hash_algo IS NOT NULL AND os_hash_value IS NOT NULL))));

CREATE INDEX images_trusted ON images (trusted_at) WHERE trusted_at IS NOT NULL;
