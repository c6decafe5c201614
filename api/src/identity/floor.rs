//! Operators at terminals: a PIN or a badge lets them in, for what is done on the floor.

use domain::identity::session::{self, EndReason, Proof, SessionCommand};
use domain::kernel::{Action, ActorId, Caller, DataClass, OperatorId, Role, SessionId, SubjectId, TenantId, Timestamp};
use domain::ports::Scope;
use domain::run::{Command, Done};
use domain::tenancy::company::CompanyState;
use domain::workforce::operator::{OperatorCommand, OperatorRecord, OperatorState, WayIn};
use infra::identity::passwords::{Password, PasswordHash};
use infra::vault::secrets::{Change, Secret, SecretId, SecretKind, Standing};

use super::attempts::Counts;
use super::terminals::AtHand;
use super::{Came, Identity, Refused, Whose, permit};

/// Digits of a PIN.
const PIN_DIGITS: std::ops::RangeInclusive<usize> = 4..=8;
/// Characters of a badge's code.
const BADGE_CHARACTERS: std::ops::RangeInclusive<usize> = 4..=128;

/// What somebody shows at a terminal.
pub enum Shown {
    /// Who they say they are, and their PIN.
    Pin(OperatorId, String),
    /// What the scanner read.
    Badge(String),
}

/// Somebody who is in at a terminal.
pub struct AtWork {
    /// What the browser gets.
    pub token: String,
    /// Who.
    pub operator: OperatorId,
    /// Their code.
    pub code: String,
    /// Their name; the code where there is none.
    pub name: String,
    /// When it ends unless it is used.
    pub ends: Timestamp,
}

/// How an operator can come in.
#[derive(Debug, Clone, Copy)]
pub struct WaysIn {
    /// By a PIN.
    pub pin: bool,
    /// By a badge.
    pub badge: bool,
}

impl Identity {
    /// Lets in who shows a PIN or a badge. What is wrong with it is not told, and takes as long.
    pub async fn enter_floor(&self, at: &AtHand, shown: Shown, came: &Came) -> Result<AtWork, Refused> {
        let (operator, proof, counts) = match shown {
            Shown::Pin(operator, pin) => (self.by_pin(at, (operator, pin), came).await?, Proof::Pin, Some(operator)),
            Shown::Badge(badge) => (self.by_badge(at, &badge, came).await?, Proof::Badge, None),
        };
        let person = self.active_operator(at.tenant, operator).await?.ok_or(Refused::Pin)?;
        let entered = self.open_at_terminal(at, (operator, &person, proof), came).await?;
        let now = self.now();
        if let Some(operator) = counts {
            self.forget_failures(&self.pin_counts(at, operator, came), now).await?;
        }
        Ok(entered)
    }

    async fn by_pin(
        &self,
        at: &AtHand,
        (operator, pin): (OperatorId, String),
        came: &Came,
    ) -> Result<OperatorId, Refused> {
        let now = self.now();
        let whose = Whose { tenant: at.tenant, account: ActorId(operator.0) };
        let charged = self.charge(self.pin_counts(at, operator, came), Some(whose), now).await?;
        let found = self.secrets.find(Scope::Tenant(at.tenant), self.pin_id(at.tenant, operator), now).await?;
        let hash: Option<PasswordHash> = found.map(|found| found.value()).transpose()?;
        let matched = self.passwords.matches(Password::new(pin), hash).await;
        let active = self.active_operator(at.tenant, operator).await?.is_some();
        match matched {
            Ok(true) if active => {
                self.refund(charged, now).await?;
                Ok(operator)
            }
            Ok(_) => Err(Refused::Pin),
            Err(error) => {
                self.refund(charged, now).await?;
                Err(error.into())
            }
        }
    }

    async fn by_badge(&self, at: &AtHand, badge: &str, came: &Came) -> Result<OperatorId, Refused> {
        let now = self.now();
        let own = self.secrets.id(SecretKind::Attempts, &[b"badge:".as_slice(), at.id.0.as_bytes()].concat());
        let charged = self.charge(Counts::of(own, None, "badge", came), None, now).await?;
        let found = self.secrets.find(Scope::Tenant(at.tenant), self.badge_id(at.tenant, badge.trim()), now).await?;
        let operator: OperatorId = found.map(|found| found.value()).transpose()?.ok_or(Refused::Pin)?;
        if self.active_operator(at.tenant, operator).await?.is_none() {
            return Err(Refused::Pin);
        }
        self.refund(charged, now).await?;
        Ok(operator)
    }

