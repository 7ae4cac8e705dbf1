# %% [markdown]
# # 3. Anatomy of a transaction and of a retry
#
# Instances migrate, so ports change their host. We take single operations apart and see where their time goes. First
# one run with in-transaction binding:

# %%
from pathlib import Path

from sim import compare, load_run, load_scenario, run, time_parts
from sim.report import space_time

short = load_scenario("live_migration", ["horizon.duration_s=20"])
one = run(short, strategy="in-transaction")
one

# %% [markdown]
# ## A transaction
#
# The slowest update of the run, and the parts of its latency in microseconds:

# %%
parts = time_parts(one.tables)
slowest = parts[parts.kind == "update_port"].nlargest(1, "latency_us")
slowest.T

# %% [markdown]
# Most of it, **1431622** us, is waiting for a row lock. SQL takes **19730** us and computing **25000** us; the rest is
# the controller. The tables say the same in detail. Its one transaction:

# %%
operation = int(slowest.operation.iloc[0])
one.table("transactions").query("operation == @operation").T

# %% [markdown]
# It was held from **14.979974** s to **16.926023** s. `sql_s`, `lock_wait_s`, `driver_s` and `own_s` add up to that,
# exactly. In it the controller was asked to bind, and after the commit it was told:

# %%
one.table("driver_calls").query("operation == @operation")

# %%
one.table("lock_waits").query("waiter == @operation")

# %% [markdown]
# The lock that it waited for is on the port's own row, held by operation **100**: another update of the same port,
# which had its remote call inside its own transaction.
#
# ## A retry by the strategy
#
# Deferred binding asks the controller without a lock. If the port changes meanwhile, the result is worth nothing and
# the binding is attempted again:

# %%
later = run(short, strategy="deferred")
attempts = later.table("attempts")
repeated = int(attempts[attempts.number > 1].operation.iloc[0])
attempts.query("operation == @repeated")

# %%
later.table("transactions").query("operation == @repeated")[["name", "retry", "began_s", "ended_s", "outcome"]]

# %% [markdown]
# Attempt 1 was computed for a host that the port has left: `inputs_changed`. Attempt 2 found that another operation
# had bound the port already: `bound_by_other`. Neither was committed, and yet each transaction ended with `commit`: it
# looked at the row, wrote nothing, and gave up its lock. All of them have `retry` 0, because no transaction was
# repeated.
#
# ## A retry by the database
#
# A transaction is repeated when the database ends it. The classic case is a process of green threads with a database
# driver that is not green: whoever waits for a row lock stops the whole process, also the one who holds the lock.

# %%
stuck = run(load_scenario("eventlet_lock_wait", ["horizon.duration_s=20"]), strategy="in-transaction")
stuck.table("conflicts")

# %%
conflict = int(stuck.table("conflicts").operation.iloc[0])
stuck.table("transactions").query("operation == @conflict")[["name", "retry", "began_s", "ended_s", "outcome"]]

# %% [markdown]
# The first try waited for the fifty seconds of innodb's lock wait timeout, from **8.392006** s to **58.399006** s.
# Then the core paused for **0.459121** s and repeated that transaction alone, with `retry` **1**; this time it went
# through.
#
# ## The same as a picture
#
# `space_time` draws the most telling episode of a result: who held which row, who waited, what the controller did.

# %%
compare(short, replications=1, output=Path("out/migration"), force=True)
space_time(load_run("out/migration"))
