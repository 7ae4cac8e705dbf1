"""The resolved form of a scenario: all defaults filled in, the same bytes for the same meaning, a short hash.

The command line prints it (`bindsim inspect`), results carry it, output folders are named by its hash.
"""

import hashlib
import json
from typing import Any

from sim.scenario.document import Scenario
from sim.scenario.plain_data import plain
from sim.scenario.yaml_text import dump


def resolved(scenario: Scenario) -> dict[str, Any]:
    """The scenario as plain data with all defaults filled in; loading it again gives an equal scenario."""
    data: dict[str, Any] = plain(scenario)
    return data


def resolved_yaml(scenario: Scenario) -> str:
    """The resolved form as YAML, keys in the order of the schema."""
    return dump(resolved(scenario))


def resolved_json(scenario: Scenario) -> str:
    """The resolved form as canonical JSON: one line, keys sorted."""
    return json.dumps(resolved(scenario), sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def scenario_hash(scenario: Scenario) -> str:
    """8 hexadecimal digits that change when anything in the resolved form does."""
    return hashlib.sha256(resolved_json(scenario).encode()).hexdigest()[:8]
