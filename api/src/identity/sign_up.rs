//! Sign-up: a company and its first admin. Until the address is proved nothing of it is anywhere but in the vault, from where it goes
//! by itself after a day.

use domain::identity::account::{AccountCommand, PasswordOrigin, Person};
use domain::kernel::person::{EmailAddress, FullName, JobTitle, PhoneNumber};
use domain::kernel::{ActorId, DataClass, Role, TenantId, Timestamp};
use domain::ports::Scope;
use domain::run::Command;
use domain::tenancy::company::{
    CompanyCommand, CompanyError, CompanyName, CompanyProfile, Country, Language, ZoneName,
};
use domain::tenancy::roster::RosterCommand;
use infra::identity::passwords::{Password, PasswordHash};
use infra::mail::{Letter, Line, Mail};
use infra::vault::secrets::{Change, ChangeError, Secret, SecretId, SecretKind, Standing};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::errands::Errand;
use super::links::{Purpose, VERIFY_SECONDS};
use super::{Identity, Refused, Whose, later, typed, typed_option};

/// After how long a sign-up whose address was not proved is gone: 24 hours.
const SIGN_UP_SECONDS: i64 = 24 * 3600;
/// For how long an address is kept for an account that is being set up: longer than any link is good, so that who is interrupted goes on
/// with it, and who never comes back does not keep it.
const CLAIM_SECONDS: i64 = 48 * 3600;

/// What somebody types who signs their company up.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignUp {
    /// Legal name.
    company: String,
    /// ISO 3166-1, two letters.
    country: Option<String>,
    /// IANA time zone.
    time_zone: String,
    /// BCP 47; English when it is none that Kilter speaks.
    language: Option<String>,
    /// Full name.
    name: String,
    /// Where the link goes.
    email: String,
    /// Of the person.
    phone: Option<String>,
    /// Of the person.
    job_title: Option<String>,
    /// The password.
    password: String,
}

/// A sign-up as it waits.
#[derive(Clone, Serialize, Deserialize)]
struct Waiting {
    tenant: TenantId,
    account: ActorId,
    asked: Asked,
    hash: PasswordHash,
}

/// What was typed, once it is known to be possible.
#[derive(Clone, Serialize, Deserialize)]
struct Asked {
    company: CompanyName,
    zone: ZoneName,
    profile: CompanyProfile,
    email: EmailAddress,
    person: Typed,
}

/// What a person says of themselves, as they typed it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Typed {
    name: FullName,
    phone: Option<PhoneNumber>,
    job_title: Option<JobTitle>,
}

impl Typed {
    /// Reads what was typed.
    pub(super) fn read(name: &str, phone: Option<&str>, job_title: Option<&str>) -> Result<Self, Refused> {
        Ok(Self {
            name: typed("name", FullName::try_new, name)?,
            phone: typed_option("phone", PhoneNumber::try_new, phone)?,
            job_title: typed_option("jobTitle", JobTitle::try_new, job_title)?,
        })
    }

    /// What they are called.
    pub(super) fn name(&self) -> &str {
        self.name.as_str()
    }

    pub(super) fn of(self, whose: Whose) -> Person {
        Person {
            name: whose.personal(DataClass::Identity, self.name),
            phone: self.phone.map(|phone| whose.personal(DataClass::Contact, phone)),
            job_title: self.job_title.map(|title| whose.personal(DataClass::Identity, title)),
        }
    }
}

impl SignUp {
    fn read(self) -> Result<(Asked, Password), Refused> {
        let zone = typed("timeZone", ZoneName::try_new, &self.time_zone)?;
        if zone.time_zone().is_none() {
            let message = CompanyError::UnknownZone(zone).to_string();
            return Err(Refused::Input { field: "timeZone", message });
        }
        let asked = Asked {
            company: typed("company", CompanyName::try_new, &self.company)?,
            zone,
            profile: CompanyProfile {
                country: typed_option("country", Country::try_new, self.country.as_deref())?,
                language: self.language.as_deref().and_then(Language::from_tag).unwrap_or_default(),
            },
            email: typed("email", EmailAddress::try_new, &self.email)?,
            person: Typed::read(&self.name, self.phone.as_deref(), self.job_title.as_deref())?,
        };
        Ok((asked, Password::new(self.password)))
    }
}

