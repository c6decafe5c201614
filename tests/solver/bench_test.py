"""What the bench says is so: what failed is never met, what is left out is late, and the peers' runs outlive our builds.

    python3 -m unittest discover -s tests/solver -p '*_test.py'
"""

import argparse
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import changes
import classes
import lateness
import memory
import report
import runs
import target
import whole_shops
from runs import Absent, Failed, Kept

HEADING = ("2026-11-22 10:33 UTC, here, commit 3c7b456, build f48f6f48ba09, 3 seeds.", [])


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

    def test_what_is_not_in_the_data_is_no_failure_and_makes_what_was_measured_a_part(self):
        def absent(name):
            raise Absent(name)

        took = section()
        took.verdict("mean gap", "≤ 1 %", "0.5 %", True)
        self.assertEqual(words(took), ["yes"])
        for seconds in (10, 60):
            self.assertEqual(target.each(took, ["ta26"], absent), [])
        self.assertEqual(words(took), ["yes (a part)"])
        self.assertIn("A part only (1 not in the data).", took.text())
        self.assertIn("Not in the data: ta26.\n", took.text())

    def test_rows_without_a_best_value_are_shown_and_count_for_nothing_but_against_cp_sat(self):
        took = section("T11")
        found = dict(la16_f13=(1169, 1250), la21_f13=(2000, 2100))
        row = lambda name: dict(name=name, seconds=10, known=classes.best_known(argparse.Namespace(index={}), name), ours=found[name][0], theirs=found[name][1], first=0)
        with mock.patch.multiple(classes, compared=lambda runs, name, seconds: row(name), TARDINESS={name: classes.TARDINESS[name] for name in found}):
            classes.tardiness(argparse.Namespace(asked=argparse.Namespace(first=None)), took)
        self.assertEqual(took.verdicts()[0][3:5], ["0.00 %", "yes (a part)"])
        self.assertIn("| la21_f13 | 10 s | – | 2,000 | 2,100 |", took.text())
        self.assertIn("A part only (1 without a best known value).", took.text())
        self.assertEqual(report.never_worse({"T11": took.text()})[0][3:5], ["2 of 2", "yes (a part)"])

    def test_fewer_seeds_of_the_peer_make_a_part_of_what_is_compared_with_it(self):
        asked = argparse.Namespace(seconds=None, first=None, seeds=3, shops=10_000, no_peer=False, peer_seeds=1, folder=None)
        self.assertEqual((report.partial(asked, "T1"), report.partial(asked, "T8")), (["--peer-seeds 1"], []))
        asked.peer_seeds = 3
        self.assertEqual(report.partial(asked, "T1"), [])

    def test_a_repair_that_leaves_something_without_a_place_keeps_the_rules(self):
        for code, met in ((runs.INCOMPLETE, "yes"), (runs.BROKEN, "**no**")):
            took = section("T14")
            with tempfile.TemporaryDirectory() as folder:
                shop = Path(folder) / "shop.json"
                shop.write_text("{}")
                plan = dict(assignments=[], unplaced=[], first_plan_ms=1)
                asked = argparse.Namespace(seeds=1, first=None)
                stub = argparse.Namespace(asked=asked, folder=Path(folder), generated=lambda *_: shop, solve=lambda *_, **__: plan, check=lambda *_: (code, {}))
                alike = dict(ways=lambda *_: [("nothing", {}, set())], chain=lambda *_: set(), moved=lambda *_: set())
                with mock.patch.multiple(changes, **alike):
                    whole_shops.repairs(stub, took)
            self.assertEqual(took.verdicts()[2][3:5], [f"{int(code != runs.BROKEN)} of 1", met])

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
