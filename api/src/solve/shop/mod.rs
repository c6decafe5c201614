//! `shop-instance-1`: a whole shop. Times are in the file's unit from its own zero; here they become seconds.
//!
//! | field | means |
//! |---|---|
//! | `time_unit` | `minute` or `second` |
//! | `now`, `frozen_until` | nothing starts before now; what a baseline starts before `frozen_until` stays |
//! | `calendars` | by name, open `[start, end)` pieces; closed after the last |
//! | `machines[].group`, `speed`, `shift` | what it can do, how fast it runs (1.25 is a quarter faster), its calendar |
//! | `operators[].skills`, `shift` | by skill how fast (1.2 is a fifth faster), and the calendar |
//! | `downtime[]` | when a machine is closed besides |
//! | `setup_matrix` | changeover by family before (row) and after (column), on all machines; nobody knows the family now |
//! | `materials[]` | stock now and what comes |
//! | `jobs[].release`, `due`, `priority` | priority is the weight of being late |
//! | `jobs[].material`, `material_qty` | used when the job's first operation starts |
//! | `ops[].group` | done by any machine of the group; a run takes `ceil(run / speed)`, a setup the same everywhere |
//! | `ops[].setup`, `family` | setup besides the changeover |
//! | `ops[].needs_operator`, `skill` | `full`, `setup_only` or `none`; who has the skill works that part at his speed |
//! | `ops[].interruptible` | whether breaks, nights and downtime may interrupt it |
//! | `ops[].min_lag_after` | least time, around the clock, until the run of the job's next operation |
//! | `ops[].transfer_fraction` | the share of the pieces that the next operation waits for; 1 is all |
//! | `ops[].outside` | done elsewhere: always open, as many at once as there are |

mod shape;

use std::collections::HashMap;
use std::sync::Arc;

use domain::scheduling::solver::calendar::NoInterval;
use domain::scheduling::solver::model::{
    Alternative, Attendance, CalendarIndex, Capacity, ChangeoverIndex, Family, Job, JobIndex, Labour, Link, Machine,
    MachineIndex, Material, MaterialIndex, Model, Operation, OperationIndex, Operator, SkillGrant, SkillIndex, State,
    Transfer,
};
use domain::scheduling::solver::{Calendar, Seconds};

use self::shape::{Needs, Shape, Step, Unit, Work};
use super::error::{InstanceError, Misfit};
use super::file::Text;
use super::instance::{Kind, Read};

/// Reads one.
pub(super) fn read(text: &Text) -> Result<Read, InstanceError> {
    let shape: Shape = text.json()?;
    let unit = match shape.time_unit {
        Unit::Second => 1,
        Unit::Minute => 60,
    };
    let mut builder = Builder { unit, ..Builder::default() };
    builder.build(&shape).map_err(|misfit| misfit.of(&text.name))?;
    let Builder { model, places, .. } = builder;
    Ok(Read { name: shape.name, kind: Kind::Shop, unit, model, places })
}

/// Most machines that all operations together can be done on: each is looked at whenever a plan is made.
const MOST_CHOICES: usize = 1 << 28;
/// The same of operations that differ in length: each of these choices takes memory.
const MOST_LENGTHS: usize = 1 << 24;

/// What has been read so far, and where names lead.
#[derive(Default)]
struct Builder {
    unit: Seconds,
    model: Model,
    places: Vec<u32>,
    calendars: HashMap<String, CalendarIndex>,
    machines: HashMap<String, MachineIndex>,
    groups: HashMap<String, Group>,
    /// By group, where work of it goes that is done outside.
    outside: HashMap<String, MachineIndex>,
    skills: HashMap<String, SkillIndex>,
    materials: HashMap<String, MaterialIndex>,
    /// Of all operations together, on how many machines each can be done.
    choices: usize,
    /// The same, operations of the same length counted once: these are kept.
    lengths: usize,
}

/// Machines that do the same.
#[derive(Default)]
struct Group {
    /// Each with its speed in percent.
    members: Vec<(MachineIndex, u32)>,
    /// By setup and run, how they do work of that length.
    lengths: HashMap<(Seconds, Seconds), Arc<[Alternative]>>,
}

