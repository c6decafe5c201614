"""CP-SAT on a whole shop: cp_shop.py FILE SECONDS SEED PLAN MODE; writes a plan that Kilter checks, prints times as JSON.

Both modes start from the plan of greedy.py, have the same model (`Model`) and turn what CP-SAT finds into a plan by decode.py, which
does every operation as early as the rules let it, to the second:

    whole  the whole shop at once, hinted with the greedy's plan
    near   large neighbourhood search, as it is done in practice: some jobs, or all within some time, are planned anew by CP-SAT
           with all else as it is, for a few seconds each
"""

import json
import random
import sys
import time

import decode
from decode import score
from greedy import greedy, ready_at
from ortools.sat.python import cp_model
from shop import Shop

# Seconds of one neighbourhood, and operations in it at first.
A_ROUND, FREE = 5, 20
DAY = 86_400


class Model:
    """Operations that are free, among others that stay where they are.

    Time and work: W(t), how long a calendar was open before t, is t less the closed pieces before it, one literal for each that it
    may be after. A setup works W(worked) - W(start), a run W(end) - W(run_start). Changeovers follow a circuit for each machine.
    Stricter than Kilter's rules, so as to be solved: an operator who attends an operation is not free for another free one in
    its pauses, and what stays keeps its setup. Decoding makes up for both.
    """

    def __init__(self, shop, rows, free, horizon, gone=()):
        """`gone`: what comes later and gives way; of it only the material and the time that a job takes after its free part count."""
        self.shop, self.rows, self.free, self.gone = shop, {row[0]: row for row in rows}, free, set(gone)
        self.horizon = horizon
        self.model, self.hints = cp_model.CpModel(), {}
        self.literals, self.vars, self.spans = {}, {}, {}
        self.came = changeovers(shop, rows)
        self.placed = {row[0]: row[1:] for row in rows}
        self.machine = {m: [] for m in range(len(shop.machines))}
        self.operator = {o: [] for o in range(len(shop.operators))}
        for index in sorted(free):
            self.operation(index)
        for index in sorted(free):
            self.links(index)
        for machine, items in self.machine.items():
            if items and machine not in shop.outside:
                self.circuit(machine, items)
        for operator, intervals in self.operator.items():
            if intervals:
                self.model.add_no_overlap(intervals + self.attended(operator))
        self.materials()
        self.objective()

    def hint(self, variable, value):
        """What it is in the plan that the search starts from; nothing where the operation has no place there."""
        if value is not None:
            self.model.add_hint(variable, int(value))
        self.hints[variable.index] = None if value is None else int(value)
        return variable

    def was(self, variable):
        if isinstance(variable, int):
            return variable
        value = self.hints[variable.index if variable.index >= 0 else -variable.index - 1]
        return value if value is None or variable.index >= 0 else 1 - value

    def time(self, low, high, value):
        return self.hint(self.model.new_int_var(low, high, ""), value)

    def flag(self, value):
        return self.hint(self.model.new_bool_var(""), value)

    def after(self, variable, span, at):
        """Whether a time is `at` or later: a literal, or 0 or 1 where that is known."""
        low, high = span
        if at <= low or at > high:
            return int(at <= low)
        key = (variable.index, at)
        if key not in self.literals:
            was = self.was(variable)
            literal = self.literals[key] = self.flag(None if was is None else was >= at)
            self.model.add(variable >= at).only_enforce_if(literal)
            self.model.add(variable < at).only_enforce_if(~literal)
        return self.literals[key]

    def work(self, variable, span, hours, on, kind):
        """W(variable) and a constant, while all of `on` hold. `kind`: the `first` second of work, or the instant after the `last`."""
        total, later = variable, int(kind == "last")
        for closes, opens in hours.closed(*span):
            begun, ended = self.after(variable, span, closes + later), self.after(variable, span, opens + later)
            total = total - (opens - closes) * ended
            # Not inside of the closed piece.
            if self.is_false(begun) or self.is_true(ended):
                continue
            clause = [~literal for literal in on]
            clause += [] if self.is_true(begun) else [~begun]
            clause += [] if self.is_false(ended) else [ended]
            self.model.add_bool_or(clause)
        return total

    @staticmethod
    def is_true(literal):
        return isinstance(literal, int) and literal == 1

    @staticmethod
    def is_false(literal):
        return isinstance(literal, int) and literal == 0

    def operation(self, index):
        model, it = self.model, self.shop.operations[index]
        row = self.rows.get(index)
        chosen, start_, run_start_, end_ = row[1:] if row else (None, None, None, None)
        setup_ = chosen.setup_hours.work(run_start_) - chosen.setup_hours.work(start_) if row else None
        span = self.spans[index] = self.span(index)
        start, run_start, end = (self.time(*span, value) for value in (start_, run_start_, end_))
        setup = self.time(0, DAY, setup_)
        changeover = self.time(0, DAY, self.came.get(index))
        modes = [(mode, self.flag(None if chosen is None else mode is chosen)) for mode in it.modes]
        model.add_exactly_one(literal for _, literal in modes)
        model.add(run_start >= start + setup)
        model.add(end >= run_start + sum(mode.run * literal for mode, literal in modes))
        this = self.vars[index] = Operation(start, run_start, end, setup, changeover, modes)
        if it.attended == "setup_only":
            worked_ = chosen.setup_hours.finish(start_, setup_) if row else None
            this.worked = self.time(*span, worked_)
            model.add(this.worked >= start + setup)
            model.add(run_start >= this.worked)
        if it.first is not None:
            this.ready = self.time(*span, chosen.run_hours.finish(run_start_, it.share(chosen.run)) if row else None)
        for group in by_hours(modes):
            self.worked(index, it, group)
        for mode, literal in modes:
            if mode.machine not in self.shop.outside:
                model.add(mode.percent * setup >= 100 * (changeover + it.setup)).only_enforce_if(literal)
            if mode.operator is not None:
                until = end if it.attended == "full" else this.worked
                self.operator[mode.operator].append(self.interval(start, until, literal, span))
        for machine in {mode.machine for mode, _ in modes}:
            literals = [literal for mode, literal in modes if mode.machine == machine]
            self.machine[machine].append((index, self.any_of(literals)))

    def span(self, index):
        """What its times lie in."""
        it = self.shop.operations[index]
        low = max(self.shop.jobs[it.job]["release"], self.shop.now)
        if it.place > 0 and index - 1 in self.rows and index - 1 not in self.free:
            ready, _ = ready_at(self.shop, index, self.placed)
            low = max(low, min(ready, self.horizon) - DAY)
        return low, self.horizon

    def any_of(self, literals):
        """A literal that holds where one of these does, of which no two do."""
        if len(literals) == 1:
            return literals[0]
        values = [self.was(literal) for literal in literals]
        literal = self.flag(None if None in values else any(values))
        self.model.add(sum(literals) == literal)
        return literal

    def interval(self, start, end, literal, span):
        size_ = None if None in (self.was(start), self.was(end)) else self.was(end) - self.was(start)
        size = self.time(0, span[1] - span[0], size_ if self.was(literal) else 0)
        return self.model.new_optional_interval_var(start, size, end, literal, "")

    def worked(self, index, it, group):
        """Rules 1 to 3 under one pair of calendars."""
        model, this, span = self.model, self.vars[index], self.spans[index]
        mode, on = group[0][0], self.any_of([literal for _, literal in group])
        run = sum(mode.run * literal for mode, literal in group)
        run_work = self.work(this.run_start, span, mode.run_hours, [on], "first")
        model.add(self.work(this.end, span, mode.run_hours, [on], "last") - run_work == run).only_enforce_if(on)
        if this.worked is None:
            start_work = self.work(this.start, span, mode.setup_hours, [on], "first")
            model.add(run_work - start_work >= this.setup).only_enforce_if(on)
        else:
            any_setup = self.after(this.setup, (0, DAY), 1)
            start_work = self.work(this.start, span, mode.setup_hours, [on, any_setup], "first")
            worked_work = self.work(this.worked, span, mode.setup_hours, [on, any_setup], "last")
            model.add(worked_work - start_work >= this.setup).only_enforce_if(on, any_setup)
        if this.ready is not None:
            share = sum(it.share(mode.run) * literal for mode, literal in group)
            model.add(self.work(this.ready, span, mode.run_hours, [on], "last") - run_work >= share).only_enforce_if(on)
        if not it.interruptible:
            model.add(this.end == this.start + this.setup + run).only_enforce_if(on)

    def links(self, index):
        """The operations before and after it in its job."""
        model, shop, this = self.model, self.shop, self.vars[index]
        it = shop.operations[index]
        if it.place > 0 and index - 1 not in self.free and index - 1 in self.rows:
            ready, last = ready_at(shop, index, self.placed)
            model.add(this.run_start >= min(ready, self.horizon))
            if last is not None:
                model.add(this.end >= min(last[0], self.horizon))
        after = index + 1
        if after == len(shop.operations) or shop.operations[after].job != it.job:
            return
        ready = this.end if this.ready is None else this.ready
        if after in self.free:
            model.add(self.vars[after].run_start >= ready + it.lag)
            model.add(self.vars[after].end >= this.end + it.lag)
        elif after in self.rows and after not in self.gone:
            model.add(self.rows[after][3] >= ready + it.lag)
            model.add(self.rows[after][4] >= this.end + it.lag)

    def circuit(self, machine, items):
        """One after the other, with the changeover from the family before."""
        model, shop = self.model, self.shop
        family = lambda index: shop.operations[index].family
        low = min(self.spans[index][0] for index, _ in items)
        stay = sorted((row for row in self.rows.values() if row[1].machine == machine and self.stays(row[0])), key=lambda row: row[2])
        stay = stay[max(0, sum(row[4] <= low for row in stay) - 1):]
        sequence = sorted((self.rows[i] for i, on in items if self.was(on)), key=lambda row: row[2])
        sequence = [row[0] for row in sorted(stay + sequence, key=lambda row: row[3])]
        follows = set(zip([None, *sequence], [*sequence, None]))
        node = {index: n for n, index in enumerate([None, *(row[0] for row in stay), *(i for i, _ in items)])}
        arcs = [] if stay else [(0, 0, self.flag(not sequence))]
        arcs += [(node[index], node[index], ~on) for index, on in items]
        chain = [None, *(row[0] for row in stay), None]
        order = {index: n for n, index in enumerate(chain[:-1])}
        come = {index: [] for index, _ in items}
        known = dict(items)

        def arc(before, after):
            literal = self.flag((before, after) in follows)
            arcs.append((node[before], node[after], literal))
            return literal

        for before, after in zip(chain, chain[1:]):
            if before is not None or after is not None:
                arc(before, after)
        for index, _ in items:
            this = self.vars[index]
            for before in [*chain[:-1], *known]:
                if before == index or (before is not None and before > index and self.same_job(before, index)):
                    continue
                end = self.vars[before].end if before in known else self.rows[before][4] if before is not None else low
                if not isinstance(end, int) or end < self.spans[index][1]:
                    literal = arc(before, index)
                    model.add(this.start >= end).only_enforce_if(literal)
                    come[index].append((0 if before is None else shop.changeover[family(before)][family(index)], literal))
            for after in chain[1:]:
                if after is None:
                    arc(index, None)
                    continue
                row = self.rows[after]
                was = chain[order[after] - 1]
                more = shop.changeover[family(index)][family(after)] - (0 if was is None else shop.changeover[family(was)][family(after)])
                if row[2] - max(0, more) > self.spans[index][0]:
                    model.add(this.end + max(0, more) <= row[2]).only_enforce_if(arc(index, after))
        model.add_circuit(arcs)
        for index, on in items:
            model.add(self.vars[index].changeover == sum(c * literal for c, literal in come[index])).only_enforce_if(on)
        fixed = [model.new_fixed_size_interval_var(row[2], row[4] - row[2], "") for row in stay if row[4] > row[2]]
        model.add_no_overlap(fixed + [self.interval(self.vars[i].start, self.vars[i].end, on, self.spans[i]) for i, on in items])

    def same_job(self, one, other):
        return self.shop.operations[one].job == self.shop.operations[other].job

    def stays(self, index):
        return index not in self.free and index not in self.gone

    def attended(self, operator):
        """When he is busy with what stays."""
        out = []
        for index, mode, *times in self.rows.values():
            if mode.operator == operator and self.stays(index):
                pieces = decode.attended(self.shop.operations[index], mode, times)
                out += [self.model.new_fixed_size_interval_var(start, end - start, "") for start, end in pieces]
        return out

    def materials(self):
        for name, (stock, receipts) in self.shop.materials.items():
            uses = {i: it.uses[1] for i, it in enumerate(self.shop.operations) if it.uses and it.uses[0] == name}
            if not any(index in self.free for index in uses):
                continue
            users = [(self.vars[i].start if i in self.free else self.rows[i][2], -used) for i, used in uses.items() if i in self.free or i in self.rows]
            changes = [(0, stock), *((max(0, t), q) for t, q in receipts), *users]
            self.model.add_reservoir_constraint([t for t, _ in changes], [q for _, q in changes], 0, stock + sum(q for _, q in receipts))

    def objective(self):
        """On time first, as Kilter weighs it, times 60."""
        model, terms = self.model, []
        for j in sorted({self.shop.operations[index].job for index in self.free}):
            job = self.shop.jobs[j]
            if any(index not in self.rows and index not in self.free for index in job["ops"]):
                continue
            last, tail = self.last(job)
            if last is None:
                continue
            end_ = self.was(last)
            late_ = None if end_ is None else max(0, end_ + tail - job["due"])
            late, is_late = self.time(0, self.horizon * 2, late_), self.flag(None if late_ is None else late_ > 0)
            model.add(late >= last + tail - job["due"])
            model.add(late == 0).only_enforce_if(~is_late)
            terms.append(6_000 * job["weight"] * late + 60 * 180_000 * job["weight"] * is_late + last)
        terms += [300 * self.vars[index].setup for index in self.free]
        model.minimize(sum(terms))

    def last(self, job):
        """The end of the last free operation of a job, and how long the job took from there until its end."""
        ops = job["ops"]
        at = max(index for index in ops if index in self.free)
        if at == ops[-1]:
            last = self.vars[at].end
            ends = [self.vars[index].end for index in ops if index in self.free]
            if len(ends) > 1 and any(self.shop.operations[index].first is not None for index in ops):
                last = self.time(0, self.horizon, max(it) if None not in (it := [self.was(end) for end in ends]) else None)
                self.model.add_max_equality(last, ends)
            return last, 0
        if self.stays(ops[-1]):
            return None, 0
        was = self.rows[at][4] if at in self.rows else self.rows[ops[-1]][2]
        return self.vars[at].end, max(0, self.rows[ops[-1]][4] - was)


