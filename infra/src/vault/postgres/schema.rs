//! The tables of the vault.

use crate::postgres::{fenced, may_see};

/// Steps from one format to the next.
pub(super) const STEPS: [&str; 4] = [FIRST, SECRETS, UNFINISHED, WINDOWS];

const FIRST: &str = concat!(
    may_see!(),
    "
    -- Sealed under the root key: tells other keys before anything is read or written with them.
    CREATE TABLE key_check (one boolean PRIMARY KEY DEFAULT true CHECK (one), sealed bytea NOT NULL);

    CREATE TABLE tenant_keys (tenant uuid PRIMARY KEY, wrapped bytea NOT NULL);

    CREATE TABLE data_keys (
        tenant uuid NOT NULL,
        subject uuid NOT NULL,
        class text NOT NULL,
        wrapped bytea NOT NULL,
        PRIMARY KEY (tenant, subject, class)
    );

    -- Subjects that never get a key again. A journal: entries stay for ever.
    CREATE TABLE fences (
        tenant uuid NOT NULL,
        subject uuid NOT NULL,
        fenced_at bigint NOT NULL,
        PRIMARY KEY (tenant, subject)
    );

    CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL, first_seen bigint NOT NULL);

    CREATE TABLE actors (tenant uuid NOT NULL, actor uuid NOT NULL, label bytea NOT NULL, PRIMARY KEY (tenant, actor));

    -- Answers to commands that left no event. They expire.
    CREATE TABLE answers (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        tenant uuid NOT NULL,
        command uuid NOT NULL,
        answer text NOT NULL,
        kept_since bigint NOT NULL,
        UNIQUE (tenant, command)
    );

    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'a fence stays';
    END $$;

    CREATE FUNCTION refuse_key_of_fenced() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM fences WHERE tenant = NEW.tenant AND subject = NEW.subject) THEN
            RAISE EXCEPTION 'the subject is fenced';
        END IF;
        RETURN NEW;
    END $$;

    CREATE TRIGGER fences_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON fences EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER fenced_subjects_get_no_key BEFORE INSERT OR UPDATE ON data_keys
        FOR EACH ROW EXECUTE FUNCTION refuse_key_of_fenced();
    ",
    fenced!("tenant_keys", "tenant"),
    fenced!("data_keys", "tenant"),
    fenced!("fences", "tenant"),
    fenced!("tenants", "id"),
    fenced!("actors", "tenant"),
    fenced!("answers", "tenant"),
);

/// Those of no tenant are what there is before it is known who somebody is: sign-ups, tokens of links. No tenant may see them, so the
/// fence lets them through in the scope of the system only, where `may_see` asks for no tenant; a comparison with none is never true.
const SECRETS: &str = concat!(
    "
    CREATE TABLE secrets (
        kind text COLLATE \"C\" NOT NULL,
        name bytea NOT NULL,
        tenant uuid,
        owner uuid,
        sealed bytea NOT NULL,
        version bigint NOT NULL,
        due_at bigint,
        expires_at bigint,
        PRIMARY KEY (kind, name),
        CHECK (owner IS NULL OR tenant IS NOT NULL)
    );
    CREATE INDEX secrets_by_owner ON secrets (tenant, owner, kind) WHERE owner IS NOT NULL;
    CREATE INDEX secrets_by_due ON secrets (kind, due_at) WHERE due_at IS NOT NULL;
    CREATE INDEX secrets_by_expiry ON secrets (expires_at) WHERE expires_at IS NOT NULL;

    CREATE FUNCTION refuse_secret_of_fenced() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM fences WHERE tenant = NEW.tenant AND subject = NEW.owner) THEN
            RAISE EXCEPTION 'the subject is fenced';
        END IF;
        RETURN NEW;
    END $$;

    CREATE TRIGGER fenced_subjects_get_no_secret BEFORE INSERT OR UPDATE ON secrets
        FOR EACH ROW EXECUTE FUNCTION refuse_secret_of_fenced();
    ",
    fenced!("secrets", "tenant"),
);

/// A row in it says that another store is being carried over to here: half of one is not served.
const UNFINISHED: &str = "CREATE TABLE unfinished (one boolean PRIMARY KEY DEFAULT true CHECK (one))";

/// How much of what callers may ask in a minute the nodes have taken. Of no tenant, and of no use after a crash.
const WINDOWS: &str = "
    CREATE UNLOGGED TABLE windows (name bytea PRIMARY KEY, begun timestamptz NOT NULL, used bigint NOT NULL)";
