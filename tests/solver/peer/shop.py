"""A shop of the format shop-instance-1 in seconds, read apart from Kilter: what the peers plan."""

import bisect
import json
import math
from dataclasses import dataclass, field

FAR = 1 << 50


class Hours:
    """Open pieces in order, with the open seconds before each."""

    def __init__(self, pieces):
        self.pieces = sorted(p for p in pieces if p[0] < p[1])
        self.starts = [p[0] for p in self.pieces]
        self.ends = [p[1] for p in self.pieces]
        self.before = []
        total = 0
        for start, end in self.pieces:
            self.before.append(total)
            total += end - start
        self.total = total

    def next_open(self, at):
        i = bisect.bisect_right(self.ends, at)
        return max(at, self.starts[i]) if i < len(self.pieces) else None

    def work(self, at):
        """Open seconds before `at`."""
        i = bisect.bisect_right(self.ends, at)
        return self.before[i] + max(0, at - self.starts[i]) if i < len(self.pieces) else self.total

    def finish(self, at, work):
        if work <= 0:
            return at
        goal = self.work(at) + work
        i = bisect.bisect_left(self.before, goal) - 1
        return self.starts[i] + goal - self.before[i] if i >= 0 and goal <= self.total else None

    def back(self, at, work):
        """The last instant from which so much is worked before `at`, or as early as there is."""
        goal = max(self.work(at) - work, 0)
        i = bisect.bisect_right(self.before, goal) - 1
        return self.starts[i] + goal - self.before[i] if self.pieces else at

    def within(self, from_, to):
        """The open pieces of [from_, to)."""
        out, i = [], bisect.bisect_right(self.ends, from_)
        while i < len(self.pieces) and self.starts[i] < to:
            out.append((max(from_, self.starts[i]), min(to, self.ends[i])))
            i += 1
        return out

    def closed(self, from_, to):
        """The closed pieces that overlap [from_, to]; the last may reach beyond."""
        out, i = [], bisect.bisect_right(self.ends, from_)
        at = self.ends[i - 1] if i > 0 else min(from_, -FAR)
        while at <= to:
            opens = self.starts[i] if i < len(self.pieces) else FAR
            out.append((at, opens))
            if i == len(self.pieces):
                break
            at = self.ends[i]
            i += 1
        return [piece for piece in out if piece[0] < piece[1]]

    def both(self, other):
        out, i, j = [], 0, 0
        while i < len(self.pieces) and j < len(other.pieces):
            (a, b), (c, d) = self.pieces[i], other.pieces[j]
            if max(a, c) < min(b, d):
                out.append((max(a, c), min(b, d)))
            if b <= d:
                i += 1
            else:
                j += 1
        return Hours(out)

    def without(self, closures):
        pieces = self.pieces
        for closes, opens in closures:
            pieces = [p for s, e in pieces for p in ((s, min(e, closes)), (max(s, opens), e)) if p[0] < p[1]]
        return Hours(pieces)


def merged(pieces):
    out = []
    for start, end in sorted(pieces):
        if out and start <= out[-1][1]:
            out[-1][1] = max(out[-1][1], end)
        else:
            out.append([start, end])
    return Hours([tuple(p) for p in out])


@dataclass
class Mode:
    """A machine, and an operator where one is needed."""

    machine: int
    operator: int | None
    run: int
    percent: int
    setup_hours: Hours
    run_hours: Hours


