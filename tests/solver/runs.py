"""Runs of Kilter and its peers, one by one; with `--resume FILE` each is kept there and not made again.

A run of ours is of one build; a run of a peer is of its source, its version of ortools and the instance, so that it is still good when
only our build has changed.
"""

import csv
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import memory

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DATA = ROOT.parent / "shared" / "data" / "instances"
# Exit codes of the checker: a rule is broken; none is, and something has no place.
BROKEN, INCOMPLETE = 12, 13
KINDS = ("jsp", "jsp_large", "fjsp", "fajsp", "wjsp")


class Failed(Exception):
    """A run that did not give what it should; the bench says so and goes on."""


class Absent(Exception):
    """An instance that is not in the data, which is no failure."""


class Kept:
    """Results by what was run."""

    def __init__(self, path):
        self.path, self.known = path, {}
        if path and Path(path).exists():
            with open(path) as lines:
                self.known = {it["key"]: it["result"] for it in map(json.loads, lines)}

    def get(self, key, run):
        key = json.dumps(key)
        if key in self.known:
            return self.known[key]
        result = run()
        self.known[key] = result
        if self.path:
            with open(self.path, "a") as out:
                out.write(json.dumps(dict(key=key, result=result)) + "\n")
        return result


class Runs:
    def __init__(self, asked):
        self.asked = asked
        self.kilter = asked.kilter or str(ROOT / "target" / "release" / "kilter")
        self.build = digest(self.kilter)
        self.folder = Path(tempfile.mkdtemp(prefix="kilter-bench-"))
        self.python, self.peer = (None, None) if asked.no_peer else peer(self.folder, asked.python)
        self.kept = Kept(asked.resume)
        with open(DATA / "INDEX.csv") as index:
            self.index = {row["name"]: row for row in csv.DictReader(index)}

    def path(self, name):
        for kind in KINDS:
            if (path := DATA / kind / f"{name}.json").exists():
                return path
        raise Absent(name)

    def solve(self, path, *options, keep=True):
        """Kilter's answer, with the peaks of memory in MiB until its first plan and in all."""
        key = ["kilter", self.build, Path(path).name, digest(path), *map(str, options)]
        return self.kept.get(key, lambda: self.answer(path, options)) if keep else self.answer(path, options)

    def answer(self, path, options):
        out = self.folder / "ours.json"
        out.unlink(missing_ok=True)
        command = [self.kilter, "solve", str(path), "--threads", "2", "--json", str(out), *map(str, options)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            told, first, peak = memory.watched(process)
        if process.returncode != 0:
            raise Failed(f"kilter solve {path} ended with {process.returncode}: {told.strip().splitlines()[-1:]}")
        with open(out) as file:
            return json.load(file) | {"first_mib": first, "mib": peak}

    def value(self, path, seconds, seed):
        """(value, first plan in ms) of one run."""

        def run():
            answer = self.answer(path, ["--seconds", seconds, "--seed", seed])
            return [answer["value"], answer["first_plan_ms"]]

        return self.kept.get(["value", self.build, Path(path).name, digest(path), seconds, seed], run)

    def check(self, path, plan, *options):
        """Exit code and report of the checker."""
        out = self.folder / "checked.json"
        out.unlink(missing_ok=True)
        command = [self.kilter, "solve", str(path), "--check", str(plan), "--json", str(out), *map(str, options)]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode not in (0, BROKEN, INCOMPLETE):
            raise Failed(f"kilter solve {path} --check ended with {run.returncode}: {run.stderr.strip()[-200:]}")
        return run.returncode, json.loads(out.read_text())

    def cp_sat(self, path, seconds, seed):
        """What CP-SAT makes of a job shop; None without CP-SAT."""
        if self.python is None:
            return None
        command = [self.python, str(HERE / "peer" / "cp_jobshop.py"), str(path), str(seconds), str(seed)]
        key = ["cp", self.peer, source("cp_jobshop.py"), Path(path).name, digest(path), seconds, seed]
        return self.kept.get(key, lambda: told(command))

    def cp_shop(self, path, seconds, mode, plan):
        """CP-SAT's plan of a whole shop."""
        command = [self.python, str(HERE / "peer" / "cp_shop.py"), str(path), str(seconds), "1", str(plan), mode]
        model = source("cp_shop.py", "decode.py", "greedy.py", "shop.py")

        def run():
            answer = told(command)
            return answer | {"plan": json.load(open(plan))}

        answer = self.kept.get(["shop", self.peer, model, Path(path).name, digest(path), seconds, mode], run)
        plan.write_text(json.dumps(answer["plan"]))
        return answer

    def greedy(self, path, plan):
        subprocess.run([sys.executable, str(HERE / "peer" / "greedy.py"), str(path), str(plan)], check=True, capture_output=True)

    def generated(self, seed, jobs):
        path = self.folder / f"shop_{seed}_{jobs}.json"
        if not path.exists():
            with open(path, "w") as out:
                subprocess.run([sys.executable, str(DATA / "gen_shop.py"), str(seed), str(jobs)], stdout=out, check=True)
        return path


def digest(*paths):
    """What is in files, in short."""
    whole = hashlib.sha256()
    for path in paths:
        whole.update(Path(path).read_bytes())
    return whole.hexdigest()[:12]


def source(*names):
    """What the peers are made of."""
    return digest(*(HERE / "peer" / name for name in names))


def told(command):
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode != 0:
        raise Failed(f"{' '.join(command[1:])}: {run.stderr.strip().splitlines()[-1:]}")
    return json.loads(run.stdout.strip().splitlines()[-1])


def peer(folder, python):
    """A Python that has ortools, in an environment of its own, and the version; none where that can't be had."""
    version = "import ortools; print(ortools.__version__)"
    try:
        if python is None:
            made = folder / "venv"
            subprocess.run([sys.executable, "-m", "venv", str(made)], check=True, capture_output=True)
            python = str(made / "bin" / "python")
            subprocess.run([python, "-m", "pip", "install", "-q", "ortools"], check=True, capture_output=True)
        return python, subprocess.run([python, "-c", version], check=True, capture_output=True, text=True).stdout.strip()
    except (subprocess.CalledProcessError, OSError) as error:
        print(f"skipped: CP-SAT, as ortools can't be had here ({error})")
        return None, None
