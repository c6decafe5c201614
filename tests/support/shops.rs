//! Random shops for the optimiser: small, and with every kind of rule in them.

use domain::scheduling::solver::model::{
    Alternative, Attendance, CalendarIndex, Capacity, ChangeoverIndex, Family, Job, JobIndex, Labour, Link, Machine,
    MachineIndex, Material, MaterialIndex, Model, Operation, OperationIndex, Operator, OperatorIndex, Place,
    SkillGrant, SkillIndex, State, Tool, ToolIndex, Transfer,
};
use domain::scheduling::solver::{Calendar, Seconds};

/// Chance that is the same on every machine: splitmix64.
#[derive(Debug, Clone)]
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of `0 .. below`.
    pub fn below(&mut self, below: u32) -> u32 {
        ((u128::from(self.next()) * u128::from(below)) >> 64) as u32
    }

    /// One of `from ..= to`.
    pub fn between(&mut self, from: u32, to: u32) -> u32 {
        from + self.below(to - from + 1)
    }

    /// True so often in a hundred.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    fn seconds(&mut self, from: u32, to: u32) -> Seconds {
        self.between(from, to).into()
    }
}

const HOUR: Seconds = 3_600;
const DAYS: Seconds = 60;

/// A shop with so many jobs. Equal seeds give equal shops.
pub fn shop(seed: u64, jobs: u32) -> Model {
    let mut dice = Dice(seed);
    let mut model = Model { now: 6 * HOUR, frozen_until: 10 * HOUR, ..Model::default() };
    for hours in [&[(6, 14)][..], &[(6, 10), (11, 14), (14, 22)], &[(0, 24)]] {
        let day = |day: Seconds| hours.iter().map(move |(from, to)| ((day * 24 + from) * HOUR, (day * 24 + to) * HOUR));
        model.calendars.push(Calendar::new((0..DAYS).flat_map(day).collect()).expect("hours"));
    }
    let families = 4;
    let mut row = |from: u32| {
        let mut to = |to: u32| if from == to { 0 } else { dice.seconds(0, 1_800) };
        (0..families).map(&mut to).collect::<Vec<_>>()
    };
    model.changeovers.push((0..families).map(&mut row).collect());
    model.skills = ["turning", "milling", "firing"].map(str::to_owned).to_vec();
    machines(&mut model, &mut dice);
    operators(&mut model, &mut dice);
    model.tools = vec![Tool { name: "jig".to_owned(), count: dice.between(1, 2) }];
    model.materials = vec![Material {
        name: "steel".to_owned(),
        stock: dice.seconds(0, 20),
        receipts: vec![(dice.seconds(0, 300_000), 50), (dice.seconds(0, 600_000), 1_000)],
    }];
    for index in 0..jobs {
        job(&mut model, &mut dice, index);
    }
    model
}

fn machines(model: &mut Model, dice: &mut Dice) {
    for index in 0..dice.between(3, 6) {
        let from = dice.seconds(0, 400_000);
        let downtime = if dice.chance(30) { vec![(from, from + dice.seconds(600, 40_000))] } else { Vec::new() };
        model.machines.push(Machine {
            name: format!("machine {index}"),
            calendar: dice.chance(90).then(|| CalendarIndex(dice.below(3))),
            downtime,
            capacity: match dice.below(10) {
                0 => Capacity::Many(2),
                1 => Capacity::Batch(dice.between(2, 5)),
                2 => Capacity::Unlimited,
                _ => Capacity::One,
            },
            changeover: dice.chance(70).then_some(ChangeoverIndex(0)),
            family: dice.chance(50).then(|| Family(dice.below(4))),
        });
    }
}

fn operators(model: &mut Model, dice: &mut Dice) {
    for index in 0..dice.between(2, 5) {
        let mut skills = Vec::new();
        for skill in 0..3 {
            if dice.chance(60) {
                let expires = dice.chance(15).then(|| dice.seconds(100_000, 2_000_000));
                skills.push(SkillGrant {
                    skill: SkillIndex(skill),
                    percent: [80, 100, 100, 120][dice.below(4) as usize],
                    expires,
                });
            }
        }
        let from = dice.seconds(0, 400_000);
        let absences = if dice.chance(20) { vec![(from, from + 86_400)] } else { Vec::new() };
        let (name, calendar) = (format!("operator {index}"), dice.chance(90).then(|| CalendarIndex(dice.below(2))));
        model.operators.push(Operator { name, calendar, absences, skills });
    }
}

