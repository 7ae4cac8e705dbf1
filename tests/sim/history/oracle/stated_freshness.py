"""What freshness states, as naively as can be."""

from sim.history.rows import GONE
from tests.sim.history.oracle.truth import BINDING, INPUTS, Place, Truth, Word, plain, worst


def freshness(truth: Truth) -> Word:
    """Every standing binding has the inputs that it was computed from, and generations tell of changes."""
    ports = {write.port for write in truth.writes}
    standing = [_stands_rightly(truth, truth.places(port), place)
                for port in ports for place in range(1, len(truth.places(port)))]  # fmt: skip
    generations = [_generation_is_right(truth, index) for index in range(len(truth.writes))]
    return worst([plain(each) for each in (*standing, *generations)])


def _stands_rightly(truth: Truth, places: list[Place], place: int) -> bool:
    if not truth.is_bound(places[place].state):
        return True
    start = place
    while _continues(truth, places, start):
        start -= 1
    origin = _origin(truth, places[start])
    if origin is None:
        return start < place  # told of at the start already
    if truth.part(origin, INPUTS) != truth.part(places[place].state, INPUTS):
        return False
    return start < place or not _changed_meanwhile(truth, places[:start], origin)


def _continues(truth: Truth, places: list[Place], place: int) -> bool:
    """Whether the binding of a version is that of the one before, and not made anew by its own transaction."""
    before, now = places[place - 1], places[place]
    same = truth.part(before.state, BINDING) == truth.part(now.state, BINDING)
    binds = _binds(truth, now)
    return same and not (binds and truth.callbacks[binds[-1]].transaction == now.commit.transaction)


def _binds(truth: Truth, place: Place) -> list[int]:
    """The bind_port calls of the commit's operation that had set this binding before COMMIT was sent."""
    found = []
    for row in truth.calls_of("bind_port"):
        call, returned = truth.callbacks[row], truth.returned(row)
        if returned is None or returned.position > place.commit.first or returned.vif_type < 0:
            continue
        made = returned.vif_type, returned.vif_details, call.driver, returned.segment
        same_port = truth.port_of(row) == truth.writes[place.write].port
        if same_port and call.operation == place.commit.operation and made == truth.part(place.state, BINDING):
            found.append(row)
    return found


def _origin(truth: Truth, place: Place) -> int | None:
    """The state that a binding was computed from; ports that were there before the run count as computed rightly."""
    binds = _binds(truth, place)
    if binds:
        return truth.callbacks[binds[-1]].state
    return place.state if place.commit.transaction < 0 else None


def _changed_meanwhile(truth: Truth, places: list[Place], origin: int) -> bool:
    """Whether a version later than the origin, by its revision, had other inputs."""
    later = []
    for place in reversed(places):
        if place.state == GONE or truth.states[place.state].revision <= truth.states[origin].revision:
            break
        later.append(place)
    return any(truth.part(place.state, INPUTS) != truth.part(origin, INPUTS) for place in later)


def _generation_is_right(truth: Truth, index: int) -> bool:
    """It rises with a change of inputs and when a successful binding is made or removed, and else stays."""
    before, after = truth.state(truth.before(index)), truth.state(truth.writes[index].state)
    if before is None or after is None:
        return True
    numbers = truth.before(index), truth.writes[index].state
    changed = truth.part(numbers[0], INPUTS) != truth.part(numbers[1], INPUTS)
    rebound = truth.part(numbers[0], BINDING) != truth.part(numbers[1], BINDING)
    must_rise = changed or (rebound and any(truth.is_bound(number) for number in numbers))
    return after.generation > before.generation if must_rise else after.generation == before.generation
