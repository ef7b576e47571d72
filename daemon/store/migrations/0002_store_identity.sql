-- Which store this is: a lease's folder names it, so that no other store's daemon takes that folder for its own.
CREATE TABLE store_identity (id TEXT NOT NULL);
INSERT INTO store_identity VALUES (lower(hex(randomblob(8))));