    async fn open_at_terminal(
        &self,
        at: &AtHand,
        (operator, person, proof): (OperatorId, &OperatorRecord, Proof),
        came: &Came,
    ) -> Result<AtWork, Refused> {
        let code = person.code.to_string();
        let name = person.name.as_ref().and_then(|name| name.clear()).map_or_else(|| code.clone(), ToString::to_string);
        let whose = Whose { tenant: at.tenant, account: ActorId(operator.0) };
        let address = came.typed_address().ok_or_else(|| Refused::Fault("an address that is none".to_owned()))?;
        let sign_in = session::SignIn {
            account: whose.account,
            proof,
            second_factor: None,
            remembered: false,
            address: whose.personal(DataClass::Contact, address),
            client: came.client.to_client(),
        };
        self.registry.label_actor(at.tenant, whose.account, &name).await?;
        let session = SessionId(self.ids.next());
        let open = SessionCommand::Open(sign_in);
        self.tell(&whose.caller(Role::Operator), Command::Session(session, Box::new(open))).await?;
        let begun = self.at_terminals.begin((at.tenant, at.id), (session, operator), self.now()).await?;
        // One at a time stands at a terminal. Of several who come in at once each lets the same one stay.
        let here = self.at_terminals.at((at.tenant, at.id), self.now()).await?;
        let at_once = here.iter().filter(|it| it.began_with(&begun.1));
        let last = at_once.map(|it| it.session).max().unwrap_or(session);
        self.end_at_terminal((at.tenant, at.id), |it| it.session != last, EndReason::TerminalLeft).await?;
        Ok(AtWork { token: begun.0, operator, code, name, ends: begun.1.ends() })
    }

    /// Ends the session of this token: who is at the terminal is done.
    pub async fn leave_floor(&self, token: &str) -> Result<(), Refused> {
        let Some(found) = self.at_terminals.find(token, self.now()).await? else { return Ok(()) };
        let at = (found.tenant, found.terminal);
        self.end_at_terminal(at, |ended| ended.session == found.session, EndReason::SignedOut).await
    }

    /// Sets an operator's PIN, or takes it away. Nothing is held against them any more.
    pub async fn set_pin(&self, caller: &Caller, operator: OperatorId, pin: Option<&str>) -> Result<Done, Refused> {
        permit(caller, Action::ManageOperators)?;
        let (tenant, now) = (caller.tenant, self.now());
        let owner = SubjectId(operator.0);
        let set = OperatorCommand::WayIn(WayIn::Pin, pin.is_some());
        let id = self.pin_id(tenant, operator);
        let done = if let Some(pin) = pin {
            check_pin(pin)?;
            let hash = self.passwords.hash_pin(Password::new(pin.to_owned())).await?;
            let done = self.tell(caller, Command::Operator(operator, set)).await?;
            let secret = Secret::new(id, &hash)?.of_owner(tenant, owner);
            let put = Change::Put { secret, expected: Standing::Any };
            self.secrets.change(Scope::Tenant(tenant), vec![put], now).await?;
            done
        } else {
            self.secrets.change(Scope::Tenant(tenant), vec![Change::Remove { id, version: None }], now).await?;
            self.tell(caller, Command::Operator(operator, set)).await?
        };
        let counted = self.secrets.of_owner(SecretKind::Attempts, tenant, owner, now).await?;
        let forget = counted.iter().map(|secret| Change::Remove { id: secret.id(), version: None }).collect();
        self.secrets.change(Scope::Tenant(tenant), forget, now).await?;
        self.end_of_operator(tenant, operator).await?;
        Ok(done)
    }

    /// Registers an operator's badge in the place of the former one, or takes it away.
    pub async fn set_badge(&self, caller: &Caller, operator: OperatorId, badge: Option<&str>) -> Result<Done, Refused> {
        permit(caller, Action::ManageOperators)?;
        let (tenant, now) = (caller.tenant, self.now());
        let owner = SubjectId(operator.0);
        let set = OperatorCommand::WayIn(WayIn::Badge, badge.is_some());
        let former = self.secrets.of_owner(SecretKind::Badge, tenant, owner, now).await?;
        let new = match badge {
            None => None,
            Some(badge) => Some(self.new_badge(tenant, operator, badge, now).await?),
        };
        let mut changes: Vec<Change> = former
            .iter()
            .filter(|former| new.as_ref().is_none_or(|new| new.id() != former.id()))
            .map(|former| Change::Remove { id: former.id(), version: None })
            .collect();
        let adds = new.is_some();
        changes.extend(new.map(|secret| Change::Put { secret, expected: Standing::Any }));
        // A way in is told of before it is there, and gone before it is told of.
        let done = if adds {
            let done = self.tell(caller, Command::Operator(operator, set)).await?;
            self.secrets.change(Scope::Tenant(tenant), changes, now).await?;
            done
        } else {
            self.secrets.change(Scope::Tenant(tenant), changes, now).await?;
            self.tell(caller, Command::Operator(operator, set)).await?
        };
        self.end_of_operator(tenant, operator).await?;
        Ok(done)
    }

