#!/usr/bin/env python3
"""Measures `kilter solve` against CP-SAT and a greedy, in turn on the same instance, with the same time and two threads each.

    ./test solver --long [--only T1,T3] [--seconds 1,10] [--seeds 3] [--first 2] [--no-peer] [--resume FILE]
    ./test solver --long --folder ../shared/data/instances/fjsp

It says first how long it will take, prints every run as it comes, then rewrites in docs/solver.md what it measured: the sections
and verdicts of other targets stay as they were taken, each with its own date. So the whole can be measured over several sittings;
with `--resume FILE` what was run once with this build is not run again, nor are the peers' runs with another. What fails is told, makes
its target one that is not met, and the rest goes on; what is not in the data is only told.
It needs ../shared/data; `ortools` comes from PyPI into a virtual environment that is thrown away.
"""

import argparse
import datetime
import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import classes  # noqa: E402
import report  # noqa: E402
from runs import DATA, ROOT, Absent, Failed, Runs  # noqa: E402


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    numbers = lambda text: [float(it) for it in text.split(",")]
    parser.add_argument("--only", type=lambda text: text.split(","), help="targets, such as T1,T12")
    parser.add_argument("--seconds", type=numbers, help="of the targets' own times, only these")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, help="only the first so many instances of each class")
    parser.add_argument("--shops", type=int, default=10_000, help="random shops of T15")
    parser.add_argument("--no-peer", action="store_true", help="without CP-SAT")
    parser.add_argument("--peer-seeds", type=int, help="seeds of CP-SAT, where they should be fewer than ours")
    parser.add_argument("--folder", type=Path, help="instead of the targets, every instance of a folder, 1 s each or --seconds")
    parser.add_argument("--resume", metavar="FILE", help="keeps every run there, and does not make again what is there")
    parser.add_argument("--kilter", help="the program to measure; target/release/kilter when absent")
    parser.add_argument("--python", help="a Python that has ortools already")
    parser.add_argument("--dry", action="store_true", help="writes nothing to docs/solver.md")
    asked = parser.parse_args()
    asked.peer_seeds = min(asked.peer_seeds or asked.seeds, asked.seeds)
    return asked


def main():
    asked = options()
    if not DATA.exists():
        print("skipped: no ../shared/data")
        return 0
    if asked.folder:
        targets = [classes.sweep(asked.folder)]
    else:
        targets = [target for target in classes.ALL if not asked.only or target.name in asked.only]
    runs = Runs(asked)
    estimate(targets, runs)
    for target in targets:
        print(f"## {target.name}: {target.what}", flush=True)
        took = report.Section(target, heading(asked, runs, target.name))
        try:
            target.measure(runs, took)
        except Absent as absent:
            took.absent(str(absent))
        except Failed as failure:
            took.failed(str(failure))
        except Exception as error:  # The other targets are still to be measured.
            took.failed(f"{type(error).__name__}: {error}")
        print(took.text() + report.table(report.VERDICTS, took.verdicts()), flush=True)
        if not asked.dry:
            report.merge(ROOT / "docs" / "solver.md", took)
    return 0


def estimate(targets, runs):
    seconds = {target.name: target.seconds(runs) for target in targets}
    told = ", ".join(f"{name} {length(value)}" for name, value in seconds.items())
    print(f"this takes about {length(sum(seconds.values()))}: {told}", flush=True)


def length(seconds):
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"


def heading(asked, runs, target):
    """When, where and of what; and the options that make it a part only."""
    now = datetime.datetime.now(datetime.timezone.utc)
    seeds = f"{asked.seeds} seeds" if asked.seeds > 1 else "one seed"
    peer = "" if runs.peer is None else f"; CP-SAT {runs.peer}" + ("" if asked.peer_seeds == asked.seeds else f", {asked.peer_seeds} of them")
    line = f"{now:%Y-%m-%d %H:%M} UTC, {machine()}, commit {commit()}, build {runs.build}, {seeds}{peer}."
    return line, report.partial(asked, target)


def commit():
    run = lambda *words: subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True).stdout.strip()
    changed = " with changes" if run("status", "--porcelain", "--untracked-files=no") else ""
    return (run("rev-parse", "--short", "HEAD") or "unknown") + changed


def machine():
    names = [line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    return f"{os.cpu_count()} × {names[0] if names else platform.machine()}, {platform.system()} {platform.release()}"


if __name__ == "__main__":
    sys.exit(main())
