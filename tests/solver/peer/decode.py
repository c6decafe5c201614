"""A plan from turns of the operations and a machine and operator for each: every one as early as the rules let it, in seconds."""

import bisect
import heapq

import greedy


class Board(greedy.Resources):
    """What is taken. An operator is free in the pauses of what he attends."""

    def __init__(self, shop):
        super().__init__(shop)
        self.busy = [[] for _ in shop.operators]
        self.placed = {}
        self.rows = []

    def fit(self, index, mode):
        """Start, run start and end of an operation there; None where it has no place."""
        it = self.shop.operations[index]
        ready, last = greedy.ready_at(self.shop, index, self.placed)
        at = self.material(it.uses)
        if at is None or (it.place > 0 and index - 1 not in self.placed):
            return None
        m = mode.machine
        outside = m in self.shop.outside
        family = self.family[m]
        setup = it.setup_work(mode, self.shop.changeover[family][it.family] if family is not None and not outside else 0)
        at = max(at, self.shop.jobs[it.job]["release"], self.shop.now, self.shop.now if outside else self.machine[m])
        at = max(at, mode.setup_hours.back(ready, setup) if setup else ready) if ready > at else at
        return greedy.place(it, mode, at, setup, ready, greedy.work_after(mode, last), lambda times: self.taken(it, mode, times))

    def taken(self, it, mode, times):
        """When the operator is free again who is busy while he would be needed; None when he is not."""
        if mode.operator is None:
            return None
        busy = self.busy[mode.operator]
        for start, end in attended(it, mode, times):
            at = bisect.bisect_right(busy, (start, greedy.FAR)) - 1
            if at >= 0 and busy[at][1] > start:
                return busy[at][1]
            if at + 1 < len(busy) and busy[at + 1][0] < end:
                return busy[at + 1][1]
        return None

    def put(self, index, mode, times):
        it = self.shop.operations[index]
        self.placed[index] = (mode, *times)
        self.rows.append((index, mode, *times))
        if mode.machine not in self.shop.outside:
            self.machine[mode.machine] = times[2]
            self.family[mode.machine] = it.family
        if mode.operator is not None:
            for piece in attended(it, mode, times):
                bisect.insort(self.busy[mode.operator], piece)
        if it.uses:
            self.take(it.uses)


def attended(it, mode, times):
    """When the operator is at it: pieces of open time."""
    start, run_start, end = times
    pieces = mode.setup_hours.within(start, run_start)
    return pieces + mode.run_hours.within(run_start, end) if it.attended == "full" else pieces


# What can't run until so long after its turn waits for a later one, so that it does not hold up its machine.
PATIENCE = 3_600


def decode(shop, keys, modes):
    """Rows (operation, mode, start, run_start, end). `keys` tells when each has its turn, after what comes before it in its job;
    those without one have it as soon as they can. Where the mode has no place, or none is given, it is the one that ends first."""
    board = Board(shop)
    turns = [(keys.get(job["ops"][0], shop.now), job["ops"][0]) for job in shop.jobs if job["ops"]]
    heapq.heapify(turns)
    while turns:
        turn, index = heapq.heappop(turns)
        it, mode = shop.operations[index], modes.get(index)
        times = board.fit(index, mode) if mode is not None else None
        if times is None:
            fits = [(times[2], n, mode, times) for n, mode in enumerate(it.modes) if (times := board.fit(index, mode))]
            if not fits:
                continue
            _, _, mode, times = min(fits)
        if times[1] > turn + PATIENCE and turns:
            heapq.heappush(turns, (times[1], index))
            continue
        board.put(index, mode, times)
        if index + 1 < len(shop.operations) and shop.operations[index + 1].job == it.job:
            heapq.heappush(turns, (max(turn, keys.get(index + 1, turn)), index + 1))
    return board.rows


def score(shop, rows):
    """(operations without a place, 60 times what the rest is worth), as Kilter weighs it under `on time first`."""
    ends, soft = {}, 0
    for index, mode, start, run_start, end in rows:
        job = shop.operations[index].job
        ends.setdefault(job, []).append(end)
        soft += 300 * mode.run_hours.work(run_start) - 300 * mode.run_hours.work(start)
    for j, job in enumerate(shop.jobs):
        if not job["ops"] or len(ends.get(j, [])) < len(job["ops"]):
            continue
        end = max(ends[j])
        late = max(0, end - job["due"])
        soft += 6_000 * job["weight"] * late + 60 * 180_000 * job["weight"] * (late > 0) + max(0, end - job["release"])
    return len(shop.operations) - len(rows), soft
