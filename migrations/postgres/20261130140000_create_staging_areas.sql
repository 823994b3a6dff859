-- Staging areas that belong to some nodes and not to all. An image says in which of them its bytes
-- are staged; none: in one that all nodes share. There is no reference to the areas: one that was
-- not seen for long is forgotten, whatever is staged there.

ALTER TABLE images ADD COLUMN staged_in TEXT COLLATE "C";

CREATE TABLE staging_areas (
    id      TEXT COLLATE "C" NOT NULL,
    node    TEXT COLLATE "C",
    seen_at BIGINT NOT NULL,
    CONSTRAINT staging_areas_pkey PRIMARY KEY (id)
);
