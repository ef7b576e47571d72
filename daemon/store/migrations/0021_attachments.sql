-- Other LAVA servers whose jobs run here, as the daemon sees them; for whoever asks. state: 0 begins, 1 attached, 2 fails,
-- 3 stopped. problem: why it fails. events: its WebSocket is followed; events_problem: why not.
CREATE TABLE attachment (
    name TEXT PRIMARY KEY,
    server TEXT NOT NULL,
    worker TEXT NOT NULL,
    state INTEGER NOT NULL,
    since INTEGER NOT NULL,
    problem TEXT NOT NULL,
    events INTEGER NOT NULL,
    events_problem TEXT NOT NULL
);