impl Builder {
    fn build(&mut self, shape: &Shape) -> Result<(), Misfit> {
        self.model.now = self.time("now", shape.now)?;
        self.model.frozen_until = self.time("frozen_until", shape.frozen_until)?;
        self.setups(&shape.setup_matrix)?;
        self.hours(shape)?;
        self.machines(shape)?;
        self.people(shape)?;
        self.stocks(shape)?;
        let mut seen = HashMap::new();
        for (job, index) in shape.jobs.iter().zip(0..) {
            once(&mut seen, &job.id, index, || format!("jobs[{index}].id"))?;
            self.job(JobIndex(index), job)?;
        }
        Ok(())
    }

    /// In seconds.
    fn time(&self, place: &str, value: Seconds) -> Result<Seconds, Misfit> {
        value.checked_mul(self.unit).ok_or_else(|| Misfit::new(place, format!("{value} is too far away")))
    }

    /// In seconds, and not less than nothing.
    fn length(&self, place: &str, value: Seconds) -> Result<Seconds, Misfit> {
        if value < 0 {
            return Err(Misfit::new(place, format!("is {value}; it must be 0 or more")));
        }
        self.time(place, value)
    }

    fn setups(&mut self, matrix: &[Vec<Seconds>]) -> Result<(), Misfit> {
        let mut seconds = Vec::with_capacity(matrix.len());
        for (index, row) in matrix.iter().enumerate() {
            if row.len() != matrix.len() {
                let reason = format!("has {} columns; there are {} rows", row.len(), matrix.len());
                return Err(Misfit::new(format!("setup_matrix[{index}]"), reason));
            }
            let row = row.iter().map(|&it| self.length(&format!("setup_matrix[{index}]"), it));
            seconds.push(row.collect::<Result<Vec<_>, _>>()?);
        }
        self.model.changeovers.push(seconds);
        Ok(())
    }

    fn hours(&mut self, shape: &Shape) -> Result<(), Misfit> {
        for ((name, pieces), index) in shape.calendars.iter().zip(0..) {
            let pieces = pieces.iter().enumerate().map(|(number, &(start, end))| {
                let place = format!("calendars.{name}[{number}]");
                if end < start {
                    return Err(Misfit::new(place, format!("ends at {end}, before it starts at {start}")));
                }
                Ok((self.time(&place, start)?, self.time(&place, end)?))
            });
            let pieces = pieces.collect::<Result<Vec<_>, Misfit>>()?;
            let refused = |error: NoInterval| Misfit::new(format!("calendars.{name}"), error.to_string());
            let calendar = Calendar::new(pieces).map_err(refused)?;
            self.model.calendars.push(calendar);
            self.calendars.insert(name.clone(), CalendarIndex(index));
        }
        Ok(())
    }

    fn machines(&mut self, shape: &Shape) -> Result<(), Misfit> {
        for (machine, index) in shape.machines.iter().zip(0..) {
            let place = |field: &str| format!("machines[{index}].{field}");
            let speed = percent(&place("speed"), machine.speed)?;
            let calendar = known(&self.calendars, "calendar", &machine.shift, || place("shift"))?;
            once(&mut self.machines, &machine.id, MachineIndex(index), || place("id"))?;
            self.groups.entry(machine.group.clone()).or_default().members.push((MachineIndex(index), speed));
            self.model.machines.push(Machine {
                name: machine.id.clone(),
                calendar: Some(calendar),
                downtime: Vec::new(),
                capacity: Capacity::One,
                changeover: Some(ChangeoverIndex(0)),
                family: None,
            });
        }
        for (index, closed) in shape.downtime.iter().enumerate() {
            let place = |field: &str| format!("downtime[{index}].{field}");
            let machine = known(&self.machines, "machine", &closed.machine, || place("machine"))?;
            let closed = (self.time(&place("start"), closed.start)?, self.time(&place("end"), closed.end)?);
            if closed.1 < closed.0 {
                return Err(Misfit::new(place("end"), "is before the start"));
            }
            self.model.machines[machine.at()].downtime.push(closed);
        }
        Ok(())
    }

    fn skill(&mut self, name: &str) -> SkillIndex {
        let skills = &mut self.model.skills;
        *self.skills.entry(name.to_owned()).or_insert_with(|| {
            let index = u32::try_from(skills.len()).unwrap_or(u32::MAX);
            skills.push(name.to_owned());
            SkillIndex(index)
        })
    }

