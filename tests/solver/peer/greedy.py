"""What ERPs do: of the operations that could start first, the one of the highest priority, then of the earliest due date."""

import heapq
import sys

from shop import FAR, Shop


class Resources:
    def __init__(self, shop):
        self.shop = shop
        self.machine = [shop.now] * len(shop.machines)
        self.family = [None] * len(shop.machines)
        self.operator = [shop.now] * len(shop.operators)
        self.stock = {name: [[-(1 << 60), stock]] + [[t, q] for t, q in receipts] for name, (stock, receipts) in shop.materials.items()}

    def material(self, uses):
        """When so much is there that is not promised to others."""
        if uses is None:
            return 0
        have = 0
        for t, quantity in self.stock[uses[0]]:
            have += quantity
            if have >= uses[1]:
                return t
        return None

    def take(self, uses):
        left = uses[1]
        for lot in self.stock[uses[0]]:
            used = min(lot[1], left)
            lot[1] -= used
            left -= used


def place(it, mode, at, setup, ready, last, taken=lambda times: None):
    """Start, run start and end from `at` on; the run not before `ready`, the end not before `last` of it is worked, and not
    while `taken` tells an instant when it is free again."""
    for _ in range(2_000):
        start = (mode.setup_hours if setup else mode.run_hours).next_open(at)
        if start is None:
            return None
        worked = mode.setup_hours.finish(start, setup)
        run_start = worked if worked is None else mode.run_hours.next_open(worked)
        end = run_start if run_start is None else mode.run_hours.finish(run_start, mode.run)
        if end is None:
            return None
        # How much of the run's time it is too early.
        early = mode.run_hours.work(ready) - mode.run_hours.work(run_start)
        if last is not None:
            early = max(early, mode.run_hours.work(last[0]) + last[1] - mode.run_hours.work(end))
        if early <= 0:
            if it.interruptible or end - start == setup + mode.run:
                free = taken((start, run_start, end))
                if free is None:
                    return start, run_start, end
                at = free
                continue
            # The next piece that opens.
            later = [mode.setup_hours.next_open(end_of(mode.setup_hours, start)), mode.run_hours.next_open(end_of(mode.run_hours, start))]
            at = min(t for t in later if t is not None) if any(later) else None
            if at is None:
                return None
        else:
            hours = mode.setup_hours if setup else mode.run_hours
            at = hours.finish(start, early if mode.setup_hours is mode.run_hours else max(1, early // 2))
            if at is None:
                return None
    return None


def end_of(hours, at):
    import bisect

    i = bisect.bisect_right(hours.ends, at)
    return hours.ends[i] if i < len(hours.ends) else at


def ready_at(shop, index, placed):
    """When the run may start, and what has to be worked after which instant."""
    if shop.operations[index].place == 0 or index - 1 not in placed:
        return -FAR, None
    before = shop.operations[index - 1]
    mode, _, run_start, end = placed[index - 1]
    if before.first is None:
        return end + before.lag, None
    return mode.run_hours.finish(run_start, before.share(mode.run)) + before.lag, (end + before.lag, before)


def work_after(mode, last):
    """How much of this run has to be worked after which instant."""
    return None if last is None else (last[0], -(-mode.run * last[1].first // last[1].pieces))


def best(shop, resources, index, placed):
    it = shop.operations[index]
    job = shop.jobs[it.job]
    ready, last = ready_at(shop, index, placed)
    at = resources.material(it.uses)
    if at is None:
        return None
    at = max(at, job["release"], shop.now)
    found = None
    for mode in it.modes:
        m = mode.machine
        family = resources.family[m]
        changeover = shop.changeover[family][it.family] if family is not None and m not in shop.outside else 0
        setup = it.setup_work(mode, changeover)
        from_ = at if m in shop.outside else max(at, resources.machine[m])
        if mode.operator is not None:
            from_ = max(from_, resources.operator[mode.operator])
        # An anticipated setup that waits for long only blocks the machine: it starts as late as it can.
        from_ = max(from_, mode.setup_hours.back(ready, setup) if setup else ready) if ready > from_ else from_
        times = place(it, mode, from_, setup, ready, work_after(mode, last))
        if times and (found is None or (times[2], times[0]) < (found[1][2], found[1][0])):
            found = (mode, times)
    return found


def greedy(shop):
    """Rows (operation, mode, start, run_start, end); operations without a place are left out."""
    resources, placed, rows = Resources(shop), {}, []
    heap = []
    rank = {j: (-job["weight"], job["due"], j) for j, job in enumerate(shop.jobs)}

    def offer(index):
        found = best(shop, resources, index, placed)
        if found:
            heapq.heappush(heap, (found[1][0], rank[shop.operations[index].job], index))

    for job in shop.jobs:
        if job["ops"]:
            offer(job["ops"][0])
    while heap:
        start, _, index = heapq.heappop(heap)
        found = best(shop, resources, index, placed)
        if found is None:
            continue
        if found[1][0] > start:
            heapq.heappush(heap, (found[1][0], rank[shop.operations[index].job], index))
            continue
        mode, times = found
        it = shop.operations[index]
        placed[index] = (mode, *times)
        rows.append((index, mode, *times))
        if mode.machine not in shop.outside:
            resources.machine[mode.machine] = times[2]
            resources.family[mode.machine] = it.family
        if mode.operator is not None:
            resources.operator[mode.operator] = times[2] if it.attended == "full" else times[1]
        if it.uses:
            resources.take(it.uses)
        if index + 1 < len(shop.operations) and shop.operations[index + 1].job == it.job:
            offer(index + 1)
    return rows


if __name__ == "__main__":
    import json

    shop = Shop(sys.argv[1])
    json.dump(shop.plan(greedy(shop)), open(sys.argv[2], "w"))
