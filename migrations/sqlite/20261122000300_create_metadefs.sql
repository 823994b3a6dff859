-- Metadata definitions. Times are microseconds since 1970 (UTC). What is in a namespace is kept
-- under its name, follows a new one, and goes with it. Flags are 0 or 1.

CREATE TABLE metadef_namespaces (
    name         TEXT NOT NULL,
    display_name TEXT,
    description  TEXT,
    visibility   TEXT NOT NULL,
    protected    INTEGER NOT NULL,
    owner        TEXT,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    CONSTRAINT metadef_namespaces_pkey PRIMARY KEY (name),
    CONSTRAINT metadef_namespaces_visibility_is_known
        CHECK (visibility IN ('public', 'private')),
    CONSTRAINT metadef_namespaces_flag_is_a_flag CHECK (protected IN (0, 1)),
    CONSTRAINT metadef_namespaces_texts_fit
        CHECK (length(name) BETWEEN 1 AND 80 AND length(display_name) <= 80
               AND length(description) <= 500 AND length(owner) <= 255)
) STRICT, WITHOUT ROWID;

CREATE INDEX metadef_namespaces_by_time ON metadef_namespaces (created_at, name);
CREATE INDEX metadef_namespaces_by_owner ON metadef_namespaces (owner, created_at, name);

-- The types of resources that some namespace ever applied to.
CREATE TABLE metadef_resource_types (
    name       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CONSTRAINT metadef_resource_types_pkey PRIMARY KEY (name),
    CONSTRAINT metadef_resource_types_name_fits CHECK (length(name) BETWEEN 1 AND 80)
) STRICT, WITHOUT ROWID;

CREATE TABLE metadef_associations (
    namespace         TEXT NOT NULL,
    resource_type     TEXT NOT NULL,
    prefix            TEXT,
    properties_target TEXT,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    CONSTRAINT metadef_associations_pkey PRIMARY KEY (namespace, resource_type),
    CONSTRAINT metadef_associations_namespace FOREIGN KEY (namespace)
        REFERENCES metadef_namespaces (name) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT metadef_associations_resource_type FOREIGN KEY (resource_type)
        REFERENCES metadef_resource_types (name),
    CONSTRAINT metadef_associations_texts_fit
        CHECK (length(prefix) <= 80 AND length(properties_target) <= 80)
) STRICT, WITHOUT ROWID;

CREATE INDEX metadef_associations_by_resource_type
    ON metadef_associations (resource_type, namespace);

CREATE TABLE metadef_properties (
    namespace  TEXT NOT NULL,
    name       TEXT NOT NULL,
    definition TEXT NOT NULL,
    CONSTRAINT metadef_properties_pkey PRIMARY KEY (namespace, name),
    CONSTRAINT metadef_properties_namespace FOREIGN KEY (namespace)
        REFERENCES metadef_namespaces (name) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT metadef_properties_texts_fit
        CHECK (length(name) BETWEEN 1 AND 80 AND length(definition) <= 32768)
) STRICT, WITHOUT ROWID;

CREATE TABLE metadef_objects (
    namespace   TEXT NOT NULL,
    name        TEXT NOT NULL,
    description TEXT,
    required    TEXT NOT NULL,
    properties  TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    CONSTRAINT metadef_objects_pkey PRIMARY KEY (namespace, name),
    CONSTRAINT metadef_objects_namespace FOREIGN KEY (namespace)
        REFERENCES metadef_namespaces (name) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT metadef_objects_texts_fit
        CHECK (length(name) BETWEEN 1 AND 80 AND length(properties) <= 32768)
) STRICT, WITHOUT ROWID;

CREATE TABLE metadef_tags (
    namespace  TEXT NOT NULL,
    name       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CONSTRAINT metadef_tags_pkey PRIMARY KEY (namespace, name),
    CONSTRAINT metadef_tags_namespace FOREIGN KEY (namespace)
        REFERENCES metadef_namespaces (name) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT metadef_tags_name_fits CHECK (length(name) BETWEEN 1 AND 80)
) STRICT, WITHOUT ROWID;
