-- Times are microseconds since 1970, UTC. State and health columns hold LAVA's numbers.

CREATE TABLE user_account (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    superuser INTEGER NOT NULL DEFAULT 0,
    active INTEGER NOT NULL DEFAULT 1,
    created INTEGER NOT NULL
);

CREATE TABLE token (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES user_account(id) ON DELETE CASCADE,
    hash TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    created INTEGER NOT NULL
);

CREATE TABLE tag (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL DEFAULT ''
);

CREATE TABLE device_type (
    name TEXT PRIMARY KEY NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    architecture TEXT NOT NULL DEFAULT '',
    display INTEGER NOT NULL DEFAULT 1,
    health_frequency INTEGER NOT NULL DEFAULT 24
);

-- tag_set: ids in ascending order, joined by commas, so that devices alike share one decision.
CREATE TABLE device (
    hostname TEXT PRIMARY KEY NOT NULL,
    device_type TEXT NOT NULL REFERENCES device_type(name),
    description TEXT NOT NULL DEFAULT '',
    tag_set TEXT NOT NULL DEFAULT '',
    state INTEGER NOT NULL DEFAULT 0,
    health INTEGER NOT NULL DEFAULT 0,
    last_health_report_job INTEGER,
    current_job INTEGER,
    worker_host TEXT NOT NULL DEFAULT '',
    configuration TEXT NOT NULL DEFAULT '{}',
    last_fence INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX device_idle ON device (device_type, tag_set, last_fence, hostname) WHERE state = 0 AND health <= 1;

CREATE TABLE device_tag (
    device TEXT NOT NULL REFERENCES device(hostname) ON DELETE CASCADE,
    tag INTEGER NOT NULL REFERENCES tag(id) ON DELETE CASCADE,
    PRIMARY KEY (device, tag)
) WITHOUT ROWID;

CREATE TABLE device_health_change (
    id INTEGER PRIMARY KEY,
    device TEXT NOT NULL REFERENCES device(hostname) ON DELETE CASCADE,
    changed INTEGER NOT NULL,
    was INTEGER NOT NULL,
    became INTEGER NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX device_health_change_device ON device_health_change (device, id);

CREATE TABLE job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    submitter_id INTEGER NOT NULL REFERENCES user_account(id),
    description TEXT NOT NULL,
    health_check INTEGER NOT NULL DEFAULT 0,
    requested_device_type TEXT,
    tag_set TEXT NOT NULL DEFAULT '',
    actual_device TEXT,
    submit_time INTEGER NOT NULL,
    start_time INTEGER,
    end_time INTEGER,
    state INTEGER NOT NULL DEFAULT 0,
    health INTEGER NOT NULL DEFAULT 0,
    priority INTEGER NOT NULL DEFAULT 50,
    visibility INTEGER NOT NULL DEFAULT 0,
    metadata TEXT NOT NULL DEFAULT '{}',
    failure_comment TEXT,
    queue_timeout INTEGER,
    queue_expires INTEGER,
    cancel_reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX job_state ON job (state);
CREATE INDEX job_type_state ON job (requested_device_type, state);
CREATE INDEX job_submitter ON job (submitter_id);
CREATE INDEX job_device ON job (actual_device);
CREATE INDEX job_submit_time ON job (submit_time);
CREATE INDEX job_start_time ON job (start_time);
CREATE INDEX job_end_time ON job (end_time);
-- The queue: for each type and set of wanted tags, the best job first.
CREATE INDEX job_queue ON job (requested_device_type, tag_set, priority DESC, submit_time, id) WHERE state = 0;
CREATE INDEX job_queue_expiry ON job (queue_expires) WHERE state = 0 AND queue_expires IS NOT NULL;

-- Apart from job, so that walking jobs does not walk their texts. original_definition NULL: the same as definition.
CREATE TABLE job_text (
    job INTEGER PRIMARY KEY REFERENCES job(id) ON DELETE CASCADE,
    definition TEXT NOT NULL,
    original_definition TEXT
);

CREATE TABLE job_tag (
    job INTEGER NOT NULL REFERENCES job(id) ON DELETE CASCADE,
    tag INTEGER NOT NULL REFERENCES tag(id),
    PRIMARY KEY (job, tag)
) WITHOUT ROWID;
CREATE INDEX job_tag_tag ON job_tag (tag, job);

-- How many jobs of each kind there are: `count` of a list of 100 000 jobs reads a few rows. Column names are job's.
CREATE TABLE job_counter (
    requested_device_type TEXT NOT NULL,
    state INTEGER NOT NULL,
    submitter_id INTEGER NOT NULL,
    visibility INTEGER NOT NULL,
    jobs INTEGER NOT NULL,
    PRIMARY KEY (requested_device_type, state, submitter_id, visibility)
) WITHOUT ROWID;
CREATE TRIGGER job_counted AFTER INSERT ON job BEGIN
    INSERT INTO job_counter VALUES (COALESCE(NEW.requested_device_type, ''), NEW.state, NEW.submitter_id, NEW.visibility, 1)
    ON CONFLICT DO UPDATE SET jobs = jobs + 1;
END;
CREATE TRIGGER job_recounted AFTER UPDATE OF state, visibility, requested_device_type, submitter_id ON job BEGIN
    UPDATE job_counter SET jobs = jobs - 1
    WHERE requested_device_type = COALESCE(OLD.requested_device_type, '') AND state = OLD.state
        AND submitter_id = OLD.submitter_id AND visibility = OLD.visibility;
    INSERT INTO job_counter VALUES (COALESCE(NEW.requested_device_type, ''), NEW.state, NEW.submitter_id, NEW.visibility, 1)
    ON CONFLICT DO UPDATE SET jobs = jobs + 1;
END;
CREATE TRIGGER job_uncounted AFTER DELETE ON job BEGIN
    UPDATE job_counter SET jobs = jobs - 1
    WHERE requested_device_type = COALESCE(OLD.requested_device_type, '') AND state = OLD.state
        AND submitter_id = OLD.submitter_id AND visibility = OLD.visibility;
END;

CREATE TABLE lease (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job INTEGER NOT NULL REFERENCES job(id) ON DELETE CASCADE,
    device TEXT NOT NULL,
    fence INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    folder TEXT NOT NULL DEFAULT '',
    runner_pid INTEGER NOT NULL DEFAULT 0,
    runner_start INTEGER NOT NULL DEFAULT 0,
    journal_offset INTEGER NOT NULL DEFAULT 0,
    phase INTEGER NOT NULL DEFAULT 0,
    started INTEGER NOT NULL,
    ended INTEGER
);
CREATE INDEX lease_job ON lease (job, id);
CREATE INDEX lease_open ON lease (id) WHERE phase < 3;
CREATE UNIQUE INDEX lease_device_open ON lease (device) WHERE phase < 3;

-- Whole lines; the last chunk of a job is plain (codec 0) and grows, the others are zstd (codec 1) and never change.
CREATE TABLE log_chunk (
    job INTEGER NOT NULL REFERENCES job(id) ON DELETE CASCADE,
    first_line INTEGER NOT NULL,
    lines INTEGER NOT NULL,
    first_byte INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    codec INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (job, first_line)
);

CREATE TABLE suite (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job INTEGER NOT NULL REFERENCES job(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    UNIQUE (job, name)
);

CREATE TABLE test_set (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    suite INTEGER NOT NULL REFERENCES suite(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    UNIQUE (suite, name)
);

CREATE TABLE test_case (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job INTEGER NOT NULL REFERENCES job(id) ON DELETE CASCADE,
    suite INTEGER NOT NULL REFERENCES suite(id) ON DELETE CASCADE,
    test_set INTEGER REFERENCES test_set(id),
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
CREATE INDEX test_case_job ON test_case (job);
CREATE INDEX test_case_suite ON test_case (suite);
