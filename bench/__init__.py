"""What a simulated operation costs, against bare SQLite, an ordinary ORM program and SimPy alone: `python -m bench`.

Called by `make bench`; nothing of core or sim imports it. How it measures and what it found: docs/performance.md.
"""
