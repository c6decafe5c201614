//! In English.

use crate::mail::letter::{Letter, SignInChange, moment};

pub(in crate::mail) const GREETING: &str = "Hello,";
pub(in crate::mail) const CLOSING: &str = "Kilter writes this by itself; nobody reads an answer.";

pub(in crate::mail) fn subject(letter: &Letter) -> String {
    match letter {
        Letter::VerifyAddress { .. } => "Confirm your e-mail address",
        Letter::AccountExists { .. } => "You have an account already",
        Letter::Invitation { company, .. } => return format!("Invitation to {company}"),
        Letter::ResetPassword { .. } => "Set a new password",
        Letter::PasswordChanged { .. } => "Your password was changed",
        Letter::SignInChanged { .. } => "The ways to sign in to your account changed",
        Letter::NewSignIn { .. } => "New sign-in to your account",
        Letter::SessionsEnded { .. } => "Your sessions were ended",
        Letter::LockedOut { .. } => "Too many attempts to sign in",
    }
    .to_owned()
}

pub(in crate::mail) fn paragraphs(letter: &Letter) -> [String; 2] {
    match letter {
        Letter::VerifyAddress { company, .. } => [
            format!("Somebody signed up the company “{company}” for Kilter with this e-mail address."),
            "If it was you, confirm within 2 hours. If it was not, do nothing: all of it is deleted after 24 hours.".to_owned(),
        ],
        Letter::AccountExists { .. } => [
            "Somebody tried to sign up for Kilter with this e-mail address, which has an account already.".to_owned(),
            "If it was you, sign in; if you forgot your password, you can set a new one there. If it was not, do nothing.".to_owned(),
        ],
        Letter::Invitation { company, inviter, .. } => [
            format!("{inviter} invites you to join “{company}” in Kilter."),
            "The invitation holds for 24 hours. If you do not know them, do nothing.".to_owned(),
        ],
        Letter::ResetPassword { .. } => [
            "Somebody asked for a new password for your account.".to_owned(),
            "If it was you, set it within 1 hour; all your sessions end then. If it was not, do nothing: your password stays as it is.".to_owned(),
        ],
        Letter::PasswordChanged { at, .. } => [
            format!("The password of your account was changed on {}.", moment(*at)),
            "If it was not you, set a new one at once.".to_owned(),
        ],
        Letter::SignInChanged { what, at, .. } => [
            format!("{} ({}).", changed(*what), moment(*at)),
            "If it was not you, set a new password at once; that ends all your sessions.".to_owned(),
        ],
        Letter::NewSignIn { device, at, .. } => [
            format!("Somebody signed in to your account on {} with {device}, which was not seen before.", moment(*at)),
            "If it was not you, end that session and change your password.".to_owned(),
        ],
        Letter::SessionsEnded { at, .. } => [
            format!("An administrator of your company ended all your sessions on {}.", moment(*at)),
            "Ask them why if you do not know.".to_owned(),
        ],
        Letter::LockedOut { until, .. } => [
            format!("Somebody tried wrong passwords for your account. From unknown devices nobody can try again before {}.", moment(*until)),
            "Devices that you have signed in with go on. If it was you, you can set a new password.".to_owned(),
        ],
    }
}

const fn changed(what: SignInChange) -> &'static str {
    match what {
        SignInChange::AppAdded => "An authenticator app was set up for your account",
        SignInChange::AppRemoved => "The authenticator app of your account was removed",
        SignInChange::CodesRenewed => "New recovery codes were made for your account",
        SignInChange::PasskeyAdded => "A passkey was added to your account",
        SignInChange::PasskeyRemoved => "A passkey was removed from your account",
    }
}

/// What the link does.
pub(in crate::mail) const fn action(letter: &Letter) -> &'static str {
    match letter {
        Letter::VerifyAddress { .. } => "Confirm the address",
        Letter::AccountExists { .. } => "Sign in",
        Letter::Invitation { .. } => "Look at the invitation",
        Letter::ResetPassword { .. }
        | Letter::PasswordChanged { .. }
        | Letter::SignInChanged { .. }
        | Letter::LockedOut { .. } => "Set a new password",
        Letter::NewSignIn { .. } => "See your sessions",
        Letter::SessionsEnded { .. } => "Sign in again",
    }
}
