-- The token of whoever asked for an import from another registry, for whom that registry is asked.
-- It is there for as long as the task is not over, and nothing shows it.

CREATE TABLE import_tokens (
    task_id TEXT NOT NULL,
    token   TEXT NOT NULL,
    CONSTRAINT import_tokens_pkey PRIMARY KEY (task_id),
    CONSTRAINT import_tokens_task FOREIGN KEY (task_id) REFERENCES tasks (id) ON DELETE CASCADE,
    CONSTRAINT import_tokens_fit CHECK (length(token) <= 65536)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER tasks_token_ends AFTER UPDATE OF status ON tasks
WHEN NEW.status IN ('success', 'failure')
BEGIN
    DELETE FROM import_tokens WHERE task_id = NEW.id;
END;
