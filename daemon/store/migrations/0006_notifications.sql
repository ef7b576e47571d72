-- What jobs ask for in `notify`: made in the transaction that makes it due, kept until it is sent or given up, and
-- shown afterwards as long as the job is. `position` counts in the job's callbacks or recipients. `receiver` is what
-- several have in common that are sent to the same server. phase: 0 waiting, 1 behind (an earlier one of the same
-- position is waiting), 2 sent, 3 given up.
CREATE TABLE notification (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job INTEGER NOT NULL REFERENCES job(id) ON DELETE CASCADE,
    kind INTEGER NOT NULL,
    position INTEGER NOT NULL,
    address TEXT NOT NULL,
    receiver TEXT NOT NULL,
    job_state INTEGER NOT NULL,
    job_health INTEGER NOT NULL,
    phase INTEGER NOT NULL,
    created INTEGER NOT NULL,
    due INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    last_attempt INTEGER,
    status INTEGER NOT NULL DEFAULT 0,
    problem TEXT NOT NULL DEFAULT ''
);
CREATE INDEX notification_waiting ON notification (receiver, due, id) WHERE phase = 0;
CREATE INDEX notification_next ON notification (due) WHERE phase = 0;
CREATE INDEX notification_given_up ON notification (id) WHERE phase = 3;
CREATE INDEX notification_job ON notification (job, id);
