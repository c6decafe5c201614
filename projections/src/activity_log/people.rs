//! What is told of members, accounts, sessions and API tokens: that something happened, by whose hand and why. Addresses of mail and
//! network are not told here: they are for those who may see members and logins.

use domain::identity::account::{AccountEvent, PasswordOrigin};
use domain::identity::api_token::ApiTokenEvent;
use domain::identity::session::{EndReason, Proof, SecondFactor, SessionEvent};
use domain::kernel::ActorId;
use domain::tenancy::roster::RosterEvent;

use super::changes::Told;
use super::sentence::Reader;

/// What a change of the roster changed.
pub(super) fn roster_changes(told: &mut Told, event: &RosterEvent) {
    match event {
        RosterEvent::Invited { role, expires, .. } => {
            told.set("role", role);
            told.set("expires", expires);
        }
        RosterEvent::InvitationRenewed { expires, .. } => told.set("expires", expires),
        RosterEvent::InvitationRevoked { .. } => {}
        RosterEvent::Joined { member, role, .. } => {
            told.set("member", member);
            told.set("role", role);
        }
        RosterEvent::RoleChanged { member, was, role } => {
            told.set("member", member);
            told.turned("role", was, role);
        }
        RosterEvent::Deactivated { member, reason } => {
            told.set("member", member);
            told.turned("active", &true, &false);
            told.set("reason", reason);
        }
        RosterEvent::Reactivated { member } => {
            told.set("member", member);
            told.turned("active", &false, &true);
        }
    }
}

/// What a change of an account changed.
pub(super) fn account_changes(told: &mut Told, event: &AccountEvent) {
    match event {
        AccountEvent::Registered { person, .. } | AccountEvent::Described { person } => told.set("name", &person.name),
        AccountEvent::PasswordSet { .. } | AccountEvent::ResetAsked {} | AccountEvent::PasskeyRemoved { .. } => {}
        AccountEvent::TotpEnabled {} => told.turned("totp", &false, &true),
        AccountEvent::TotpDisabled {} => told.turned("totp", &true, &false),
        AccountEvent::RecoveryCodesMade { count: left } | AccountEvent::RecoveryCodeUsed { left } => {
            told.set("recoveryCodes", left);
        }
        AccountEvent::PasskeyAdded { label, .. } => told.set("passkey", label),
        AccountEvent::ProviderLinked { issuer } => told.set("provider", issuer),
        AccountEvent::ProviderUnlinked { issuer } => told.unset("provider", issuer),
        AccountEvent::SessionsEnded { reason, sessions } => {
            told.set("sessions", &sessions.len());
            told.set("reason", reason);
        }
        AccountEvent::Consented { consent } => {
            told.set("functionalCookies", &consent.functional);
            told.set("analyticsCookies", &consent.analytics);
        }
        AccountEvent::SecondFactorsReset { check } | AccountEvent::WaitLifted { check } => {
            told.set("identityCheck", check);
        }
    }
}

/// What a session's beginning or end changed.
pub(super) fn session_changes(told: &mut Told, event: &SessionEvent) {
    match event {
        SessionEvent::Opened { sign_in } => {
            told.set("member", &sign_in.account);
            told.set("browser", &sign_in.client.browser);
            told.set("device", &sign_in.client.device);
            told.set("system", &sign_in.client.system);
        }
        SessionEvent::Ended { account, reason } => {
            told.set("member", account);
            told.set("reason", reason);
        }
    }
}

/// What a change of an API token changed.
pub(super) fn api_token_changes(told: &mut Told, event: &ApiTokenEvent) {
    match event {
        ApiTokenEvent::Made { grant } => {
            told.set("name", &grant.name);
            told.set("role", &grant.role);
            told.set("expires", &grant.expires);
        }
        ApiTokenEvent::Revoked {} => told.turned("revoked", &false, &true),
    }
}

/// Tells of the roster.
pub(super) fn roster(event: &RosterEvent, reader: Reader<'_>) -> String {
    let name = |member: &ActorId| reader.member(*member);
    match event {
        RosterEvent::Invited { role, .. } => format!("Somebody was invited as {}", role.as_str()),
        RosterEvent::InvitationRenewed { .. } => "An invitation was sent again".to_owned(),
        RosterEvent::InvitationRevoked { .. } => "An invitation was taken back".to_owned(),
        RosterEvent::Joined { member, role, .. } => format!("{} joined as {}", name(member), role.as_str()),
        RosterEvent::RoleChanged { member, was, role } => {
            format!("{} is {} instead of {}", name(member), role.as_str(), was.as_str())
        }
        RosterEvent::Deactivated { member, reason: Some(reason) } => {
            format!("{} was deactivated: {reason}", name(member))
        }
        RosterEvent::Deactivated { member, reason: None } => format!("{} was deactivated", name(member)),
        RosterEvent::Reactivated { member } => format!("{} was let back in", name(member)),
    }
}

