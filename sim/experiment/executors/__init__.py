"""Where tasks run: in this process, in processes of this machine, or on a Dask cluster.

sim.experiment.pool chooses one. A crew knows nothing of what its tasks mean, nor of the order in which results are
wanted.
"""

from sim.experiment.executors.crew import ClusterError, Crew, Report, WorkerLost

__all__ = ["ClusterError", "Crew", "Report", "WorkerLost"]
