"""A case: what one run of a soak is made of, as plain data, so that it can be drawn, shrunk and written to a file."""

from dataclasses import dataclass
from typing import Any

from sim.scenario import Scenario, parse_scenario

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A scenario as a file says it, with one strategy, and the seed of its run."""

    data: Data
    seed: int

    def scenario(self, name: str = "soak") -> Scenario:
        """The scenario, checked. Raises ScenarioError."""
        return parse_scenario(self.data, name=name)

    @property
    def size(self) -> int:
        """How much there is to read in it: operations, faults, ports, workers."""
        load = self.data["workload"]
        script = load["arrivals"].get("script")
        operations = len(script) if script is not None else round(100 * self.data["horizon"]["duration_s"])
        api = self.data.get("api", {})
        workers: int = api.get("processes", 4) * api.get("threads", 25)
        ports: int = load.get("ports", {}).get("initial", 0)
        return 100 * (operations + len(self.data.get("faults", ()))) + 10 * ports + workers

    def with_data(self, data: Data) -> "Case":
        """The same seed with other data."""
        return Case(data, self.seed)
