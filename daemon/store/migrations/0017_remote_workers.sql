-- Workers that attach over the network: remote is 1. state as in LAVA, 0 Online; that of the daemon's own machine always
-- is. token_hash '': it has not attached yet.
ALTER TABLE worker ADD COLUMN remote INTEGER NOT NULL DEFAULT 0;
ALTER TABLE worker ADD COLUMN state INTEGER NOT NULL DEFAULT 0;
ALTER TABLE worker ADD COLUMN token_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE worker ADD COLUMN last_ping INTEGER;
ALTER TABLE worker ADD COLUMN version TEXT NOT NULL DEFAULT '';

-- Which remote worker runs the attempt ('': this machine does). Its journal_offset then counts the lines of the worker's
-- log that are stored, of which number 0 is line first_line of the job's log.
ALTER TABLE lease ADD COLUMN worker TEXT NOT NULL DEFAULT '';
ALTER TABLE lease ADD COLUMN first_line INTEGER NOT NULL DEFAULT 0;
CREATE INDEX lease_worker ON lease (worker, id) WHERE phase < 3 AND worker <> '';

-- What a worker shows for one attempt. None: nobody was told of the attempt so far.
CREATE TABLE lease_token (
    hash TEXT PRIMARY KEY NOT NULL,
    lease INTEGER NOT NULL REFERENCES lease(id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX lease_token_lease ON lease_token (lease);

-- The pipeline of a job as the worker that ran it describes it, YAML.
CREATE TABLE job_pipeline (
    job INTEGER PRIMARY KEY REFERENCES job(id) ON DELETE CASCADE,
    description TEXT NOT NULL
);
