#!/usr/bin/env python3
"""Plans anew what a real machine shop did: the first cases of ../shared/data/machine-shop-log.csv, with the durations that were reported.

    ./test real-shop [--cases 100] [--seconds 10] [--seed 1] [--keep FOLDER]

What is known of the shop is taken from the log:
- a case is a job, released when it was first worked on, due when it was really finished, all of the same weight;
- an activity of a case is an operation. It takes as long as anybody was at work on it: setup as reported so, the rest is run. Activities
  follow one another in the order in which they began; where the next began before the one before it ended, it may begin after the
  same share of its work;
- an activity has as many stations as different cases of these were worked on at the same time, and they are open while anybody reported
  anything of it (with pauses of less than four hours), or of anything where it was done on less than ten days. After the log's end its last four weeks come again. So nights and holidays are closed, but at any other time the
  peak of the quarter is there: who was away that day is not known from the log, and that is in favour of the plan.

It prints the plan beside what happened, and the load of the machines; the plan must pass the checker, or this fails.
"""

import argparse
import csv
import datetime
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LOG = ROOT.parent / "shared" / "data" / "machine-shop-log.csv"
# Minutes without a report after which everybody had gone home.
GONE_HOME = 240
# What was done on less days than this says nothing about when it can be done.
SELDOM_DAYS = 10


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leaves the instance, the plan and a chart there")
    parser.add_argument("--kilter", default=str(ROOT / "target" / "release" / "kilter"))
    return parser.parse_args()