class Operation:
    """The variables of an operation that is free."""

    def __init__(self, start, run_start, end, setup, changeover, modes):
        self.start, self.run_start, self.end, self.setup, self.changeover, self.modes = start, run_start, end, setup, changeover, modes
        self.worked, self.ready = None, None


def changeovers(shop, rows):
    """What the machine was changed over for each operation."""
    family, out = {}, {}
    for index, mode, *_ in sorted(rows, key=lambda row: row[2:]):
        is_, was = shop.operations[index].family, family.get(mode.machine)
        out[index] = 0 if was is None or mode.machine in shop.outside else shop.changeover[was][is_]
        family[mode.machine] = is_
    return out


def by_hours(modes):
    groups = {}
    for mode, literal in modes:
        groups.setdefault((id(mode.setup_hours), id(mode.run_hours)), []).append((mode, literal))
    return groups.values()


class Search:
    """The best plan until now, and what makes it better."""

    def __init__(self, shop, seed, until):
        self.shop, self.until, self.random = shop, until, random.Random(seed)
        self.rows = greedy(shop)
        self.start = self.score = score(shop, self.rows)
        self.seed, self.solved, self.better, self.statuses = seed, 0, 0, {}
        self.keep(decode.decode(shop, {row[0]: row[3] for row in self.rows}, {row[0]: row[1] for row in self.rows}))

    def settle(self):
        """A better start for CP-SAT, in a sixth of the time: jobs that cost most have their turn sooner or later than in the plan."""
        until = time.monotonic() + (self.until - time.monotonic()) / 6
        while time.monotonic() < until:
            cost, keys = self.costs(), {row[0]: row[3] for row in self.rows}
            j = self.random.choices(list(cost), list(cost.values()))[0]
            since, share = max(self.shop.jobs[j]["release"], self.shop.now), self.random.uniform(0, 1.1)
            for index in self.shop.jobs[j]["ops"]:
                if index in keys:
                    keys[index] = since + round(share * (keys[index] - since))
                elif self.possible(index):
                    keys[index] = since + self.random.randrange(DAY)
            # Where it was is often not where it ends first then.
            stays = self.random.random() < 0.3
            modes = {row[0]: row[1] for row in self.rows if stays or self.shop.operations[row[0]].job != j}
            self.keep(decode.decode(self.shop, keys, modes))

    def costs(self):
        """What each job costs, as a weight of chance: late ones, and those that have no place and could have one."""
        by_job, out = {}, {}
        for index, _, _, _, end in self.rows:
            by_job.setdefault(self.shop.operations[index].job, []).append(end)
        for j, job in enumerate(self.shop.jobs):
            if not job["ops"]:
                continue
            if len(by_job.get(j, [])) == len(job["ops"]):
                out[j] = 1 + max(0, max(by_job[j]) - job["due"]) * job["weight"] / 3_600
            else:
                out[j] = 100 if all(self.possible(index) for index in job["ops"]) else 1
        return out

    def possible(self, index):
        """Whether it fits anywhere, without a changeover."""
        it = self.shop.operations[index]
        fits = lambda mode: any(end - start >= it.setup_work(mode, 0) + mode.run for start, end in mode.setup_hours.both(mode.run_hours).pieces)
        return it.interruptible or any(fits(mode) for mode in it.modes)

    def solve(self, free, gone, seconds, log=False):
        """Plans what is free anew, and tells how that went."""
        end = max(row[4] for row in self.rows)
        made = Model(self.shop, self.rows, free, end + min(end // 4, 5 * DAY), gone)
        solver = cp_model.CpSolver()
        parameters = solver.parameters
        parameters.max_time_in_seconds = max(0.1, min(seconds, self.until - time.monotonic()))
        parameters.num_workers, parameters.random_seed = 2, self.seed + self.solved
        parameters.log_search_progress = log
        # Probing and symmetry take all of the time on models of this size, and find nothing; so do further rounds of presolving.
        parameters.cp_model_probing_level, parameters.symmetry_level, parameters.max_presolve_iterations = 0, 0, 1
        status = solver.solve(made.model, Decoding(self, made))
        self.solved += 1
        self.statuses[solver.status_name(status)] = self.statuses.get(solver.status_name(status), 0) + 1
        return status

    def take(self, made, value, true):
        """What CP-SAT found, decoded, if it is better than the best until now."""
        keys = {row[0]: row[3] for row in self.rows}
        modes = {row[0]: row[1] for row in self.rows}
        for index, this in made.vars.items():
            keys[index] = value(this.run_start)
            modes[index] = next(mode for mode, literal in this.modes if true(literal))
        self.keep(decode.decode(self.shop, keys, modes))

    def keep(self, rows):
        found = score(self.shop, rows)
        if found < self.score:
            self.rows, self.score, self.better = rows, found, self.better + 1

    def whole(self, log):
        placed = {row[0] for row in self.rows}
        self.solve(placed, set(), self.until - time.monotonic(), log)

    def near(self):
        """Neighbourhoods one after the other: larger where CP-SAT is done with them, smaller where it is not."""
        size = {"window": float(FREE), "jobs": float(FREE)}
        while time.monotonic() < self.until - 0.2:
            kind = self.random.choice(["window", "jobs"])
            free, gone = self.window(int(size[kind])) if kind == "window" else self.jobs(int(size[kind]))
            grows = {cp_model.OPTIMAL: 1.15, cp_model.FEASIBLE: 0.95}.get(self.solve(free, gone, A_ROUND), 0.7)
            size[kind] = min(max(size[kind] * grows, 6), 150)

    def window(self, size):
        """So many operations from a time on, and all that comes later as what gives way."""
        order = [row[0] for row in sorted(self.rows, key=lambda row: (row[3], row[0]))]
        at = self.random.randrange(max(1, len(order) - size // 2))
        return set(order[at : at + size]), set(order[at + size :])

    def jobs(self, size):
        """Jobs that cost most, likely, and others at random, until there are so many operations."""
        cost = self.costs()
        free, placed = set(), {row[0] for row in self.rows}
        while len(free) < size and cost:
            j = self.random.choices(list(cost), [value if self.random.random() < 0.5 else 1 for value in cost.values()])[0]
            del cost[j]
            ops = self.shop.jobs[j]["ops"]
            # What has no place is planned with the rest of its job, if it may have one at all.
            whole = all(index in placed or self.possible(index) for index in ops)
            free |= {index for index in ops if whole or index in placed}
        return free, set()


class Decoding(cp_model.CpSolverSolutionCallback):
    """Takes what is found as it is found: what is best by the model is not always best when it is decoded."""

    def __init__(self, search, made):
        super().__init__()
        self.search, self.made = search, made

    def on_solution_callback(self):
        self.search.take(self.made, self.value, self.boolean_value)


def main():
    path, seconds, seed, out, mode = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5]
    shop = Shop(path)
    began = time.monotonic()
    search = Search(shop, seed, began + seconds)
    search.settle()
    settled = search.score
    search.whole("--log" in sys.argv) if mode == "whole" else search.near()
    json.dump(shop.plan(search.rows), open(out, "w"))
    print(json.dumps(dict(
        start=search.start, settled=settled, score=search.score, rounds=search.solved, better=search.better, statuses=search.statuses,
        elapsed_ms=round(1000 * (time.monotonic() - began)),
    )))


if __name__ == "__main__":
    main()
