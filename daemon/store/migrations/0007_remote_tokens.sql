-- Secrets of other servers that a user's jobs may name instead of writing them down.
CREATE TABLE remote_token (
    user_id INTEGER NOT NULL REFERENCES user_account(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (user_id, name)
) WITHOUT ROWID;
