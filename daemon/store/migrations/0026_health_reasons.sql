-- The job that a reason is of, and what it said: that is for those who may see the job, and goes with it.
ALTER TABLE device_health_change ADD COLUMN job INTEGER;
ALTER TABLE device_health_change ADD COLUMN detail TEXT NOT NULL DEFAULT '';
UPDATE device_health_change SET job = CAST(substr(reason, 5) AS INTEGER), detail = substr(reason, instr(reason, ': ') + 2),
    reason = substr(reason, 1, instr(reason, ': ') - 1)
WHERE reason GLOB 'job [0-9]* ended with error *: *';
UPDATE device_health_change SET job = CAST(substr(reason, 14) AS INTEGER), detail = substr(reason, instr(reason, ': ') + 2),
    reason = substr(reason, 1, instr(reason, ': ') - 1)
WHERE reason GLOB 'health check [0-9]* failed: *';
UPDATE device_health_change SET detail = '' WHERE detail <> '' AND job NOT IN (SELECT id FROM job);

CREATE INDEX device_health_change_job ON device_health_change (job) WHERE detail <> '';
CREATE TRIGGER health_detail_gone AFTER DELETE ON job
BEGIN
    UPDATE device_health_change SET detail = '' WHERE job = OLD.id AND detail <> '';
END;
