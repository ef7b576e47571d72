-- Jobs that say whether a device works: of all devices of a type (device ''), or of one, whose own goes first.
-- configured: the lab's configuration file says it.
CREATE TABLE health_check (
    device_type TEXT NOT NULL REFERENCES device_type(name) ON DELETE CASCADE,
    device TEXT NOT NULL,
    description TEXT NOT NULL,
    priority INTEGER NOT NULL,
    visibility INTEGER NOT NULL,
    definition TEXT NOT NULL,
    original_definition TEXT NOT NULL,
    metadata TEXT NOT NULL,
    configured INTEGER NOT NULL,
    PRIMARY KEY (device_type, device)
);

-- When the last health check of a device was submitted, and how many other jobs have started since.
ALTER TABLE device ADD COLUMN last_check INTEGER;
ALTER TABLE device ADD COLUMN jobs_since_check INTEGER NOT NULL DEFAULT 0;
CREATE INDEX device_check ON device (device_type, health, last_check) WHERE state = 0 AND health <= 2;
