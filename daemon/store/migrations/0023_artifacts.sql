-- Files that jobs left. size: bytes of the whole file; its pieces come one after the other, at: where they belong.
CREATE TABLE artifact (
    id INTEGER PRIMARY KEY NOT NULL,
    job INTEGER NOT NULL REFERENCES job(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    size INTEGER NOT NULL,
    UNIQUE (job, name)
);
CREATE TABLE artifact_piece (
    id INTEGER PRIMARY KEY NOT NULL,
    artifact INTEGER NOT NULL REFERENCES artifact(id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    data BLOB NOT NULL,
    UNIQUE (artifact, at)
);
