"""Records a run's history in virtual time: wrappers around what the core is given, put in place by `record_history`.

Every witness stands where the thing happens: at the plugin's door, in the connection, in the driver, behind the
database's COMMIT, at the controller's table. What the core's observer says is written down as a second witness. Without
a history none of these is made.
"""

from sim.model.recording.connection import RecordedConnection
from sim.model.recording.controller import RecordedTable
from sim.model.recording.driver import RecordedDriver
from sim.model.recording.observer import HistoryRecorder
from sim.model.recording.plugin import RecordedPlugin
from sim.model.recording.world import facts_of, record_commits, record_rest

__all__ = [
    "HistoryRecorder",
    "RecordedConnection",
    "RecordedDriver",
    "RecordedPlugin",
    "RecordedTable",
    "facts_of",
    "record_commits",
    "record_rest",
]
