-- configured: the lab's configuration file says it; else it was added at run time.
ALTER TABLE device_tag ADD COLUMN configured INTEGER NOT NULL DEFAULT 1;
