-- Jobs of other LAVA servers that run here. token_hash: SHA-256 of the job's token at that server, by which it is known
-- again; `token` itself only until the server has taken the end. lines_sent: lines of our log that it has.
CREATE TABLE attached_job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    attachment TEXT NOT NULL,
    remote_job INTEGER NOT NULL,
    token_hash TEXT NOT NULL,
    token TEXT NOT NULL,
    job INTEGER NOT NULL REFERENCES job(id) ON DELETE CASCADE,
    running_told INTEGER NOT NULL DEFAULT 0,
    lines_sent INTEGER NOT NULL DEFAULT 0,
    ended INTEGER,
    UNIQUE (attachment, remote_job, token_hash)
);
CREATE INDEX attached_job_open ON attached_job (attachment, id) WHERE ended IS NULL;
CREATE INDEX attached_job_job ON attached_job (job);
