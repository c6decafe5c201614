"""One thing changes in a shop that has a plan: what it is, and which operations of the old plan it may touch.

The affected chain is everything that is reached in the old plan from what changed directly: an operation reaches those that wait for it
by a link, the next one on its machine and the next one of its operator. What changed directly:

    a machine down, an operator absent   what is there, or is attended by him, in that time
    an operation twice as long           that operation
    a rush job                           what comes next on the machine, or of the operator, where its operations go in the new plan
    a late receipt                       what uses the material from the time on that the receipt would have come
"""

import copy
import random

DAY = 1_440


def ways(data, plan, seed):
    """(name, changed file, directly changed operations of the old plan or None where the new plan tells) in turn."""
    dice = random.Random(seed)
    rows = plan["assignments"]
    times = sorted(row["start"] for row in rows)
    at = int(dice.choice(times[len(times) // 10: len(times) // 2]))
    over = lambda row: row["start"] < at + DAY and row["end"] > at

    row = dice.choice([row for row in rows if over(row) and any(machine["id"] == row["machine"] for machine in data["machines"])])
    changed = copy.deepcopy(data)
    changed["downtime"].append(dict(machine=row["machine"], start=at, end=at + DAY))
    yield "a machine is down for a day", changed, {name(it) for it in rows if over(it) and it["machine"] == row["machine"]}

    row = dice.choice([row for row in rows if over(row) and row.get("worker")])
    changed = copy.deepcopy(data)
    worker = next(it for it in changed["operators"] if it["id"] == row["worker"])
    away = f"{worker['shift']} without a day"
    changed["calendars"][away] = [
        piece for start, end in data["calendars"][worker["shift"]] for piece in ((start, min(end, at)), (max(start, at + DAY), end)) if piece[0] < piece[1]
    ]
    worker["shift"] = away
    yield "an operator is absent for a day", changed, {name(it) for it in rows if over(it) and it.get("worker") == row["worker"]}

    row = dice.choice([row for row in rows if over(row)])
    changed = copy.deepcopy(data)
    job = next(job for job in changed["jobs"] if job["id"] == row["job"])
    job["ops"][row["op"]]["run"] *= 2
    yield "an operation takes twice as long", changed, {name(row)}

    changed = copy.deepcopy(data)
    rush = copy.deepcopy(dice.choice([job for job in data["jobs"] if not any(op["outside"] for op in job["ops"])]))
    work = sum(op["run"] + op["setup"] for op in rush["ops"])
    rush |= dict(id="rush", priority=8, release=data["now"], due=data["now"] + 2 * work, material=None)
    changed["jobs"].append(rush)
    yield "a rush job comes", changed, None

    material = dice.choice([it for it in data["materials"] if it["receipts"]])
    changed = copy.deepcopy(data)
    late = next(it for it in changed["materials"] if it["id"] == material["id"])
    receipt = min(late["receipts"], key=lambda it: abs(it["t"] - at))
    since, receipt["t"] = receipt["t"], receipt["t"] + DAY
    uses = {job["id"] for job in data["jobs"] if job["material"] == material["id"]}
    yield "a receipt comes a day late", changed, {name(it) for it in rows if it["job"] in uses and it["op"] == 0 and it["start"] >= since}


def name(row):
    return row["job"], row["op"]


def next_in(data, plan):
    """What each operation of a plan reaches directly."""
    reach = {name(row): [] for row in plan["assignments"]}
    outside = {op["group"] for job in data["jobs"] for op in job["ops"] if op["outside"]}
    for resource in ("machine", "worker"):
        lines = {}
        for row in sorted(plan["assignments"], key=lambda row: (row["start"], row["end"])):
            if row.get(resource) and row[resource] not in outside:
                lines.setdefault(row[resource], []).append(name(row))
        for line in lines.values():
            for before, after in zip(line, line[1:]):
                reach[before].append(after)
    for job, op in list(reach):
        if (job, op + 1) in reach:
            reach[job, op].append((job, op + 1))
    return reach


def displaced(old, new):
    """What comes next in the old plan where a rush job goes in the new one."""
    direct = set()
    for row in new["assignments"]:
        if row["job"] != "rush":
            continue
        for resource in ("machine", "worker"):
            later = [it for it in old["assignments"] if row.get(resource) and it.get(resource) == row[resource] and it["end"] > row["start"]]
            if later:
                direct.add(name(min(later, key=lambda it: it["start"])))
    return direct


def chain(data, old, direct):
    """All that is reached from what changed directly."""
    reach, seen, left = next_in(data, old), set(), list(direct)
    while left:
        it = left.pop()
        if it not in seen and it in reach:
            seen.add(it)
            left += reach[it]
    return seen


def moved(old, new):
    """Operations of the old plan that are elsewhere, or at another time, in the new one."""
    places = {name(row): (row["machine"], row.get("worker"), row["start"]) for row in new["assignments"]}
    return {name(row) for row in old["assignments"] if places.get(name(row)) != (row["machine"], row.get("worker"), row["start"])}
