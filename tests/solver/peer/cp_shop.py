"""CP-SAT on a whole shop: cp_shop.py FILE SECONDS SEED PLAN; writes a plan that Kilter checks, prints times as JSON.

The same model as Kilter's, in seconds. Time and work: W(t) is how long a calendar was open before t; a variable of time gets a
segment of the calendar it lies in and, with that, its W. Setup works W(worked) - W(start), the run W(end) - W(run_start).
Changeovers follow a circuit for each machine, summed up by the family before. One thing is stricter than Kilter's rules: an
operator who attends an operation is not free for another in its pauses. The search starts from the plan of greedy.py, and its
horizon is half as long again as that plan.
"""

import json
import sys
import time

from cp_jobshop import solved
from greedy import greedy
from ortools.sat.python import cp_model
from shop import Shop


class Clock:
    """Segments of a calendar up to the horizon: [start, end), work before, and whether it is open."""

    def __init__(self, hours, horizon):
        self.segments, at = [], 0
        for start, end in hours.until(horizon).pieces:
            start = max(start, 0)
            if start > at:
                self.segments.append((at, start, hours.work(at) - hours.work(0), False))
            if start < end:
                self.segments.append((start, end, hours.work(start) - hours.work(0), True))
                at = end
        if at < horizon:
            self.segments.append((at, horizon, hours.work(at) - hours.work(0), False))


