-- Also by health: "the Incomplete jobs of this type" are counted without reading a million jobs. Columns and not rows: the
-- list that everybody asks for sums up all rows.
DROP TRIGGER job_counted;
DROP TRIGGER job_recounted;
DROP TRIGGER job_uncounted;
DROP TABLE job_counter;
CREATE TABLE job_counter (
    requested_device_type TEXT NOT NULL,
    state INTEGER NOT NULL,
    submitter_id INTEGER NOT NULL,
    visibility INTEGER NOT NULL,
    jobs INTEGER NOT NULL,
    complete INTEGER NOT NULL,
    incomplete INTEGER NOT NULL,
    canceled INTEGER NOT NULL,
    PRIMARY KEY (requested_device_type, state, submitter_id, visibility)
) WITHOUT ROWID;
-- How many somebody has in the queue is asked at each submission.
CREATE INDEX job_counter_state ON job_counter (state, submitter_id);
INSERT INTO job_counter
SELECT COALESCE(requested_device_type, ''), state, submitter_id, visibility, COUNT(*), SUM(health = 1), SUM(health = 2),
    SUM(health = 3)
FROM job GROUP BY 1, 2, 3, 4;
CREATE TRIGGER job_counted AFTER INSERT ON job BEGIN
    INSERT INTO job_counter
    VALUES (COALESCE(NEW.requested_device_type, ''), NEW.state, NEW.submitter_id, NEW.visibility, 1, NEW.health = 1,
        NEW.health = 2, NEW.health = 3)
    ON CONFLICT DO UPDATE SET jobs = jobs + 1, complete = complete + excluded.complete,
        incomplete = incomplete + excluded.incomplete, canceled = canceled + excluded.canceled;
END;
CREATE TRIGGER job_recounted AFTER UPDATE OF state, visibility, requested_device_type, submitter_id, health ON job BEGIN
    UPDATE job_counter SET jobs = jobs - 1, complete = complete - (OLD.health = 1),
        incomplete = incomplete - (OLD.health = 2), canceled = canceled - (OLD.health = 3)
    WHERE requested_device_type = COALESCE(OLD.requested_device_type, '') AND state = OLD.state
        AND submitter_id = OLD.submitter_id AND visibility = OLD.visibility;
    INSERT INTO job_counter
    VALUES (COALESCE(NEW.requested_device_type, ''), NEW.state, NEW.submitter_id, NEW.visibility, 1, NEW.health = 1,
        NEW.health = 2, NEW.health = 3)
    ON CONFLICT DO UPDATE SET jobs = jobs + 1, complete = complete + excluded.complete,
        incomplete = incomplete + excluded.incomplete, canceled = canceled + excluded.canceled;
END;
CREATE TRIGGER job_uncounted AFTER DELETE ON job BEGIN
    UPDATE job_counter SET jobs = jobs - 1, complete = complete - (OLD.health = 1),
        incomplete = incomplete - (OLD.health = 2), canceled = canceled - (OLD.health = 3)
    WHERE requested_device_type = COALESCE(OLD.requested_device_type, '') AND state = OLD.state
        AND submitter_id = OLD.submitter_id AND visibility = OLD.visibility;
END;
CREATE VIEW job_counter_by_health AS
    SELECT requested_device_type, state, submitter_id, visibility, 0 AS health, jobs - complete - incomplete - canceled AS jobs
    FROM job_counter
    UNION ALL SELECT requested_device_type, state, submitter_id, visibility, 1, complete FROM job_counter
    UNION ALL SELECT requested_device_type, state, submitter_id, visibility, 2, incomplete FROM job_counter
    UNION ALL SELECT requested_device_type, state, submitter_id, visibility, 3, canceled FROM job_counter;

-- The jobs of a type in the order of their ids, whatever their states.
CREATE INDEX job_type ON job (requested_device_type);
-- "What of mine waits or runs?" Few jobs do, so this index is small; see job_conditions.cpp.
CREATE INDEX job_open ON job (submitter_id, state) WHERE state < 5;

-- Among the devices that are idle, a decision finds one of each set of tags without reading the others.
DROP INDEX device_idle;
CREATE INDEX device_idle ON device (device_type, tag_set, last_fence, hostname, worker_host, health, state)
WHERE state = 0 AND health <= 1;
