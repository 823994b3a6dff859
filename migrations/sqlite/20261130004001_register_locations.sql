-- Locations that users register: what they say of them, and several in one store, which are one
-- copy of the image.

ALTER TABLE image_locations ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';

DROP TRIGGER image_locations_copy_ends;

CREATE TRIGGER image_locations_copy_ends AFTER DELETE ON image_locations
    WHEN NOT EXISTS (SELECT 1
                       FROM image_locations
                      WHERE image_id = OLD.image_id AND store = OLD.store)
BEGIN
    DELETE FROM image_copies
     WHERE image_id = OLD.image_id AND store = OLD.store;
END;

-- What is reserved for bytes that arrive under a claim ends with it, also where the image's status
-- does not change then: places are added to an image that is active.
CREATE TRIGGER image_claims_reservation_ends AFTER DELETE ON image_claims
BEGIN
    DELETE FROM image_reservations WHERE image_id = OLD.image_id;
END;
