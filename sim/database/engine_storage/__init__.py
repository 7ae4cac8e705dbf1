"""A real engine as the storage of the modelled database, in virtual time: proof that the model locks at least as much.

`stored_in` gives what a ModelledDatabase takes as its storage.
"""

from sim.database.engine_storage.errors import EngineBlocked, EngineFailed
from sim.database.engine_storage.kinds import storage_refusal
from sim.database.engine_storage.opening import storage_database, stored_in
from sim.database.engine_storage.storage import EngineStorage

__all__ = ["EngineBlocked", "EngineFailed", "EngineStorage", "storage_database", "storage_refusal", "stored_in"]