    fn people(&mut self, shape: &Shape) -> Result<(), Misfit> {
        let mut seen = HashMap::new();
        for (person, index) in shape.operators.iter().zip(0_u32..) {
            let place = |field: &str| format!("operators[{index}].{field}");
            once(&mut seen, &person.id, index, || place("id"))?;
            let calendar = known(&self.calendars, "calendar", &person.shift, || place("shift"))?;
            let mut skills = Vec::new();
            for (name, factor) in &person.skills {
                let percent = percent(&place(&format!("skills.{name}")), *factor)?;
                skills.push(SkillGrant { skill: self.skill(name), percent, expires: None });
            }
            let (name, calendar) = (person.id.clone(), Some(calendar));
            self.model.operators.push(Operator { name, calendar, absences: Vec::new(), skills });
        }
        Ok(())
    }

    fn stocks(&mut self, shape: &Shape) -> Result<(), Misfit> {
        for (material, index) in shape.materials.iter().zip(0..) {
            let place = |field: &str| format!("materials[{index}].{field}");
            once(&mut self.materials, &material.id, MaterialIndex(index), || place("id"))?;
            let mut receipts = Vec::new();
            for (number, receipt) in material.receipts.iter().enumerate() {
                receipts.push((self.time(&place(&format!("receipts[{number}].t")), receipt.t)?, receipt.qty));
            }
            let (name, stock) = (material.id.clone(), material.stock);
            self.model.materials.push(Material { name, stock, receipts });
        }
        Ok(())
    }

    fn job(&mut self, index: JobIndex, job: &Work) -> Result<(), Misfit> {
        let place = |field: &str| format!("jobs[{}].{field}", index.0);
        let material = job.material.as_ref().map(|name| known(&self.materials, "material", name, || place("material")));
        let mut uses = match material.transpose()? {
            Some(material) => vec![(material, job.material_qty)],
            None => Vec::new(),
        };
        self.model.jobs.push(Job {
            name: job.id.clone(),
            release: self.time(&place("release"), job.release)?,
            due: Some(self.time(&place("due"), job.due)?),
            weight: job.priority,
            deadline: None,
        });
        let mut before = None;
        for (step, number) in job.ops.iter().zip(0..) {
            let place = |field: &str| format!("jobs[{}].ops[{number}].{field}", index.0);
            let mut operation = self.operation(step, index, number)?;
            operation.uses = std::mem::take(&mut uses);
            let operation_index = u32::try_from(self.model.operations.len())
                .map_err(|_| Misfit::new(place("group"), "is one operation too many"))?;
            self.model.operations.push(operation);
            self.places.push(number);
            if let Some((min_lag, transfer)) = before {
                let [before, after] = [operation_index - 1, operation_index].map(OperationIndex);
                self.model.links.push(Link { before, after, min_lag, max_lag: None, lag_calendar: None, transfer });
            }
            before = Some(self.handed_on(step, job.qty, place)?);
        }
        Ok(())
    }

    fn operation(&mut self, step: &Step, job: JobIndex, number: u32) -> Result<Operation, Misfit> {
        let place = |field: &str| format!("jobs[{}].ops[{number}].{field}", job.0);
        let labour = match (step.needs_operator, &step.skill) {
            (Needs::None, _) => None,
            (_, None) => return Err(Misfit::new(place("skill"), "is missing, but an operator is needed")),
            (Needs::Full, Some(skill)) => Some(Labour { skill: self.skill(skill), during: Attendance::Full }),
            (Needs::SetupOnly, Some(skill)) => Some(Labour { skill: self.skill(skill), during: Attendance::Setup }),
        };
        let (setup, run) = (self.length(&place("setup"), step.setup)?, self.length(&place("run"), step.run)?);
        let alternatives = if step.outside {
            let machine = self.subcontractor(&step.group, &place("group"))?;
            Arc::new([Alternative { machine, setup, run, cost: 0 }])
        } else {
            self.alternatives(&step.group, (setup, run), &place)?
        };
        if step.family as usize >= self.model.changeovers[0].len() {
            let reason = format!("is {}; setup_matrix has {} rows", step.family, self.model.changeovers[0].len());
            return Err(Misfit::new(place("family"), reason));
        }
        Ok(Operation {
            job,
            name: format!("{number} {}", step.group),
            alternatives,
            family: Some(Family(step.family)),
            labour,
            tools: Vec::new(),
            interruptible: step.interruptible,
            longest_pause: None,
            size: 1,
            uses: Vec::new(),
            makes: Vec::new(),
            state: State::Planned,
        })
    }

