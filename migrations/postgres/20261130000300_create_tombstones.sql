-- What stays of an image whose row was purged: its id and its digests are never used again.

CREATE TABLE image_tombstones (
    id            TEXT COLLATE "C" NOT NULL,
    checksum      TEXT COLLATE "C",
    os_hash_algo  TEXT COLLATE "C",
    os_hash_value TEXT COLLATE "C",
    deleted_at    BIGINT NOT NULL,
    CONSTRAINT image_tombstones_pkey PRIMARY KEY (id)
);

CREATE TRIGGER image_tombstones_stay BEFORE DELETE ON image_tombstones
    FOR EACH ROW EXECUTE FUNCTION refuse_image_change('a tombstone stays for ever');

CREATE TRIGGER image_tombstones_never_change BEFORE UPDATE ON image_tombstones
    FOR EACH ROW EXECUTE FUNCTION refuse_image_change('a tombstone never changes');

DROP TRIGGER images_id_is_never_free ON images;

CREATE FUNCTION refuse_free_image_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'deleted'
        OR NOT EXISTS (SELECT 1 FROM image_tombstones WHERE id = OLD.id) THEN
        RAISE EXCEPTION 'the id of an image is never used again'
            USING ERRCODE = 'check_violation', TABLE = 'images';
    END IF;
    RETURN OLD;
END
$$;

CREATE TRIGGER images_id_is_never_free BEFORE DELETE ON images
    FOR EACH ROW EXECUTE FUNCTION refuse_free_image_id();

CREATE FUNCTION refuse_used_image_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM image_tombstones WHERE id = NEW.id) THEN
        RAISE EXCEPTION 'the id of an image is never used again'
            USING ERRCODE = 'check_violation', TABLE = 'images';
    END IF;
    RETURN NULL;
END
$$;

-- After the row is in, and so after whoever purged the id meanwhile has committed.
CREATE TRIGGER images_id_is_new AFTER INSERT ON images
    FOR EACH ROW EXECUTE FUNCTION refuse_used_image_id();
