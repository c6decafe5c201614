//! Small random shops with everything that a model can have, for tests.

use super::calendar::Calendar;
use super::kernel::random::Random;
use super::model::*;
use super::{Problem, Seconds};

fn between(chance: &mut Random, from: i64, to: i64) -> i64 {
    from + i64::try_from(chance.below(usize::try_from(to - from).unwrap())).unwrap()
}

fn once_in(chance: &mut Random, times: usize) -> bool {
    chance.below(times) == 0
}

fn index(chance: &mut Random, count: usize) -> u32 {
    u32::try_from(chance.below(count)).unwrap()
}

fn shifts(chance: &mut Random) -> Calendar {
    let (from, length) = (between(chance, 0, 40), between(chance, 20, 60));
    let days = (0..60).map(|day| (day * 100 + from, day * 100 + from + length));
    let lunch = Calendar::new((0..60).map(|day| (day * 100 + from + 9, day * 100 + from + 12)).collect()).unwrap();
    Calendar::new(days.collect()).unwrap().without(&lunch)
}

fn capacity(chance: &mut Random) -> Capacity {
    match chance.below(8) {
        0 => Capacity::Many(2),
        1 => Capacity::Batch(4),
        2 => Capacity::Unlimited,
        _ => Capacity::One,
    }
}

fn resources(chance: &mut Random) -> Model {
    let calendars: Vec<Calendar> = (0..3).map(|_| shifts(chance)).collect();
    let machine = |chance: &mut Random, name: usize| Machine {
        name: format!("M{name}"),
        calendar: (!once_in(chance, 4)).then(|| CalendarIndex(index(chance, 3))),
        downtime: if once_in(chance, 3) { vec![(130, 170)] } else { Vec::new() },
        capacity: capacity(chance),
        changeover: (!once_in(chance, 3)).then_some(ChangeoverIndex(0)),
        family: once_in(chance, 2).then(|| Family(index(chance, 3))),
    };
    let grants = |chance: &mut Random| {
        let skills = (0..3).filter(|_| once_in(chance, 2)).collect::<Vec<u32>>();
        let grant = |skill: u32, chance: &mut Random| SkillGrant {
            skill: SkillIndex(skill),
            percent: [70, 100, 130][chance.below(3)],
            expires: once_in(chance, 6).then(|| between(chance, 100, 2_000)),
        };
        skills.into_iter().map(|skill| grant(skill, chance)).collect()
    };
    let changeover = (0..3).map(|from| (0..3).map(|to| if from == to { 0 } else { between(chance, 0, 12) }).collect());
    let changeovers = vec![changeover.collect()];
    let count = 2 + chance.below(4);
    let machines = (0..count).map(|name| machine(chance, name)).collect();
    let operators = (0..4).map(|name| Operator {
        name: format!("P{name}"),
        calendar: (!once_in(chance, 4)).then(|| CalendarIndex(index(chance, 3))),
        absences: if once_in(chance, 4) { vec![(210, 260)] } else { Vec::new() },
        skills: grants(chance),
    });
    Model {
        now: 30,
        frozen_until: 120,
        operators: operators.collect(),
        machines,
        skills: (0..3).map(|skill| format!("S{skill}")).collect(),
        tools: vec![Tool { name: "T".to_owned(), count: 1 + index(chance, 2) }],
        materials: vec![
            Material { name: "plate".to_owned(), stock: between(chance, 0, 9), receipts: vec![(150, 6), (420, 90)] },
            Material { name: "part".to_owned(), stock: 1, receipts: Vec::new() },
        ],
        changeovers,
        calendars,
        ..Model::default()
    }
}

fn operation(chance: &mut Random, job: u32, machines: usize) -> Operation {
    let mut alternatives: Vec<Alternative> = Vec::new();
    for _ in 0..=chance.below(3) {
        let machine = MachineIndex(index(chance, machines));
        if alternatives.iter().all(|alternative| alternative.machine != machine) {
            let (setup, run) = (between(chance, 0, 8) / 2 * 2, between(chance, 0, 30));
            alternatives.push(Alternative { machine, setup, run, cost: between(chance, 0, 3) });
        }
    }
    let during = [Attendance::Setup, Attendance::Run, Attendance::Full][chance.below(3)];
    Operation {
        job: JobIndex(job),
        name: "op".to_owned(),
        alternatives: alternatives.into(),
        family: (!once_in(chance, 5)).then(|| Family(index(chance, 3))),
        labour: once_in(chance, 2).then(|| Labour { skill: SkillIndex(index(chance, 3)), during }),
        tools: if once_in(chance, 6) { vec![ToolIndex(0)] } else { Vec::new() },
        interruptible: !once_in(chance, 4),
        longest_pause: once_in(chance, 5).then(|| between(chance, 0, 80)),
        size: 1 + index(chance, 3),
        uses: if once_in(chance, 5) {
            vec![(MaterialIndex(index(chance, 2)), between(chance, 0, 4))]
        } else {
            Vec::new()
        },
        makes: if once_in(chance, 8) { vec![(MaterialIndex(1), between(chance, 0, 5))] } else { Vec::new() },
        state: State::Planned,
    }
}

