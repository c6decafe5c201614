-- Secrets that are no data keys. Names are HMACs, values are sealed; both by keys that come from the root key.
CREATE TABLE secrets (
    kind       TEXT NOT NULL,
    name       BLOB NOT NULL,
    tenant     BLOB,
    owner      BLOB,
    sealed     BLOB NOT NULL,
    version    INTEGER NOT NULL,
    due_at     INTEGER,
    expires_at INTEGER,
    PRIMARY KEY (kind, name),
    CHECK (owner IS NULL OR tenant IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX secrets_by_owner ON secrets (tenant, owner, kind) WHERE owner IS NOT NULL;
CREATE INDEX secrets_by_due ON secrets (kind, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX secrets_by_expiry ON secrets (expires_at) WHERE expires_at IS NOT NULL;
CREATE TRIGGER fenced_subjects_get_no_secret BEFORE INSERT ON secrets
WHEN EXISTS (SELECT 1 FROM fences WHERE tenant = NEW.tenant AND subject = NEW.owner)
BEGIN SELECT RAISE(ABORT, 'the subject is fenced'); END;
