-- The token of whoever asked for an import from another registry, for whom that registry is asked.
-- It is there for as long as the task is not over, and nothing shows it.

CREATE TABLE import_tokens (
    task_id TEXT NOT NULL,
    token   TEXT NOT NULL,
    CONSTRAINT import_tokens_pkey PRIMARY KEY (task_id),
    CONSTRAINT import_tokens_task FOREIGN KEY (task_id) REFERENCES tasks (id) ON DELETE CASCADE,
    CONSTRAINT import_tokens_fit CHECK (length(token) <= 65536)
);

CREATE FUNCTION end_token_of_task() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM import_tokens WHERE task_id = NEW.id;
    RETURN NEW;
END
$$;

CREATE TRIGGER tasks_token_ends AFTER UPDATE OF status ON tasks
    FOR EACH ROW WHEN (NEW.status IN ('success', 'failure'))
    EXECUTE FUNCTION end_token_of_task();
