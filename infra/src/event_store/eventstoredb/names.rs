//! What streams are called on the server. Names hold no personal data; whoever may list streams reads them.

use domain::kernel::{StreamId, StreamType, TenantId};
use uuid::Uuid;

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
        format!("{}t{}.{}-{}", self.prefix, tenant.0.simple(), stream.kind.as_str(), stream.id.simple())
    }

    /// What the server keeps beside a stream: of such streams it keeps the newest event only.
    pub(super) fn metadata(&self, tenant: TenantId, stream: StreamId) -> String {
        format!("$${}", self.events(tenant, stream))
    }

    /// Where it is written to which stream the event of an identity belongs.
    pub(super) fn identity(&self, tenant: TenantId, event_id: Uuid) -> String {
        format!("{}t{}.identity-{}", self.prefix, tenant.0.simple(), event_id.simple())
    }

    /// A stream that never is.
    pub(super) fn nothing(&self) -> String {
        format!("{}nothing", self.prefix)
    }

    /// Whose events a stream of the server holds; None where it holds none of ours.
    pub(super) fn read(&self, name: &str) -> Option<(TenantId, StreamId)> {
        let (tenant, rest) = name.strip_prefix(&self.prefix)?.strip_prefix('t')?.split_at_checked(32)?;
        let (kind, id) = rest.strip_prefix('.')?.rsplit_once('-')?;
        let stream = StreamId::new(StreamType::from_stored(kind)?, canonical(id)?);
        Some((TenantId(canonical(tenant)?), stream))
    }
}

/// Other spellings of an identity would be other streams.
fn canonical(text: &str) -> Option<Uuid> {
    let is_canonical = text.len() == 32 && !text.contains(|letter: char| letter.is_ascii_uppercase());
    if is_canonical { Uuid::try_parse(text).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_everything_else_is_none_of_ours() {
        let (tenant, id) = (TenantId(Uuid::from_u128(0xa7)), Uuid::from_u128(0xbeef));
        let (ours, others) = (Names::new("").unwrap(), Names::new("test1.").unwrap());
        let stream = StreamId::new(StreamType::WorkCenter, id);
        let name = ours.events(tenant, stream);
        assert_eq!(name, "t000000000000000000000000000000a7.work_center-0000000000000000000000000000beef");
        assert_eq!(ours.read(&name), Some((tenant, stream)));
        assert_eq!(others.read(&others.events(tenant, stream)), Some((tenant, stream)));
        for foreign in [
            ours.identity(tenant, id),
            ours.metadata(tenant, stream),
            others.events(tenant, stream),
            ours.nothing(),
            name.to_uppercase(),
            name.replace("a7", "A7"),
            name.replace("work_center", "shop"),
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
    fn a_prefix_is_a_plain_word_and_a_dot() {
        for (prefix, may) in [("", true), ("a1.", true), ("a", false), (".", false), ("$a.", false), ("a-b.", false)] {
            assert_eq!(Names::new(prefix).is_some(), may, "{prefix}");
        }
    }
}
