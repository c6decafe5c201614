//! What streams are called on the server. Names hold no personal data; whoever may list streams reads them.

use domain::kernel::{StreamId, TenantId};
use uuid::Uuid;

use crate::event_store::transfer::StreamKey;

/// In the place of a kind: the stream that says where the event of an identity stands.
const IDENTITY: &str = "identity";

/// The names of one installation on a server, which may keep several apart by what their names begin with.
#[derive(Debug, Clone)]
pub(super) struct Names {
    prefix: String,
}

impl Names {
    /// None where such names would be the server's own, or could not be told from those of another installation.
    pub(super) fn new(prefix: &str) -> Option<Self> {
        let is_plain = prefix.is_empty()
            || prefix.strip_suffix('.').is_some_and(|word| {
                !word.is_empty() && word.bytes().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
            });
        is_plain.then(|| Self { prefix: prefix.to_owned() })
    }

    /// The stream of a stream's events.
    pub(super) fn events(&self, tenant: TenantId, stream: StreamId) -> String {
        self.of(tenant, stream.kind.as_str(), stream.id)
    }

    /// The same of a stream that only a newer Kilter may know.
    pub(super) fn stream(&self, stream: &StreamKey) -> String {
        self.of(stream.tenant, &stream.kind, stream.id)
    }

    fn of(&self, tenant: TenantId, kind: &str, id: Uuid) -> String {
        format!("{}t{}.{kind}-{}", self.prefix, tenant.0.simple(), id.simple())
    }

    /// What the server keeps beside a stream: of such streams it keeps the newest event only.
    pub(super) fn metadata(&self, stream: &StreamKey) -> String {
        format!("$${}", self.stream(stream))
    }

    /// Where it is written to which stream the event of an identity belongs.
    pub(super) fn identity(&self, tenant: TenantId, event_id: Uuid) -> String {
        self.of(tenant, IDENTITY, event_id)
    }

    /// A stream that never is.
    pub(super) fn nothing(&self) -> String {
        format!("{}nothing", self.prefix)
    }

    /// Whose events a stream of the server holds, be it of a kind that only a newer Kilter knows; None where it holds none of ours.
    pub(super) fn read(&self, name: &str) -> Option<StreamKey> {
        let (tenant, rest) = name.strip_prefix(&self.prefix)?.strip_prefix('t')?.split_at_checked(32)?;
        let (kind, id) = rest.strip_prefix('.')?.rsplit_once('-')?;
        let is_kind = !kind.is_empty() && kind.bytes().all(|letter| letter.is_ascii_lowercase() || letter == b'_');
        let is_ours = is_kind && kind != IDENTITY;
        if is_ours { Some(StreamKey::stored(canonical(tenant)?, canonical(id)?, kind)) } else { None }
    }

    /// Of which of our streams this stream of the server holds what is kept beside it.
    pub(super) fn read_metadata(&self, name: &str) -> Option<StreamKey> {
        self.read(name.strip_prefix("$$")?)
    }
}

/// Other spellings of an identity would be other streams.
fn canonical(text: &str) -> Option<Uuid> {
    let is_canonical = text.len() == 32 && !text.contains(|letter: char| letter.is_ascii_uppercase());
    if is_canonical { Uuid::try_parse(text).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use domain::kernel::StreamType;

    use super::*;

    #[test]
    fn names_read_back_and_everything_else_is_none_of_ours() {
        let (tenant, id) = (TenantId(Uuid::from_u128(0xa7)), Uuid::from_u128(0xbeef));
        let (ours, others) = (Names::new("").unwrap(), Names::new("test1.").unwrap());
        let stream = StreamId::new(StreamType::WorkCenter, id);
        let name = ours.events(tenant, stream);
        assert_eq!(name, "t000000000000000000000000000000a7.work_center-0000000000000000000000000000beef");
        let key = StreamKey::of(tenant, stream);
        assert_eq!((ours.read(&name), ours.stream(&key)), (Some(key.clone()), name.clone()));
        assert_eq!(others.read(&others.events(tenant, stream)), Some(key.clone()));
        assert_eq!(ours.read_metadata(&ours.metadata(&key)), Some(key.clone()));
        assert_eq!(ours.read_metadata(&name), None);
        for foreign in [
            ours.identity(tenant, id),
            ours.metadata(&key),
            others.events(tenant, stream),
            ours.nothing(),
            name.to_uppercase(),
            name.replace("a7", "A7"),
            name.replace("work_center", "Shop"),
            name.replace("work_center", ""),
            format!("{name}0"),
            String::new(),
            "t".to_owned(),
            "t·····················".to_owned(),
        ] {
            assert_eq!(ours.read(&foreign), None, "{foreign}");
        }
        assert_eq!(others.read(&name), None);
    }

    #[test]
    fn a_kind_that_only_a_newer_kilter_knows_is_ours_and_no_kind_is_taken_for_an_identity() {
        let names = Names::new("").unwrap();
        let newer = StreamKey::stored(Uuid::from_u128(0xa7), Uuid::from_u128(0xbeef), "purchase_order");
        assert_eq!(names.read(&names.stream(&newer)), Some(newer.clone()));
        assert_eq!(newer.stream(), None);
        for kind in StreamType::ALL {
            let stream = StreamKey::of(TenantId(Uuid::nil()), StreamId::new(kind, Uuid::nil()));
            assert_eq!(names.read(&names.stream(&stream)), Some(stream));
        }
    }

    #[test]
    fn a_prefix_is_a_plain_word_and_a_dot() {
        for (prefix, may) in [("", true), ("a1.", true), ("a", false), (".", false), ("$a.", false), ("a-b.", false)] {
            assert_eq!(Names::new(prefix).is_some(), may, "{prefix}");
        }
    }
}
