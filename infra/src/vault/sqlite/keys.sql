-- A value sealed under the root key: tells a wrong root key before anything is read or written with it.
CREATE TABLE root_check (
    only   INTEGER PRIMARY KEY CHECK (only = 1),
    sealed BLOB NOT NULL
) STRICT;

CREATE TABLE tenant_keys (
    tenant  BLOB PRIMARY KEY,
    wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE data_keys (
    tenant  BLOB NOT NULL,
    subject BLOB NOT NULL,
    class   TEXT NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (tenant, subject, class)
) STRICT, WITHOUT ROWID;

-- Subjects that never get a key again. A journal: entries stay for ever.
CREATE TABLE fences (
    tenant    BLOB NOT NULL,
    subject   BLOB NOT NULL,
    fenced_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, subject)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER fences_are_not_changed BEFORE UPDATE ON fences BEGIN SELECT RAISE(ABORT, 'a fence stays'); END;
CREATE TRIGGER fences_are_not_removed BEFORE DELETE ON fences BEGIN SELECT RAISE(ABORT, 'a fence stays'); END;
CREATE TRIGGER fenced_subjects_get_no_key BEFORE INSERT ON data_keys
WHEN EXISTS (SELECT 1 FROM fences WHERE tenant = NEW.tenant AND subject = NEW.subject)
BEGIN SELECT RAISE(ABORT, 'the subject is fenced'); END;

CREATE TABLE tenants (
    id         BLOB PRIMARY KEY,
    name       TEXT NOT NULL,
    first_seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE actors (
    tenant BLOB NOT NULL,
    actor  BLOB NOT NULL,
    label  BLOB NOT NULL,
    PRIMARY KEY (tenant, actor)
) STRICT, WITHOUT ROWID;
