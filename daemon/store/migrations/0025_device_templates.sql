-- What was uploaded of LAVA's device files: templates by file name ("beaglebone-black.jinja2"), dictionaries by device.
CREATE TABLE device_template (
    name TEXT PRIMARY KEY,
    text TEXT NOT NULL
);
CREATE TABLE device_dictionary (
    device TEXT PRIMARY KEY REFERENCES device(hostname) ON DELETE CASCADE,
    text TEXT NOT NULL
);
