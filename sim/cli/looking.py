"""The commands that run nothing: inspect, scenarios, schema, metrics. sim.cli.app calls them."""

import json
from collections.abc import Collection, Iterable, Iterator
from textwrap import fill
from typing import Any

import typer

from sim.scenario import (
    Scenario,
    ScenarioError,
    load_scenario,
    resolved,
    resolved_yaml,
    scenario_hash,
    shipped_names,
)

WIDTH = 80


def checked(name: str, overrides: Iterable[str]) -> Scenario:
    """The scenario, its metrics checked against the registry too. Raises ScenarioError."""
    return load_scenario(name, overrides, metric_problem=_metric_problem)


def print_scenario(name: str, overrides: Iterable[str], *, as_json: bool) -> None:
    """The resolved form; as YAML under a comment that names it, so that the output is a scenario file itself."""
    scenario = checked(name, overrides)
    heading = f"# {scenario.name}, resolved, {scenario_hash(scenario)}\n"
    typer.echo(_json(resolved(scenario)) + "\n" if as_json else heading + resolved_yaml(scenario), nl=False)


def print_scenarios(*, as_json: bool) -> None:
    """Each name with its question; a scenario that cannot be loaded says so instead."""
    found = {name: _question(name) for name in shipped_names()}
    typer.echo(_json(found) if as_json else "\n".join(item(name, question) for name, question in found.items()))


def print_schema() -> None:
    """The JSON schema of scenario files."""
    typer.echo(_json({"$schema": "https://json-schema.org/draft/2020-12/schema", **Scenario.model_json_schema()}))


def print_metrics(*, as_json: bool) -> None:
    """The registry."""
    families = list(_families())
    text = "\n".join(item(_folded(family["names"]), _about(family)) for family in families)
    typer.echo(_json(families) if as_json else text)


def _metric_problem(name: str, reported: Collection[str]) -> str | None:
    from sim.metrics.registry import metric_problem

    problem = metric_problem(name, reported)
    return None if problem is None else f"is {problem}"


def _question(name: str) -> str:
    try:
        return load_scenario(name).question
    except ScenarioError as error:
        return f"cannot be loaded: {error.problems[0]}"


def _families() -> Iterator[dict[str, Any]]:
    from sim.metrics.registry import FAMILIES, Metric

    for family in FAMILIES:
        yield {
            "names": family.pattern,
            "unit": family.unit,
            "better": family.better,
            "definition": family.definition,
            "floor": family.floor.value,
            "floor_reason": family.floor.reason,
            "estimators": {each: Metric(family.name, family, "", each).estimator for each in family.statistics},
        }


def _about(family: dict[str, Any]) -> str:
    better = "no better direction" if family["better"] == "neither" else f"{family['better']} is better"
    floor = f"floor {family['floor']:g}{family['unit'] and ' '}{family['unit']}: {family['floor_reason']}"
    return f"{family['definition']} ({', '.join(filter(None, (family['unit'], better)))}; {floor})"


def _folded(pattern: str) -> str:
    """The names of a family in lines that fit, broken between alternatives."""
    if len(pattern) <= WIDTH:
        return pattern
    place = pattern.rindex("|", 0, WIDTH) + 1
    return f"{pattern[:place]}\n  {pattern[place:]}"


def item(name: str, text: str) -> str:
    """An entry of a list: a name, and below it what there is to say about it."""
    indent = " " * 4
    return f"{name}\n{fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)}"


def _json(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False)
