-- Leases of people: jobs without steps, which wait in the same queue. seconds: how long it was asked for; ends: NULL until it
-- has begun; end_reason: why it ends then, empty when its time is simply over.
CREATE TABLE session (
    job INTEGER PRIMARY KEY NOT NULL REFERENCES job(id) ON DELETE CASCADE,
    note TEXT NOT NULL,
    seconds INTEGER NOT NULL,
    idle_release INTEGER,
    ends INTEGER,
    end_reason TEXT NOT NULL DEFAULT '',
    over INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX session_open ON session (job) WHERE over = 0;
CREATE TRIGGER session_over AFTER UPDATE OF state ON job WHEN NEW.state = 5
BEGIN
    UPDATE session SET over = 1 WHERE job = NEW.id;
END;

-- The queue of jobs that any fitting device may take, and that of those which want one device and no other.
DROP INDEX job_queue;
CREATE INDEX job_queue ON job (requested_device_type, submitter_id, tag_set, priority DESC, submit_time, id, run_limit, state,
    target_group, requested_device)
WHERE state = 0 AND target_group = '' AND requested_device = '';
CREATE INDEX job_device_queue ON job (requested_device_type, priority DESC, submit_time, id)
WHERE state = 0 AND target_group = '' AND requested_device <> '';
