-- Verification jobs: those that wait, those that are run, and the results of those that ended,
-- which are kept for a time. A job's id is its project's; '' stands for nobody's project.

CREATE TABLE jobs (
    entry        TEXT NOT NULL,
    project      TEXT NOT NULL,
    id           TEXT NOT NULL,
    user_id      TEXT,
    caller       TEXT NOT NULL,
    document     TEXT NOT NULL,
    operation    TEXT NOT NULL,
    status       TEXT NOT NULL,
    priority     INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    submitted_at INTEGER NOT NULL,
    deadline     INTEGER,
    only_worker  TEXT,
    is_pooled    INTEGER NOT NULL,
    key          TEXT,
    attempts     INTEGER NOT NULL,
    worker       TEXT,
    started_at   INTEGER,
    cancel_at    INTEGER,
    holder       TEXT,
    lease_until  INTEGER,
    result       TEXT,
    error        TEXT,
    is_final     INTEGER NOT NULL,
    ended_at     INTEGER,
    expires_at   INTEGER,
    CONSTRAINT jobs_pkey PRIMARY KEY (entry),
    CONSTRAINT jobs_id_is_taken_once UNIQUE (project, id),
    CONSTRAINT jobs_status_is_known
        CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
    CONSTRAINT jobs_running_is_held
        CHECK ((status = 'running') = (holder IS NOT NULL)
               AND (status = 'running') = (lease_until IS NOT NULL)),
    CONSTRAINT jobs_over_has_result
        CHECK ((status IN ('pending', 'running')) = (result IS NULL)
               AND (result IS NULL) = (ended_at IS NULL)
               AND (result IS NULL) = (expires_at IS NULL)),
    CONSTRAINT jobs_priority_is_known CHECK (priority BETWEEN 1 AND 10),
    CONSTRAINT jobs_attempts_are_natural CHECK (attempts BETWEEN 0 AND 2147483647),
    CONSTRAINT jobs_switches_are_known CHECK (is_pooled IN (0, 1) AND is_final IN (0, 1))
) STRICT;

-- Two jobs with one key never run at once.
CREATE UNIQUE INDEX jobs_running_key ON jobs (project, key) WHERE status = 'running';
CREATE INDEX jobs_known_key ON jobs (project, key) WHERE is_final = 1;
CREATE INDEX jobs_waiting ON jobs (priority DESC, created_at, submitted_at, entry)
    WHERE status = 'pending';
CREATE INDEX jobs_by_lease ON jobs (lease_until) WHERE status = 'running';
CREATE INDEX jobs_by_time ON jobs (submitted_at, entry);
CREATE INDEX jobs_of_project ON jobs (project, submitted_at, entry);
CREATE INDEX jobs_by_id ON jobs (id, submitted_at);
CREATE INDEX jobs_by_expiry ON jobs (expires_at) WHERE expires_at IS NOT NULL;

-- The pools whose workers may run a job that is pooled.
CREATE TABLE job_pools (
    entry TEXT NOT NULL,
    pool  TEXT NOT NULL,
    CONSTRAINT job_pools_pkey PRIMARY KEY (entry, pool),
    CONSTRAINT job_pools_job FOREIGN KEY (entry) REFERENCES jobs (entry) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The jobs of the same project at whose time a job must not run.
CREATE TABLE job_avoided (
    entry TEXT NOT NULL,
    id    TEXT NOT NULL,
    CONSTRAINT job_avoided_pkey PRIMARY KEY (entry, id),
    CONSTRAINT job_avoided_job FOREIGN KEY (entry) REFERENCES jobs (entry) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('jobs', 'sqlite_autoindex_jobs_1', '2000 1'),
    ('jobs', 'sqlite_autoindex_jobs_2', '2000 200 1'),
    ('jobs', 'jobs_running_key', '20 10 1'),
    ('jobs', 'jobs_known_key', '200 100 2'),
    ('jobs', 'jobs_waiting', '100 50 2 1 1'),
    ('jobs', 'jobs_by_lease', '20 1'),
    ('jobs', 'jobs_by_time', '2000 1 1'),
    ('jobs', 'jobs_of_project', '2000 200 1 1'),
    ('jobs', 'jobs_by_id', '2000 1 1'),
    ('jobs', 'jobs_by_expiry', '1900 1');
ANALYZE sqlite_schema;
