"""What the bench says is so: what failed is never met, what is left out is late, and the peers' runs outlive our builds.

    python3 -m unittest discover -s tests/solver -p '*_test.py'
"""

import argparse
import tempfile
import unittest
from pathlib import Path

import lateness
import memory
import report
import subprocess
import target
from runs import Absent, Failed, Kept

HEADING = ("2026-11-22 10:33 UTC, here, commit 3c7b456, build f48f6f48ba09, 3 seeds.", False)


def section(name="T1"):
    return report.Section(argparse.Namespace(name=name, what="job shops"), HEADING)


def words(took):
    return [row[4] for row in took.verdicts()]


class Verdicts(unittest.TestCase):
    def test_a_target_of_which_something_failed_is_never_met(self):
        took = section()
        took.verdict("mean gap", "≤ 1 %", "0.5 %", True)
        self.assertEqual(words(took), ["yes"])
        target.each(took, ["ft10"], lambda name: (_ for _ in ()).throw(Failed("exit code 101")))
        self.assertEqual(words(took), ["**no**: 1 failed"])

    def test_a_target_of_which_all_failed_is_said_to_be_not_measured(self):
        took = section()
        took.failed("ft10: exit code 101")
        self.assertEqual(took.verdicts()[0][3:5], ["not measured: 1 failed", "**no**"])

    def test_what_is_not_in_the_data_is_told_and_no_failure(self):
        def absent(name):
            raise Absent(f"{name} is not in data")

        took = section()
        took.verdict("mean gap", "≤ 1 %", "0.5 %", True)
        self.assertEqual(target.each(took, ["ta26"], absent), [])
        self.assertEqual(words(took), ["yes"])
        self.assertIn("Passed over:\n\n- ta26 is not in data", took.text())

    def test_never_worse_than_cp_sat_is_not_met_where_a_run_failed(self):
        took = section()
        row = dict(name="ft10", seconds=1, known=930, ours=930, theirs=948, first=0)
        took.add(report.instances([row]))
        self.assertEqual(report.never_worse({"T1": took.text()})[0][4], "yes")
        took.failed("la21: exit code 101")
        self.assertEqual(report.never_worse({"T1": took.text()})[0][4], "**no**: 1 failed")

    def test_the_table_is_sorted_and_says_when_and_of_which_build_each_row_was_taken(self):
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "solver.md"
            page.write_text(f"before\n{report.BEGIN}\n{report.END}\nafter\n")
            for name in ("T10", "Ctrl-C", "T2"):
                took = section(name)
                took.verdict("something", "1", "1", True)
                report.merge(page, took)
            rows = [report.split(line) for line in page.read_text().splitlines() if line.startswith("| ")][1:]
            self.assertEqual([row[0] for row in rows], ["T2", "T7", "T10", "Ctrl-C"])
            self.assertEqual(rows[0][5], "2026-11-22 10:33, f48f6f48")


class Lateness(unittest.TestCase):
    def test_a_job_with_work_that_has_no_place_is_late_until_the_horizon_ends(self):
        job = lambda name, due: dict(id=name, due=due, release=0, priority=2, ops=[{}, {}])
        data = dict(now=0, calendars={"day": [[0, 50], [60, 100]], "night": [[50, 90]]}, jobs=[job("A", 10), job("B", 10)])
        row = lambda job, op, end: dict(job=job, op=op, end=end)
        whole = dict(assignments=[row("A", 0, 8), row("A", 1, 14), row("B", 0, 5), row("B", 1, 9)])
        self.assertEqual(lateness.weighted_tardiness(data, whole), 2 * 4)
        left_out = dict(assignments=[row("A", 0, 8), row("B", 0, 5), row("B", 1, 9)])
        self.assertEqual(lateness.weighted_tardiness(data, left_out), 2 * (100 - 10))


class Runs(unittest.TestCase):
    def test_what_was_kept_is_not_run_again(self):
        with tempfile.TemporaryDirectory() as folder:
            kept = str(Path(folder) / "runs.jsonl")
            self.assertEqual(Kept(kept).get(["cp", 1], lambda: 5), 5)
            self.assertEqual(Kept(kept).get(["cp", 1], lambda: self.fail("run again")), 5)

    def test_the_peak_of_memory_is_the_childs_own(self):
        mine = bytearray(200 << 20)
        with subprocess.Popen(["sh", "-c", "echo first >&2; sleep 0.2"], stderr=subprocess.PIPE) as child:
            told, first, peak = memory.watched(child)
        self.assertEqual(told, "first\n")
        self.assertTrue(0 < first <= peak < 50, f"{first} {peak} beside {len(mine) >> 20}")


if __name__ == "__main__":
    unittest.main()
