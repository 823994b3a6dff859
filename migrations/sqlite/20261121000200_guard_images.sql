-- What no statement may do, whoever wrote it: the bytes of an image that was verified never
-- change, a deleted image stays deleted, and its id is never free again.

CREATE TRIGGER images_id_stays BEFORE UPDATE ON images
    WHEN NEW.id <> OLD.id
BEGIN
    SELECT RAISE(ABORT, 'the id of an image never changes');
END;

CREATE TRIGGER images_bytes_stay BEFORE UPDATE ON images
    WHEN OLD.status IN ('active', 'deactivated', 'deleted')
        AND (NEW.status NOT IN ('active', 'deactivated', 'deleted')
             OR (OLD.size IS NOT NULL AND NEW.size IS NOT OLD.size)
             OR (OLD.checksum IS NOT NULL AND NEW.checksum IS NOT OLD.checksum)
             OR (OLD.os_hash_algo IS NOT NULL AND NEW.os_hash_algo IS NOT OLD.os_hash_algo)
             OR (OLD.os_hash_value IS NOT NULL AND NEW.os_hash_value IS NOT OLD.os_hash_value))
BEGIN
    SELECT RAISE(ABORT, 'the bytes of a verified image never change');
END;

CREATE TRIGGER images_deleted_stays BEFORE UPDATE ON images
    WHEN OLD.status = 'deleted' AND NEW.status <> 'deleted'
BEGIN
    SELECT RAISE(ABORT, 'a deleted image never comes back');
END;

CREATE TRIGGER images_id_is_never_free BEFORE DELETE ON images
BEGIN
    SELECT RAISE(ABORT, 'the id of an image is never used again');
END;
