"""The names of what a database is asked for, where costs are given by name: the core's statements, and what ends or
begins a transaction.

tests/sim/scenario/test_calls.py holds them against the core's, which is not imported here: it would load SQLAlchemy.
"""

from typing import Literal

CallName = Literal[
    "agent.by_host",
    "agent.insert",
    "agent.update",
    "begin",
    "binding.insert",
    "binding.update",
    "commit",
    "commit_read_only",
    "inactive_binding.delete",
    "inactive_binding.insert",
    "inactive_binding.read",
    "ip_allocation.by_port",
    "ip_allocation.insert",
    "ip_allocation.taken_from",
    "ip_pool.advance",
    "ip_pool.insert",
    "ip_pool.lock",
    "journal.delete",
    "journal.insert",
    "journal.pending",
    "lease.insert",
    "lease.lock",
    "lease.release",
    "lease.take_over",
    "network.insert",
    "network.read",
    "port.delete",
    "port.exists",
    "port.insert",
    "port.list",
    "port.lock",
    "port.read",
    "port.update",
    "segment.insert",
    "subnet.by_network",
    "subnet.insert",
    "subnet.read",
]
