-- Locations that users register: what they say of them, and several in one store, which are one
-- copy of the image.

ALTER TABLE image_locations ADD COLUMN metadata TEXT COLLATE "C" NOT NULL DEFAULT '{}';

CREATE OR REPLACE FUNCTION end_image_copy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM image_copies
     WHERE image_id = OLD.image_id AND store = OLD.store
       AND NOT EXISTS (SELECT 1
                         FROM image_locations
                        WHERE image_id = OLD.image_id AND store = OLD.store);
    RETURN NULL;
END
$$;

-- What is reserved for bytes that arrive under a claim ends with it, also where the image's status
-- does not change then: places are added to an image that is active.
CREATE FUNCTION end_reservation_of_claim() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM image_reservations WHERE image_id = OLD.image_id;
    RETURN NULL;
END
$$;

CREATE TRIGGER image_claims_reservation_ends AFTER DELETE ON image_claims
    FOR EACH ROW EXECUTE FUNCTION end_reservation_of_claim();