/// Tells of the account that is called so.
pub(super) fn account(event: &AccountEvent, label: &str) -> String {
    match event {
        AccountEvent::Registered { .. } => format!("The account of {label} was set up"),
        AccountEvent::Described { .. } => format!("The profile of {label} was changed"),
        AccountEvent::PasswordSet { origin: PasswordOrigin::Registration } => format!("{label} set a password"),
        AccountEvent::PasswordSet { origin: PasswordOrigin::Reset } => {
            format!("{label} set a new password by a link that was mailed")
        }
        AccountEvent::PasswordSet { origin: PasswordOrigin::Change } => format!("{label} changed the password"),
        AccountEvent::ResetAsked {} => format!("A link to set a new password was asked for {label}"),
        AccountEvent::TotpEnabled {} => format!("{label} signs in with codes of an authenticator app"),
        AccountEvent::TotpDisabled {} => format!("{label} signs in without codes of an authenticator app"),
        AccountEvent::RecoveryCodesMade { count } => format!("{label} got {count} new recovery codes"),
        AccountEvent::RecoveryCodeUsed { left } => format!("{label} used a recovery code; {left} are left"),
        AccountEvent::PasskeyAdded { label: passkey, .. } => format!("{label} added the passkey {passkey}"),
        AccountEvent::PasskeyRemoved { .. } => format!("{label} removed a passkey"),
        AccountEvent::ProviderLinked { issuer } => format!("{label} can sign in with {issuer}"),
        AccountEvent::ProviderUnlinked { issuer } => format!("{label} can't sign in with {issuer} any more"),
        AccountEvent::SessionsEnded { reason, sessions } => {
            let (many, why) = (sessions.len(), ending(*reason));
            if many == 1 {
                format!("A session of {label} ended: {why}")
            } else {
                format!("{many} sessions of {label} ended: {why}")
            }
        }
        AccountEvent::Consented { consent } => {
            let beyond = match (consent.functional, consent.analytics) {
                (true, true) => "functional and analytics cookies",
                (true, false) => "functional cookies",
                (false, true) => "analytics cookies",
                (false, false) => "no cookies but the necessary ones",
            };
            format!("{label} lets us keep {beyond} (table {})", consent.version)
        }
        AccountEvent::SecondFactorsReset { check } => format!("The second factors of {label} were reset: {check}"),
        AccountEvent::WaitLifted { check } => format!("The wait of {label} after failed sign-ins was ended: {check}"),
    }
}

/// Tells of a session.
pub(super) fn session(event: &SessionEvent, reader: Reader<'_>) -> String {
    match event {
        SessionEvent::Opened { sign_in } => {
            let proof = match &sign_in.proof {
                Proof::Password => "a password".to_owned(),
                Proof::Passkey => "a passkey".to_owned(),
                Proof::Provider(issuer) => issuer.to_string(),
                Proof::Link => "the link of the sample company".to_owned(),
                Proof::Pin => "a PIN at a terminal".to_owned(),
                Proof::Badge => "a badge at a terminal".to_owned(),
            };
            let second = match sign_in.second_factor {
                None => "",
                Some(SecondFactor::Totp) => " and a code of an app",
                Some(SecondFactor::Passkey) => " and a passkey",
                Some(SecondFactor::RecoveryCode) => " and a recovery code",
            };
            format!("{} signed in with {proof}{second}", reader.member(sign_in.account))
        }
        SessionEvent::Ended { account, reason } => {
            format!("A session of {} ended: {}", reader.member(*account), ending(*reason))
        }
    }
}

/// Tells of an API token.
pub(super) fn api_token(event: &ApiTokenEvent) -> String {
    match event {
        ApiTokenEvent::Made { grant } => format!("The API token {} was made", grant.name),
        ApiTokenEvent::Revoked {} => "An API token was revoked".to_owned(),
    }
}

const fn ending(reason: EndReason) -> &'static str {
    match reason {
        EndReason::SignedOut => "signed out",
        EndReason::EndedElsewhere => "ended from another session",
        EndReason::Forced => "ended by an admin",
        EndReason::PasswordChanged => "the password was changed",
        EndReason::RefreshReused => "a used refresh token came again",
        EndReason::Deactivated => "the account was deactivated",
        EndReason::SecondFactorsReset => "the second factors were reset",
        EndReason::TerminalLeft => "the terminal was revoked or taken over",
    }
}
