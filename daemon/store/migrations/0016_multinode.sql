-- A multinode group: jobs that begin together and speak to each other. `name` is LAVA's target_group.
CREATE TABLE job_group (
    name TEXT PRIMARY KEY NOT NULL,
    definition TEXT NOT NULL
);
-- Of the parts of a group; '' for all other jobs. sub_id: "<first job of the group>.<which one>".
ALTER TABLE job ADD COLUMN target_group TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN sub_id TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN role TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN essential INTEGER NOT NULL DEFAULT 0;
-- The one device, or the worker, that the part's role names.
ALTER TABLE job ADD COLUMN requested_device TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN requested_worker TEXT NOT NULL DEFAULT '';
CREATE INDEX job_target_group ON job (target_group, id) WHERE target_group <> '';
CREATE UNIQUE INDEX job_sub_id ON job (sub_id) WHERE sub_id <> '';

-- The queue of single jobs, and that of the groups: no device takes a part by itself.
DROP INDEX job_queue;
CREATE INDEX job_queue ON job (requested_device_type, submitter_id, tag_set, priority DESC, submit_time, id, run_limit, state,
    target_group)
WHERE state = 0 AND target_group = '';
CREATE INDEX job_group_queue ON job (requested_device_type, priority DESC, submit_time, id)
WHERE state = 0 AND target_group <> '';

-- What the parts said to their group, in the order in which it was heard: the state of a group is what these make of it.
-- call: the journal's record.
CREATE TABLE group_call (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    target_group TEXT NOT NULL REFERENCES job_group(name) ON DELETE CASCADE,
    job INTEGER NOT NULL REFERENCES job(id) ON DELETE CASCADE,
    call TEXT NOT NULL
);
CREATE INDEX group_call_group ON group_call (target_group, id);
CREATE INDEX group_call_job ON group_call (job);
CREATE TRIGGER job_group_over AFTER UPDATE OF state ON job
WHEN NEW.state = 5 AND NEW.target_group <> '' AND NOT EXISTS
    (SELECT 1 FROM job WHERE target_group = NEW.target_group AND target_group <> '' AND state <> 5)
BEGIN
    DELETE FROM group_call WHERE target_group = NEW.target_group;
END;
CREATE TRIGGER job_group_gone AFTER DELETE ON job
WHEN OLD.target_group <> '' AND NOT EXISTS
    (SELECT 1 FROM job WHERE target_group = OLD.target_group AND target_group <> '')
BEGIN
    DELETE FROM job_group WHERE name = OLD.target_group;
END;
