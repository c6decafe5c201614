"""Weighted tardiness of a plan of a whole shop, by the same count for whoever made it.

A job with an operation that has no place is not done before the plan's horizon ends, and counts as late until then: the last end of
any calendar of the file. Otherwise leaving work out would look like being on time.
"""


def horizon(data):
    return max((end for pieces in data["calendars"].values() for _, end in pieces), default=data["now"])


def weighted_tardiness(data, plan):
    """In the file's unit of time."""
    ends, last = {}, horizon(data)
    for row in plan["assignments"]:
        ends.setdefault(row["job"], {})[row["op"]] = row["end"]
    late = 0
    for job in data["jobs"]:
        placed = list(ends.get(job["id"], {}).values())
        done = max(placed if len(placed) == len(job["ops"]) else [*placed, last], default=job["release"])
        late += job["priority"] * max(0, done - job["due"])
    return late
