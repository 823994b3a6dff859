-- When the bytes of a deleted image may be removed; none: at once.

ALTER TABLE images ADD COLUMN scrub_at INTEGER;
