-- What is reserved for an import ends with it, also where the image's status does not change then:
-- copies to further stores are made of an image that is active.

CREATE TRIGGER tasks_reservation_ends AFTER UPDATE OF status ON tasks
    WHEN NEW.status IN ('success', 'failure')
BEGIN
    DELETE FROM image_reservations WHERE image_id = NEW.image_id;
END;
