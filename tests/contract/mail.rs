//! Mails go out over real SMTP, once each, whatever the server does; what people typed stays text in them.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use domain::kernel::person::EmailAddress;
use domain::kernel::{SubjectId, TenantId, Timestamp};
use domain::ports::{Clock, Scope, Vault};
use domain::tenancy::company::Language;
use infra::clock::{ManualClock, SystemClock};
use infra::config::Config;
use infra::mail::{
    GIVEN_UP_AFTER_SECONDS, KeptMail, LEASE_SECONDS, Letter, Line, Mail, Outbox, PublicUrl, Round, Sender, SmtpMailer,
};
use infra::vault::secrets::{Change, Secret, SecretKind, Secrets};
use infra::vault::{RootKey, SqliteVault};
use tests::smtp_sink::{Manner, Received, SmtpSink};
use tests::vaults::TestVault;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Longer than any pause between two attempts.
const LONG_SECONDS: i64 = 2 * 60 * 60;

struct Office {
    vault: Arc<SqliteVault>,
    outbox: Outbox,
    clock: Arc<ManualClock>,
}

impl Office {
    fn new() -> Self {
        let vault = Arc::new(SqliteVault::in_memory().expect("a vault"));
        let start = Timestamp::parse("2026-11-22T12:00:00Z").expect("an instant");
        Self { outbox: Outbox::new(vault.clone()), vault, clock: Arc::new(ManualClock::new(start)) }
    }

    async fn post(&self, to: &str, company: &str) {
        self.outbox.post(&mail(to, company), self.clock.now()).await.expect("it is kept");
    }

    fn sender(&self, sink: &SmtpSink) -> Sender {
        Sender::new(self.outbox.clone(), mailer(&sink.address()), self.clock.clone())
    }

    async fn kept(&self) -> Vec<KeptMail> {
        self.outbox.list(self.clock.now(), 100).await.expect("the outbox answers")
    }
}

fn mail(to: &str, company: &str) -> Mail {
    let link = PublicUrl::parse("https://kilter.example.com").expect("a URL").page("verify", Some("t0ken"));
    let to = EmailAddress::try_new(to).expect("an address");
    Mail {
        to,
        language: Language::Estonian,
        letter: Letter::VerifyAddress { company: Line::of(company), link },
        owner: None,
    }
}

fn mailer(address: &str) -> SmtpMailer {
    let settings = [("KILTER_MAIL_SMTP", address), ("KILTER_MAIL_FROM", "Kilter <kilter@example.com>")];
    let variables = settings.map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let config = Config::from_sources(None, variables).expect("settings that fit");
    let (smtp, from) = config.mail.server().expect("a sender").expect("a server");
    SmtpMailer::new(smtp, from).expect("a mailer").with_patience(Duration::from_secs(1))
}

const SENT: Round = Round { sent: 1, put_off: 0, given_up: 0 };
const PUT_OFF: Round = Round { sent: 0, put_off: 1, given_up: 0 };
const GIVEN_UP: Round = Round { sent: 0, put_off: 0, given_up: 1 };
const NOTHING: Round = Round { sent: 0, put_off: 0, given_up: 0 };

#[tokio::test]
async fn a_mail_arrives_as_text_and_as_html_and_leaves_the_outbox() {
    let (office, sink) = (Office::new(), SmtpSink::start(&[]).await);
    office.post("anna@example.com", "Hammasrattad OÜ").await;
    let kept = office.kept().await;
    assert_eq!((kept.len(), kept[0].attempts, kept[0].to.as_str()), (1, 0, "anna@example.com"));
    assert!(kept[0].text.contains("https://kilter.example.com/verify#t0ken"), "a developer can go on from it");
    assert_eq!(office.sender(&sink).send_due().await, Ok(SENT));
    assert_eq!(office.sender(&sink).send_due().await, Ok(NOTHING));
    assert!(office.kept().await.is_empty());
    let mails = sink.mails();
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!(mail.recipients, ["anna@example.com"]);
    assert_eq!(mail.header("To"), "anna@example.com");
    assert!(mail.header("From").contains("<kilter@example.com>"), "{}", mail.header("From"));
    assert_eq!(mail.header("Subject"), "Kinnitage oma e-posti aadress");
    assert_eq!(mail.header("Date"), "Sun, 22 Nov 2026 12:00:00 +0000");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert_eq!(mail.header("Message-ID"), format!("<{}@example.com>", kept[0].message));
    assert!(mail.header("Content-Type").starts_with("multipart/alternative"));
    for part in ["text/plain; charset=utf-8", "text/html; charset=utf-8"] {
        assert!(mail.data.contains(part), "{part}");
    }
}

