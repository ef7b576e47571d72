-- Devices that are kept for one user: for a person until a time, or for a job of theirs that had to wait too long
-- (job is not NULL) as long as that is queued. idle_release: seconds without a job of the user.
CREATE TABLE reservation (
    device TEXT PRIMARY KEY NOT NULL REFERENCES device(hostname) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES user_account(id) ON DELETE CASCADE,
    job INTEGER,
    made INTEGER NOT NULL,
    until INTEGER,
    idle_release INTEGER,
    last_used INTEGER NOT NULL,
    reason TEXT NOT NULL DEFAULT ''
);

-- Why a running attempt shall stop although nobody canceled the job ('': it shall not), and whether the job is queued
-- again then.
ALTER TABLE lease ADD COLUMN stop_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE lease ADD COLUMN requeue INTEGER NOT NULL DEFAULT 0;

-- Results of attempts that others have followed; those of the last attempt are in test_case.
CREATE TABLE past_case (
    id INTEGER PRIMARY KEY,
    job INTEGER NOT NULL REFERENCES job(id) ON DELETE CASCADE,
    attempt INTEGER NOT NULL,
    suite TEXT NOT NULL,
    test_set TEXT,
    name TEXT NOT NULL,
    result INTEGER NOT NULL,
    measurement TEXT,
    units TEXT NOT NULL,
    metadata TEXT NOT NULL,
    extra TEXT NOT NULL,
    start_log_line INTEGER,
    end_log_line INTEGER,
    logged INTEGER NOT NULL
);
CREATE INDEX past_case_job ON past_case (job, attempt, id);