fn link(chance: &mut Random, before: u32, after: u32) -> Link {
    let min_lag = if once_in(chance, 4) { between(chance, 1, 20) } else { 0 };
    Link {
        before: OperationIndex(before),
        after: OperationIndex(after),
        min_lag,
        max_lag: once_in(chance, 6).then(|| min_lag + between(chance, 0, 150)),
        lag_calendar: once_in(chance, 4).then_some(CalendarIndex(0)),
        transfer: once_in(chance, 4).then(|| Transfer { first: 1 + index(chance, 4), of: 4 }),
    }
}

fn fix(chance: &mut Random, operation: &mut Operation, now: Seconds) {
    let machine = operation.alternatives[0].machine;
    let place = |start| Place { machine, operator: None, start };
    operation.state = match chance.below(3) {
        0 => State::Pinned(place(between(chance, 20, 400))),
        1 => State::Started { place: place(between(chance, 0, now)), remaining: between(chance, 0, 30) },
        _ => State::Done { end: between(chance, 0, now) },
    };
}

/// A random shop of up to so many jobs.
pub(super) fn shop(seed: u64, jobs: usize) -> Problem {
    let chance = &mut Random::new(seed);
    let mut model = resources(chance);
    for job in 0..u32::try_from(1 + chance.below(jobs)).unwrap() {
        let due = (!once_in(chance, 6)).then(|| between(chance, 50, 900));
        model.jobs.push(Job {
            name: format!("J{job}"),
            release: between(chance, -20, 200),
            due,
            weight: between(chance, 0, 9),
            deadline: if once_in(chance, 5) { due.map(|due| due + 200) } else { None },
        });
        let first = u32::try_from(model.operations.len()).unwrap();
        for at in 0..=index(chance, 5) {
            let mut next = operation(chance, job, model.machines.len());
            if once_in(chance, 12) {
                fix(chance, &mut next, model.now);
            }
            model.operations.push(next);
            if at > 0 {
                model.links.push(link(chance, first + at - 1, first + at));
            }
            if at > 1 && once_in(chance, 3) {
                model.links.push(link(chance, first + at - 2, first + at));
            }
        }
    }
    Problem::new(model).unwrap()
}

/// A shop whose operations have to follow one another closely, in shifts that go on long enough for all of them.
pub(super) fn tight(seed: u64, jobs: u32) -> Model {
    let chance = &mut Random::new(seed);
    let shift = |from: Seconds| Calendar::new((0..90).map(|day| (day * 100 + from, day * 100 + from + 60)).collect());
    let mut model = Model { calendars: vec![shift(0).unwrap(), shift(20).unwrap()], ..Model::default() };
    let calendar = |chance: &mut Random| (!once_in(chance, 3)).then(|| CalendarIndex(index(chance, 2)));
    for name in ["saw", "mill", "drill"] {
        model.machines.push(Machine { calendar: calendar(chance), ..Machine::new(name) });
    }
    model.skills.push("all".to_owned());
    for name in ["Ann", "Bob"] {
        let skills = vec![SkillGrant { skill: SkillIndex(0), percent: 100, expires: None }];
        model.operators.push(Operator { name: name.into(), calendar: calendar(chance), absences: Vec::new(), skills });
    }
    for job in 0..jobs {
        model.jobs.push(Job { due: Some(between(chance, 50, 900)), ..Job::new(format!("J{job}")) });
        for at in 0..2 + index(chance, 3) {
            let machine = MachineIndex(index(chance, 3));
            let alternative =
                Alternative { machine, setup: between(chance, 0, 4), run: between(chance, 1, 25), cost: 0 };
            let mut next = Operation::new(JobIndex(job), at.to_string(), vec![alternative]);
            next.interruptible = once_in(chance, 2);
            next.labour = once_in(chance, 3).then_some(Labour { skill: SkillIndex(0), during: Attendance::Run });
            let after = u32::try_from(model.operations.len()).unwrap();
            model.operations.push(next);
            if at > 0 {
                let min_lag = between(chance, 0, 5);
                let max_lag = (!once_in(chance, 4)).then(|| min_lag + between(chance, 0, 8));
                let lag_calendar = once_in(chance, 4).then_some(CalendarIndex(0));
                let link = Link::new(OperationIndex(after - 1), OperationIndex(after));
                model.links.push(Link { min_lag, max_lag, lag_calendar, ..link });
            }
        }
    }
    model
}
