-- When a job's log was removed because the lab keeps logs for a limited time; NULL: it is there.
ALTER TABLE job ADD COLUMN log_removed INTEGER;
-- Removing a suite looks for the cases of its sets: not through all cases.
CREATE INDEX test_case_set ON test_case (test_set) WHERE test_set IS NOT NULL;
