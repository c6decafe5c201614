//! The tables of the event store.

use crate::postgres::{fenced, may_see};

/// Steps from one format to the next.
pub(super) const STEPS: [&str; 1] = [FIRST];

/// Identities are unique per tenant, not over all: a client chooses its command ids, and must neither collide with nor
/// learn of those of another tenant. Rows of others are fenced off even from the owner of the tables.
const FIRST: &str = concat!(
    may_see!(),
    "
    -- Who holds this row is the only one who appends: so positions are gapless, and in the order of commits.
    CREATE TABLE head (one boolean PRIMARY KEY DEFAULT true CHECK (one), position bigint NOT NULL) WITH (fillfactor = 10);
    INSERT INTO head (position) VALUES (0);

    CREATE TABLE events (
        position bigint PRIMARY KEY,
        tenant uuid NOT NULL,
        stream uuid NOT NULL,
        kind text NOT NULL,
        revision bigint NOT NULL,
        event_id uuid NOT NULL,
        previous_hash bytea NOT NULL,
        hash bytea NOT NULL,
        details bytea NOT NULL, -- the rest of the canonical envelope
        body_hash bytea,        -- of a body that was removed
        salt bytea,
        body bytea
    );
    CREATE UNIQUE INDEX events_by_stream ON events (tenant, stream, kind, revision);
    CREATE UNIQUE INDEX events_by_id ON events (tenant, event_id);
    CREATE INDEX events_by_tenant ON events (tenant, position);

    CREATE TABLE deleted_streams (
        tenant uuid NOT NULL,
        stream uuid NOT NULL,
        kind text NOT NULL,
        PRIMARY KEY (tenant, stream, kind)
    );

    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'events are never changed or removed';
    END $$;

    CREATE FUNCTION allow_removal_of_body() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_setting('kilter.maintenance', true) IS DISTINCT FROM 'on' OR NEW.body IS NOT NULL OR NEW.salt IS NOT NULL
            OR (OLD.position, OLD.tenant, OLD.stream, OLD.kind, OLD.revision, OLD.event_id, OLD.previous_hash, OLD.hash, OLD.details)
            IS DISTINCT FROM
            (NEW.position, NEW.tenant, NEW.stream, NEW.kind, NEW.revision, NEW.event_id, NEW.previous_hash, NEW.hash, NEW.details)
        THEN
            RAISE EXCEPTION 'bodies are only removed, in maintenance';
        END IF;
        RETURN NEW;
    END $$;

    CREATE TRIGGER deleted_streams_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON deleted_streams EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER the_head_stays BEFORE INSERT OR DELETE OR TRUNCATE ON head EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER the_head_only_rises BEFORE UPDATE ON head FOR EACH ROW
        WHEN (NEW.position < OLD.position) EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER events_stay BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER all_events_stay BEFORE TRUNCATE ON events EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION allow_removal_of_body();
    ",
    fenced!("events", "tenant"),
    fenced!("deleted_streams", "tenant"),
);
