-- A portable job, and the jobs that it became: one for each device type.
CREATE TABLE portable_job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    submitter_id INTEGER NOT NULL REFERENCES user_account(id),
    name TEXT NOT NULL,
    definition TEXT NOT NULL
);
-- recipe: what the job was lowered by; the name of a device type, or of a virtual machine.
CREATE TABLE portable_part (
    job INTEGER PRIMARY KEY NOT NULL REFERENCES job(id) ON DELETE CASCADE,
    portable_job INTEGER NOT NULL REFERENCES portable_job(id) ON DELETE CASCADE,
    recipe TEXT NOT NULL
);
CREATE INDEX portable_part_job ON portable_part (portable_job, job);
CREATE TRIGGER portable_job_gone AFTER DELETE ON portable_part
WHEN NOT EXISTS (SELECT 1 FROM portable_part WHERE portable_job = OLD.portable_job)
BEGIN
    DELETE FROM portable_job WHERE id = OLD.portable_job;
END;
