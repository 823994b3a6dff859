-- A copy that is not what it should be can be made anew from another one: that waits among the
-- copies that are to be read again, for it ends with reading it.

ALTER TABLE checks DROP CONSTRAINT checks_purpose_is_known;

ALTER TABLE checks ADD CONSTRAINT checks_purpose_is_known
    CHECK (purpose IN ('verify', 'hash', 'read', 'scrub', 'backfill', 'heal'));
