use super::*;
use crate::kernel::scenario::Scenario;

fn name(text: &str) -> CompanyName {
    CompanyName::try_new(text).unwrap()
}

fn zone(text: &str) -> ZoneName {
    ZoneName::try_new(text).unwrap()
}

fn open() -> CompanyCommand {
    CompanyCommand::Open { name: name("Mill"), zone: zone("Asia/Jerusalem") }
}

#[test]
fn a_company_opens_with_default_policies() {
    Scenario::<Company>::new().when(&open()).then(&[CompanyEvent::Opened {
        name: name("Mill"),
        zone: zone("Asia/Jerusalem"),
        policies: Policies::default(),
    }]);
}

#[test]
fn opening_it_again_is_nothing_and_otherwise_refused() {
    let opened = Scenario::<Company>::new().given(&open());
    opened.clone().when(&open()).then_nothing();
    let other = CompanyCommand::Open { name: name("Mill"), zone: zone("UTC") };
    opened.when(&other).then_refused("COMPANY_ALREADY_OPEN", None);
}

#[test]
fn a_zone_must_be_one_of_the_iana_database() {
    for text in ["Asia/Atlantis", "+02:00", "../etc/passwd", "local"] {
        let command = CompanyCommand::Open { name: name("Mill"), zone: zone(text) };
        Scenario::<Company>::new().when(&command).then_refused("ZONE_UNKNOWN", Some("zone"));
    }
}

#[test]
fn nothing_is_set_before_it_is_open() {
    for command in [
        CompanyCommand::Rename(name("Other")),
        CompanyCommand::SetZone(zone("UTC")),
        CompanyCommand::SetWorkOverlap(OverlapPolicy::Refuse),
        CompanyCommand::SetAndonEscalation(None),
        CompanyCommand::SetProfile(CompanyProfile::default()),
        CompanyCommand::SetSecurity(SecurityPolicy::default()),
    ] {
        Scenario::<Company>::new().when(&command).then_refused("COMPANY_NOT_OPEN", None);
    }
}

#[test]
fn each_change_keeps_what_was_and_is_one_event() {
    let policies = Policies { work_overlap: OverlapPolicy::Refuse, ..Policies::default() };
    let opened = Scenario::<Company>::new().given(&open());
    let rename = CompanyCommand::Rename(name("Works"));
    opened.clone().when(&rename).then(&[CompanyEvent::Renamed { was: name("Mill"), name: name("Works") }]);
    opened.clone().given(&rename).when(&rename).then_nothing();
    let rezone = CompanyCommand::SetZone(zone("UTC"));
    opened.clone().given(&rezone).when(&rezone).then_nothing();
    let restrict = CompanyCommand::SetWorkOverlap(OverlapPolicy::Refuse);
    opened.clone().when(&restrict).then(&[CompanyEvent::PoliciesChanged { was: Policies::default(), policies }]);
    assert_eq!(opened.given(&restrict).state.policies(), policies);
}

#[test]
fn a_call_for_help_escalates_after_a_minute_to_a_day_or_never() {
    let opened = Scenario::<Company>::new().given(&open());
    let after = CompanyCommand::SetAndonEscalation;
    for minutes in [0, MOST_ANDON_MINUTES + 1] {
        opened.clone().when(&after(Some(minutes))).then_refused("OUT_OF_RANGE", Some("minutes"));
    }
    for minutes in [Some(1), Some(MOST_ANDON_MINUTES), None] {
        let state = opened.clone().given(&after(minutes)).state;
        assert_eq!(state.policies().andon_escalates_after_minutes, minutes);
    }
}

#[test]
fn who_is_let_in_is_kept_with_what_it_was_before() {
    let security =
        SecurityPolicy { two_factor: BTreeSet::from([Role::Admin]), networks: vec!["203.0.113.0/24".parse().unwrap()] };
    let opened = Scenario::<Company>::new().given(&open());
    let secure = CompanyCommand::SetSecurity(security.clone());
    opened
        .clone()
        .when(&secure)
        .then(&[CompanyEvent::SecurityChanged { was: SecurityPolicy::default(), security: security.clone() }]);
    opened.clone().given(&secure).when(&secure).then_nothing();
    let many = SecurityPolicy { networks: vec![security.networks[0]; MAX_NETWORKS + 1], ..security };
    opened.when(&CompanyCommand::SetSecurity(many)).then_refused("NETWORKS_TOO_MANY", Some("networks"));
}

#[test]
fn a_country_is_two_capital_letters_and_a_language_is_found_by_its_tag() {
    assert!(Country::try_new("EE").is_ok());
    for text in ["ee", "E", "EST", "E1"] {
        assert!(Country::try_new(text).is_err(), "{text}");
    }
    assert_eq!(Language::from_tag("de-AT"), Some(Language::German));
    assert_eq!(Language::from_tag("fr"), None);
}
