//! A shop entered through GraphQL, thing by thing, as a client would.

use domain::kernel::{Caller, Role, Timestamp};
use serde_json::{Map, Value as Json, json};
use tests::app::TestApp;

use super::shop::{Calendar, Hours, Instant, Operation, Run, SKILLS, Shop, number};

const WEEK: [&str; 7] = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];

/// Fields of one mutation, each with its input.
#[derive(Default)]
struct Asked(Vec<(&'static str, Json)>);

impl Asked {
    fn ask(&mut self, field: &'static str, input: Json) {
        self.0.push((field, input));
    }

    /// All of it at once; none may be refused.
    async fn send(self, app: &TestApp, caller: Caller) {
        let (mut head, mut body, mut variables) = (String::new(), String::new(), Map::new());
        for (number, (field, input)) in self.0.into_iter().enumerate() {
            let kind = if field == "assignOperator" {
                "OperationOperator".to_owned()
            } else {
                field[..1].to_uppercase() + &field[1..]
            };
            head.push_str(&format!("$i{number}: {kind}Input! "));
            body.push_str(&format!("m{number}: {field}(input: $i{number}) {{ userErrors {{ code field message }} }} "));
            variables.insert(format!("i{number}"), input);
        }
        app.change(caller, &format!("mutation({head}) {{ {body} }}"), Json::Object(variables)).await;
    }
}

/// Enters a shop as a company of its own, an hour before the instant at which it is looked at; gives who plans there.
pub(super) async fn enter(app: &TestApp, name: &str, shop: &mut Shop) -> Caller {
    let admin = app.caller(name, Role::Admin).await;
    app.clock.set(at(shop.now - 3_600));
    let mut asked = Asked::default();
    asked.ask("openCompany", json!({ "name": name, "zone": shop.zone }));
    for (place, it) in shop.calendars.iter().enumerate() {
        calendar(&mut asked, place, it);
    }
    if let Some(calendar) = shop.calendar {
        asked.ask("setCompanyCalendar", json!({ "calendarCode": format!("K{calendar}") }));
    }
    machines(&mut asked, shop);
    operators(&mut asked, shop);
    jobs(&mut asked, shop);
    asked.send(app, admin).await;
    app.clock.set(at(shop.now));
    if let Some(running) = shop.running {
        let document =
            "mutation($input: StartOperationInput!) { it: startOperation(input: $input) { userErrors { code } } }";
        let answer = app.data(admin, document, json!({ "input": begin(running) })).await;
        // Whose job is not released yet, or who is away, does not begin: then nobody is at work.
        shop.running = shop.running.filter(|_| answer["it"]["userErrors"] == json!([]));
        app.settle().await;
    }
    admin
}

pub(super) fn at(instant: Instant) -> Timestamp {
    Timestamp::from_micros(instant * 1_000_000).expect("an instant")
}

fn told(instant: Instant) -> Json {
    json!(at(instant).to_string())
}

fn time(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn span(hours: &Hours) -> Json {
    json!({ "from": time(hours.0), "to": time(hours.1) })
}

fn calendar(asked: &mut Asked, place: usize, it: &Calendar) {
    let shift = |(hours, rest): &(Hours, Option<Hours>)| {
        let breaks: Vec<Json> = rest.iter().map(span).collect();
        json!({ "days": WEEK[..it.days as usize], "from": time(hours.0), "to": time(hours.1), "breaks": breaks })
    };
    let shifts: Vec<Json> = it.shifts.iter().map(shift).collect();
    let code = format!("K{place}");
    asked.ask("createCalendar", json!({ "code": code, "name": "Shifts", "zone": it.zone, "shifts": shifts }));
    if let Some((date, open)) = &it.special {
        let open: Vec<Json> = open.iter().map(span).collect();
        let day = json!({ "date": date.to_string(), "open": open });
        asked.ask("setCalendarDays", json!({ "calendarCode": code, "days": [day] }));
    }
}

fn machines(asked: &mut Asked, shop: &Shop) {
    for (place, calendar) in shop.centers.iter().enumerate() {
        let code = format!("C{place}");
        asked.ask("createWorkCenter", json!({ "code": code, "name": "Center" }));
        if let Some(calendar) = calendar {
            asked.ask(
                "setWorkCenterCalendar",
                json!({ "workCenterCode": code, "calendarCode": format!("K{calendar}") }),
            );
        }
    }
    for (place, it) in shop.machines.iter().enumerate() {
        let (code, center) = (format!("M{place}"), format!("C{}", it.center));
        let (capacity, speed) = (it.capacity, it.speed);
        let machine = json!({ "code": code, "name": "Machine", "workCenterCode": center, "capacity": capacity, "speedPercent": speed });
        asked.ask("registerMachine", machine);
        if let Some(calendar) = it.calendar {
            asked.ask("setMachineCalendar", json!({ "machineCode": code, "calendarCode": format!("K{calendar}") }));
        }
        if let Some((from, until)) = it.maintenance {
            asked.ask(
                "planMaintenance",
                json!({ "machineCode": code, "from": told(from), "until": told(until), "reason": "oil" }),
            );
        }
        if it.down {
            asked.ask("changeMachineStatus", json!({ "machineCode": code, "status": "DOWN", "reason": "spindle" }));
        }
    }
}

fn operators(asked: &mut Asked, shop: &Shop) {
    for (place, it) in shop.operators.iter().enumerate() {
        let code = format!("P{place}");
        asked.ask("registerOperator", json!({ "code": code }));
        if let Some(calendar) = it.calendar {
            asked.ask("setOperatorCalendar", json!({ "operatorCode": code, "calendarCode": format!("K{calendar}") }));
        }
        for (skill, (level, expires)) in
            SKILLS.iter().zip(&it.skills).filter_map(|(skill, held)| Some((skill, (*held)?)))
        {
            let expires = expires.map_or(Json::Null, told);
            asked
                .ask("grantSkill", json!({ "operatorCode": code, "skill": skill, "level": level, "expires": expires }));
        }
        if let Some((from, until)) = it.absence {
            asked.ask(
                "addAbsence",
                json!({ "operatorCode": code, "from": told(from), "until": told(until), "kind": "AWAY" }),
            );
        }
    }
}

fn jobs(asked: &mut Asked, shop: &Shop) {
    for (place, job) in shop.jobs.iter().enumerate() {
        let code = format!("J{place}");
        let operations: Vec<Json> = job.operations.iter().enumerate().map(|(at, it)| operation(at, it)).collect();
        let [release, due] = [job.release, job.due].map(|at| at.map_or(Json::Null, told));
        let input = json!({
            "number": code, "quantity": job.quantity.to_string(), "priority": job.priority, "release": release, "due": due,
            "operations": operations,
        });
        asked.ask("createJob", input);
        for (at, it) in job.operations.iter().enumerate() {
            if let Some(operator) = it.assigned {
                let operator = format!("P{operator}");
                asked.ask(
                    "assignOperator",
                    json!({ "jobNumber": code, "operation": number(at), "operatorCode": operator }),
                );
            }
        }
    }
}

/// Somebody begins work on an operation.
fn begin((job, machine, operator, since): (usize, usize, usize, Instant)) -> Json {
    json!({
        "jobNumber": format!("J{job}"), "operation": number(0), "machineCode": format!("M{machine}"),
        "operatorCode": format!("P{operator}"), "happenedAt": told(since),
    })
}

fn operation(place: usize, it: &Operation) -> Json {
    let run = match it.run {
        None => Json::Null,
        Some(Run::PerUnit(seconds)) => json!({ "perUnitSeconds": seconds.to_string() }),
        Some(Run::PerBatch(size, seconds)) => {
            json!({ "perBatch": { "size": size.to_string(), "seconds": seconds.to_string() } })
        }
    };
    let alternatives: Vec<Json> = it
        .alternative
        .iter()
        .filter(|(center, _)| *center != it.center)
        .map(|(center, setup)| json!({ "workCenterCode": format!("C{center}"), "setupSeconds": setup }))
        .collect();
    json!({
        "number": number(place), "name": "Step", "workCenterCode": format!("C{}", it.center), "setupSeconds": it.setup, "run": run,
        "alternatives": alternatives, "skill": it.skill.map(|(which, level)| json!({ "skill": SKILLS[which], "level": level })),
        "tools": if it.tool { vec!["T1"] } else { Vec::new() }, "minLagSeconds": it.min_lag, "maxLagSeconds": it.max_lag,
        "transferBatch": it.transfer.map(|batch| batch.to_string()), "outsideLeadSeconds": it.outside,
    })
}
