"""What a target is, and what is measured of each of its cases."""

import subprocess

from runs import Absent, Failed


class Target:
    """`measure(runs, took)` adds what it finds to a section; `seconds(runs)` is about how long that takes."""

    def __init__(self, name, what, measure, seconds):
        self.name, self.what, self.measure, self.seconds = name, what, measure, seconds


def some(items, runs):
    return items[: runs.asked.first] if runs.asked.first else items


def chosen(times, runs):
    return [it for it in times if not runs.asked.seconds or it in runs.asked.seconds]


def seeds(runs):
    return range(1, runs.asked.seeds + 1)


def each(took, items, measure):
    """What is measured of each. What fails is told and counts against the target; what is not in the data is only told."""
    out = []
    for item in items:
        name = item if isinstance(item, str) else getattr(item, "stem", None) or item[0]
        try:
            out.append(measure(item))
        except Absent as absent:
            took.absent(str(absent))
        except (Failed, subprocess.CalledProcessError, LookupError, ValueError, TypeError, AttributeError, OSError) as error:
            took.failed(f"{name}: {type(error).__name__}: {error}")
    return out