def reports():
    """Every reported interval, in minutes since the log's first day, equal rows once; breaks are no work."""
    with open(LOG, newline="") as file:
        rows = list(dict.fromkeys(tuple(row.items()) for row in csv.DictReader(file)))
    rows = [dict(row) for row in rows]
    day = min(datetime.datetime.fromisoformat(row["start"]) for row in rows).replace(hour=0, minute=0, second=0)
    minute = lambda text: int((datetime.datetime.fromisoformat(text) - day).total_seconds() // 60)
    for row in rows:
        row["from"], row["to"] = minute(row["start"]), minute(row["complete"])
        row["activity"] = " ".join(row["activity"].split())
    rows = [row for row in rows if row["report_type"] != "B" and row["to"] > row["from"]]
    return day, sorted(rows, key=lambda row: (row["from"], row["to"], row["case_id"]))


def united(intervals, gap=0):
    """Intervals that overlap, touch, or lie less than `gap` apart, as one."""
    whole = []
    for start, end in sorted(intervals):
        if whole and start <= whole[-1][1] + gap:
            whole[-1][1] = max(whole[-1][1], end)
        else:
            whole.append([start, end])
    return whole


def length(intervals, until=None):
    return sum(max(0, (end if until is None else min(end, until)) - start) for start, end in united(intervals))


def at_once(intervals):
    """Most of them at the same time."""
    most = now = 0
    for _, change in sorted([(start, 1) for start, _ in intervals] + [(end, -1) for _, end in intervals]):
        now += change
        most = max(most, now)
    return most


def again(open_times):
    """The same, and after its end twice what its last four weeks were."""
    weeks = 4 * 7 * 1440
    end = -(-open_times[-1][1] // 1440) * 1440
    last = [[max(start, end - weeks), stop] for start, stop in open_times if stop > end - weeks]
    return united(open_times + [[start + times * weeks, stop + times * weeks] for times in (1, 2) for start, stop in last])


def instance(rows, cases):
    jobs, busy = [], defaultdict(list)
    for case in cases:
        mine, steps = [row for row in rows if row["case_id"] == case], {}
        for row in mine:
            steps.setdefault(row["activity"], []).append(row)
        spans = {activity: [(row["from"], row["to"]) for row in reported] for activity, reported in steps.items()}
        ops, order = [], list(steps)
        for at, activity in enumerate(order):
            worked = length(spans[activity])
            setup = worked - length([(row["from"], row["to"]) for row in steps[activity] if row["report_type"] != "S"])
            following = order[at + 1] if at + 1 < len(order) else None
            share = length(spans[activity], until=min(spans[following])[0]) / worked if following else 1
            busy[activity] += united(spans[activity])
            ops.append(dict(group=activity, setup=setup, run=worked - setup, family=0, skill=None, needs_operator="none", interruptible=True, min_lag_after=0, transfer_fraction=max(0.01, min(1, share)), outside=False))
        release, due = min(row["from"] for row in mine), max(row["to"] for row in mine)
        jobs.append(dict(id=case, qty=100, ops=ops, priority=1, material=None, material_qty=0, release=release, due=due))
    shop = [time for times in busy.values() for time in times]
    days = lambda times: len({start // 1440 for start, _ in times})
    hours = lambda times: again(united(times if days(times) >= SELDOM_DAYS else shop, GONE_HOME))
    calendars = {activity: hours(times) for activity, times in busy.items()}
    machines = [dict(id=f"{activity} {number + 1}", group=activity, speed=1.0, shift=activity) for activity, times in sorted(busy.items()) for number in range(at_once(times))]
    return dict(format="shop-instance-1", name=f"machine shop, {len(cases)} cases", time_unit="minute", now=0, frozen_until=0, calendars=calendars, machines=machines, operators=[], downtime=[], setup_matrix=[[0]], materials=[], jobs=jobs)


def told(what, *values):
    print(" | ".join([f"{what:<34}", *(f"{value:>18}" for value in values)]))


def hours(minutes):
    return f"{minutes / 60:,.1f} h"


def main():
    asked = options()
    if not LOG.exists():
        print("skipped: no ../shared/data")
        return 0
    day, rows = reports()
    cases = list(dict.fromkeys(row["case_id"] for row in rows))[: asked.cases]
    shop = instance(rows, cases)
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="kilter-real-shop-"))
    folder.mkdir(parents=True, exist_ok=True)
    file, plan, chart, report = (folder / name for name in ["shop.json", "plan.json", "plan.svg", "checked.json"])
    file.write_text(json.dumps(shop))
    solve = [asked.kilter, "solve", str(file), "--seconds", str(asked.seconds), "--seed", str(asked.seed), "--threads", "2"]
    ran = subprocess.run([*solve, "--json", str(plan), "--gantt", str(chart)], capture_output=True, text=True)
    if ran.returncode != 0:
        print(ran.stderr, file=sys.stderr)
        return 1
    checked = subprocess.run([asked.kilter, "solve", str(file), "--check", str(plan), "--json", str(report)], capture_output=True, text=True)
    answer = json.loads(plan.read_text())
    operations = sum(len(job["ops"]) for job in shop["jobs"])
    print(f"{len(shop['jobs'])} jobs, {operations} operations, {len(shop['machines'])} stations, from {day.date()}; first plan after {answer['first_plan_ms']} ms, {asked.seconds:g} s in all")
    compare(shop, answer)
    loads(shop, answer)
    print(f"checker: {checked.stdout.strip().splitlines()[-1] if checked.stdout.strip() else checked.stderr.strip()}")
    return checked.returncode


def ends(shop, answer):
    done = defaultdict(int)
    for row in answer["assignments"]:
        done[row["job"]] = max(done[row["job"]], row["end"])
    return {job["id"]: done[job["id"]] for job in shop["jobs"]}


def compare(shop, answer):
    done, jobs = ends(shop, answer), shop["jobs"]
    begin = min(job["release"] for job in jobs)
    late = [max(0, done[job["id"]] - job["due"]) for job in jobs]
    lead = lambda end: sum(end(job) - job["release"] for job in jobs) / len(jobs)
    told("", "as it happened", "planned anew")
    told("makespan", hours(max(job["due"] for job in jobs) - begin), hours(max(done.values()) - begin))
    told("mean time from release to end", hours(lead(lambda job: job["due"])), hours(lead(lambda job: done[job["id"]])))
    told("later than it happened, in all", "-", hours(sum(late)))
    told("jobs later than it happened", "-", f"{sum(it > 0 for it in late)} of {len(jobs)}")
    told("jobs earlier than it happened", "-", f"{sum(done[job['id']] < job['due'] for job in jobs)} of {len(jobs)}")
    told("without a place", "-", str(len(answer["unplaced"])))


def loads(shop, answer):
    """Work by activity, and how much that is of its stations' open time until the last job is done."""
    worked, open_minutes = defaultdict(int), defaultdict(int)
    for job in shop["jobs"]:
        for op in job["ops"]:
            worked[op["group"]] += op["setup"] + op["run"]
    done = max(row["end"] for row in answer["assignments"])
    for machine in shop["machines"]:
        open_minutes[machine["group"]] += length(shop["calendars"][machine["shift"]], until=done)
    told("load by activity", "work", "of open time")
    for activity in sorted(worked, key=worked.get, reverse=True):
        told(activity, hours(worked[activity]), f"{100 * worked[activity] / open_minutes[activity]:.0f} %")


if __name__ == "__main__":
    sys.exit(main())
