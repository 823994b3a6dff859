-- What other services are still to be told, and who tells it.

CREATE TABLE notifications (
    position   BIGINT GENERATED ALWAYS AS IDENTITY,
    message_id TEXT COLLATE "C" NOT NULL,
    event_type TEXT COLLATE "C" NOT NULL,
    priority   TEXT COLLATE "C" NOT NULL,
    payload    TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT notifications_pkey PRIMARY KEY (position),
    CONSTRAINT notifications_priority_is_known CHECK (priority IN ('INFO', 'ERROR'))
);

-- One process at a time relays, so that the order is kept: one row, held for a while.
CREATE TABLE notification_relay (
    id          BIGINT NOT NULL,
    holder      TEXT COLLATE "C" NOT NULL,
    lease_until BIGINT NOT NULL,
    CONSTRAINT notification_relay_pkey PRIMARY KEY (id),
    CONSTRAINT notification_relay_is_one CHECK (id = 1)
);

INSERT INTO notification_relay (id, holder, lease_until)
VALUES (1, '', 0);
