-- What people read of a job whose definition speaks of secrets, and who may not see them: made once, when it is
-- submitted, as it takes as long as parsing. definition NULL: both texts have none and are read as they are in job_text.
-- original_definition NULL: the same as definition. A job of an earlier time has no row.
CREATE TABLE masked_text (
    job INTEGER PRIMARY KEY REFERENCES job(id) ON DELETE CASCADE,
    definition TEXT,
    original_definition TEXT
);
-- The same of a whole group whose parts have such rows. NULL: the text has no secrets.
ALTER TABLE job_group ADD COLUMN masked_definition TEXT;
