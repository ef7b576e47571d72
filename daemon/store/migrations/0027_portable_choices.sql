-- What else a queued job may become: one of a portable job that runs anywhere, lowered for another device type than that
-- in whose queue it is (home_type). Only until it has a device for the first time. tag_set: the tags that it wants there.
CREATE TABLE portable_choice (
    job INTEGER NOT NULL REFERENCES job(id) ON DELETE CASCADE,
    device_type TEXT NOT NULL,
    home_type TEXT NOT NULL,
    recipe TEXT NOT NULL,
    tag_set TEXT NOT NULL,
    run_limit INTEGER,
    definition TEXT NOT NULL,
    original_definition TEXT NOT NULL,
    masked INTEGER NOT NULL,
    masked_definition TEXT,
    masked_original_definition TEXT,
    PRIMARY KEY (job, device_type)
);
CREATE INDEX portable_choice_type ON portable_choice (device_type, job);
CREATE INDEX portable_choice_home ON portable_choice (home_type, device_type);
CREATE TRIGGER portable_choice_over AFTER UPDATE OF state ON job WHEN NEW.state <> 0
BEGIN
    DELETE FROM portable_choice WHERE job = NEW.id;
END;
