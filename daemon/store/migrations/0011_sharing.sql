-- What a job may take at most, in seconds; NULL: unknown. Jobs that would outlast a window are not begun.
ALTER TABLE job ADD COLUMN run_limit INTEGER;
-- The queue: for each type, submitter and set of wanted tags, the best job first. Somebody who may have no device now is
-- stepped over, however many jobs they have. With `state` the index alone answers.
DROP INDEX job_queue;
CREATE INDEX job_queue ON job (requested_device_type, submitter_id, tag_set, priority DESC, submit_time, id, run_limit, state)
WHERE state = 0;
-- "How many usable devices has this type?"
CREATE INDEX device_usable ON device (device_type, health);
