//! The tenant's own settings, one row.

use domain::catalog::Event;
use domain::kernel::{CalendarId, StreamType, TenantId};
use domain::ports::{Position, Recorded};
use domain::tenancy::company::{CompanyEvent, CompanyName, CompanyProfile, Policies, SecurityPolicy, ZoneName};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::projection::{IndexColumn, Projection, Value};
use crate::views::{ViewError, Views, get};

/// Key of the only row.
pub const KEY: &str = "company";

/// The company's settings as they are now.
pub struct Company;

/// The company. A tenant that never opened it has no row: zone UTC and the default policies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompanyRow {
    /// Legal name.
    pub name: CompanyName,
    /// IANA time zone that local days are counted in.
    pub zone: ZoneName,
    /// Choices where shops differ.
    pub policies: Policies,
    /// What it says of itself.
    pub profile: CompanyProfile,
    /// Who is let in.
    pub security: SecurityPolicy,
    /// When everybody and everything works that nothing else is said of; always where there is none.
    pub calendar: Option<CalendarId>,
    /// Revision of its stream.
    pub revision: u64,
    /// Position of the last event folded.
    pub position: Position,
}

impl CompanyRow {
    /// The zone to count local days in; UTC where the name is unknown to this build's time zone database.
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(self.zone.as_str()).unwrap_or(TimeZone::UTC)
    }
}

/// The company's row, if it was opened.
pub async fn of(views: &dyn Views, tenant: TenantId) -> Result<Option<CompanyRow>, ViewError> {
    Ok(get::<Company>(views, tenant, vec![KEY.to_owned()]).await?.into_iter().next().map(|(_, row)| row))
}

/// The zone that the tenant counts local days in.
pub async fn time_zone(views: &dyn Views, tenant: TenantId) -> Result<TimeZone, ViewError> {
    Ok(of(views, tenant).await?.map_or(TimeZone::UTC, |row| row.time_zone()))
}

impl Projection for Company {
    const NAME: &'static str = "company";
    const VERSION: u32 = 4;
    const INDEXES: &'static [IndexColumn] = &[];
    type Row = CompanyRow;

    fn keys(event: &Recorded) -> Vec<String> {
        if event.envelope.stream.kind == StreamType::Company { vec![KEY.to_owned()] } else { Vec::new() }
    }

    fn evolve(row: Option<CompanyRow>, _key: &str, event: &Recorded) -> Option<CompanyRow> {
        let Event::Company(change) = &event.event else { return row };
        let (revision, position) = (event.envelope.revision, event.envelope.position);
        let Some(mut row) = row else {
            let CompanyEvent::Opened { name, zone, policies } = change else { return None };
            let (name, zone) = (name.clone(), zone.clone());
            return Some(CompanyRow {
                name,
                zone,
                policies: *policies,
                profile: CompanyProfile::default(),
                security: SecurityPolicy::default(),
                calendar: None,
                revision,
                position,
            });
        };
        if position <= row.position {
            return Some(row);
        }
        (row.revision, row.position) = (revision, position);
        match change {
            CompanyEvent::Opened { .. }
            | CompanyEvent::FeedMade { .. }
            | CompanyEvent::FeedRevoked { .. }
            | CompanyEvent::TerminalPaired { .. }
            | CompanyEvent::TerminalRevoked { .. } => {}
            CompanyEvent::Renamed { name, .. } => row.name = name.clone(),
            CompanyEvent::ZoneChanged { zone, .. } => row.zone = zone.clone(),
            CompanyEvent::PoliciesChanged { policies, .. } => row.policies = *policies,
            CompanyEvent::ProfileChanged { profile, .. } => row.profile = profile.clone(),
            CompanyEvent::SecurityChanged { security, .. } => row.security = security.clone(),
            CompanyEvent::CalendarSet { calendar, .. } => row.calendar = *calendar,
        }
        Some(row)
    }

    fn index(_row: &CompanyRow) -> Vec<Value> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::given::{Given, fold};

    fn zone(name: &str) -> ZoneName {
        ZoneName::try_new(name).unwrap()
    }

    fn opened() -> Given {
        let mut given = Given::default();
        let name = CompanyName::try_new("Old Name").unwrap();
        let event = CompanyEvent::Opened { name: name.clone(), zone: zone("UTC"), policies: Policies::default() };
        tell(&mut given, event);
        tell(&mut given, CompanyEvent::Renamed { was: name, name: CompanyName::try_new("New Name").unwrap() });
        tell(&mut given, CompanyEvent::ZoneChanged { was: zone("UTC"), zone: zone("Asia/Jerusalem") });
        given
    }

    fn tell(given: &mut Given, event: CompanyEvent) {
        given.that("2012-01-01T00:00:00Z", StreamType::Company, Uuid::from_u128(1), Event::Company(event));
    }

    #[test]
    fn the_company_is_as_it_was_last_said() {
        let row = opened().rows::<Company>().remove(KEY).unwrap();
        assert_eq!((row.name.as_str(), row.zone.as_str(), row.revision), ("New Name", "Asia/Jerusalem", 2));
        assert_eq!(row.time_zone(), TimeZone::get("Asia/Jerusalem").unwrap());
    }

    #[test]
    fn what_was_folded_already_changes_nothing() {
        let given = opened();
        let once = given.rows::<Company>();
        assert!(fold::<Company>(once.clone(), &given.events) == once);
    }
}
