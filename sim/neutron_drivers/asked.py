"""What contexts hand out: mappings under Neutron's names, and objects, that say so when they are asked for more."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from sim.neutron_drivers.call import Call


class Known(dict[str, Any]):
    """A dict of which `[key]` notes what is not in it. `get` and `in` answer as ever: they ask, and do not need."""

    def __init__(self, values: Mapping[str, Any], *, called: str, call: Call) -> None:
        super().__init__(values)
        self._called = called
        self._call = call

    def __missing__(self, key: str) -> Any:
        raise KeyError(self._call.miss(f"{self._called}[{key!r}]"))

    def __deepcopy__(self, memo: dict[int, Any]) -> "Known":
        return Known(deepcopy(dict(self), memo), called=self._called, call=self._call)


class Asked:
    """Base of the objects that drivers are handed: an attribute that they do not have is noted."""

    called = "object"

    def __init__(self, call: Call) -> None:
        self._call = call

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "_call":  # asked by Python, or before __init__ has run
            raise AttributeError(name)
        raise AttributeError(self._call.miss(f"{self.called}.{name}"))
