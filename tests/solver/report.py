"""Lines and tables of figures, and the place for them in docs/solver.md."""

from statistics import mean

BEGIN, END = "<!-- measured: written by ./test solver --long -->", "<!-- end of measured -->"

# What makes a run a part of what the targets are about, unless it has these values.
PARTIAL = dict(only=None, seconds=None, first=None, seeds=3, shops=10_000, no_peer=False)


def percent(value, known):
    if value is None or not known:
        return "–"
    return "none" if value == float("inf") else f"{100 * (value - known) / known:.2f} %"


def number(value):
    return "–" if value is None else "none" if value == float("inf") else f"{value:,.0f}"


def ratio(row):
    theirs = row["theirs"]
    return "–" if theirs in (None, 0, float("inf")) else f"{row['ours'] / theirs:.3f}"


def cells(row):
    return [
        row["name"], f"{row['seconds']:g} s", number(row["known"]), number(row["ours"]), number(row["theirs"]),
        percent(row["ours"], row["known"]), percent(row["theirs"], row["known"]), f"{row['first']:.0f} ms", ratio(row),
    ]


def line(row):
    return "".join(f"{cell:>14}" for cell in cells(row))


def table(rows):
    if not rows:
        return ""
    heads = ["instance", "time", "best known", "ours", "CP-SAT", "gap", "CP-SAT's gap", "first plan", "ratio"]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(cells(row)) + " |" for row in rows]
    for seconds in sorted({row["seconds"] for row in rows}):
        here = [row for row in rows if row["seconds"] == seconds and row["known"]]
        ours = mean(100 * (row["ours"] / row["known"] - 1) for row in here)
        theirs = [100 * (row["theirs"] / row["known"] - 1) for row in here if row["theirs"] not in (None, float("inf"))]
        told = f"{mean(theirs):.2f} %" if theirs else "–"
        lines.append(f"| **mean** | {seconds:g} s | | | | **{ours:.2f} %** | {told} | | |")
    return "\n".join(lines)


def never_worse(rows):
    both = [row for row in rows if row["theirs"] is not None]
    worse = [f"{row['name']} at {row['seconds']:g} s" for row in both if row["ours"] > row["theirs"]]
    told = f"{len(both) - len(worse)} of {len(both)}" + (f"; worse on {', '.join(worse)}" if worse else "")
    return "never worse than CP-SAT at equal time", "100 %", told, not worse


def text(began, machine, asked, sections, verdicts):
    met = [it for it in verdicts if it[-1]]
    options = [f"--{name} {value}" for name, value in vars(asked).items() if value and name in PARTIAL and value != PARTIAL[name]]
    whole = not options
    lines = [
        f"Measured {began:%Y-%m-%d %H:%M} UTC on {machine}; two threads each, medians of {asked.seeds} seeds.",
        "",
        f"{len(met)} of {len(verdicts)} met." if whole else f"A part only ({', '.join(options)}): it tells nothing of whether a target is met.",
        "",
        f"| target | what | wanted | measured | {'met' if whole else 'within, on this part'} |",
        "|---|---|---|---|---|",
    ]
    words = {True: "yes", False: "**no**", None: "–"}
    lines += [f"| {name} | {what} | {wanted} | {told} | {words[ok]} |" for name, what, wanted, told, ok in verdicts]
    for target, section in sections:
        if section:
            lines += ["", f"### {target.name}: {target.what}", "", section]
    return "\n".join(lines) + "\n"


def write(path, measured):
    whole = path.read_text()
    before, rest = whole.split(BEGIN)
    after = rest.split(END)[1]
    path.write_text(f"{before}{BEGIN}\n{measured}{END}{after}")