#[tokio::test]
async fn without_a_server_mails_stay_in_the_outbox_until_there_is_one() {
    let office = Office::new();
    for number in 0..6 {
        office.post(&format!("anna{number}@example.com"), "Gears").await;
    }
    assert_eq!(office.kept().await.len(), 6);
    let sink = SmtpSink::start(&[]).await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(office.sender(&sink).run(stop.clone()));
    sink.wait_for_mails(6).await;
    office.post("boris@example.com", "Gears").await;
    sink.wait_for_mails(7).await;
    stop.cancel();
    running.await.expect("it ends");
    assert!(office.kept().await.is_empty());
}

#[tokio::test]
async fn a_server_that_is_away_refuses_for_now_or_hangs_gets_the_same_mail_later() {
    for manner in [Manner::Refuses(451), Manner::Refuses(421), Manner::HangsAtOnce] {
        let (office, sink) = (Office::new(), SmtpSink::start(&[manner, manner]).await);
        office.post("anna@example.com", "Gears").await;
        let sender = office.sender(&sink);
        for attempt in 1..=2 {
            assert_eq!(sender.send_due().await, Ok(PUT_OFF), "{manner:?}");
            assert_eq!(sender.send_due().await, Ok(NOTHING), "not at once");
            assert_eq!(office.kept().await[0].attempts, attempt);
            office.clock.advance_seconds(LONG_SECONDS);
        }
        assert_eq!(sender.send_due().await, Ok(SENT), "{manner:?}");
        assert_eq!(sink.mails().len(), 1);
    }
    let (office, sink) = (Office::new(), SmtpSink::start(&[]).await);
    office.post("anna@example.com", "Gears").await;
    let gone = office.sender(&sink);
    drop(sink);
    assert_eq!(gone.send_due().await, Ok(PUT_OFF), "nobody listens");
    office.clock.advance_seconds(LONG_SECONDS);
    let sink = SmtpSink::start(&[]).await;
    assert_eq!(office.sender(&sink).send_due().await, Ok(SENT));
}

#[tokio::test]
async fn a_mail_whose_fate_is_unknown_goes_once_more_under_the_same_message_id() {
    for manner in [Manner::DropsAfterData, Manner::HangsAfterData] {
        let (office, sink) = (Office::new(), SmtpSink::start(&[manner]).await);
        office.post("anna@example.com", "Gears").await;
        assert_eq!(office.sender(&sink).send_due().await, Ok(PUT_OFF), "{manner:?}");
        office.clock.advance_seconds(LONG_SECONDS);
        assert_eq!(office.sender(&sink).send_due().await, Ok(SENT));
        twice_the_same(&sink.mails());
    }
}

#[tokio::test]
async fn a_sender_that_is_killed_after_the_server_took_the_mail_costs_one_more_at_most() {
    let (office, sink) = (Office::new(), SmtpSink::start(&[Manner::HangsAfterData]).await);
    office.post("anna@example.com", "Gears").await;
    let killed = office.sender(&sink);
    tokio::select! {
        round = killed.send_due() => panic!("it has no answer: {round:?}"),
        () = sink.wait_for_mails(1) => {}
    }
    let restarted = office.sender(&sink);
    assert_eq!(restarted.send_due().await, Ok(NOTHING), "for a while it is still the other one's");
    office.clock.advance_seconds(LEASE_SECONDS);
    assert_eq!(restarted.send_due().await, Ok(SENT));
    office.clock.advance_seconds(LONG_SECONDS);
    assert_eq!(restarted.send_due().await, Ok(NOTHING));
    twice_the_same(&sink.mails());
}

fn twice_the_same(mails: &[Received]) {
    assert_eq!(mails.len(), 2);
    for header in ["Message-ID", "Date", "Subject", "To"] {
        assert_eq!(mails[0].header(header), mails[1].header(header));
    }
}

