//! Eesti keeles.

use crate::mail::letter::{Letter, SignInChange, moment};

pub(in crate::mail) const GREETING: &str = "Tere!";
pub(in crate::mail) const CLOSING: &str = "Selle kirja saatis Kilter ise; vastuseid ei loe keegi.";

pub(in crate::mail) fn subject(letter: &Letter) -> String {
    match letter {
        Letter::VerifyAddress { .. } => "Kinnitage oma e-posti aadress",
        Letter::AccountExists { .. } => "Teil on juba konto",
        Letter::Invitation { company, .. } => return format!("Kutse: {company}"),
        Letter::ResetPassword { .. } => "Määrake uus parool",
        Letter::PasswordChanged { .. } => "Teie parool on muudetud",
        Letter::SignInChanged { .. } => "Teie kontole sisselogimise viis muutus",
        Letter::NewSignIn { .. } => "Uus sisselogimine teie kontole",
        Letter::SessionsEnded { .. } => "Teie seansid on lõpetatud",
        Letter::LockedOut { .. } => "Liiga palju sisselogimiskatseid",
    }
    .to_owned()
}

pub(in crate::mail) fn paragraphs(letter: &Letter) -> [String; 2] {
    match letter {
        Letter::VerifyAddress { company, .. } => [
            format!("Keegi registreeris selle e-posti aadressiga Kilteris ettevõtte „{company}“."),
            "Kui see olite teie, kinnitage see 2 tunni jooksul. Kui ei, ärge tehke midagi: 24 tunni pärast kustutatakse kõik.".to_owned(),
        ],
        Letter::AccountExists { .. } => [
            "Keegi üritas selle e-posti aadressiga Kilteris kontot luua, kuid sellel aadressil on konto juba olemas.".to_owned(),
            "Kui see olite teie, logige sisse; unustatud parooli saate seal uuega asendada. Kui ei, ärge tehke midagi.".to_owned(),
        ],
        Letter::Invitation { company, inviter, .. } => [
            format!("{inviter} kutsub teid Kilteris liituma ettevõttega „{company}“."),
            "Kutse kehtib 24 tundi. Kui te kutsujat ei tunne, ärge tehke midagi.".to_owned(),
        ],
        Letter::ResetPassword { .. } => [
            "Keegi palus teie kontole uut parooli.".to_owned(),
            "Kui see olite teie, määrake see 1 tunni jooksul; siis lõpevad kõik teie seansid. Kui ei, ärge tehke midagi: teie parool jääb samaks.".to_owned(),
        ],
        Letter::PasswordChanged { at, .. } => [
            format!("Teie konto parool muudeti {}.", moment(*at)),
            "Kui see ei olnud teie, määrake kohe uus parool.".to_owned(),
        ],
        Letter::SignInChanged { what, at, .. } => [
            format!("{} ({}).", changed(*what), moment(*at)),
            "Kui see ei olnud teie, määrake kohe uus parool; siis lõpevad kõik teie seansid.".to_owned(),
        ],
        Letter::NewSignIn { device, at, .. } => [
            format!("Teie kontole logiti sisse {}: {device}. Seda seadet ei ole varem nähtud.", moment(*at)),
            "Kui see ei olnud teie, lõpetage see seanss ja muutke parool.".to_owned(),
        ],
        Letter::SessionsEnded { at, .. } => [
            format!("Teie ettevõtte administraator lõpetas kõik teie seansid {}.", moment(*at)),
            "Kui te põhjust ei tea, küsige temalt.".to_owned(),
        ],
        Letter::LockedOut { until, .. } => [
            format!("Keegi proovis teie kontole valesid paroole. Tundmatutest seadmetest ei saa enne {} uuesti proovida.", moment(*until)),
            "Seadmed, millega olete juba sisse loginud, töötavad edasi. Kui see olite teie, saate määrata uue parooli.".to_owned(),
        ],
    }
}

const fn changed(what: SignInChange) -> &'static str {
    match what {
        SignInChange::AppAdded => "Teie kontole seadistati autentimisrakendus",
        SignInChange::AppRemoved => "Teie konto autentimisrakendus eemaldati",
        SignInChange::CodesRenewed => "Teie kontole loodi uued taastekoodid",
        SignInChange::PasskeyAdded => "Teie kontole lisati pääsuvõti",
        SignInChange::PasskeyRemoved => "Teie kontolt eemaldati pääsuvõti",
    }
}

/// What the link does.
pub(in crate::mail) const fn action(letter: &Letter) -> &'static str {
    match letter {
        Letter::VerifyAddress { .. } => "Kinnita aadress",
        Letter::AccountExists { .. } => "Logi sisse",
        Letter::Invitation { .. } => "Vaata kutset",
        Letter::ResetPassword { .. }
        | Letter::PasswordChanged { .. }
        | Letter::SignInChanged { .. }
        | Letter::LockedOut { .. } => "Määra uus parool",
        Letter::NewSignIn { .. } => "Vaata seansse",
        Letter::SessionsEnded { .. } => "Logi uuesti sisse",
    }
}