@dataclass
class Operation:
    job: int
    place: int
    setup: int
    family: int
    attended: str
    interruptible: bool
    lag: int
    first: int | None
    pieces: int
    uses: tuple | None
    modes: list = field(default_factory=list)

    def setup_work(self, mode, changeover):
        work = self.setup + changeover
        return at_speed(work, mode.percent) if self.attended in ("full", "setup_only") else work

    def share(self, work):
        """The work of a transfer batch out of the whole."""
        return -(-work * self.first // self.pieces)


def at_speed(work, percent):
    return -(-work * 100 // percent)


class Shop:
    def __init__(self, path):
        data = json.load(open(path))
        unit = {"minute": 60, "second": 1}[data["time_unit"]]
        self.unit, self.name, self.now = unit, data["name"], data["now"] * unit
        calendars = {n: merged([(a * unit, b * unit) for a, b in p]) for n, p in data["calendars"].items()}
        always = Hours([(-FAR, FAR)])
        down = {}
        for d in data["downtime"]:
            down.setdefault(d["machine"], []).append((d["start"] * unit, d["end"] * unit))
        self.machines = [m["id"] for m in data["machines"]]
        hours = []
        for m in data["machines"]:
            closed = down.get(m["id"])
            hours.append(calendars[m["shift"]].without(closed) if closed else calendars[m["shift"]])
        percent = [round(m["speed"] * 100) for m in data["machines"]]
        groups = {}
        for i, m in enumerate(data["machines"]):
            groups.setdefault(m["group"], []).append(i)
        self.operators = [o["id"] for o in data["operators"]]
        present = [calendars[o["shift"]] for o in data["operators"]]
        skilled = {}
        for i, o in enumerate(data["operators"]):
            for skill, factor in o["skills"].items():
                skilled.setdefault(skill, []).append((i, round(factor * 100)))
        self.changeover = [[s * unit for s in row] for row in data["setup_matrix"]]
        self.materials = {
            m["id"]: (m["stock"], sorted((r["t"] * unit, r["qty"]) for r in m["receipts"])) for m in data["materials"]
        }
        self.outside = set()
        self.jobs, self.operations = [], []
        both, known = {}, {}

        def together(machine, operator):
            """Equal hours are one object: that keeps the models of the peers small."""
            key = (machine, operator)
            if key not in both:
                made = hours[machine].both(present[operator])
                both[key] = known.setdefault(tuple(made.pieces), made)
            return both[key]

        for j, job in enumerate(data["jobs"]):
            indices = []
            for k, op in enumerate(job["ops"]):
                first = None
                if op["transfer_fraction"] < 1:
                    first = math.ceil(op["transfer_fraction"] * job["qty"] - 1e-6)
                    first = first if first < job["qty"] else None
                uses = (job["material"], job["material_qty"]) if k == 0 and job["material"] else None
                it = Operation(
                    j, k, op["setup"] * unit, op["family"], op["needs_operator"], op["interruptible"],
                    op["min_lag_after"] * unit, first, job["qty"], uses,
                )
                if op["outside"]:
                    if op["group"] not in self.machines:
                        self.machines.append(op["group"])
                        hours.append(always)
                    machine = self.machines.index(op["group"])
                    self.outside.add(machine)
                    it.modes.append(Mode(machine, None, op["run"] * unit, 100, always, always))
                else:
                    for m in groups[op["group"]]:
                        run = at_speed(op["run"] * unit, percent[m])
                        if op["needs_operator"] == "none":
                            it.modes.append(Mode(m, None, run, 100, hours[m], hours[m]))
                            continue
                        for o, speed in skilled.get(op["skill"], []):
                            shared = together(m, o)
                            full = op["needs_operator"] == "full"
                            length = at_speed(run, speed) if full else run
                            it.modes.append(Mode(m, o, length, speed, shared, shared if full else hours[m]))
                indices.append(len(self.operations))
                self.operations.append(it)
            self.jobs.append(
                dict(id=job["id"], release=job["release"] * unit, due=job["due"] * unit, weight=job["priority"], ops=indices)
            )

    def plan(self, rows):
        """A plan as Kilter checks it; rows are (operation, mode, start, run_start, end)."""
        out = []
        for index, mode, start, run_start, end in rows:
            it = self.operations[index]
            row = dict(job=self.jobs[it.job]["id"], op=it.place, machine=self.machines[mode.machine])
            if mode.operator is not None:
                row["worker"] = self.operators[mode.operator]
            row.update(start=start / self.unit, run_start=run_start / self.unit, end=end / self.unit)
            out.append(row)
        return dict(assignments=out)