#[tokio::test]
async fn a_mail_sent_before_a_restart_is_not_sent_after_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, root) = (folder.path().join("vault.db"), RootKey::random());
    let (clock, sink) = (Arc::new(ManualClock::new(Timestamp::default())), SmtpSink::start(&[]).await);
    let outbox = || Outbox::new(Arc::new(SqliteVault::open(&path, root.clone()).expect("the vault")));
    let sender = || Sender::new(outbox(), mailer(&sink.address()), clock.clone());
    for to in ["anna@example.com", "boris@example.com"] {
        outbox().post(&mail(to, "Gears"), clock.now()).await.expect("it is kept");
    }
    assert_eq!(sender().send_due().await.expect("the outbox answers").sent, 2);
    clock.advance_seconds(LONG_SECONDS);
    assert_eq!(sender().send_due().await, Ok(NOTHING));
    assert_eq!(sink.mails().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_send_each_mail_once() {
    let vault = TestVault::postgres().await;
    let clock = Arc::new(SystemClock);
    let sink = SmtpSink::start(&[]).await;
    let nodes = [Outbox::new(vault.shared()), Outbox::new(vault.other_node().await)];
    for number in 0..24 {
        let mail = mail(&format!("anna{number}@example.com"), "Gears");
        nodes[number % 2].post(&mail, clock.now()).await.expect("it is kept");
    }
    let stop = CancellationToken::new();
    let senders: Vec<_> = nodes
        .into_iter()
        .map(|outbox| Sender::new(outbox, mailer(&sink.address()), clock.clone()).run(stop.clone()))
        .map(tokio::spawn)
        .collect();
    sink.wait_for_mails(24).await;
    stop.cancel();
    for sender in senders {
        sender.await.expect("it ends");
    }
    let mut recipients: Vec<String> = sink.mails().into_iter().flat_map(|mail| mail.recipients).collect();
    recipients.sort();
    recipients.dedup();
    assert_eq!((recipients.len(), sink.mails().len()), (24, 24));
}

#[tokio::test]
async fn a_mail_is_given_up_when_it_is_refused_for_good_or_after_three_days() {
    let (office, sink) = (Office::new(), SmtpSink::start(&[Manner::Refuses(550)]).await);
    office.post("nobody@example.com", "Gears").await;
    assert_eq!(office.sender(&sink).send_due().await, Ok(GIVEN_UP));
    assert!(office.kept().await.is_empty() && sink.mails().is_empty());

    office.post("anna@example.com", "Gears").await;
    office.clock.advance_seconds(GIVEN_UP_AFTER_SECONDS);
    assert_eq!(office.sender(&sink).send_due().await, Ok(GIVEN_UP));
    assert!(office.kept().await.is_empty() && sink.mails().is_empty());
}

#[tokio::test]
async fn what_is_refused_before_the_recipient_is_named_is_refused_for_now_only() {
    let manners = [Manner::GreetsWith(550), Manner::GreetsWith(554), Manner::RefusesSender(550)];
    let (office, sink) = (Office::new(), SmtpSink::start(&manners).await);
    office.post("anna@example.com", "Gears").await;
    for manner in manners {
        assert_eq!(office.sender(&sink).send_due().await, Ok(PUT_OFF), "{manner:?}");
        office.clock.advance_seconds(LONG_SECONDS);
    }
    assert_eq!(office.sender(&sink).send_due().await, Ok(SENT));
}

#[tokio::test]
async fn mails_that_can_not_be_read_keep_no_other_waiting() {
    let (office, sink) = (Office::new(), SmtpSink::start(&[]).await);
    let due = office.clock.now();
    let damaged = (0..9_u8).map(|number| {
        let secret = Secret::new(office.vault.id(SecretKind::Mail, &[number]), &"no mail").expect("a secret");
        Change::add(secret.due_at(due))
    });
    office.vault.change(Scope::System, damaged.collect(), due).await.expect("they are kept");
    office.clock.advance_seconds(1);
    office.post("anna@example.com", "Gears").await;
    let mut sent = 0;
    for _ in 0..4 {
        sent += office.sender(&sink).send_due().await.expect("a round").sent;
    }
    assert_eq!((sent, sink.mails().len(), office.kept().await.len()), (1, 1, 0));
}

#[tokio::test]
async fn who_is_forgotten_gets_no_mail_any_more() {
    let (office, sink) = (Office::new(), SmtpSink::start(&[]).await);
    let (tenant, anna) = (TenantId(Uuid::from_u128(1)), SubjectId(Uuid::from_u128(2)));
    let mail = Mail { owner: Some((tenant, anna)), ..mail("anna@example.com", "Gears") };
    office.outbox.post(&mail, office.clock.now()).await.expect("it is kept");
    office.vault.fence(tenant, anna, office.clock.now()).await.expect("they are fenced");
    assert_eq!(office.sender(&sink).send_due().await, Ok(NOTHING));
    assert!(office.outbox.post(&mail, office.clock.now()).await.is_err());
    assert_eq!(sink.connections(), 0);
}

#[tokio::test]
async fn user_and_password_are_said_to_a_server_that_asks() {
    let (office, sink) = (Office::new(), SmtpSink::start(&[]).await);
    office.post("anna@example.com", "Gears").await;
    let sender = Sender::new(office.outbox.clone(), mailer(&sink.address_with_password()), office.clock.clone());
    assert_eq!(sender.send_due().await, Ok(SENT));
    assert_eq!(sink.credentials(), ["AUTH PLAIN AGtpbHRlcgBzZWNyZXQ="]);
}

#[tokio::test]
async fn a_server_that_should_encrypt_and_does_not_is_told_nothing() {
    let (office, sink) = (Office::new(), SmtpSink::start(&[]).await);
    office.post("anna@example.com", "Gears").await;
    let address = format!("{}?tls=required", sink.address_with_password());
    let sender = Sender::new(office.outbox.clone(), mailer(&address), office.clock.clone());
    assert_eq!(sender.send_due().await, Ok(PUT_OFF));
    assert!(sink.mails().is_empty() && sink.credentials().is_empty());
}

/// What people try to write into a header.
const INJECTIONS: [&str; 14] = [
    "Gears\r\nBcc: all@example.com",
    "Gears\nBcc: all@example.com",
    "Gears\rBcc: all@example.com",
    "Gears\r\n\r\n<html>",
    "Gears\r\n.\r\nMAIL FROM:<x@example.com>",
    "Gears%0d%0aBcc: all@example.com",
    "Gears\u{85}Bcc: all@example.com",
    "Gears\u{2028}Bcc: all@example.com",
    "Gears\u{2029}Bcc: all@example.com",
    "Gears\u{b}\u{c}Bcc: all@example.com",
    "Gears\0\r\nBcc: all@example.com",
    "=?utf-8?q?Gears=0D=0ABcc:_all@example.com?=",
    "\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script>",
    "ÜÕ\r\n\tBcc: all@example.com",
];

#[tokio::test]
async fn nothing_that_people_type_becomes_a_header_or_another_recipient() {
    let sink = SmtpSink::start(&[]).await;
    for typed in INJECTIONS {
        let office = Office::new();
        for bad in
            [format!("anna@example.com{typed}"), format!("{typed}@example.com"), format!("a@{typed}.example.com")]
        {
            assert!(EmailAddress::try_new(&bad).is_err(), "{bad:?}");
        }
        let Letter::VerifyAddress { link, .. } = mail("anna@example.com", typed).letter else { unreachable!() };
        let line = Line::of(typed);
        for language in Language::ALL {
            let letter = Letter::Invitation { company: line.clone(), inviter: line.clone(), link: link.clone() };
            let mail = Mail { language, letter, ..mail("anna@example.com", typed) };
            office.outbox.post(&mail, office.clock.now()).await.expect("it is kept");
        }
        assert_eq!(office.sender(&sink).send_due().await.expect("the outbox answers").sent, 4);
    }
    let mails = sink.mails();
    assert_eq!(mails.len(), INJECTIONS.len() * 4);
    for mail in mails {
        assert_eq!(mail.recipients, ["anna@example.com"]);
        let mut names = mail.header_names();
        names.sort();
        let expected =
            ["Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To"];
        assert_eq!(names, expected, "{}", mail.data);
    }
}

#[tokio::test]
async fn an_address_that_came_unchecked_out_of_a_store_goes_nowhere() {
    let (office, sink) = (Office::new(), SmtpSink::start(&[]).await);
    for unchecked in
        ["anna@example.com\r\nBcc: all@example.com", "anna@example.com>\r\nRCPT TO:<all@example.com", "", "anna"]
    {
        let to: EmailAddress =
            serde_json::from_value(serde_json::json!(unchecked)).expect("texts are taken as they are");
        let mail = Mail { to, ..mail("anna@example.com", "Gears") };
        office.outbox.post(&mail, office.clock.now()).await.expect("it is kept");
        assert_eq!(office.sender(&sink).send_due().await, Ok(GIVEN_UP), "{unchecked}");
    }
    assert!(sink.mails().is_empty());
}
