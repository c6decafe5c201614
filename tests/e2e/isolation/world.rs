//! Two tenants with the same shop under different names.

use domain::identity::account::{AccountCommand, Person};
use domain::identity::session::{Client, Proof, SessionCommand, SignIn};
use domain::kernel::person::{EmailAddress, FullName};
use domain::kernel::roles::Action;
use domain::kernel::{ActorId, Caller, DataClass, Personal, Role, SessionId, SubjectId, TenantId, TerminalId};
use domain::run::{Command, Request};
use domain::tenancy::company::{CompanyCommand, TerminalName};
use domain::tenancy::roster::RosterCommand;
use serde_json::{Value as Json, json};
use tests::app::TestApp;
use uuid::Uuid;

/// The operation that help is called on.
pub(super) const CALLED: u16 = 33;
const SET_UP: &str = r#"
mutation($called: Int!, $call: UUID!, $place: String!, $tool: String!, $calendar: String!, $machine: String!, $operator: String!, $job: String!, $report: UUID!) {
    company: openCompany(input: { name: "Shop", zone: "UTC" }) { userErrors { message } }
    workCenter: createWorkCenter(input: { code: $place, name: "Place" }) { workCenter { id } userErrors { message } }
    tool: registerTool(input: { code: $tool, name: "Fixture" }) { tool { id } userErrors { message } }
    calendar: createCalendar(input: { code: $calendar, name: "Hours", shifts: [
        { days: [MONDAY, TUESDAY], from: "06:00", to: "14:00" }
    ] }) { calendar { id } userErrors { message } }
    machine: registerMachine(input: { code: $machine, name: "Unit", workCenterCode: $place }) { machine { id } userErrors { message } }
    operator: registerOperator(input: { code: $operator, name: "Somebody" }) { operator { id } userErrors { message } }
    invitation: inviteMember(input: { email: "invited@example.com", role: OPERATOR }) { invitation { id } userErrors { message } }
    apiToken: makeApiToken(input: {
        name: "ERP", role: OPERATOR, scope: [WORK_ON_FLOOR], expires: "2012-06-01T00:00:00Z"
    }) { apiToken { id } userErrors { message } }
    skill: grantSkill(input: { operatorCode: $operator, skill: "welding", level: 2 }) { userErrors { message } }
    job: createJob(input: { number: $job, operations: [
        { number: 10, name: "First", workCenterCode: $place }, { number: 20, name: "Second", workCenterCode: $place }
        { number: $called, name: "Third", workCenterCode: $place }
    ] }) { job { id } userErrors { message } }
    plan: scheduleJob(input: { jobNumber: $job, happenedAt: "2012-03-05T04:00:00Z", windows: [
        { operation: 10, machineCode: $machine, operatorCode: $operator, start: "2012-03-05T05:00:00Z", end: "2012-03-05T05:30:00Z" }
        { operation: 20, machineCode: $machine, start: "2012-03-05T06:00:00Z", end: "2012-03-05T06:30:00Z" }
    ] }) { userErrors { message } }
    report: reportWork(input: {
        jobNumber: $job, operation: 20, operatorCode: $operator, reportId: $report, good: 3
        start: "2012-03-05T06:00:00Z", end: "2012-03-05T06:30:00Z"
    }) { userErrors { message } }
    feed: makeCalendarFeed(input: { of: { machine: { machineCode: $machine } } }) { feed { id } userErrors { message } }
    start: startOperation(input: {
        jobNumber: $job, operation: 10, operatorCode: $operator, machineCode: $machine, happenedAt: "2012-03-05T07:00:00Z"
    }) { userErrors { message } }
    call: callAndon(input: { commandId: $call, jobNumber: $job, operation: $called, machineCode: $machine, reason: "tool broke" }) { userErrors { message } }
    run: startPlanning(input: { seconds: 1 }) { run { id } userErrors { message } }
    scenario: openScenario(input: { name: "What if" }) { scenario { id } userErrors { message } }
}"#;
const ASSUME: &str = "mutation($scenario: ID!, $assumption: UUID!, $job: String!) {
    assume(input: { scenarioId: $scenario, assumptionId: $assumption, assumption: { jobLeftOut: { jobNumber: $job } } }) { userErrors { message } }
}";

/// The things of one tenant.
pub(crate) struct Things {
    caller: Caller,
    prefix: &'static str,
    made: Json,
}

