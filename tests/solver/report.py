"""Sections of figures, and their place in docs/solver.md: one for each target, with its verdicts in the table above all."""

import re
from statistics import mean

BEGIN, END = "<!-- measured: written by ./test solver --long -->", "<!-- end of measured -->"
HEADS = ["instance", "time", "best known", "ours", "CP-SAT", "gap", "CP-SAT's gap", "first plan", "ratio"]
VERDICTS = ["target", "what", "wanted", "measured", "met", "taken"]
FAILED, ABSENT, UNKNOWN = "Failed, and left out:", "Not in the data:", "Shown, and not counted, as no best value is known:"
PART = "A part only"

# What makes a run a part of what the targets are about, unless it has these values; and the targets that some are about alone.
WHOLE = dict(seconds=None, first=None, seeds=3, shops=10_000, no_peer=False, peer_seeds=None)
COMPARED = ("T1", "T2", "T3", "T4", "T5", "T6", "T11")
ABOUT = dict(shops=("T15",), peer_seeds=COMPARED, no_peer=(*COMPARED, "T12"))


def partial(asked, target):
    """The options that make a run of this target a part only."""
    shown = lambda value: ",".join(f"{it:g}" for it in value) if isinstance(value, list) else value
    wholes = WHOLE | dict(peer_seeds=asked.seeds)
    told = [f"--{name.replace('_', '-')} {shown(getattr(asked, name))}" for name, whole in wholes.items() if getattr(asked, name) != whole and target in ABOUT.get(name, [target])]
    return [it.replace("--no-peer True", "--no-peer") for it in told if not asked.folder or it.startswith("--first")]


class Section:
    """What was measured of a target, by a run that these options make a part of it."""

    def __init__(self, target, heading):
        self.target, (self.heading, self.options) = target, heading
        self.judged, self.body, self.failures, self.absences, self.unknown = [], [], [], [], []

    def verdict(self, what, wanted, measured, met):
        """`met` is None where nothing is wanted, or nothing could be measured."""
        self.judged.append((what, wanted, measured, met))

    def failed(self, told):
        self.failures.append(told)
        print(f"failed: {told}", flush=True)

    def absent(self, name):
        if name not in self.absences:
            self.absences.append(name)
            print(f"not in the data: {name}", flush=True)

    def counted(self, rows):
        """The rows that can be compared with a best known value; it is told which can't."""
        self.unknown += [row["name"] for row in rows if not row["known"] and row["name"] not in self.unknown]
        return [row for row in rows if row["known"]]

    def part(self):
        """Why this is a part of the target only."""
        counts = ((len(self.absences), "not in the data"), (len(self.unknown), "without a best known value"))
        return [*self.options, *(f"{count} {what}" for count, what in counts if count)]

    def add(self, text):
        self.body.append(text)

    def verdicts(self):
        """Rows of the table of all targets. What failed was not measured, so that no target of which something failed is met."""
        failures, part = len(self.failures), " (a part)" if self.part() else ""
        if not self.judged:
            told = f"not measured: {failures} failed" if failures else "not measured"
            return [[self.target.name, self.target.what, "", told, "**no**" if failures else "–", taken(self.heading)]]
        rows = []
        for what, wanted, measured, met in self.judged:
            word = "–" if met is None else f"**no**: {failures} failed" if met and failures else ("yes" if met else "**no**") + part
            rows.append([self.target.name, what, wanted, measured, word, taken(self.heading)])
        return rows

    def text(self):
        part = f" {PART} ({', '.join(self.part())})." if self.part() else ""
        lines = [f"### {self.target.name}: {self.target.what}", "", self.heading + part, ""]
        lines += [it for text in self.body for it in (text, "")]
        lines += [it for what, names in ((ABSENT, self.absences), (UNKNOWN, self.unknown)) if names for it in (f"{what} {', '.join(names)}.", "")]
        if self.failures:
            lines += [FAILED, "", *(f"- {it}" for it in self.failures), ""]
        return "\n".join(lines).rstrip() + "\n"


def taken(text):
    """When the figures of a section were taken, and of which build."""
    found = re.search(r"(\d{4}-\d\d-\d\d \d\d:\d\d) UTC.*?build (\w{8})", text)
    return f"{found[1]}, {found[2]}" if found else "–"


def percent(value, known):
    if value is None or not known:
        return "–"
    return "none" if value == float("inf") else f"{100 * (value - known) / known:.2f} %"


