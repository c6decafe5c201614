-- Answers to commands that left no event. They expire.
CREATE TABLE IF NOT EXISTS answers (
    number     INTEGER PRIMARY KEY,
    tenant     BLOB NOT NULL,
    command    BLOB NOT NULL,
    answer     TEXT NOT NULL,
    kept_since INTEGER NOT NULL,
    UNIQUE (tenant, command)
) STRICT;
