-- What was set about the machines that the devices name as their workers.
CREATE TABLE worker (
    hostname TEXT PRIMARY KEY NOT NULL,
    health INTEGER NOT NULL DEFAULT 0,
    description TEXT NOT NULL DEFAULT '',
    job_limit INTEGER NOT NULL DEFAULT 0
);
-- How many devices of a worker are at work is asked for at each decision.
CREATE INDEX device_busy ON device (worker_host) WHERE state > 0;
