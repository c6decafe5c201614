//! Terminals: tablets on the floor that are paired with a company. By itself a terminal may do no more than tell who works there.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::identity::session::{EndReason, SessionCommand};
use domain::kernel::{Action, ActorId, Caller, Role, SubjectId, TenantId, TerminalId, Timestamp};
use domain::ports::Scope;
use domain::run::{Command, Done};
use domain::tenancy::company::{CompanyCommand, TerminalName};
use domain::tenancy::roster::RosterError;
use infra::random::random_bytes;
use infra::vault::secrets::{Change, ChangeError, Secret, SecretKind};
use serde::{Deserialize, Serialize};

use super::attempts::Counts;
use super::{Came, Identity, Refused, Whose, later, permit, typed};
use crate::auth::{AtTerminal, Paired};
use crate::cookies::DEVICE_SECONDS;

/// How long a pairing code is good: 10 minutes.
const PAIRING_SECONDS: i64 = 600;
/// Letters and digits that are not taken for each other.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// How old the note of a terminal's last use may become.
const USE_NOTED_SECONDS: i64 = 60;

/// A code that pairs a tablet, as it rests.
#[derive(Serialize, Deserialize)]
struct Pairing {
    tenant: TenantId,
    maker: ActorId,
    name: TerminalName,
}

/// A code that was made.
pub struct PairingCode {
    /// As it is typed.
    pub code: String,
    /// When it ends.
    pub expires: Timestamp,
}

/// A terminal, as people of its company see it.
pub struct TerminalSeen {
    /// Which.
    pub id: TerminalId,
    /// What it is called.
    pub name: TerminalName,
    /// Since when.
    pub paired: Timestamp,
    /// When it was used last, to the minute.
    pub used: Timestamp,
}

/// A terminal that shows its cookie.
pub struct AtHand {
    /// Of which company.
    pub tenant: TenantId,
    /// Which.
    pub id: TerminalId,
    /// What it is called.
    pub name: TerminalName,
}

impl Identity {
    /// Makes a code that pairs one tablet. Only members do: an integration takes no devices in.
    pub async fn make_pairing_code(&self, caller: &Caller, name: &str) -> Result<PairingCode, Refused> {
        permit(caller, Action::ManageOperators)?;
        let name = typed("name", TerminalName::try_new, name)?;
        if self.commands.roster(caller.tenant).await?.active(caller.actor).is_none() {
            return Err(Refused::Rejected(Box::new(RosterError::MemberNotFound)));
        }
        let code: String =
            random_bytes::<8>().iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
        let expires = later(self.now(), PAIRING_SECONDS);
        let pairing = Pairing { tenant: caller.tenant, maker: caller.actor, name };
        let secret = Secret::new(self.secrets.id(SecretKind::PairingCode, code.as_bytes()), &pairing)?;
        let secret = secret.of_tenant(caller.tenant).expiring_at(expires);
        self.secrets.change(Scope::Tenant(caller.tenant), vec![Change::add(secret)], self.now()).await?;
        Ok(PairingCode { code: format!("{}-{}", &code[..4], &code[4..]), expires })
    }

    /// Pairs the tablet that shows a code: what its cookie is to hold. Wrong, used and ended codes are answered alike.
    pub async fn pair(&self, code: &str, came: &Came) -> Result<(String, AtHand), Refused> {
        let (now, code) = (self.now(), normalised(code));
        let own = self.secrets.id(SecretKind::Attempts, &[b"pairing:".as_slice(), &came.network()].concat());
        let charged = self.charge(Counts::of(own, None, "", came), None, now).await?;
        let id = self.secrets.id(SecretKind::PairingCode, code.as_bytes());
        let found = self.secrets.find(Scope::System, id, now).await?.ok_or(Refused::Code)?;
        let Pairing { tenant, maker, name } = found.value()?;
        let role = self.commands.roster(tenant).await?.active(maker).map(|member| member.role);
        let maker = Caller::new(tenant, maker, role.ok_or(Refused::Code)?);
        if !maker.may(Action::ManageOperators) {
            return Err(Refused::Code);
        }
        self.check_network(tenant, came).await?;
        match self.secrets.change(Scope::Tenant(tenant), vec![Change::take(&found)], now).await {
            Err(ChangeError::Stale) => return Err(Refused::Code),
            outcome => outcome?,
        }
        self.refund(charged, now).await?;
        // The log first: a way in that nobody is told of must not be there.
        let terminal = TerminalId(self.ids.next());
        self.tell(&maker, Command::Company(CompanyCommand::PairTerminal(terminal, name.clone()))).await?;
        let text = URL_SAFE_NO_PAD.encode(random_bytes::<32>());
        let rests = Paired { id: terminal, tenant, paired: now, used: now };
        let secret = Secret::new(self.secrets.id(SecretKind::Terminal, text.as_bytes()), &rests)?;
        let secret = secret.of_owner(tenant, SubjectId(tenant.0)).expiring_at(later(now, DEVICE_SECONDS));
        self.secrets.change(Scope::Tenant(tenant), vec![Change::add(secret)], now).await?;
        Ok((text, AtHand { tenant, id: terminal, name }))
    }

