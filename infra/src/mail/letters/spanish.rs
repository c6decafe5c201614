//! En español.

use crate::mail::letter::{Letter, SignInChange, moment};

pub(in crate::mail) const GREETING: &str = "Buenos días:";
pub(in crate::mail) const CLOSING: &str = "Kilter escribe este mensaje automáticamente; nadie lee las respuestas.";

pub(in crate::mail) fn subject(letter: &Letter) -> String {
    match letter {
        Letter::VerifyAddress { .. } => "Confirme su dirección de correo",
        Letter::AccountExists { .. } => "Usted ya tiene una cuenta",
        Letter::Invitation { company, .. } => return format!("Invitación a {company}"),
        Letter::ResetPassword { .. } => "Ponga una contraseña nueva",
        Letter::PasswordChanged { .. } => "Su contraseña ha cambiado",
        Letter::SignInChanged { .. } => "Ha cambiado la forma de entrar en su cuenta",
        Letter::NewSignIn { .. } => "Nuevo inicio de sesión en su cuenta",
        Letter::SessionsEnded { .. } => "Sus sesiones han terminado",
        Letter::LockedOut { .. } => "Demasiados intentos de iniciar sesión",
    }
    .to_owned()
}

pub(in crate::mail) fn paragraphs(letter: &Letter) -> [String; 2] {
    match letter {
        Letter::VerifyAddress { company, .. } => [
            format!("Alguien ha registrado la empresa «{company}» en Kilter con esta dirección de correo."),
            "Si ha sido usted, confírmelo en un plazo de 2 horas. Si no, no haga nada: todo se borra pasadas 24 horas.".to_owned(),
        ],
        Letter::AccountExists { .. } => [
            "Alguien ha intentado registrarse en Kilter con esta dirección de correo, que ya tiene una cuenta.".to_owned(),
            "Si ha sido usted, inicie sesión; si ha olvidado la contraseña, allí puede poner una nueva. Si no, no haga nada.".to_owned(),
        ],
        Letter::Invitation { company, inviter, .. } => [
            format!("{inviter} le invita a unirse a «{company}» en Kilter."),
            "La invitación vale 24 horas. Si no conoce a esta persona, no haga nada.".to_owned(),
        ],
        Letter::ResetPassword { .. } => [
            "Alguien ha pedido una contraseña nueva para su cuenta.".to_owned(),
            "Si ha sido usted, póngala en el plazo de 1 hora; entonces terminan todas sus sesiones. Si no, no haga nada: su contraseña sigue como está.".to_owned(),
        ],
        Letter::PasswordChanged { at, .. } => [
            format!("La contraseña de su cuenta se cambió el {}.", moment(*at)),
            "Si no ha sido usted, ponga enseguida una nueva.".to_owned(),
        ],
        Letter::SignInChanged { what, at, .. } => [
            format!("{} ({}).", changed(*what), moment(*at)),
            "Si no ha sido usted, ponga enseguida una contraseña nueva; con ello terminan todas sus sesiones.".to_owned(),
        ],
        Letter::NewSignIn { device, at, .. } => [
            format!("Alguien inició sesión en su cuenta el {} con {device}, un dispositivo desconocido hasta ahora.", moment(*at)),
            "Si no ha sido usted, termine esa sesión y cambie su contraseña.".to_owned(),
        ],
        Letter::SessionsEnded { at, .. } => [
            format!("La administración de su empresa terminó todas sus sesiones el {}.", moment(*at)),
            "Si no conoce el motivo, pregúnteles.".to_owned(),
        ],
        Letter::LockedOut { until, .. } => [
            format!("Alguien ha probado contraseñas erróneas en su cuenta. Desde dispositivos desconocidos nadie puede volver a intentarlo antes del {}.", moment(*until)),
            "Los dispositivos con los que ya ha iniciado sesión siguen funcionando. Si ha sido usted, puede poner una contraseña nueva.".to_owned(),
        ],
    }
}

const fn changed(what: SignInChange) -> &'static str {
    match what {
        SignInChange::AppAdded => "Se ha configurado una aplicación de autenticación para su cuenta",
        SignInChange::AppRemoved => "Se ha quitado la aplicación de autenticación de su cuenta",
        SignInChange::CodesRenewed => "Se han creado códigos de recuperación nuevos para su cuenta",
        SignInChange::PasskeyAdded => "Se ha añadido una llave de acceso a su cuenta",
        SignInChange::PasskeyRemoved => "Se ha quitado una llave de acceso de su cuenta",
    }
}

/// What the link does.
pub(in crate::mail) const fn action(letter: &Letter) -> &'static str {
    match letter {
        Letter::VerifyAddress { .. } => "Confirmar la dirección",
        Letter::AccountExists { .. } => "Iniciar sesión",
        Letter::Invitation { .. } => "Ver la invitación",
        Letter::ResetPassword { .. }
        | Letter::PasswordChanged { .. }
        | Letter::SignInChanged { .. }
        | Letter::LockedOut { .. } => "Poner una contraseña nueva",
        Letter::NewSignIn { .. } => "Ver sus sesiones",
        Letter::SessionsEnded { .. } => "Iniciar sesión de nuevo",
    }
}
