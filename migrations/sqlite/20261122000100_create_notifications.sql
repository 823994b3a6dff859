-- What other services are still to be told, and who tells it.

-- AUTOINCREMENT: a position that was delivered is never used again.
CREATE TABLE notifications (
    position   INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    priority   TEXT NOT NULL,
    payload    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT notifications_priority_is_known CHECK (priority IN ('INFO', 'ERROR'))
) STRICT;

-- One process at a time relays, so that the order is kept: one row, held for a while.
CREATE TABLE notification_relay (
    id          INTEGER PRIMARY KEY,
    holder      TEXT NOT NULL,
    lease_until INTEGER NOT NULL,
    CONSTRAINT notification_relay_is_one CHECK (id = 1)
) STRICT;

INSERT INTO notification_relay (id, holder, lease_until)
VALUES (1, '', 0);
