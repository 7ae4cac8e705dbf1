"""Compositions of policies: what they are called, what is the base's, and what is refused."""

from dataclasses import replace
from typing import Any

import pytest

from core.binding import PRESETS
from core.binding.policies import PortAccess, ReadsBind
from sim.scenario import KNOWN, Scenario, ScenarioError, Strategy, parse_scenario, resolved


def parsed(data: dict[str, Any], *strategies: Any) -> Scenario:
    return parse_scenario({**data, "strategies": list(strategies)})


def refusals(data: dict[str, Any], *strategies: Any) -> list[str]:
    """The lines of what is said against them."""
    with pytest.raises(ScenarioError) as error:
        parsed(data, *strategies)
    return str(error.value).splitlines()


@pytest.mark.parametrize("name", KNOWN)
def test_a_base_alone_is_the_preset_and_is_called_like_it(name: str) -> None:
    strategy = Strategy.model_validate({"base": name})
    assert strategy == Strategy.model_validate(name)
    assert strategy.policies == PRESETS[name]


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ({"base": "neutron-2026.1", "first_read": "for_update"}, "neutron-2026.1-first_read-for_update"),
        ({"base": "deferred", "reads_bind": False, "max_attempts": 3}, "deferred-reads_bind-false-max_attempts-3"),
        ({"base": "deferred", "first_read": None}, "deferred"),
        ({"base": "serialized", "lease_s": 2.5}, "serialized-lease_s-2.5"),
    ],
)
def test_a_composition_without_a_name_is_called_by_its_base_and_what_is_given(raw: dict[str, Any], name: str) -> None:
    assert Strategy.model_validate(raw).name == name


def test_what_is_not_given_is_the_base_s() -> None:
    strategy = Strategy.model_validate({"name": "locked", "base": "neutron-2026.1", "first_read": "for_update"})
    assert strategy.policies == replace(PRESETS["neutron-2026.1"], name="locked", first_read=PortAccess.FOR_UPDATE)


@pytest.mark.parametrize(("word", "reads"), [(True, "api"), ("api", "api"), (False, "never"), ("never", "never")])
def test_a_flag_and_its_word_are_the_same(word: object, reads: str) -> None:
    assert Strategy.model_validate({"base": "juno", "reads_bind": word}).policies.reads_bind is ReadsBind(reads)


@pytest.mark.parametrize(
    "raw",
    [
        "havana",
        {"base": "juno", "process_lock": "none", "reads_bind": "api", "shared_limit": True},
        {"name": "x", "base": "deferred", "where": "under_lease", "lease_s": 5, "delete_order": "reverse"},
    ],
)
def test_a_resolved_composition_is_the_same_when_it_is_read_again(data: dict[str, Any], raw: Any) -> None:
    once = parsed(data, raw)
    again = parse_scenario(resolved(once))
    assert again.strategies == once.strategies
    assert resolved(again) == resolved(once)


@pytest.mark.parametrize("name", KNOWN)
def test_what_is_given_as_the_base_has_it_makes_no_other_composition(name: str) -> None:
    preset = PRESETS[name]
    words = {policy: word for policy, word in vars(preset).items() if policy != "name"}
    whole = Strategy.model_validate({"name": "x", "base": name, **words})
    assert whole == Strategy.model_validate({"name": "x", "base": name})


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"base": "neutron"}, "strategies.0.base is 'neutron': must be one of 'in-transaction', 'deferred'"),
        ({"base": "juno", "first_raed": "plain"}, "first_raed is not a known key: did you mean 'first_read'?"),
        ({"base": "juno", "first_read": "plian"}, "first_read is 'plian': must be one of 'for_update', 'plain'"),
        ({"base": "juno", "first_read": "for update"}, "first_read is 'for update': must be one of 'for_update'"),
        ({"base": "juno", "first_read": ["plain"]}, "strategies.0.first_read is a list: must be one of 'for_update'"),
        ({"base": "juno", "shared_limit": "yes"}, "strategies.0.shared_limit is 'yes': must be true or false"),
        ({"base": "havana", "second_read": "plain"}, "second_read has no meaning where bind_port runs inside"),
        ({"base": "icehouse", "revived_agent": "rebinds"}, "revived_agent has no meaning where bind_port runs inside"),
        ({"base": "juno", "lease_s": 3}, "lease_s has no meaning where bind_port runs after_commit; only under_lease"),
        (
            {"base": "deferred", "where": "inside"},
            "reads_bind is api, but where bind_port runs inside no read binds; allowed is false",
        ),
        ({"name": "juno", "base": "icehouse"}, "base is 'icehouse', but 'juno' is itself a built-in strategy"),
    ],
)
def test_what_is_wrong_with_a_composition_is_said_once(data: dict[str, Any], raw: dict[str, Any], said: str) -> None:
    (line,) = refusals(data, raw)
    assert said in line


def test_two_compositions_of_one_name_are_refused(data: dict[str, Any]) -> None:
    raw = {"base": "juno", "first_read": "plain"}
    (line,) = refusals(data, raw, raw)
    assert "strategies.1 has the name 'juno-first_read-plain' that strategies.0 has already" in line
