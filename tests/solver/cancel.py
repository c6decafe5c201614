"""Ctrl-C: how soon a search ends, and how soon the program does."""

import random
import signal
import subprocess
import threading
import time
from statistics import median

import report
from runs import Failed
from target import Target, each

# Each with the seconds of search in which Ctrl-C may come.
CASES = {
    "1,000 operations (dmu76)": lambda runs: (runs.path("dmu76"), 2),
    "10,000 operations, full model": lambda runs: (runs.generated(1, 1_900), 4),
    "100,000 operations, pure": lambda runs: (runs.path("dct-short-100-100000-1"), 5),
    "100,000 operations, full model": lambda runs: (runs.generated(1, 19_000), 10),
}


class Search:
    """A search, and when it told what."""

    def __init__(self, runs, path):
        command = [runs.kilter, "solve", str(path), "--threads", "2", "--seconds", "600"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.told, self.some = [], threading.Event()
        self.listener = threading.Thread(target=self.listen)
        self.listener.start()

    def listen(self):
        for _ in self.process.stderr:
            self.told.append(time.monotonic())
            self.some.set()
        self.some.set()

    def interrupt(self):
        """Exit code, and when that was asked, told last and over."""
        asked = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait()
        ended = time.monotonic()
        self.listener.join()
        return code, asked, self.told[-1] if self.told else ended, ended


def searching(runs, path, delay):
    """Milliseconds from a Ctrl-C so long after the first plan to the last line of progress, which ends the search, and to the exit;
    None where the search proved its plan to be the best before."""
    search = Search(runs, path)
    search.some.wait()
    time.sleep(delay)
    over = search.process.poll() is not None
    code, asked, last, ended = search.interrupt()
    if code != 0:
        raise Failed(f"Ctrl-C {delay:.2f} s after the first plan of {path.name}: exit code {code}")
    return None if over or last < asked else (1_000 * (last - asked), 1_000 * (ended - asked))


def cancelling(runs, took):
    dice, rows = random.Random(1), []

    def measure(case):
        path, longest = CASES[case](runs)
        found = [it for _ in range(4 * runs.asked.seeds) if (it := searching(runs, path, dice.uniform(0, longest)))]
        if not found:
            raise Failed("every search was over before")
        search, whole = zip(*found)
        rows.append([case, len(found), f"{median(search):.0f} ms", f"{max(search):.0f} ms", f"{max(whole):.0f} ms"])
        print(rows[-1], flush=True)
        took.verdict(f"{case}: the slowest end of the search of {len(found)}", "≤ 50 ms", f"{max(search):.0f} ms", max(search) <= 50)

    each(took, list(CASES), measure)
    took.add(report.table(["instance", "times", "median", "slowest", "slowest until the plan is told, too"], rows))


TARGET = Target("Ctrl-C", "how soon it ends", cancelling, lambda runs: 4 * runs.asked.seeds * (4 + 5 + 6 + 20))
