# %% [markdown]
# # 5. Bring your own data
#
# Would deferred binding help *us*? That depends on how long our controller takes and on how our users arrive. Both can
# be measured. `own_data.py` makes two files in the form that an access log and an API log can be brought into; put
# your own in their place.

# %%
import json
from pathlib import Path

import own_data
import pandas as pd

from sim import compare, load_run, load_scenario
from sim.fitting import fit_durations, read_column
from sim.report import operation_time

own_data.write(Path("out"))
pd.read_csv("out/latencies.csv").groupby("status").seconds.describe(percentiles=[0.5, 0.95]).round(3)

# %% [markdown]
# **1960** of the calls succeeded, half of them within **0.36** s, 95 % within **0.947** s. A scenario wants a
# distribution, so every one that a scenario can have is fitted, and the best is chosen:

# %%
fitted = fit_durations(read_column("out/latencies.csv", "seconds", where="status == 200"))
fitted.spec

# %%
rows = [{"name": each.name, "bic": each.bic, "distance": each.distance, **each.errors} for each in fitted.candidates]
pd.DataFrame(rows).round(3)

# %% [markdown]
# A lognormal with a median of **0.35118** s and a 95th percentile of **0.96272** s: smallest BIC, and nowhere more
# than **0.02** away from the measured distribution function. Its p99 is off by **0.035**, that is 3.5 %. An
# exponential, which is often assumed, would be off by **0.38** there. On the command line this is `bindsim fit
# out/latencies.csv --column seconds --where "status == 200"`.
#
# Now the arrivals are replayed as they were (`own_scenario.yaml` names the file as a trace), against a controller with
# that latency:

# %%
ours = load_scenario("own_scenario.yaml", [f"controllers.sdn.latency.bind={json.dumps(fitted.spec)}"])
compare(ours, replications=5, output=Path("out/ours"), force=True)

# %%
operation_time(load_run("out/ours"))

# %% [markdown]
# With our arrivals, p95 of `create_port` would be **0.922** s instead of **5.41** s. The reason is that few tenants do
# most of the work in our trace: their creates queue for one subnet row. All five replications have the same arrivals,
# so the intervals are about the controller's latency only; the answer is conditional on this trace.
#
# What if we had not measured the latency, and had guessed half a second, always?

# %%
guess = load_scenario("own_scenario.yaml")
compare(guess, replications=5)

# %% [markdown]
# The constant guess says **7.84** s and **0.515** s. It is wrong in both directions: it makes the queue of
# `in-transaction` longer, since its mean is higher than the measured **0.423** s, and it hides the slow calls that
# `deferred` users see. And its intervals have no width at all, because nothing varies any more: a narrow interval says
# nothing about the assumptions.
