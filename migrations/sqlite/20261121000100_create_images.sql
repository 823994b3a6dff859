-- Images and what belongs to one. Times are microseconds since 1970 (UTC), sizes are bytes.
-- Flags are 0 or 1. The tables are STRICT: a value of the wrong type is refused.

CREATE TABLE images (
    id               TEXT NOT NULL,
    name             TEXT,
    disk_format      TEXT,
    container_format TEXT,
    visibility       TEXT NOT NULL,
    status           TEXT NOT NULL,
    owner            TEXT,
    size             INTEGER,
    virtual_size     INTEGER,
    checksum         TEXT,
    os_hash_algo     TEXT,
    os_hash_value    TEXT,
    min_disk         INTEGER NOT NULL,
    min_ram          INTEGER NOT NULL,
    protected        INTEGER NOT NULL,
    os_hidden        INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    deleted_at       INTEGER,
    CONSTRAINT images_pkey PRIMARY KEY (id),
    CONSTRAINT images_id_is_a_uuid CHECK (length(id) = 36),
    CONSTRAINT images_visibility_is_known
        CHECK (visibility IN ('public', 'private', 'shared', 'community')),
    CONSTRAINT images_status_is_known
        CHECK (status IN ('queued', 'saving', 'uploading', 'importing', 'active', 'deactivated',
                          'deleted')),
    CONSTRAINT images_deleted_has_time CHECK ((status = 'deleted') = (deleted_at IS NOT NULL)),
    CONSTRAINT images_active_is_verified
        CHECK (status NOT IN ('active', 'deactivated')
               OR (size IS NOT NULL AND os_hash_algo IS NOT NULL AND os_hash_value IS NOT NULL)),
    CONSTRAINT images_sizes_are_natural CHECK (size >= 0 AND virtual_size >= 0),
    CONSTRAINT images_flags_are_flags CHECK (protected IN (0, 1) AND os_hidden IN (0, 1)),
    CONSTRAINT images_minima_fit
        CHECK (min_disk BETWEEN 0 AND 2147483647 AND min_ram BETWEEN 0 AND 2147483647),
    CONSTRAINT images_texts_fit
        CHECK (length(name) <= 255 AND length(owner) <= 255
               AND length(disk_format) <= 20 AND length(container_format) <= 20
               AND length(checksum) <= 32
               AND length(os_hash_algo) <= 64 AND length(os_hash_value) <= 128)
) STRICT;

-- The lists, each in its own order without a sort.
CREATE INDEX images_by_time ON images (os_hidden, created_at, id)
    WHERE status <> 'deleted';
CREATE INDEX images_by_owner ON images (owner, os_hidden, created_at, id)
    WHERE status <> 'deleted';
CREATE INDEX images_by_visibility ON images (visibility, os_hidden, created_at, id)
    WHERE status <> 'deleted';
CREATE INDEX images_by_status ON images (status, os_hidden, created_at, id)
    WHERE status <> 'deleted';
CREATE INDEX images_by_name ON images (os_hidden, COALESCE(name, ''), created_at, id)
    WHERE status <> 'deleted';
CREATE INDEX images_by_change ON images (os_hidden, updated_at, created_at, id)
    WHERE status <> 'deleted';
CREATE INDEX images_by_checksum ON images (checksum) WHERE checksum IS NOT NULL;
CREATE INDEX images_by_hash ON images (os_hash_value) WHERE os_hash_value IS NOT NULL;

CREATE TABLE image_properties (
    image_id TEXT NOT NULL,
    name     TEXT NOT NULL,
    value    TEXT,
    CONSTRAINT image_properties_pkey PRIMARY KEY (image_id, name),
    CONSTRAINT image_properties_image FOREIGN KEY (image_id) REFERENCES images (id),
    CONSTRAINT image_properties_name_fits CHECK (length(name) <= 255)
) STRICT, WITHOUT ROWID;

-- A value may be longer than an index takes.
CREATE INDEX image_properties_by_value ON image_properties (name, substr(value, 1, 255), image_id);

CREATE TABLE image_tags (
    image_id TEXT NOT NULL,
    tag      TEXT NOT NULL,
    CONSTRAINT image_tags_pkey PRIMARY KEY (image_id, tag),
    CONSTRAINT image_tags_image FOREIGN KEY (image_id) REFERENCES images (id),
    CONSTRAINT image_tags_tag_fits CHECK (length(tag) <= 255)
) STRICT, WITHOUT ROWID;

CREATE INDEX image_tags_by_tag ON image_tags (tag, image_id);

CREATE TABLE image_locations (
    image_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    store    TEXT NOT NULL,
    url      TEXT NOT NULL,
    CONSTRAINT image_locations_pkey PRIMARY KEY (image_id, position),
    CONSTRAINT image_locations_image FOREIGN KEY (image_id) REFERENCES images (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX image_locations_by_store ON image_locations (store, image_id);

CREATE TABLE image_members (
    image_id   TEXT NOT NULL,
    member_id  TEXT NOT NULL,
    status     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CONSTRAINT image_members_pkey PRIMARY KEY (image_id, member_id),
    CONSTRAINT image_members_image FOREIGN KEY (image_id) REFERENCES images (id),
    CONSTRAINT image_members_id_fits CHECK (length(member_id) BETWEEN 1 AND 255),
    CONSTRAINT image_members_status_is_known
        CHECK (status IN ('pending', 'accepted', 'rejected'))
) STRICT, WITHOUT ROWID;

CREATE INDEX image_members_by_member ON image_members (member_id, status, image_id);
