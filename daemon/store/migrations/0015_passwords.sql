-- What a user may log in with to get a token; without a row the user has none.
CREATE TABLE user_password (
    user_id INTEGER PRIMARY KEY REFERENCES user_account(id) ON DELETE CASCADE,
    hash TEXT NOT NULL
);
