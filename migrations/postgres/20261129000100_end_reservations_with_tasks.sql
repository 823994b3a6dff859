-- What is reserved for an import ends with it, also where the image's status does not change then:
-- copies to further stores are made of an image that is active.

CREATE FUNCTION end_reservation_of_task() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM image_reservations WHERE image_id = NEW.image_id;
    RETURN NEW;
END
$$;

CREATE TRIGGER tasks_reservation_ends AFTER UPDATE OF status ON tasks
    FOR EACH ROW WHEN (NEW.status IN ('success', 'failure'))
    EXECUTE FUNCTION end_reservation_of_task();
