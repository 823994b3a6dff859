-- What no statement may do, whoever wrote it: the bytes of an image that was verified never
-- change, a deleted image stays deleted, and its id is never free again.

CREATE FUNCTION refuse_image_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation', TABLE = 'images';
END
$$;

CREATE TRIGGER images_id_stays BEFORE UPDATE ON images
    FOR EACH ROW WHEN (NEW.id <> OLD.id)
    EXECUTE FUNCTION refuse_image_change('the id of an image never changes');

CREATE TRIGGER images_bytes_stay BEFORE UPDATE ON images
    FOR EACH ROW WHEN (
        OLD.status IN ('active', 'deactivated', 'deleted')
        AND (NEW.status NOT IN ('active', 'deactivated', 'deleted')
             OR (OLD.size IS NOT NULL AND NEW.size IS DISTINCT FROM OLD.size)
             OR (OLD.checksum IS NOT NULL AND NEW.checksum IS DISTINCT FROM OLD.checksum)
             OR (OLD.os_hash_algo IS NOT NULL
                 AND NEW.os_hash_algo IS DISTINCT FROM OLD.os_hash_algo)
             OR (OLD.os_hash_value IS NOT NULL
                 AND NEW.os_hash_value IS DISTINCT FROM OLD.os_hash_value)))
    EXECUTE FUNCTION refuse_image_change('the bytes of a verified image never change');

CREATE TRIGGER images_deleted_stays BEFORE UPDATE ON images
    FOR EACH ROW WHEN (OLD.status = 'deleted' AND NEW.status <> 'deleted')
    EXECUTE FUNCTION refuse_image_change('a deleted image never comes back');

CREATE TRIGGER images_id_is_never_free BEFORE DELETE ON images
    FOR EACH ROW EXECUTE FUNCTION refuse_image_change('the id of an image is never used again');
