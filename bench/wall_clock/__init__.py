"""What the wall-clock engine costs: against the same statements in a loop, and against the bare driver.

    python -m bench.wall_clock

Called by `make bench-databases`. How it measures and what it found: docs/performance.md.
"""
