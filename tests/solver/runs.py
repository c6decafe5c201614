"""Runs of Kilter and its peers, one by one; with `--resume FILE` each is kept there and not made again."""

import csv
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DATA = ROOT.parent / "shared" / "data" / "instances"
KINDS = ("jsp", "jsp_large", "fjsp", "fajsp", "wjsp")


class Failed(Exception):
    """A run that did not give what it should; the bench says so and goes on."""


class Kept:
    """Results by what was run. Ours are of one build, those of the peers of one version of theirs."""

    def __init__(self, path):
        self.path, self.known = path, {}
        if path and Path(path).exists():
            for line in open(path):
                it = json.loads(line)
                self.known[it["key"]] = it["result"]

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
        self.build = hashlib.sha256(Path(self.kilter).read_bytes()).hexdigest()[:12]
        self.folder = Path(tempfile.mkdtemp(prefix="kilter-bench-"))
        self.python, self.peer = (None, None) if asked.no_peer else peer(self.folder, asked.python)
        self.kept = Kept(asked.resume)
        with open(DATA / "INDEX.csv") as index:
            self.index = {row["name"]: row for row in csv.DictReader(index)}

    def path(self, name):
        for kind in KINDS:
            if (path := DATA / kind / f"{name}.json").exists():
                return path
        raise Failed(f"{name} is not in {DATA}")

    def solve(self, path, *options, keep=True):
        """Kilter's answer, with the peak of memory in MiB."""
        key = ["kilter", self.build, Path(path).name, *map(str, options)]
        return self.kept.get(key, lambda: self.answer(path, options)) if keep else self.answer(path, options)

    def answer(self, path, options):
        out = self.folder / "ours.json"
        out.unlink(missing_ok=True)
        command = [self.kilter, "solve", str(path), "--threads", "2", "--json", str(out), *map(str, options)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        told = process.stderr.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise Failed(f"kilter solve {path} ended with {process.returncode}: {told.strip().splitlines()[-1:]}")
        with open(out) as file:
            return json.load(file) | {"mib": usage.ru_maxrss / 1024}

    def value(self, path, seconds, seed):
        """(value, first plan in ms) of one run."""

        def run():
            answer = self.answer(path, ["--seconds", seconds, "--seed", seed])
            return [answer["value"], answer["first_plan_ms"]]

        return self.kept.get(["value", self.build, Path(path).name, seconds, seed], run)

    def check(self, path, plan, *options):
        """Exit code and words of the checker."""
        command = [self.kilter, "solve", str(path), "--check", str(plan), *map(str, options)]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode not in (0, 12):
            raise Failed(f"kilter solve {path} --check ended with {run.returncode}: {run.stderr.strip()[-200:]}")
        return run.returncode, run.stdout

    def cp_sat(self, path, seconds, seed):
        """What CP-SAT makes of a job shop; None without CP-SAT."""
        if self.python is None:
            return None
        command = [self.python, str(HERE / "peer" / "cp_jobshop.py"), str(path), str(seconds), str(seed)]
        return self.kept.get(["cp", self.peer, Path(path).name, seconds, seed], lambda: told(command))

    def cp_shop(self, path, seconds, mode, plan):
        """CP-SAT's plan of a whole shop."""
        command = [self.python, str(HERE / "peer" / "cp_shop.py"), str(path), str(seconds), "1", str(plan), mode]
        model = hashlib.sha256((HERE / "peer" / "cp_shop.py").read_bytes()).hexdigest()[:12]

        def run():
            answer = told(command)
            return answer | {"plan": json.load(open(plan))}

        answer = self.kept.get(["shop", self.peer, model, Path(path).name, seconds, mode], run)
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
