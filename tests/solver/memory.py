"""How much memory a process has taken at most, and what it tells meanwhile."""

import os
import select

EVERY = 0.02


def most(process):
    """Its peak so far in MiB, as the kernel counts it; None once it is over. What the kernel tells at the end, `ru_maxrss`, counts
    what the program that started it had at that time, too."""
    try:
        with open(f"/proc/{process.pid}/status") as status:
            return next((int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM")), None)
    except OSError:
        return None


def watched(process):
    """What it writes to standard error until it closes that, its peak when it wrote the first of it, and its last known peak."""
    told, first, peak = b"", None, 0.0
    pipe = process.stderr.fileno()
    while True:
        ready = select.select([pipe], [], [], EVERY)[0]
        # What a process execs into counts from nothing again.
        peak = max(peak, most(process) or 0.0)
        if not ready:
            continue
        piece = os.read(pipe, 1 << 16)
        if not piece:
            return told.decode(), first or peak, peak
        first = first or peak
        told += piece
