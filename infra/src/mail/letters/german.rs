//! Auf Deutsch.

use crate::mail::letter::{Letter, SignInChange, moment};

pub(in crate::mail) const GREETING: &str = "Guten Tag,";
pub(in crate::mail) const CLOSING: &str = "Kilter schreibt dies von selbst; Antworten liest niemand.";

pub(in crate::mail) fn subject(letter: &Letter) -> String {
    match letter {
        Letter::VerifyAddress { .. } => "Bestätigen Sie Ihre E-Mail-Adresse",
        Letter::AccountExists { .. } => "Sie haben schon ein Konto",
        Letter::Invitation { company, .. } => return format!("Einladung zu {company}"),
        Letter::ResetPassword { .. } => "Neues Passwort setzen",
        Letter::PasswordChanged { .. } => "Ihr Passwort wurde geändert",
        Letter::SignInChanged { .. } => "Ihre Anmeldung wurde geändert",
        Letter::NewSignIn { .. } => "Neue Anmeldung an Ihrem Konto",
        Letter::SessionsEnded { .. } => "Ihre Sitzungen wurden beendet",
        Letter::LockedOut { .. } => "Zu viele Anmeldeversuche",
    }
    .to_owned()
}

pub(in crate::mail) fn paragraphs(letter: &Letter) -> [String; 2] {
    match letter {
        Letter::VerifyAddress { company, .. } => [
            format!("Jemand hat die Firma „{company}“ mit dieser E-Mail-Adresse bei Kilter angemeldet."),
            "Wenn Sie das waren, bestätigen Sie es innerhalb von 2 Stunden. Wenn nicht, tun Sie nichts: Nach 24 Stunden wird alles gelöscht.".to_owned(),
        ],
        Letter::AccountExists { .. } => [
            "Jemand wollte sich mit dieser E-Mail-Adresse bei Kilter registrieren; sie hat schon ein Konto.".to_owned(),
            "Wenn Sie das waren, melden Sie sich an; ein vergessenes Passwort können Sie dort neu setzen. Wenn nicht, tun Sie nichts.".to_owned(),
        ],
        Letter::Invitation { company, inviter, .. } => [
            format!("{inviter} lädt Sie ein, bei „{company}“ in Kilter mitzuarbeiten."),
            "Die Einladung gilt 24 Stunden. Wenn Sie die Person nicht kennen, tun Sie nichts.".to_owned(),
        ],
        Letter::ResetPassword { .. } => [
            "Jemand hat ein neues Passwort für Ihr Konto angefordert.".to_owned(),
            "Wenn Sie das waren, setzen Sie es innerhalb einer Stunde; dann enden alle Ihre Sitzungen. Wenn nicht, tun Sie nichts: Ihr Passwort bleibt, wie es ist.".to_owned(),
        ],
        Letter::PasswordChanged { at, .. } => [
            format!("Das Passwort Ihres Kontos wurde am {} geändert.", moment(*at)),
            "Wenn Sie das nicht waren, setzen Sie sofort ein neues.".to_owned(),
        ],
        Letter::SignInChanged { what, at, .. } => [
            format!("{} ({}).", changed(*what), moment(*at)),
            "Wenn Sie das nicht waren, setzen Sie sofort ein neues Passwort; damit enden alle Ihre Sitzungen.".to_owned(),
        ],
        Letter::NewSignIn { device, at, .. } => [
            format!("Jemand hat sich am {} mit {device} an Ihrem Konto angemeldet; dieses Gerät war noch nicht bekannt.", moment(*at)),
            "Wenn Sie das nicht waren, beenden Sie diese Sitzung und ändern Sie Ihr Passwort.".to_owned(),
        ],
        Letter::SessionsEnded { at, .. } => [
            format!("Die Administration Ihrer Firma hat am {} alle Ihre Sitzungen beendet.", moment(*at)),
            "Fragen Sie dort nach dem Grund, wenn Sie ihn nicht kennen.".to_owned(),
        ],
        Letter::LockedOut { until, .. } => [
            format!("Jemand hat falsche Passwörter für Ihr Konto versucht. Von unbekannten Geräten kann es bis {} niemand mehr versuchen.", moment(*until)),
            "Geräte, mit denen Sie schon angemeldet waren, sind nicht betroffen. Wenn Sie es selbst waren, können Sie ein neues Passwort setzen.".to_owned(),
        ],
    }
}

const fn changed(what: SignInChange) -> &'static str {
    match what {
        SignInChange::AppAdded => "Für Ihr Konto wurde eine Authentifizierungs-App eingerichtet",
        SignInChange::AppRemoved => "Die Authentifizierungs-App Ihres Kontos wurde entfernt",
        SignInChange::CodesRenewed => "Für Ihr Konto wurden neue Wiederherstellungscodes erzeugt",
        SignInChange::PasskeyAdded => "Zu Ihrem Konto wurde ein Passkey hinzugefügt",
        SignInChange::PasskeyRemoved => "Ein Passkey Ihres Kontos wurde entfernt",
    }
}

/// What the link does.
pub(in crate::mail) const fn action(letter: &Letter) -> &'static str {
    match letter {
        Letter::VerifyAddress { .. } => "Adresse bestätigen",
        Letter::AccountExists { .. } => "Anmelden",
        Letter::Invitation { .. } => "Einladung ansehen",
        Letter::ResetPassword { .. }
        | Letter::PasswordChanged { .. }
        | Letter::SignInChanged { .. }
        | Letter::LockedOut { .. } => "Neues Passwort setzen",
        Letter::NewSignIn { .. } => "Sitzungen ansehen",
        Letter::SessionsEnded { .. } => "Wieder anmelden",
    }
}