    /// The terminal whose cookie this is, where its company lets people in from there.
    pub async fn terminal(&self, cookie: Option<&str>, came: &Came) -> Result<AtHand, Refused> {
        let (cookie, now) = (cookie.ok_or(Refused::Terminal)?, self.now());
        let id = self.secrets.id(SecretKind::Terminal, cookie.as_bytes());
        let found = self.secrets.find(Scope::System, id, now).await?.ok_or(Refused::Terminal)?;
        let rests: Paired = found.value()?;
        let company = self.commands.company(rests.tenant).await?;
        let name = company.terminal(rests.id).cloned().ok_or(Refused::Terminal)?;
        self.check_network(rests.tenant, came).await?;
        if now.seconds_since(rests.used) >= USE_NOTED_SECONDS {
            let next = found.with_value(&Paired { used: now, ..rests })?.expiring_at(later(now, DEVICE_SECONDS));
            let noted =
                self.secrets.change(Scope::Tenant(rests.tenant), vec![Change::replace(&found, next)], now).await;
            if let Err(error) = noted {
                // Another request noted it, or it was revoked meanwhile.
                tracing::debug!(%error, "terminal.use_not_noted");
            }
        }
        Ok(AtHand { tenant: rests.tenant, id: rests.id, name })
    }

    /// The company's terminals, the one that was used last first.
    pub async fn terminals(&self, caller: &Caller) -> Result<Vec<TerminalSeen>, Refused> {
        permit(caller, Action::ManageOperators)?;
        let (tenant, now) = (caller.tenant, self.now());
        let company = self.commands.company(tenant).await?;
        let mut seen = Vec::new();
        for secret in self.secrets.of_owner(SecretKind::Terminal, tenant, SubjectId(tenant.0), now).await? {
            let Paired { id, paired, used, .. } = secret.value()?;
            seen.extend(company.terminal(id).map(|name| TerminalSeen { id, name: name.clone(), paired, used }));
        }
        seen.sort_by_key(|terminal| std::cmp::Reverse(terminal.used));
        Ok(seen)
    }

    /// Ends a terminal for good, and the session of who is signed in there. The vault first: what the log calls revoked must not go on.
    pub async fn revoke_terminal(&self, caller: &Caller, id: TerminalId) -> Result<Done, Refused> {
        permit(caller, Action::ManageOperators)?;
        let (tenant, now) = (caller.tenant, self.now());
        let mut gone = Vec::new();
        for secret in self.secrets.of_owner(SecretKind::Terminal, tenant, SubjectId(tenant.0), now).await? {
            if secret.value::<Paired>()?.id == id {
                gone.push(Change::Remove { id: secret.id(), version: None });
            }
        }
        self.secrets.change(Scope::Tenant(tenant), gone, now).await?;
        let done = self.tell(caller, Command::Company(CompanyCommand::RevokeTerminal(id))).await?;
        self.end_at_terminal((tenant, id), |_| true, EndReason::TerminalLeft).await?;
        Ok(done)
    }

    /// Ends sessions at a terminal in their owners' names.
    pub(super) async fn end_at_terminal(
        &self,
        at: (TenantId, TerminalId),
        ends: impl Fn(&AtTerminal) -> bool + Send,
        reason: EndReason,
    ) -> Result<(), Refused> {
        for ended in self.at_terminals.forget(at, ends, self.now()).await? {
            let account = ActorId(ended.operator.0);
            let caller = Whose { tenant: ended.tenant, account }.caller(Role::Operator);
            let end = SessionCommand::End { account, reason };
            self.tell(&caller, Command::Session(ended.session, Box::new(end))).await?;
        }
        Ok(())
    }
}

/// A code however it was typed: in small letters, with spaces, with letters that are taken for digits.
fn normalised(code: &str) -> String {
    let letters = code.chars().filter(char::is_ascii_alphanumeric).take(32);
    letters
        .map(|letter| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        for typed in ["K7QM-20X1", "k7qm 20x1", " k7qm-2oxl ", "K7QM2OXI"] {
            assert_eq!(normalised(typed), "K7QM20X1");
        }
        assert_eq!(normalised("K7QM-20X2"), "K7QM20X2");
    }

    #[test]
    fn no_letter_of_a_code_is_taken_for_another() {
        let all: String = ALPHABET.iter().map(|letter| char::from(*letter)).collect();
        assert_eq!(normalised(&all), all);
    }
}
