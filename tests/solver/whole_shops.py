"""Targets of whole shops: against CP-SAT, against a greedy, one change, the checker."""

import json
from statistics import median

import changes
import lateness
import report
from runs import BROKEN
from target import Target, each, seeds, some

# Weighted tardiness that a shop is to have less of than the greedy's plan, in percent.
LESS = 30


def score(runs, path, plan):
    """(operations without a place, score, whether a rule is broken besides) of a plan by Kilter's own count. What a peer leaves out is
    without a place; that it does not say so is no fault of its."""
    told = runs.check(path, plan)[1]
    lost = told["by_fault"].pop("missing", 0)
    return lost + told["objective"]["unplaced"], told["objective"]["soft"], bool(told["by_fault"])


def shops(runs):
    return some([(f"seed {seed}, {jobs} jobs", seed, jobs) for seed, jobs in enumerate([30, 60, 90, 120] * 5, 1)], runs)


def middle(found, key):
    return sorted(found, key=key)[(len(found) - 1) // 2]


MODES = {"whole": "the whole at once", "near": "neighbourhoods"}


def full_model(runs, took):
    if runs.python is None:
        took.verdict("ours at 10 s against CP-SAT at 60 s", "95 %", "skipped: no CP-SAT", None)
        return
    plan, start = runs.folder / "theirs.json", runs.folder / "start.json"
    counts = dict(wins=0, better=0)

    def measure(case):
        shop, seed, jobs = case
        path = runs.generated(seed, jobs)
        ours = middle([(it["objective"]["hard"], it["objective"]["soft"]) for it in ours_of(runs, path)], lambda it: it)
        found = {}
        for mode in MODES:
            runs.cp_shop(path, 60, mode, plan)
            lost, soft, broken = score(runs, path, plan)
            found[mode] = (float("inf"), float("inf")) if broken else (lost, soft)
        runs.greedy(path, start)
        greedy, best = score(runs, path, start)[:2], min(found.values())
        # A place for more operations comes first; they cost, so that the sums compare only where as many are placed.
        counts["wins"] += ours <= best
        counts["better"] += best < greedy
        ratio = f"{ours[1] / best[1]:.3f}" if ours[0] == best[0] and best[1] else "–"
        row = [shop, *(f"{soft:,} ({lost} without)" for lost, soft in [ours, *found.values(), greedy]), ratio]
        print(" | ".join(row), flush=True)
        return row

    rows = each(took, shops(runs), measure)
    if rows:
        told = f"{counts['wins']} of {len(rows)}; on {counts['better']} CP-SAT's is better than the greedy's that it starts from"
        took.verdict("ours at 10 s not worse than CP-SAT's better one of two at 60 s", "95 %", told, counts["wins"] >= 0.95 * len(rows) if counts["better"] else None)
        took.add(report.table(["shop", "ours, 10 s", *(f"CP-SAT, 60 s: {told}" for told in MODES.values()), "greedy", "ratio to the better"], rows))


def ours_of(runs, path):
    """Our plans at 10 s, one for each seed."""
    return [runs.solve(path, "--seconds", 10, "--seed", seed) for seed in seeds(runs)]


def less_than(ours, theirs):
    """How much less in percent; nothing is as much less than nothing as can be."""
    return 100 * (1 - ours / theirs) if theirs else 100 if ours == 0 else float("-inf")


def against_greedy(runs, took):
    """By `lateness`, for both: what has no place is late until the horizon ends."""
    plan, found = runs.folder / "greedy.json", []

    def measure(case):
        shop, seed, jobs = case
        path = runs.generated(seed, jobs)
        runs.greedy(path, plan)
        data, theirs = json.loads(path.read_text()), json.loads(plan.read_text())
        operations = sum(len(job["ops"]) for job in data["jobs"])
        late = lateness.weighted_tardiness(data, theirs)
        mine = [(lateness.weighted_tardiness(data, it), operations - len(it["assignments"])) for it in ours_of(runs, path)]
        value, lost = middle(mine, lambda it: it[0])
        found.append((value, late))
        hours = lambda minutes, lost: f"{minutes / 60:,.0f} h ({lost} without)"
        row = [shop, hours(value, lost), hours(late, operations - len(theirs["assignments"])), f"{less_than(value, late):.0f} %"]
        print(" | ".join(row), flush=True)
        return row

    rows = each(took, shops(runs), measure)
    if rows:
        less = less_than(*(sum(side) for side in zip(*found)))
        shops_with = sum(less_than(*it) >= LESS for it in found)
        took.verdict("less weighted tardiness than a greedy, in the sum over all shops", f"≥ {LESS} %", f"{less:.0f} %", less >= LESS)
        took.verdict(f"shops where it is at least {LESS} % less", "–", f"{shops_with} of {len(found)} ({100 * shops_with / len(found):.0f} %)", None)
        took.add(report.table(["shop", "ours, 10 s", "greedy", "less"], rows))


def repairs(runs, took):
    """One change in a plan of 10,000 operations."""
    path, plan, new = runs.generated(1, 1_900), runs.folder / "known.json", runs.folder / "changed.json"
    old = runs.solve(path, "--seconds", 10)
    plan.write_text(json.dumps(old))
    with open(path) as file:
        data = json.load(file)

    def measure(case):
        seed, (what, changed, direct) = case[1:]
        new.write_text(json.dumps(changed))
        answers = [runs.solve(new, "--baseline", plan, "--iterations", 0, keep=False) for _ in range(3)]
        answer, took_ms = answers[0], median(it["first_plan_ms"] for it in answers)
        made = runs.folder / "repaired.json"
        made.write_text(json.dumps(answer))
        code, _ = runs.check(new, made, "--baseline", plan)
        chain = changes.chain(data, old, changes.displaced(old, answer) if direct is None else direct)
        outside = changes.moved(old, answer) - chain
        share = 100 * len(outside) / max(1, len(old["assignments"]) - len(chain))
        more = len(answer["unplaced"]) - len(old["unplaced"])
        print(f"{what}: {took_ms:g} ms, {len(chain)} in the chain, {len(outside)} moved outside", flush=True)
        return [f"{what} ({seed})", took_ms, len(chain), len(changes.moved(old, answer) & chain), len(outside), share, more, code != BROKEN]

    cases = [(way[0], seed, way) for seed in seeds(runs) for way in changes.ways(data, old, seed)]
    rows = each(took, cases, measure)
    if rows:
        slowest, most = max(rows, key=lambda row: row[1]), max(rows, key=lambda row: row[5])
        took.verdict("slowest repair", "≤ 200 ms", f"{slowest[1]:g} ms, {slowest[0]}", slowest[1] <= 200)
        took.verdict("most moved outside the affected chain", "≤ 5 %", f"{most[5]:.1f} %, {most[0]}", most[5] <= 5)
        took.verdict("repairs that keep every rule", "all", f"{sum(row[7] for row in rows)} of {len(rows)}", all(row[7] for row in rows))
        heads = ["change (seed)", "repaired in", "affected chain", "moved in it", "moved outside", "of what is outside", "more without a place", "keeps the rules"]
        took.add(report.table(heads, [[row[0], f"{row[1]:g} ms", *row[2:5], f"{row[5]:.1f} %", row[6], "yes" if row[7] else "**no**"] for row in rows]))


def checked(runs, took):
    """Random shops, planned and then checked by the other code; why jobs are late; what a change of nothing brings."""
    counts = dict(broken=0, late=0, wrong=0, changed=0, compared=0)
    out = runs.folder / "ours.json"

    def measure(case):
        seed, jobs = case[1:]
        path = runs.generated(seed, jobs)
        answer = runs.solve(path, "--iterations", 50, "--seed", seed, keep=False)
        code, told = runs.check(path, out)
        counts["broken"] += code == BROKEN
        if code == BROKEN:
            print(f"gen_shop.py {seed} {jobs}: {told['by_fault']}", flush=True)
        counts["late"] += len(answer["late"])
        counts["wrong"] += sum(not adds_up(job) for job in answer["late"])
        if seed % 20 == 0:
            counts["compared"] += 1
            nothing = runs.solve(path, "--what-if", path, "--iterations", 50, keep=False)
            counts["changed"] += any(nothing["change"].values()) or nothing["jobs"] != [] or nothing["base"] != nothing["variant"]
        path.unlink()

    each(took, [(f"gen_shop.py {seed} {2 + seed % 9}", seed, 2 + seed % 9) for seed in range(1, runs.asked.shops + 1)], measure)
    took.verdict(f"plans of {runs.asked.shops} random shops that break a rule", "0", str(counts["broken"]), counts["broken"] == 0)
    took.verdict(f"chains of {counts['late']} late jobs that do not add up to the time from release to end", "0", str(counts["wrong"]), counts["wrong"] == 0)
    took.verdict(f"what-ifs of nothing, of {counts['compared']}, that change anything", "0", str(counts["changed"]), counts["changed"] == 0 if counts["compared"] else None)


def adds_up(job):
    """Whether the stretches of a late job follow one another from its release to its end; one that is never done says why instead."""
    if job["end"] is None:
        return bool(job["why"]) and all(it["cause"].startswith("no place: ") for it in job["why"])
    at = job["release"]
    for stretch in job["why"]:
        if stretch["from"] != at or stretch["to"] <= stretch["from"]:
            return False
        at = stretch["to"]
    return at == job["end"]


ALL = [
    Target("T12", "whole shops against CP-SAT", full_model, lambda runs: (125 + 10 * runs.asked.seeds) * len(shops(runs))),
    Target("T13", "whole shops against a greedy", against_greedy, lambda runs: (2 + 10 * runs.asked.seeds) * len(shops(runs))),
    Target("T14", "one change in a plan of 10,000 operations", repairs, lambda runs: 12 + 25 * runs.asked.seeds),
    Target("T15", "the checker", checked, lambda runs: 0.15 * runs.asked.shops),
]