def number(value):
    return "–" if value is None else "none" if value == float("inf") else f"{value:,.0f}"


def cells(row):
    theirs = row["theirs"]
    ratio = "–" if theirs in (None, 0, float("inf")) else f"{row['ours'] / theirs:.3f}"
    return [
        row["name"], f"{row['seconds']:g} s", number(row["known"]), number(row["ours"]), number(theirs),
        percent(row["ours"], row["known"]), percent(theirs, row["known"]), f"{row['first']:.0f} ms", ratio,
    ]


def line(row):
    return "".join(f"{cell:>14}" for cell in cells(row))


def table(heads, rows):
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in [heads, ["---"] * len(heads), *rows]).replace("| --- ", "|---").replace("--- |", "---|")


def instances(rows):
    """Rows of instances with their means."""
    out = [cells(row) for row in rows]
    for seconds in sorted({row["seconds"] for row in rows}):
        here = [row for row in rows if row["seconds"] == seconds and row["known"]]
        if here:
            ours = mean(100 * (row["ours"] / row["known"] - 1) for row in here)
            theirs = [100 * (row["theirs"] / row["known"] - 1) for row in here if row["theirs"] not in (None, float("inf"))]
            told = f"{mean(theirs):.2f} %" if theirs else "–"
            out.append(["**mean**", f"{seconds:g} s", "", "", "", f"**{ours:.2f} %**", told, "", ""])
    return table(HEADS, out)


def split(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def never_worse(sections):
    """T7 over the rows of all sections: a verdict, and the section with the worst."""
    both, worse, failed, part = 0, [], 0, ""
    for text in sections.values():
        rows = [row for row in (split(line) for line in text.splitlines() if line.startswith("|")) if len(row) == len(HEADS)]
        if rows:
            failed += sum(line.startswith("- ") for line in text.partition(FAILED)[2].splitlines())
            part = " (a part)" if PART in text else part
        for row in rows:
            if not row[1].endswith(" s") or row[4] in ("–", "", "CP-SAT"):
                continue
            both += 1
            ours, theirs = (float("inf") if cell == "none" else float(cell.replace(",", "")) for cell in (row[3], row[4]))
            if ours > theirs:
                worse.append((ours / theirs if theirs else float("inf"), row))
    worse.sort(key=lambda it: -it[0])
    measured = f"{both - len(worse)} of {both}" + (f"; the worst is {worse[0][1][0]} at {worse[0][1][1]}, {worse[0][0]:.3f} of CP-SAT's" if worse else "")
    word = "–" if not both else "**no**" + part if worse else f"**no**: {failed} failed" if failed else "yes" + part
    verdict = ["T7", "not worse than CP-SAT at equal time, all rows below", "100 %", measured, word, "as the rows"]
    listed = table(["worse than CP-SAT", "time", "ours", "CP-SAT", "ratio"], [[row[0], row[1], row[3], row[4], f"{ratio:.3f}"] for ratio, row in worse[:20]])
    return verdict, "### T7: never worse than CP-SAT\n\n" + (listed + "\n" if worse else f"None of {both} is.\n")


def rank(name):
    found = re.fullmatch(r"T(\d+)", name)
    return (0, int(found[1]), name) if found else (1, 0, name)


def merge(path, took):
    """Puts a section where it belongs, with its verdicts; the others stay."""
    whole = path.read_text()
    before, rest = whole.split(BEGIN)
    old, after = rest.split(END)
    sections = {text.split(":")[0]: "### " + text.strip() + "\n" for text in re.split(r"^### ", old, flags=re.M)[1:]}
    verdicts = [split(line) for line in old.split("### ")[0].splitlines() if line.startswith("|")]
    verdicts = [it for it in verdicts if len(it) == len(VERDICTS) and it[0] != "target" and set(it[0]) != {"-"} and it[0] not in ("T7", took.target.name)]
    sections[took.target.name] = took.text()
    sections.pop("T7", None)
    verdict, sections["T7"] = never_worse(sections)
    verdicts = sorted([*verdicts, *took.verdicts(), verdict], key=lambda it: rank(it[0]))
    text = "\n".join(sections[name] for name in sorted(sections, key=rank))
    path.write_text(f"{before}{BEGIN}\n{table(VERDICTS, verdicts)}\n\n{text}{END}{after}")
