#!/usr/bin/env python3
"""Measures `kilter solve` against CP-SAT and a greedy, in turn on the same instance, with the same time and two threads each.

    ./test solver --long [--only T1,T3] [--seconds 1,10] [--seeds 3] [--first 2] [--shops 1000] [--no-peer]

It prints every run as it comes, then a table for each class of instances and which targets were met, and writes both to
docs/solver.md. It needs ../shared/data; `ortools` comes from PyPI into a virtual environment that is thrown away.
"""

import argparse
import csv
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DATA = ROOT.parent / "shared" / "data" / "instances"
sys.path.insert(0, str(HERE))

import classes  # noqa: E402
import report  # noqa: E402


class Bench:
    def __init__(self, asked):
        self.asked = asked
        self.kilter = str(ROOT / "target" / "release" / "kilter") if asked.kilter is None else asked.kilter
        self.folder = Path(tempfile.mkdtemp(prefix="kilter-bench-"))
        self.python = None if asked.no_peer else peer(self.folder)
        with open(DATA / "INDEX.csv") as index:
            self.index = {row["name"]: row for row in csv.DictReader(index)}

    def path(self, name):
        for kind in ("jsp", "jsp_large", "fjsp", "fajsp", "wjsp"):
            if (path := DATA / kind / f"{name}.json").exists():
                return path
        return None

    def best_known(self, name):
        known = classes.TARDINESS.get(name) or self.index.get(name, {}).get("upper_bound")
        return int(known) if known not in (None, "", "None", "null") else None

    def solve(self, path, seconds, seed, *more):
        """Runs Kilter; gives back its answer with the peak of memory in MiB."""
        out = self.folder / "ours.json"
        out.unlink(missing_ok=True)
        command = [self.kilter, "solve", str(path), "--seconds", str(seconds), "--threads", "2"]
        process = subprocess.Popen(
            [*command, "--seed", str(seed), "--json", str(out), *more], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        told = process.stderr.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise RuntimeError(f"kilter solve {path}: {told.strip().splitlines()[-1:]}")
        answer = json.load(open(out))
        answer["mib"] = usage.ru_maxrss / 1024
        return answer

    def check(self, path, plan):
        """Whether a plan keeps every rule, and its score and weighted tardiness by Kilter's own count."""
        run = subprocess.run([self.kilter, "solve", str(path), "--check", str(plan)], capture_output=True, text=True)
        return run.returncode, run.stdout

    def cp_sat(self, path, seconds, seed):
        if self.python is None:
            return None
        command = [self.python, str(HERE / "peer" / "cp_jobshop.py"), str(path), str(seconds), str(seed)]
        run = subprocess.run(command, capture_output=True, text=True)
        return json.loads(run.stdout) if run.returncode == 0 else None

    def generated(self, seed, jobs):
        path = self.folder / f"shop_{seed}_{jobs}.json"
        with open(path, "w") as out:
            subprocess.run([sys.executable, str(DATA / "gen_shop.py"), str(seed), str(jobs)], stdout=out, check=True)
        return path


def peer(folder):
    """A Python that has ortools, in an environment of its own; none where that can't be had."""
    made = folder / "venv"
    try:
        subprocess.run([sys.executable, "-m", "venv", str(made)], check=True, capture_output=True)
        python = made / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "-q", "ortools"], check=True, capture_output=True)
    except (subprocess.CalledProcessError, OSError) as error:
        print(f"skipped: CP-SAT, as ortools can't be installed here ({error})")
        return None
    return str(python)


def compared(bench, name, seconds):
    """One row: medians over the seeds of ours and CP-SAT's on an instance."""
    path, known = bench.path(name), bench.best_known(name)
    if path is None:
        print(f"skipped: {name} is not in {DATA}")
        return None
    ours, theirs, first = [], [], []
    for seed in range(1, bench.asked.seeds + 1):
        answer = bench.solve(path, seconds, seed)
        ours.append(answer["value"])
        first.append(answer["first_plan_ms"])
        found = bench.cp_sat(path, seconds, seed)
        if found and found["value"] is not None:
            theirs.append(found["value"])
        elif found:
            theirs.append(float("inf"))
    row = dict(name=name, seconds=seconds, known=known, ours=median(ours), first=median(first))
    row["theirs"] = median(theirs) if theirs else None
    print(report.line(row), flush=True)
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=lambda text: text.split(","), help="targets, such as T1,T12")
    parser.add_argument("--seconds", type=lambda text: [float(it) for it in text.split(",")], help="times instead of the targets' own")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, help="only the first so many instances of each class")
    parser.add_argument("--shops", type=int, default=10_000, help="random shops of T15")
    parser.add_argument("--no-peer", action="store_true", help="without CP-SAT")
    parser.add_argument("--kilter", help="the program to measure; target/release/kilter when absent")
    asked = parser.parse_args()
    if not DATA.exists():
        print("skipped: no ../shared/data")
        return 0
    bench = Bench(asked)
    began = datetime.datetime.now(datetime.timezone.utc)
    sections, verdicts, rows = [], [], []
    for target in classes.ALL:
        if asked.only and target.name not in asked.only:
            continue
        print(f"## {target.name}: {target.what}", flush=True)
        section, told, measured = target.measure(bench, compared)
        sections.append((target, section))
        rows += measured
        verdicts += [(target.name, *it) for it in told]
    if any(row["theirs"] is not None for row in rows):
        verdicts.append(("T7", *report.never_worse(rows)))
    text = report.text(began, machine(), asked, sections, verdicts)
    print(text)
    report.write(ROOT / "docs" / "solver.md", text)
    return 0


def machine():
    names = [line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    return f"{os.cpu_count()} × {names[0] if names else platform.machine()}, {platform.system()} {platform.release()}"


if __name__ == "__main__":
    sys.exit(main())
