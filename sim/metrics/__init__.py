"""What is measured: the tables a run fills, and the registry of metrics computed from them.

The model's recorder appends to the tables; experiments and reports ask the registry. Nothing here runs
anything.
"""

from sim.metrics.codes import Codes
from sim.metrics.facts import OUTCOMES, Micros, RunFacts
from sim.metrics.table import Column, Table, WrongRow
from sim.metrics.tables import Tables, Vocabulary

__all__ = ["OUTCOMES", "Codes", "Column", "Micros", "RunFacts", "Table", "Tables", "Vocabulary", "WrongRow"]