impl Identity {
    /// Takes a sign-up and has the link mailed that proves the address; to who has an account already, that they have. Which of the two
    /// happens is found out after the answer, and only in the mail.
    pub async fn sign_up(&self, asked: SignUp) -> Result<(), Refused> {
        let (asked, password) = asked.read()?;
        let known = [asked.email.as_str(), asked.person.name(), asked.company.as_str()];
        let hash = self.passwords.hash(password, &known).await?;
        let (tenant, account) = (TenantId(self.ids.next()), ActorId(self.ids.next()));
        let waiting = Waiting { tenant, account, asked, hash };
        let (id, now) = (self.ids.next(), self.now());
        let ends = later(now, SIGN_UP_SECONDS);
        let sign_up = Secret::new(self.sign_up_id(id), &waiting)?.expiring_at(ends);
        let pending = Secret::new(self.pending_id(&waiting.asked.email), &id)?.expiring_at(ends);
        let changes = vec![Change::add(sign_up), Change::Put { secret: pending, expected: Standing::Any }];
        self.secrets.change(Scope::System, changes, now).await?;
        self.errands.add(Errand::Verify(waiting.asked.email))
    }

    /// Has the link mailed once more, if a sign-up of this address waits: the former link is as good as before.
    pub fn resend_verification(&self, email: &str) -> Result<(), Refused> {
        self.errands.add(Errand::Verify(typed("email", EmailAddress::try_new, email)?))
    }

    /// Proves the address: from now on the company is there, and its first admin can sign in. The password of the sign-up is asked for:
    /// else who follows a link out of somebody else's sign-up would make that one the owner of what looks like theirs.
    pub async fn verify(&self, link: &str, password: String) -> Result<(), Refused> {
        let now = self.now();
        let found = self.find_link(link, now).await?;
        let Purpose::Verify(id) = found.purpose else { return Err(Refused::Link) };
        let sign_up = self.secrets.find(Scope::System, self.sign_up_id(id), now).await?.ok_or(Refused::Link)?;
        let waiting: Waiting = sign_up.value()?;
        if !self.passwords.matches(Password::new(password), Some(waiting.hash.clone())).await? {
            return Err(Refused::Credentials);
        }
        let whose = Whose { tenant: waiting.tenant, account: waiting.account };
        // The address first: of two sign-ups of one address only one becomes a company.
        self.claim_email(&waiting.asked.email, whose, now).await?;
        self.registry.register_tenant(whose.tenant, waiting.asked.company.as_str(), now).await?;
        self.registry.label_actor(whose.tenant, whose.account, waiting.asked.person.name()).await?;
        self.found_company(id, whose, &waiting.asked).await?;
        let done = vec![
            Change::take(&found.secret),
            Change::take(&sign_up),
            Change::Remove { id: self.pending_id(&waiting.asked.email), version: None },
            Change::add(self.password_secret(whose, &waiting.hash)?),
            self.keep_email(&waiting.asked.email, whose)?,
        ];
        match self.secrets.change(Scope::System, done, now).await {
            // Somebody clicked twice: the other one has done it.
            Err(ChangeError::Stale) => Ok(()),
            outcome => Ok(outcome?),
        }
    }

    /// Writes what is true from now on; run again, it changes nothing.
    async fn found_company(&self, id: Uuid, whose: Whose, asked: &Asked) -> Result<(), Refused> {
        let caller = whose.caller(Role::Admin);
        let open = CompanyCommand::Open { name: asked.company.clone(), zone: asked.zone.clone() };
        self.run(&caller, step(id, 0), Command::Company(open)).await?;
        let profile = CompanyCommand::SetProfile(asked.profile.clone());
        self.run(&caller, step(id, 1), Command::Company(profile)).await?;
        self.run(&caller, step(id, 2), Command::Roster(RosterCommand::Begin)).await?;
        self.register(step(id, 3), whose, (asked.email.clone(), asked.person.clone()), Role::Admin).await
    }