class Model:
    def __init__(self, shop, rows):
        self.shop, self.rows = shop, {row[0]: row for row in rows}
        end = max(row[4] for row in rows)
        self.horizon = end + end // 2
        self.model = cp_model.CpModel()
        self.clocks = {}
        self.hints = {}
        self.vars = {}
        self.machine = {}
        self.operator = {}
        self.setup_in_plan = self.setups(rows)
        for index in self.rows:
            self.operation(index)
        for index in self.rows:
            self.link(index)
        for machine, items in self.machine.items():
            self.circuit(machine, items)
        for intervals in self.operator.values():
            self.model.add_no_overlap(intervals)
        self.materials()
        self.objective()

    def setups(self, rows):
        """What the setups of the plan work."""
        family, setups = {}, {}
        for index, mode, *_ in sorted(rows, key=lambda row: row[2:]):
            it, was = self.shop.operations[index], family.get(mode.machine)
            known = was is not None and mode.machine not in self.shop.outside
            setups[index] = it.setup_work(mode, self.shop.changeover[was][it.family] if known else 0)
            family[mode.machine] = it.family
        return setups

    def time(self, low=0):
        return self.model.new_int_var(low, self.horizon, "")

    def hint(self, variable, value):
        """What it is in the plan that the search starts from."""
        self.model.add_hint(variable, int(value))
        self.hints[variable.index] = int(value)
        return variable

    def was(self, variable):
        return self.hints[variable.index] if variable.index >= 0 else 1 - self.hints[-variable.index - 1]

    def flag(self, value):
        return self.hint(self.model.new_bool_var(""), value)

    def clock(self, hours):
        key = id(hours)
        if key not in self.clocks:
            self.clocks[key] = Clock(hours, self.horizon)
        return self.clocks[key]

    def work(self, at, hours, literal, kind, low=0):
        """W(at) while `literal` holds. `kind`: `first` second of work, instant after the `last` one, or `any`."""
        model, total = self.model, self.model.new_int_var(0, self.horizon, "")
        choices, on, is_at, worked = [], self.was(literal), self.was(at), 0
        for start, end, before, is_open in self.clock(hours).segments:
            least, most = (start, end - 1) if kind != "last" else (start + 1, end)
            if most < low or (kind != "any" and not is_open):
                continue
            inside = on and least <= is_at <= most
            here = self.flag(inside)
            worked = (is_at - start + before if is_open else before) if inside else worked
            choices.append(here)
            model.add(at >= least).only_enforce_if(here)
            model.add(at <= most).only_enforce_if(here)
            if is_open:
                model.add(total == at - start + before).only_enforce_if(here)
            else:
                model.add(total == before).only_enforce_if(here)
        model.add(sum(choices) == 1).only_enforce_if(literal)
        model.add(sum(choices) == 0).only_enforce_if(~literal)
        return self.hint(total, worked)

    def operation(self, index):
        model, shop = self.model, self.shop
        it = shop.operations[index]
        _, chosen, start_, run_start_, end_ = self.rows[index]
        setup_ = self.setup_in_plan[index]
        worked_ = chosen.setup_hours.finish(start_, setup_)
        low = max(shop.jobs[it.job]["release"], shop.now)
        start, run_start, end = self.time(low), self.time(low), self.time(low)
        setup = model.new_int_var(0, 100_000, "")
        for variable, value in ((start, start_), (run_start, run_start_), (end, end_), (setup, setup_)):
            self.hint(variable, value)
        modes = [(mode, model.new_bool_var("")) for mode in it.modes]
        model.add_exactly_one(literal for _, literal in modes)
        for mode, literal in modes:
            self.hint(literal, mode is chosen)
        run = sum(mode.run * literal for mode, literal in modes)
        model.add(run_start >= start + setup)
        model.add(end >= run_start + run)
        self.vars[index, "worked"] = self.hint(self.time(low), worked_)
        by_hours = {}
        for mode, literal in modes:
            by_hours.setdefault((id(mode.setup_hours), id(mode.run_hours)), []).append((mode, literal))
        for group in by_hours.values():
            mode = group[0][0]
            literal = group[0][1]
            if len(group) > 1:
                literal = self.flag(any(self.was(it) for _, it in group))
                model.add(sum(it for _, it in group) == literal)
            self.worked(index, it, mode, literal, (start, run_start, end, setup, run), low)
        for machine in {mode.machine for mode, _ in modes} - shop.outside:
            literals = [literal for mode, literal in modes if mode.machine == machine]
            self.machine.setdefault(machine, []).append((index, literals))
        for mode, literal in modes:
            if mode.machine in shop.outside:
                model.add(setup == it.setup).only_enforce_if(literal)
            if mode.operator is not None:
                until = end if it.attended == "full" else self.vars[index, "worked"]
                self.operator.setdefault(mode.operator, []).append(
                    model.new_optional_interval_var(start, self.size(start, until, literal), until, literal, "")
                )
        self.vars[index] = (start, run_start, end, setup, run, modes)

    def size(self, start, until, literal):
        size = self.hint(self.model.new_int_var(0, self.horizon, ""), self.was(until) - self.was(start) if self.was(literal) else 0)
        self.model.add(size == until - start).only_enforce_if(literal)
        return size

    def worked(self, index, it, mode, literal, times, low):
        """Rules 1 to 3 under one pair of calendars."""
        model = self.model
        start, run_start, end, setup, run = times
        end_work = self.work(end, mode.run_hours, literal, "last", low)
        run_work = self.work(run_start, mode.run_hours, literal, "first", low)
        model.add(end_work - run_work == run).only_enforce_if(literal)
        worked = self.vars[index, "worked"]
        any_setup = self.flag(self.was(setup) > 0)
        model.add(setup >= 1).only_enforce_if(any_setup)
        model.add(setup == 0).only_enforce_if(~any_setup)
        setting = self.flag(self.was(literal) and self.was(setup) > 0)
        model.add_bool_and(literal, any_setup).only_enforce_if(setting)
        model.add_bool_or(~literal, ~any_setup, setting)
        start_work = self.work(start, mode.setup_hours, setting, "first", low)
        worked_work = self.work(worked, mode.setup_hours, setting, "last", low)
        model.add(worked_work - start_work == setup).only_enforce_if(setting)
        none = self.flag(self.was(literal) and self.was(setup) == 0)
        model.add_bool_and(literal, ~any_setup).only_enforce_if(none)
        model.add_bool_or(~literal, any_setup, none)
        model.add(worked == start).only_enforce_if(none)
        model.add(run_start == start).only_enforce_if(none)
        # The run begins as soon as it can be worked at after the setup.
        ready_work = self.work(worked, mode.run_hours, literal, "any", low)
        model.add(ready_work == run_work).only_enforce_if(literal)
        model.add(worked <= run_start)
        if not it.interruptible:
            model.add(end == start + setup + run).only_enforce_if(literal)

    def link(self, index):
        model, shop = self.model, self.shop
        it = shop.operations[index]
        if it.place == 0:
            return
        before = shop.operations[index - 1]
        _, run_start, end, _, run, modes = self.vars[index]
        _, before_run_start, before_end, _, _, before_modes = self.vars[index - 1]
        if before.first is None:
            model.add(run_start >= before_end + before.lag)
            return
        was = next(mode for mode, literal in before_modes if self.was(literal))
        ready = self.hint(self.time(), was.run_hours.finish(self.was(before_run_start), before.share(was.run)))
        for mode, literal in before_modes:
            at = self.work(ready, mode.run_hours, literal, "last")
            from_ = self.work(before_run_start, mode.run_hours, literal, "first")
            model.add(at - from_ == before.share(mode.run)).only_enforce_if(literal)
        model.add(run_start >= ready + before.lag)
        done = self.hint(self.time(), self.was(before_end) + before.lag)
        model.add(done == before_end + before.lag)
        model.add(done <= end)
        for mode, literal in modes:
            last = -(-mode.run * before.first // before.pieces)
            at = self.work(end, mode.run_hours, literal, "last")
            from_ = self.work(done, mode.run_hours, literal, "any")
            model.add(at - from_ >= last).only_enforce_if(literal)

    def circuit(self, machine, items):
        """One after the other, with the changeover from the family before."""
        model, shop = self.model, self.shop
        arcs, literal_of, before_family = [], {}, {}
        sequence = sorted((self.rows[i][2], self.rows[i][4], i) for i, _ in items if self.rows[i][1].machine == machine)
        follows = {b[2]: a[2] for a, b in zip(sequence, sequence[1:])}
        for index, literals in items:
            on = literals[0] if len(literals) == 1 else self.flag(any(self.was(it) for it in literals))
            if len(literals) > 1:
                model.add(sum(literals) == on)
            literal_of[index] = on
        node = {index: n + 1 for n, (index, _) in enumerate(items)}
        empty = self.flag(not sequence)
        arcs.append((0, 0, empty))
        for index, on in literal_of.items():
            arcs.append((node[index], node[index], ~on))
            model.add_implication(on, ~empty)
            first = self.flag(bool(sequence) and sequence[0][2] == index)
            last = self.flag(bool(sequence) and sequence[-1][2] == index)
            arcs.append((0, node[index], first))
            arcs.append((node[index], 0, last))
            before_family.setdefault(index, {}).setdefault(None, []).append(first)
            for other in literal_of:
                a, b = shop.operations[other], shop.operations[index]
                if other == index or (a.job == b.job and a.place > b.place):
                    continue
                arc = self.flag(follows.get(index) == other)
                arcs.append((node[other], node[index], arc))
                model.add(self.vars[index][0] >= self.vars[other][2]).only_enforce_if(arc)
                before_family[index].setdefault(a.family, []).append(arc)
        model.add_circuit(arcs)
        model.add_no_overlap(
            model.new_optional_interval_var(
                self.vars[i][0], self.size(self.vars[i][0], self.vars[i][2], on), self.vars[i][2], on, ""
            )
            for i, on in literal_of.items()
        )
        for index, families in before_family.items():
            it, setup = shop.operations[index], self.vars[index][3]
            for family, came in families.items():
                changeover = shop.changeover[family][it.family] if family is not None else 0
                was = self.flag(any(self.was(it) for it in came))
                model.add(sum(came) == was)
                for mode, literal in self.vars[index][5]:
                    if mode.machine == machine:
                        model.add(setup == it.setup_work(mode, changeover)).only_enforce_if(was, literal)

    def materials(self):
        for name, (stock, receipts) in self.shop.materials.items():
            users = [i for i in self.rows if self.shop.operations[i].uses and self.shop.operations[i].uses[0] == name]
            if not users:
                continue
            times = [max(0, t) for t, _ in receipts] + [self.vars[i][0] for i in users]
            changes = [q for _, q in receipts] + [-self.shop.operations[i].uses[1] for i in users]
            self.model.add_reservoir_constraint([0, *times], [stock, *changes], 0, stock + sum(q for _, q in receipts))

    def objective(self):
        """On time first, as Kilter weighs it, times 60."""
        model, terms = self.model, []
        for job in self.shop.jobs:
            if not job["ops"] or any(index not in self.rows for index in job["ops"]):
                continue
            end = self.vars[job["ops"][-1]][2]
            for index in job["ops"]:
                model.add(end >= self.vars[index][2])
            tardy = max(0, self.was(end) - job["due"])
            late, is_late = self.hint(model.new_int_var(0, self.horizon, ""), tardy), self.flag(tardy > 0)
            model.add(late >= end - job["due"])
            model.add(late == 0).only_enforce_if(~is_late)
            terms.append(6_000 * job["weight"] * late + 60 * 180_000 * job["weight"] * is_late + end - job["release"])
        terms += [300 * self.vars[index][3] for index in self.rows]
        model.minimize(sum(terms))


if __name__ == "__main__":
    path, seconds, seed, out = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    shop = Shop(path)
    began = time.monotonic()
    rows = greedy(shop)
    made = Model(shop, rows)
    built = time.monotonic() - began
    # Probing and symmetry take all of the time on models of this size, and find nothing.
    solver, status, first = solved(made.model, seconds, seed, cp_model_probing_level=0, symmetry_level=0)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    if found:
        rows = []
        for index in made.rows:
            start, run_start, end, _, _, modes = made.vars[index]
            mode = next(mode for mode, literal in modes if solver.boolean_value(literal))
            rows.append((index, mode, solver.value(start), solver.value(run_start), solver.value(end)))
    # Without a plan of its own, it has the one that it started from.
    json.dump(shop.plan(rows), open(out, "w"))
    print(json.dumps(dict(
        found=found, status=solver.status_name(status), built_ms=round(built * 1000), first_plan_ms=round(first * 1000) if first else None,
        elapsed_ms=round(solver.wall_time * 1000),
    )))
