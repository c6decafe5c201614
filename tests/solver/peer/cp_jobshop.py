"""CP-SAT on a job shop of the literature: cp_jobshop.py FILE SECONDS SEED; prints value, bound and times as JSON."""

import json
import sys
import time

from ortools.sat.python import cp_model


class First(cp_model.CpSolverSolutionCallback):
    """When the first plan was there."""

    def __init__(self):
        super().__init__()
        self.began, self.first = time.monotonic(), None

    def on_solution_callback(self):
        self.first = self.first or time.monotonic() - self.began


def solved(model, seconds, seed, **parameters):
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    solver.parameters.random_seed = seed
    for name, value in parameters.items():
        setattr(solver.parameters, name, value)
    first = First()
    status = solver.solve(model, first)
    return solver, status, first.first


def build(data):
    model = cp_model.CpModel()
    if data.get("jobs") is not None:
        ops, links, heads = [], [], []
        for job in data["jobs"]:
            heads.append(len(ops))
            for k, alternatives in enumerate(job):
                if k:
                    links.append((len(ops) - 1, len(ops)))
                ops.append(alternatives)
        lasts = [h - 1 for h in heads[1:]] + [len(ops) - 1]
    else:
        ops, links, heads, lasts = data["ops"], data["prec"], [], range(len(data["ops"]))
    horizon = sum(max(d for _, d in op) for op in ops) + max(data.get("release") or [0])
    machines, starts, ends = {}, [], []
    for op in ops:
        start, end = model.new_int_var(0, horizon, ""), model.new_int_var(0, horizon, "")
        starts.append(start)
        ends.append(end)
        if len(op) == 1:
            machine, length = op[0]
            machines.setdefault(machine, []).append(model.new_interval_var(start, length, end, ""))
            continue
        chosen = []
        for machine, length in op:
            literal = model.new_bool_var("")
            chosen.append(literal)
            machines.setdefault(machine, []).append(model.new_optional_interval_var(start, length, end, literal, ""))
        model.add_exactly_one(chosen)
        # The solver sees how long it is whatever is chosen.
        model.add(end == start + sum(literal * length for literal, (_, length) in zip(chosen, op)))
    for before, after in links:
        model.add(starts[after] >= ends[before])
    for intervals in machines.values():
        model.add_no_overlap(intervals)
    if data.get("due"):
        terms = []
        for j, (head, last) in enumerate(zip(heads, lasts)):
            if data.get("release"):
                model.add(starts[head] >= data["release"][j])
            late = model.new_int_var(0, horizon, "")
            model.add(late >= ends[last] - data["due"][j])
            terms.append(data["weight"][j] * late)
        model.minimize(sum(terms))
    else:
        makespan = model.new_int_var(0, horizon, "")
        for last in lasts:
            model.add(makespan >= ends[last])
        model.minimize(makespan)
    return model


if __name__ == "__main__":
    path, seconds, seed = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    model = build(json.load(open(path)))
    solver, status, first = solved(model, seconds, seed)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    print(json.dumps(dict(
        value=round(solver.objective_value) if found else None,
        bound=round(solver.best_objective_bound),
        first_plan_ms=round(first * 1000) if first is not None else None,
        elapsed_ms=round(solver.wall_time * 1000),
    )))