    /// The machines of a group, each with how long it takes there; the same for all work of the same length.
    fn alternatives(
        &mut self,
        group: &str,
        (setup, run): (Seconds, Seconds),
        place: &dyn Fn(&str) -> String,
    ) -> Result<Arc<[Alternative]>, Misfit> {
        let machines = self.groups.get_mut(group);
        let machines = machines.ok_or_else(|| no("group of machines", group, || place("group")))?;
        let members = machines.members.len();
        let many = |most: usize| {
            let what =
                format!("{group:?} has {members} machines: with all operations before, more choices than the {most}");
            Misfit::new(place("group"), format!("{what} that can be planned at once"))
        };
        self.choices += members;
        if self.choices > MOST_CHOICES {
            return Err(many(MOST_CHOICES));
        }
        if let Some(alternatives) = machines.lengths.get(&(setup, run)) {
            return Ok(Arc::clone(alternatives));
        }
        self.lengths += members;
        if self.lengths > MOST_LENGTHS {
            return Err(many(MOST_LENGTHS));
        }
        let alternative = |&(machine, speed): &(MachineIndex, u32)| {
            // As whole seconds, rounded up.
            let run = (i128::from(run) * 100 + i128::from(speed) - 1) / i128::from(speed);
            let run = Seconds::try_from(run).map_err(|_| Misfit::new(place("run"), "is too long"))?;
            Ok(Alternative { machine, setup, run, cost: 0 })
        };
        let alternatives: Arc<[Alternative]> = machines.members.iter().map(alternative).collect::<Result<_, _>>()?;
        machines.lengths.insert((setup, run), Arc::clone(&alternatives));
        Ok(alternatives)
    }

    /// Where work of this group is done outside.
    fn subcontractor(&mut self, group: &str, place: &str) -> Result<MachineIndex, Misfit> {
        if self.machines.contains_key(group) {
            let reason = format!("{group:?} is done outside, and a machine has the same name: plans would mix them up");
            return Err(Misfit::new(place, reason));
        }
        let machines = &mut self.model.machines;
        Ok(*self.outside.entry(group.to_owned()).or_insert_with(|| {
            let index = u32::try_from(machines.len()).unwrap_or(u32::MAX);
            machines.push(Machine {
                name: group.to_owned(),
                calendar: None,
                downtime: Vec::new(),
                capacity: Capacity::Unlimited,
                changeover: None,
                family: None,
            });
            MachineIndex(index)
        }))
    }

    /// What the next operation of the job waits for: the lag, and the pieces where they are not all.
    fn handed_on(
        &self,
        step: &Step,
        pieces: u32,
        place: impl Fn(&str) -> String,
    ) -> Result<(Seconds, Option<Transfer>), Misfit> {
        let fraction = step.transfer_fraction;
        if !(fraction > 0.0 && fraction <= 1.0) {
            let reason = format!("is {fraction:?}; it must be more than 0 and at most 1");
            return Err(Misfit::new(place("transfer_fraction"), reason));
        }
        let first = least(pieces, |first| f64::from(first) >= fraction * f64::from(pieces) - 1e-6);
        let transfer = first.filter(|first| *first < pieces).map(|first| Transfer { first, of: pieces });
        Ok((self.length(&place("min_lag_after"), step.min_lag_after)?, transfer))
    }
}

/// A factor of speed in percent.
fn percent(place: &str, factor: f64) -> Result<u32, Misfit> {
    let refused = || Misfit::new(place, format!("is {factor:?}; it must be 0.01 to 100 in whole hundredths"));
    let whole = least(10_000, |percent| f64::from(percent) >= factor * 100.0 - 1e-6);
    whole.filter(|percent| (f64::from(*percent) - factor * 100.0).abs() < 1e-6).ok_or_else(refused)
}

/// The least of 1 ..= `most` that is enough, where more is always enough too.
fn least(most: u32, enough: impl Fn(u32) -> bool) -> Option<u32> {
    let (mut low, mut high) = (1, most);
    while low < high {
        let middle = low + (high - low) / 2;
        if enough(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    (low <= most && enough(low)).then_some(low)
}

/// Where a name leads.
fn known<T: Copy>(names: &HashMap<String, T>, what: &str, name: &str, place: impl Fn() -> String) -> Result<T, Misfit> {
    names.get(name).copied().ok_or_else(|| no(what, name, place))
}

fn no(what: &str, name: &str, place: impl Fn() -> String) -> Misfit {
    Misfit::new(place(), format!("there is no {what} {name:?}"))
}

/// Enters a name that must be new.
fn once<T>(names: &mut HashMap<String, T>, name: &str, value: T, place: impl Fn() -> String) -> Result<(), Misfit> {
    match names.insert(name.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(Misfit::new(place(), format!("{name:?} is there twice"))),
    }
}
