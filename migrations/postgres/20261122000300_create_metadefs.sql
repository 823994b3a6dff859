-- Metadata definitions. Times are microseconds since 1970 (UTC). What is in a namespace is kept
-- under its name, follows a new one, and goes with it.

CREATE TABLE metadef_namespaces (
    name         TEXT COLLATE "C" NOT NULL,
    display_name TEXT COLLATE "C",
    description  TEXT COLLATE "C",
    visibility   TEXT COLLATE "C" NOT NULL,
    protected    BOOLEAN NOT NULL,
    owner        TEXT COLLATE "C",
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    CONSTRAINT metadef_namespaces_pkey PRIMARY KEY (name),
    CONSTRAINT metadef_namespaces_visibility_is_known
        CHECK (visibility IN ('public', 'private')),
    CONSTRAINT metadef_namespaces_texts_fit
        CHECK (length(name) BETWEEN 1 AND 80 AND length(display_name) <= 80
               AND length(description) <= 500 AND length(owner) <= 255)
);

CREATE INDEX metadef_namespaces_by_time ON metadef_namespaces (created_at, name);
CREATE INDEX metadef_namespaces_by_owner ON metadef_namespaces (owner, created_at, name);

-- The types of resources that some namespace ever applied to.
CREATE TABLE metadef_resource_types (
    name       TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT metadef_resource_types_pkey PRIMARY KEY (name),
    CONSTRAINT metadef_resource_types_name_fits CHECK (length(name) BETWEEN 1 AND 80)
);

CREATE TABLE metadef_associations (
    namespace         TEXT COLLATE "C" NOT NULL,
    resource_type     TEXT COLLATE "C" NOT NULL,
    prefix            TEXT COLLATE "C",
    properties_target TEXT COLLATE "C",
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL,
    CONSTRAINT metadef_associations_pkey PRIMARY KEY (namespace, resource_type),
    CONSTRAINT metadef_associations_namespace FOREIGN KEY (namespace)
        REFERENCES metadef_namespaces (name) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT metadef_associations_resource_type FOREIGN KEY (resource_type)
        REFERENCES metadef_resource_types (name),
    CONSTRAINT metadef_associations_texts_fit
        CHECK (length(prefix) <= 80 AND length(properties_target) <= 80)
);

CREATE INDEX metadef_associations_by_resource_type
    ON metadef_associations (resource_type, namespace);

CREATE TABLE metadef_properties (
    namespace  TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    definition TEXT NOT NULL,
    CONSTRAINT metadef_properties_pkey PRIMARY KEY (namespace, name),
    CONSTRAINT metadef_properties_namespace FOREIGN KEY (namespace)
        REFERENCES metadef_namespaces (name) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT metadef_properties_texts_fit
        CHECK (length(name) BETWEEN 1 AND 80 AND length(definition) <= 32768)
);

CREATE TABLE metadef_objects (
    namespace   TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    description TEXT,
    required    TEXT NOT NULL,
    properties  TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    CONSTRAINT metadef_objects_pkey PRIMARY KEY (namespace, name),
    CONSTRAINT metadef_objects_namespace FOREIGN KEY (namespace)
        REFERENCES metadef_namespaces (name) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT metadef_objects_texts_fit
        CHECK (length(name) BETWEEN 1 AND 80 AND length(properties) <= 32768)
);

CREATE TABLE metadef_tags (
    namespace  TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT metadef_tags_pkey PRIMARY KEY (namespace, name),
    CONSTRAINT metadef_tags_namespace FOREIGN KEY (namespace)
        REFERENCES metadef_namespaces (name) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT metadef_tags_name_fits CHECK (length(name) BETWEEN 1 AND 80)
);
