"""Hierarchical binding: levels, backtracking, the limit, what drivers see of the levels, what is stored of them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.binding import DEFERRED, IN_TRANSACTION, BindingStrategy
from core.constants import MAX_BINDING_LEVELS
from core.context import PortContext
from core.engine import EngineConnection
from core.exceptions import Deadlock, InvalidBinding
from core.managers import MechanismManager
from core.records import Network, Port, PortBinding, Segment
from tests.core.fabric import TWO_LEVELS, Fabric, LevelDriver, Rules
from tests.core.worlds import seen

SIX = tuple(Segment(f"s{number}", "n", "vlan", "physnet1", number + 1) for number in range(6))
ON_SIX = Network("n", "net", SIX)
UNBOUND = Port("p", "n", "", "fa:00:00:00:00:00", 1, "DOWN", "", "", 1, PortBinding("h1"))


def test_a_driver_binds_above_and_another_below(strategy: BindingStrategy) -> None:
    fabric = Fabric(strategy)
    assert seen(fabric.create()).startswith("h1 ovs ACTIVE")
    assert fabric.asked == ["tor any", "tor 1", "ovs 1"]


def test_both_sets_of_names_tell_of_the_levels(strategy: BindingStrategy) -> None:
    fabric = Fabric(strategy)
    fabric.create()
    context = fabric.told_of_binding()
    top, bottom = fabric.network.segments[:2]
    assert context.binding_levels == fabric.levels(("tor", 0), ("ovs", 1))
    assert (context.top_bound_segment, context.bottom_bound_segment) == (top, bottom)
    assert (context.bound_segment, context.bound_driver) == (bottom, "ovs")
    assert context.original_binding_levels == []
    assert (context.original_top_bound_segment, context.original_bottom_bound_segment) == (None, None)


def test_with_a_single_level_all_names_agree(strategy: BindingStrategy) -> None:
    fabric = Fabric(strategy, {"ovs": {2: ()}})
    port = fabric.create()
    fabric.plugin.update_port(port["id"], {"name": "other"})
    context, segment = fabric.told_of_binding(), fabric.network.segments[2]
    assert context.binding_levels == context.original_binding_levels == fabric.levels(("ovs", 2))
    assert context.top_bound_segment == context.bottom_bound_segment == context.bound_segment == segment
    assert context.original_top_bound_segment == context.original_bottom_bound_segment == segment
    assert fabric.stored(port) == ("ovs", segment.id, "")


def test_a_driver_below_sees_the_levels_above_and_no_binding_yet() -> None:
    fabric = Fabric()
    fabric.create()
    below, top = fabric.drivers["ovs"].seen[0], fabric.network.segments[0]
    assert below.binding_levels == fabric.levels(("tor", 0))
    assert (below.bound_segment, below.bound_driver) == (None, None)
    assert below.top_bound_segment == below.bottom_bound_segment == top
    assert list(below.segments_to_bind) == [fabric.network.segments[1]]
    assert (below.current["binding:vif_type"], below.original) == ("unbound", None)


def test_the_levels_above_are_stored_with_the_binding(strategy: BindingStrategy) -> None:
    fabric = Fabric(strategy)
    assert fabric.stored(fabric.create()) == ("ovs", fabric.ids[1], f'[["tor","{fabric.ids[0]}"]]')


def test_levels_cost_no_statement_more(strategy: BindingStrategy, monkeypatch: pytest.MonkeyPatch) -> None:
    executed: list[str] = []
    execute = EngineConnection.execute

    def noted(self, statement, params):
        executed.append(statement.name)
        return execute(self, statement, params)

    monkeypatch.setattr(EngineConnection, "execute", noted)
    runs = []
    for drivers in ({"ovs": {1: ()}}, TWO_LEVELS):
        fabric = Fabric(strategy, drivers)
        executed.clear()
        port = fabric.create()
        fabric.move(port, "h2")
        fabric.plugin.delete_port(port["id"])
        runs.append(list(executed))
    assert runs[0] == runs[1]


# backtracking


def test_where_nobody_binds_below_the_next_driver_of_the_level_above_is_asked(strategy: BindingStrategy) -> None:
    fabric = Fabric(strategy, {"tor": {0: (1,)}, "spine": {0: (2,)}, "ovs": {2: ()}})
    fabric.create()
    assert fabric.asked == ["tor any", "tor 1", "spine 1", "ovs 1", "spine any", "tor 2", "spine 2", "ovs 2"]
    assert fabric.told_of_binding().binding_levels == fabric.levels(("spine", 0), ("ovs", 2))


def test_what_one_driver_has_continued_in_vain_is_not_taken_for_the_next_ones(strategy: BindingStrategy) -> None:
    fabric = Fabric(strategy, {"tor": {0: (1,)}, "idle": {}, "ovs": {5: ()}})
    assert fabric.stored(fabric.create()) == ("ovs", fabric.ids[5], "")
    assert fabric.asked == ["tor any", "tor 1", "idle 1", "ovs 1", "idle any", "ovs any"]


def test_a_driver_that_fails_below_is_passed_over(strategy: BindingStrategy) -> None:
    fabric = Fabric(strategy, {**TWO_LEVELS, "spare": {1: ()}})
    fabric.drivers["ovs"].first = raises(RuntimeError("no"))
    port = fabric.create()
    assert fabric.stored(port) == ("spare", fabric.ids[1], f'[["tor","{fabric.ids[0]}"]]')
    assert fabric.world.observer.errors == ["bind_port"]


def test_a_driver_that_fails_after_it_has_continued_has_not(strategy: BindingStrategy) -> None:
    fabric = Fabric(strategy)

    def continue_and_fail(context: PortContext) -> None:
        context.continue_binding(fabric.ids[0], fabric.ids[1:2])
        raise RuntimeError("no")

    fabric.drivers["tor"].first = continue_and_fail
    assert fabric.stored(fabric.create()) == ("ovs", fabric.ids[1], "")


def test_where_no_path_ends_in_a_binding_it_has_failed(strategy: BindingStrategy) -> None:
    fabric = Fabric(strategy, {"tor": {0: (1,)}, "spine": {0: (2,)}})
    port = fabric.create()
    assert seen(port).startswith("h1 binding_failed DOWN")
    assert fabric.stored(port) == (None, None, "")
    assert fabric.world.observer.errors == []


def test_a_conflict_below_ends_the_transaction_and_it_is_repeated() -> None:
    fabric = Fabric(IN_TRANSACTION)
    failures = [Deadlock("victim")]

    def lose_once(context: PortContext) -> None:
        if failures:
            raise failures.pop()

    fabric.drivers["ovs"].first = lose_once
    assert seen(fabric.create()).startswith("h1 ovs ACTIVE")
    assert fabric.world.observer.conflicts == [("create_port", "deadlock", 0)]


# loops and the limit


def test_a_driver_is_not_asked_for_a_segment_that_it_has_bound_above(strategy: BindingStrategy) -> None:
    fabric = Fabric(strategy, {"tor": {0: (0, 1)}, "ovs": {1: ()}})
    fabric.create()
    assert fabric.asked == ["tor any", "ovs 0 1"]


def test_two_drivers_that_continue_to_each_other_come_to_an_end(strategy: BindingStrategy) -> None:
    fabric = Fabric(strategy, {"a": {0: (1,), 1: (0,)}, "b": {0: (1,), 1: (0,)}})
    assert seen(fabric.create()).startswith("h1 binding_failed")


@pytest.mark.parametrize(
    ("levels", "outcome"), [(MAX_BINDING_LEVELS, "ovs"), (MAX_BINDING_LEVELS + 1, "binding_failed")]
)
def test_there_are_at_most_ten_levels(strategy: BindingStrategy, levels: int, outcome: str) -> None:
    chain: Rules = {number: (number + 1,) for number in range(levels - 1)}
    fabric = Fabric(strategy, {"chain": {**chain, levels - 1: ()}})
    port = fabric.create()
    assert port["binding:vif_type"] == outcome
    assert fabric.world.observer.errors == ([] if outcome == "ovs" else ["bind_port"])
    assert len(fabric.told_of_binding().binding_levels) == (levels if outcome == "ovs" else 0)


def test_a_path_that_is_too_deep_says_so_and_leaves_the_others(caplog: pytest.LogCaptureFixture) -> None:
    chain: Rules = {number: (number + 1,) for number in range(MAX_BINDING_LEVELS)}
    fabric = Fabric(drivers={"deep": chain, "ovs": {9: ()}})
    port = fabric.create()
    assert "driver deep continues a binding that has 10 levels already, the most allowed" in caplog.text
    assert fabric.told_of_binding().binding_levels == fabric.levels(*(("deep", each) for each in range(9)), ("ovs", 9))
    assert port["binding:vif_type"] == "ovs"


@pytest.mark.parametrize("binding", ["set", "continue"])
def test_below_only_the_segments_that_were_left_can_be_bound(binding: str) -> None:
    fabric = Fabric(drivers={"tor": {0: (1, 2)}})
    caught = []

    def bind_another(context: PortContext) -> None:
        if context.binding_levels:
            with pytest.raises(InvalidBinding) as error:
                context.set_binding(fabric.ids[3], "ovs", {}) if binding == "set" else context.continue_binding(
                    fabric.ids[3], fabric.ids
                )
            caught.append(str(error.value))

    fabric.drivers["tor"].first = bind_another
    fabric.create()
    assert caught[0].startswith(f"{binding}_binding got segment_id '{fabric.ids[3]}'; allowed is one of network")
    assert caught[0].endswith(f"segments to bind {fabric.ids[1:3]}")


# updates, deletion


def test_a_rebinding_shows_the_old_levels_and_the_new_ones(strategy: BindingStrategy) -> None:
    fabric = Fabric(strategy, {**TWO_LEVELS, "other": {3: (4,), 4: ()}})
    port = fabric.create()
    fabric.drivers["tor"].hopeless = {"h2"}
    fabric.drivers["ovs"].hopeless = {"h2"}
    fabric.move(port, "h2")
    old, new = fabric.levels(("tor", 0), ("ovs", 1)), fabric.levels(("other", 3), ("other", 4))
    updates = fabric.told("update_port_precommit")[-2:]
    shown = [(context.original_binding_levels, context.binding_levels) for context in updates]
    assert shown[-1:] == [(old, new)] if strategy.inside else shown == [(old, []), ([], new)]
    first = updates[-1] if strategy.inside else updates[0]
    assert (first.original_top_bound_segment, first.original_bottom_bound_segment) == fabric.network.segments[:2]
    assert (first.original_bound_segment, first.original_bound_driver) == (fabric.network.segments[1], "ovs")


def test_unbinding_clears_the_levels(strategy: BindingStrategy) -> None:
    fabric = Fabric(strategy)
    port = fabric.create()
    fabric.move(port, "")
    assert fabric.stored(port) == (None, None, "")
    assert fabric.told_of_binding().binding_levels == []


def test_a_failed_rebinding_leaves_no_levels(strategy: BindingStrategy) -> None:
    fabric = Fabric(strategy)
    port = fabric.create()
    fabric.drivers["ovs"].hopeless = {"h2"}
    assert seen(fabric.move(port, "h2")).startswith("h2 binding_failed")
    assert fabric.stored(port) == (None, None, "")


def test_a_deletion_sees_the_levels(strategy: BindingStrategy) -> None:
    fabric = Fabric(strategy)
    fabric.plugin.delete_port(fabric.create()["id"])
    for method in ("delete_port_precommit", "delete_port_postcommit"):
        (context,) = fabric.told(method)
        assert context.binding_levels == fabric.levels(("tor", 0), ("ovs", 1))


def test_another_rename_leaves_the_levels_alone(strategy: BindingStrategy) -> None:
    fabric = Fabric(strategy)
    port = fabric.create()
    before = fabric.stored(port)
    fabric.plugin.update_port(port["id"], {"name": "other"})
    assert fabric.stored(port) == before


def test_an_activated_binding_has_the_levels_with_which_it_was_made(strategy: BindingStrategy) -> None:
    fabric = Fabric(strategy)
    port = fabric.create()
    before = fabric.stored(port)
    fabric.plugin.create_port_binding(port["id"], "h2")
    fabric.plugin.activate_port_binding(port["id"], "h2")
    assert fabric.stored(port) == before
    (left,) = fabric.world.rows("ml2_inactive_port_bindings")
    assert (left["host"], left["driver"], left["segment_id"], left["upper_levels"]) == ("h1", None, None, "")
    context = fabric.told("update_port_postcommit")[-1]
    assert (context.original_host, context.host) == ("h1", "h2")
    assert context.binding_levels == context.original_binding_levels == fabric.levels(("tor", 0), ("ovs", 1))


def test_the_drivers_of_all_levels_are_told_and_asked_of_the_binding() -> None:
    told: list[str] = []

    class Bound(LevelDriver):
        def unbind_port(self, context: PortContext) -> None:
            told.append(f"{self.name} unbinds")

        def validate_bound_port(self, context: PortContext) -> bool:
            told.append(f"{self.name} is asked")
            return context.current["name"] != "bad" or self.name != "tor"

    strategy = replace(DEFERRED, unbinds_driver=True, validates_binding=True)
    fabric = Fabric(strategy)
    drivers = [Bound(name, rules, []) for name, rules in {**TWO_LEVELS, "spare": {}}.items()]
    plugin = fabric.world.another_plugin(strategy, more_drivers=drivers)
    port = plugin.create_port({"network_id": fabric.network.id, "binding:host_id": "h1"})
    plugin.update_port(port["id"], {"name": "bad"})
    assert told == ["tor is asked", "ovs is asked"]
    told.clear()
    generation = fabric.world.generation(port)
    plugin.update_port(port["id"], {"name": "worse"})
    assert told == ["tor is asked", "ovs is asked", "tor unbinds", "ovs unbinds"]
    assert fabric.world.generation(port) == generation + 2


# what continue_binding takes


@pytest.mark.parametrize("following", [[], ["strange"], ["s1", "strange"], "s1", None, 7, [None], [["s1"]]])
def test_continue_binding_wants_segments_of_the_network(following: object) -> None:
    context = PortContext(UNBOUND, ON_SIX)
    with pytest.raises(InvalidBinding, match=r"continue_binding got next_segments_to_bind .*; allowed is at least one"):
        context.continue_binding("s0", following)  # type: ignore[arg-type]
    assert context.continuation is None


def test_the_next_segments_are_records_or_ids_each_once() -> None:
    context = PortContext(UNBOUND, ON_SIX)
    context.continue_binding("s0", iter([SIX[3], "s1", "s3"]))
    assert context.continuation == ("s0", (SIX[3], SIX[1]))


def test_of_set_binding_and_continue_binding_the_last_call_counts() -> None:
    context = PortContext(UNBOUND, ON_SIX)
    context.set_binding("s1", "ovs", {})
    context.continue_binding("s0", ["s1"])
    assert (context.result, context.continuation is None) == (None, False)
    context.set_binding("s1", "ovs", {})
    assert (context.result is None, context.continuation) == (False, None)


# any drivers at all

segments = st.integers(0, len(SIX) - 1)
any_rules = st.dictionaries(segments, st.lists(segments, max_size=3, unique=True).map(tuple), max_size=6)
Path = tuple[tuple[str, int], ...]


def first_path(drivers: dict[str, Rules], offered: tuple[int, ...], above: Path = ()) -> Path | None:
    """What the rules come to: the first path, depth first, that ends in a binding."""
    for name, rules in drivers.items():
        if any((name, number) in above for number in offered):
            continue
        number = next((number for number in offered if number in rules), None)
        if number is None:
            continue
        path = (*above, (name, number))
        if not rules[number]:
            return path
        found = first_path(drivers, rules[number], path) if len(path) < MAX_BINDING_LEVELS else None
        if found is not None:
            return found
    return None


@given(st.fixed_dictionaries({"a": any_rules, "b": any_rules}))
def test_any_drivers_make_the_first_path_that_ends_in_a_binding(rules: dict[str, Rules]) -> None:
    manager = MechanismManager([LevelDriver(name, its, []) for name, its in rules.items()])
    context = PortContext(UNBOUND, ON_SIX)
    driver = manager.bind_port(context)
    expected = first_path(rules, tuple(range(len(SIX))))
    if expected is None:
        assert (driver, context.result) == (None, None)
        return
    assert context.result is not None
    binding = PortBinding(driver=driver, segment_id=context.result.segment_id, upper_levels=context.result.upper_levels)
    assert binding.levels == tuple((name, f"s{number}") for name, number in expected)
    assert len(set(binding.levels)) == len(binding.levels) <= MAX_BINDING_LEVELS


def raises(error: Exception):
    """A function that raises it."""

    def fail(_context: PortContext) -> None:
        raise error

    return fail
