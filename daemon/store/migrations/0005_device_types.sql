-- Other names by which jobs may ask for a device type. configured: the lab's configuration file says it.
CREATE TABLE device_type_alias (
    name TEXT PRIMARY KEY NOT NULL,
    device_type TEXT NOT NULL REFERENCES device_type(name) ON DELETE CASCADE,
    configured INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX device_type_alias_type ON device_type_alias (device_type, name);

-- configured: the columns that the lab's configuration file says, joined by commas.
ALTER TABLE device_type ADD COLUMN health_denominator INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device_type ADD COLUMN disable_health_check INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device_type ADD COLUMN configured TEXT NOT NULL DEFAULT '';