fn job(model: &mut Model, dice: &mut Dice, index: u32) {
    let release = if dice.chance(50) { 0 } else { dice.seconds(0, 200_000) };
    let due = release + dice.seconds(20_000, 400_000);
    model.jobs.push(Job {
        name: format!("job {index}"),
        release,
        due: dice.chance(90).then_some(due),
        weight: dice.seconds(1, 8),
        deadline: dice.chance(5).then_some(due + 200_000),
    });
    let first = model.operations.len();
    for number in 0..dice.between(1, 5) {
        let place = model.operations.len() as u32;
        let operation = operation(model, dice, (index, number));
        model.operations.push(operation);
        if number > 0 {
            // Mostly one after the other, now and then side by side.
            let before = if dice.chance(85) { place - 1 } else { first as u32 };
            let link = link(dice, before, place);
            model.links.push(link);
        }
    }
}

fn operation(model: &Model, dice: &mut Dice, (job, number): (u32, u32)) -> Operation {
    let machines = model.machines.len() as u32;
    let mut able: Vec<u32> = (0..dice.between(1, 3)).map(|_| dice.below(machines)).collect();
    able.sort_unstable();
    able.dedup();
    let setup = [0, 0, 600, 1_800][dice.below(4) as usize];
    let alternative = |machine: u32| {
        let run = dice.seconds(0, 14_000);
        Alternative { machine: MachineIndex(machine), setup, run, cost: dice.seconds(0, 5) }
    };
    let alternatives: Vec<Alternative> = able.into_iter().map(alternative).collect();
    let during = [Attendance::Setup, Attendance::Run, Attendance::Full][dice.below(3) as usize];
    let labour = dice.chance(60).then(|| Labour { skill: SkillIndex(dice.below(3)), during });
    let state = state(model, dice, &alternatives);
    Operation {
        job: JobIndex(job),
        name: number.to_string(),
        alternatives: alternatives.into(),
        family: dice.chance(80).then(|| Family(dice.below(4))),
        labour,
        tools: if dice.chance(15) { vec![ToolIndex(0)] } else { Vec::new() },
        interruptible: dice.chance(75),
        longest_pause: dice.chance(10).then(|| dice.seconds(3_600, 100_000)),
        size: dice.between(1, 2),
        uses: if dice.chance(20) { vec![(MaterialIndex(0), dice.seconds(1, 10))] } else { Vec::new() },
        makes: if dice.chance(5) { vec![(MaterialIndex(0), 5)] } else { Vec::new() },
        state,
    }
}

fn state(model: &Model, dice: &mut Dice, alternatives: &[Alternative]) -> State {
    let machine = alternatives[0].machine;
    let operator = dice.chance(30).then(|| OperatorIndex(dice.below(model.operators.len() as u32)));
    match dice.below(40) {
        0 => State::Pinned(Place { machine, operator, start: model.now + dice.seconds(0, 200_000) }),
        1 => {
            let place = Place { machine, operator, start: model.now - dice.seconds(0, 5_000) };
            State::Started { place, remaining: dice.seconds(0, 8_000) }
        }
        2 => State::Done { end: model.now - dice.seconds(0, 5_000) },
        _ => State::Planned,
    }
}

fn link(dice: &mut Dice, before: u32, after: u32) -> Link {
    let [before, after] = [before, after].map(OperationIndex);
    let min_lag = if dice.chance(20) { dice.seconds(0, 20_000) } else { 0 };
    let of = dice.between(1, 20);
    Link {
        before,
        after,
        min_lag,
        max_lag: dice.chance(5).then(|| min_lag + dice.seconds(50_000, 300_000)),
        lag_calendar: dice.chance(20).then(|| CalendarIndex(dice.below(3))),
        transfer: dice.chance(20).then(|| Transfer { first: dice.between(1, of), of }),
    }
}