    async fn new_badge(
        &self,
        tenant: TenantId,
        operator: OperatorId,
        badge: &str,
        now: Timestamp,
    ) -> Result<Secret, Refused> {
        let badge = badge.trim();
        let refused = |message: &str| Refused::Input { field: "badge", message: message.to_owned() };
        if !BADGE_CHARACTERS.contains(&badge.chars().count()) || badge.chars().any(char::is_control) {
            return Err(refused("a badge has 4 to 128 characters that can be printed"));
        }
        let id = self.badge_id(tenant, badge);
        let known = self.secrets.find(Scope::Tenant(tenant), id, now).await?;
        let whose: Option<OperatorId> = known.map(|known| known.value()).transpose()?;
        if whose.is_some_and(|whose| whose != operator) {
            return Err(refused("this badge is registered for somebody else; take it away from them first"));
        }
        Ok(Secret::new(id, &operator)?.of_owner(tenant, SubjectId(operator.0)))
    }

    /// How an operator can come in at a terminal; nothing where there is no such operator.
    pub async fn floor_ways_in(&self, caller: &Caller, operator: OperatorId) -> Result<Option<WaysIn>, Refused> {
        permit(caller, Action::ManageOperators)?;
        if matches!(&*self.commands.operator(caller.tenant, operator).await?, OperatorState::Unknown) {
            return Ok(None);
        }
        let (tenant, owner, now) = (caller.tenant, SubjectId(operator.0), self.now());
        let pin = !self.secrets.of_owner(SecretKind::Pin, tenant, owner, now).await?.is_empty();
        let badge = !self.secrets.of_owner(SecretKind::Badge, tenant, owner, now).await?.is_empty();
        Ok(Some(WaysIn { pin, badge }))
    }

    /// Ends whatever session an operator has at whatever terminal.
    pub async fn end_of_operator(&self, tenant: TenantId, operator: OperatorId) -> Result<(), Refused> {
        let company = self.commands.company(tenant).await?;
        let CompanyState::Open(company) = &*company else { return Ok(()) };
        for terminal in company.terminals.keys() {
            let theirs = |session: &crate::auth::AtTerminal| session.operator == operator;
            self.end_at_terminal((tenant, *terminal), theirs, EndReason::TerminalLeft).await?;
        }
        Ok(())
    }

    async fn active_operator(&self, tenant: TenantId, operator: OperatorId) -> Result<Option<OperatorRecord>, Refused> {
        Ok(match &*self.commands.operator(tenant, operator).await? {
            OperatorState::Active(person) => Some(person.clone()),
            OperatorState::Unknown | OperatorState::Inactive(_) => None,
        })
    }

    /// By the operator at this terminal: who guesses at one keeps nobody out of another. And by the terminal, whomever it is about.
    fn pin_counts(&self, at: &AtHand, operator: OperatorId, came: &Came) -> Counts {
        let of = |parts: &[&[u8]]| self.secrets.id(SecretKind::Attempts, &parts.concat());
        let own = of(&[b"pin:", at.id.0.as_bytes(), operator.0.as_bytes()]);
        Counts::of(own, Some(of(&[b"pins-at:", at.id.0.as_bytes()])), "PIN", came)
    }

    fn pin_id(&self, tenant: TenantId, operator: OperatorId) -> SecretId {
        self.secrets.id(SecretKind::Pin, &[tenant.0.as_bytes().as_slice(), operator.0.as_bytes()].concat())
    }

    fn badge_id(&self, tenant: TenantId, badge: &str) -> SecretId {
        self.secrets.id(SecretKind::Badge, &[tenant.0.as_bytes().as_slice(), badge.as_bytes()].concat())
    }
}

fn check_pin(pin: &str) -> Result<(), Refused> {
    let refused = |message: &str| Err(Refused::Input { field: "pin", message: message.to_owned() });
    let digits: Vec<u8> = pin.bytes().collect();
    if !PIN_DIGITS.contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return refused("a PIN has 4 to 8 digits");
    }
    let step = |by: i16| digits.windows(2).all(|pair| i16::from(pair[1]) - i16::from(pair[0]) == by);
    if [0, 1, -1].into_iter().any(step) {
        return refused("a PIN can't be one digit repeated, or digits in a row: those are tried first");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_has_four_to_eight_digits_and_is_not_what_is_tried_first() {
        for good in ["1379", "80085", "24680246"] {
            assert!(check_pin(good).is_ok(), "{good}");
        }
        for bad in ["", "137", "137913791", "13a9", "٤٥٦٨", "0000", "1234", "9876", "12 4"] {
            assert!(check_pin(bad).is_err(), "{bad}");
        }
    }
}