    /// Sets up an account for an address that was proved.
    pub(super) async fn register(
        &self,
        intention: Uuid,
        whose: Whose,
        (email, person): (EmailAddress, Typed),
        role: Role,
    ) -> Result<(), Refused> {
        let caller = whose.caller(role);
        let email = whose.personal(DataClass::Contact, email);
        let register = AccountCommand::Register { email, person: person.of(whose) };
        self.run(&caller, step(intention, 0), Command::Account(whose.account, Box::new(register))).await?;
        let set = AccountCommand::SetPassword(PasswordOrigin::Registration);
        self.run(&caller, step(intention, 1), Command::Account(whose.account, Box::new(set))).await?;
        Ok(())
    }

    /// Makes the address theirs while their account is set up; nobody else's account gets it meanwhile.
    pub(super) async fn claim_email(&self, email: &EmailAddress, whose: Whose, now: Timestamp) -> Result<(), Refused> {
        let secret = self.email_secret(email, whose)?.expiring_at(later(now, CLAIM_SECONDS));
        match self.secrets.change(Scope::System, vec![Change::add(secret)], now).await {
            Err(ChangeError::Stale) => {
                let stands = self.owner_of(email, now).await?;
                if stands == Some(whose) { Ok(()) } else { Err(Refused::Link) }
            }
            outcome => Ok(outcome?),
        }
    }

    /// Makes an address that was claimed theirs for good.
    pub(super) fn keep_email(&self, email: &EmailAddress, whose: Whose) -> Result<Change, Refused> {
        Ok(Change::Put { secret: self.email_secret(email, whose)?, expected: Standing::Any })
    }

    fn email_secret(&self, email: &EmailAddress, whose: Whose) -> Result<Secret, Refused> {
        Ok(Secret::new(self.email_id(email), &whose)?.of_owner(whose.tenant, whose.subject()))
    }

    /// Whose this address is.
    pub(super) async fn owner_of(&self, email: &EmailAddress, now: Timestamp) -> Result<Option<Whose>, Refused> {
        let found = self.secrets.find(Scope::System, self.email_id(email), now).await?;
        Ok(found.map(|secret| secret.value()).transpose()?)
    }

    pub(super) fn password_secret(&self, whose: Whose, hash: &PasswordHash) -> Result<Secret, Refused> {
        Ok(Secret::new(self.password_id(whose), hash)?.of_owner(whose.tenant, whose.subject()))
    }

    pub(super) fn password_id(&self, whose: Whose) -> SecretId {
        self.secrets.id(SecretKind::Password, whose.account.0.as_bytes())
    }

    fn email_id(&self, email: &EmailAddress) -> SecretId {
        self.secrets.id(SecretKind::Email, email.normalised().as_bytes())
    }

    fn sign_up_id(&self, id: Uuid) -> SecretId {
        self.secrets.id(SecretKind::SignUp, id.as_bytes())
    }

    /// Where the newest sign-up of an address that waits is noted.
    fn pending_id(&self, email: &EmailAddress) -> SecretId {
        self.secrets.id(SecretKind::SignUp, email.normalised().as_bytes())
    }

    /// Mails the link of the newest sign-up of an address, or that there is an account.
    pub(super) async fn mail_verification(&self, email: EmailAddress) -> Result<(), Refused> {
        let now = self.now();
        let Some(pending) = self.secrets.find(Scope::System, self.pending_id(&email), now).await? else {
            return Ok(());
        };
        let id: Uuid = pending.value()?;
        let Some(sign_up) = self.secrets.find(Scope::System, self.sign_up_id(id), now).await? else { return Ok(()) };
        if !self.may_mail(&email, now).await? {
            return Ok(());
        }
        let asked = sign_up.value::<Waiting>()?.asked;
        let (text, link) = self.link(&Purpose::Verify(id), VERIFY_SECONDS, now)?;
        let letter = if self.owner_of(&email, now).await?.is_some() {
            Letter::AccountExists { link: self.public_url.page("sign-in", None) }
        } else {
            Letter::VerifyAddress {
                company: Line::of(asked.company.as_str()),
                link: self.public_url.page("verify", Some(&text)),
            }
        };
        let mail = Mail { to: asked.email, language: asked.profile.language, letter, owner: None };
        self.secrets.change(Scope::System, vec![Change::add(link), self.outbox.put(&mail, now)?], now).await?;
        self.outbox.wake();
        Ok(())
    }
}

/// The steps of one intention, each under a name of its own.
pub(super) fn step(intention: Uuid, number: u8) -> Uuid {
    Uuid::new_v5(&intention, &[number])
}
