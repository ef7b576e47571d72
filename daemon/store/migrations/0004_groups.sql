-- Ids of groups are never used again: what only a removed group could see stays hidden.
CREATE TABLE user_group (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE group_member (
    user_id INTEGER NOT NULL REFERENCES user_account(id) ON DELETE CASCADE,
    group_id INTEGER NOT NULL REFERENCES user_group(id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, group_id)
) WITHOUT ROWID;
CREATE INDEX group_member_group ON group_member (group_id, user_id);

-- What a group may do with one device (kind 0, object is its hostname) or all of a device type (kind 1).
-- permission: 0 view, 1 submit, 2 change; one includes those before it.
CREATE TABLE object_permission (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind INTEGER NOT NULL,
    object TEXT NOT NULL,
    permission INTEGER NOT NULL,
    group_id INTEGER NOT NULL REFERENCES user_group(id),
    UNIQUE (kind, object, permission, group_id)
);
CREATE INDEX object_permission_group ON object_permission (group_id);
-- "Is anything hidden from anybody?" is asked with every request.
CREATE INDEX object_permission_view ON object_permission (kind, object) WHERE permission = 0;

-- What somebody may do everywhere: "lava_scheduler_app.view_device".
CREATE TABLE user_permission (
    user_id INTEGER NOT NULL REFERENCES user_account(id) ON DELETE CASCADE,
    codename TEXT NOT NULL,
    PRIMARY KEY (user_id, codename)
) WITHOUT ROWID;
CREATE TABLE group_permission (
    group_id INTEGER NOT NULL REFERENCES user_group(id) ON DELETE CASCADE,
    codename TEXT NOT NULL,
    PRIMARY KEY (group_id, codename)
) WITHOUT ROWID;

-- job.visibility is the id of one of these: who is in all of its groups sees the job. Each set of groups is stored once,
-- so that job_counter counts the jobs of each. Nobody is in the sets 0 (the job is public) and 1 (its submitter's only).
CREATE TABLE viewing_set (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    groups TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL
);
INSERT INTO viewing_set VALUES (0, 'everybody', 0), (1, 'submitter', 0);
-- No reference to user_group: a set that lost a group would be seen by more people.
CREATE TABLE viewing_set_group (
    group_id INTEGER NOT NULL,
    viewing_set INTEGER NOT NULL REFERENCES viewing_set(id),
    PRIMARY KEY (group_id, viewing_set)
) WITHOUT ROWID;

ALTER TABLE user_account ADD COLUMN first_name TEXT NOT NULL DEFAULT '';
ALTER TABLE user_account ADD COLUMN last_name TEXT NOT NULL DEFAULT '';
ALTER TABLE user_account ADD COLUMN email TEXT NOT NULL DEFAULT '';
ALTER TABLE user_account ADD COLUMN staff INTEGER NOT NULL DEFAULT 0;
