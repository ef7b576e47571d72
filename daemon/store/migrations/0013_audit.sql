-- Who did what when: what people change, not what the lab does by itself.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_time ON audit (time);
CREATE INDEX audit_who ON audit (who, id);
CREATE INDEX audit_object ON audit (object, id);