impl Things {
    async fn make(app: &TestApp, prefix: &'static str) -> Self {
        let caller = app.caller(prefix, Role::Admin).await;
        let name = |kind: &str| format!("{prefix}-{kind}");
        let variables = json!({
            "place": name("workCenter"), "tool": name("tool"), "calendar": name("calendar"), "machine": name("machine"), "operator": name("operator"), "job": name("job"),
            "report": report(prefix), "called": CALLED, "call": call(prefix),
        });
        become_admin(app, caller, prefix).await;
        let made = app.change(caller, SET_UP, variables).await;
        let pair =
            CompanyCommand::PairTerminal(TerminalId(terminal(prefix)), TerminalName::try_new("Mill").expect("a name"));
        app.deps.commands.run(&caller, Request::from(Command::Company(pair))).await.expect("it is done");
        let scenario = &made["scenario"]["scenario"]["id"];
        let assume = json!({ "scenario": scenario, "assumption": report(prefix), "job": name("job") });
        app.change(caller, ASSUME, assume).await;
        Self { caller, prefix, made }
    }

    /// The identity of the thing of this kind.
    pub(super) fn identity(&self, kind: &str) -> String {
        match kind {
            "report" | "assumption" => report(self.prefix).to_string(),
            "call" => call(self.prefix).to_string(),
            "session" => session(self.prefix).to_string(),
            "terminal" => terminal(self.prefix).to_string(),
            "actor" => self.caller.actor.to_string(),
            kind => self.made[kind][kind]["id"].as_str().expect("an identity").to_owned(),
        }
    }

    /// Its natural key.
    pub(super) fn key(&self, kind: &str) -> String {
        format!("{}-{kind}", self.prefix)
    }
}

/// On the roster, with an account and a session: of whom the API tells as of a member.
async fn become_admin(app: &TestApp, caller: Caller, prefix: &str) {
    let subject = SubjectId(caller.actor.0);
    let email = EmailAddress::try_new(&format!("{prefix}@example.com")).expect("an address");
    let name = FullName::try_new("Somebody").expect("a name");
    let person = Person {
        name: Personal::Clear { subject, class: DataClass::Identity, value: name },
        phone: None,
        job_title: None,
    };
    let email = Personal::Clear { subject, class: DataClass::Contact, value: email };
    let register = Command::Account(caller.actor, Box::new(AccountCommand::Register { email, person }));
    let sign_in = SignIn {
        account: caller.actor,
        proof: Proof::Password,
        second_factor: None,
        remembered: false,
        address: Personal::Erased,
        client: Client::default(),
    };
    let open = Command::Session(SessionId(session(prefix)), Box::new(SessionCommand::Open(sign_in)));
    for command in [Command::Roster(RosterCommand::Begin), register, open] {
        app.deps.commands.run(&caller, Request::from(command)).await.expect("it is done");
    }
}

fn report(prefix: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, prefix.as_bytes())
}

fn call(prefix: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_X500, prefix.as_bytes())
}

fn terminal(prefix: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_DNS, prefix.as_bytes())
}

fn session(prefix: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, prefix.as_bytes())
}

/// Two tenants in one Kilter.
pub(crate) struct World {
    pub(crate) app: TestApp,
    pub(crate) own: Things,
    pub(super) foreign: Things,
    pub(super) foreign_caller: Caller,
}

impl World {
    pub(crate) async fn new() -> Self {
        let app = TestApp::start().await;
        let (own, foreign) = (Things::make(&app, "ours").await, Things::make(&app, "theirs").await);
        let foreign_caller = foreign.caller;
        Self { app, own, foreign, foreign_caller }
    }

    /// Somebody of this role in the own tenant.
    pub(crate) fn caller(&self, role: Role) -> Caller {
        let tenant: TenantId = self.own.caller.tenant;
        Caller::new(tenant, ActorId::from_key(tenant, role.as_str()), role)
    }
}

/// The text with every UUID in it replaced: identities that are made from a key differ where the keys do.
pub(super) fn without_identities(text: &str) -> String {
    let mut rest = text;
    let mut out = String::with_capacity(text.len());
    while let Some(next) = rest.chars().next() {
        if let Some(candidate) = rest.get(..36)
            && Uuid::parse_str(candidate).is_ok()
        {
            out.push_str("<uuid>");
            rest = &rest[36..];
        } else {
            out.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    out
}

/// The role × action matrix, as the domain has it.
pub(super) fn matrix() -> String {
    let mut table =
        "# Who may do what\n\nWhat a role may not do does not exist for it: the answer is `NOT_FOUND`.\n\n".to_owned();
    table.push_str(
        "## What each role may\n\n| action | admin | manager | operator | auditor |\n|---|---|---|---|---|\n",
    );
    for action in Action::ALL {
        let name = serde_json::to_value(action).expect("a name");
        table.push_str(&format!("| {} |", name.as_str().unwrap_or_default()));
        for role in Role::ALL {
            table.push_str(if role.may(action) { " yes |" } else { " – |" });
        }
        table.push('\n');
    }
    let only =
        format!("\n`operate` is about all companies, so only the workspace `{}` has it.\n", TenantId::INSTALLATION);
    table + &only
}
