"""The values of cases 3a to 5 (docs/design.md, section 3): what one commit may do to a port. Part of the contract."""

from core.constants import STATUS_DOWN
from sim.history.rows import GONE, UNBOUND, State
from sim.history.view import View

Wrong = tuple[str, str]
"""A short stable name of what is wrong, and the same in words that follow 'however,'."""


def wrong_case(view: View, index: int) -> Wrong | None:
    """What is wrong with the row `index` of `writes`, if anything."""
    before, after = view.replaced[index].state, view.writes[index].state
    if after == GONE:
        return None
    new = view.states[after]
    if before == GONE:
        return _wrong_create(view, new)
    old = view.states[before]
    if new.revision != old.revision + 1:
        return "revision not raised by one", f"its revision went from {old.revision} to {new.revision}"
    if _is_incomplete(new):
        return "half a binding", "only a successful binding has a driver, a segment and levels above, and the first two"
    if view.activates(view.writes[index].commit):
        return _wrong_activation(view, old, new)
    return _wrong_inside(view, old, new) if view.facts.binds_inside else _wrong_deferred(view, old, new)


def _wrong_activation(view: View, old: State, new: State) -> Wrong | None:
    """A live migration: the change of host and the binding on the new one come in one commit."""
    if new.host == old.host or not new.is_successful:
        return "activated nothing", "it had to put a successful binding on another host in the place of the port's own"
    unbinds = old.is_successful and not view.facts.binds_inside
    if unbinds and view.words.statuses.name(new.status) != STATUS_DOWN:
        return "activated: status not DOWN", "the end of the old binding sets the status to DOWN"
    return None


def _is_incomplete(state: State) -> bool:
    if state.upper_levels >= 0 and not state.is_successful:
        return True
    return not (state.is_successful == (state.driver >= 0) == (state.segment >= 0))


def _wrong_create(view: View, new: State) -> Wrong | None:
    """3a."""
    if not view.facts.binds_inside and new.vif_type != UNBOUND:
        return "3a: created bound", "a port is created unbound and bound by a second transaction"
    return _wrong_if_unattempted(view, new)


def _wrong_if_unattempted(view: View, new: State) -> Wrong | None:
    """In-transaction binding leaves no port with a host as 'unbound'."""
    if view.facts.binds_inside and new.needs_binding and new.vif_type == UNBOUND:
        return "not attempted", "a port with a host is bound, or has failed to be, in the same transaction"
    return None


def _wrong_inside(view: View, old: State, new: State) -> Wrong | None:
    if old.inputs == new.inputs and old.is_successful and new.binding != old.binding:
        return "3c: binding touched", "no input changed, so the binding had to stay"
    if old.is_successful and not new.is_successful and view.words.statuses.name(new.status) != STATUS_DOWN:
        return "3d: status not DOWN", "a port that loses its binding and gets no other is DOWN"
    return _wrong_if_unattempted(view, new)


def _wrong_deferred(view: View, old: State, new: State) -> Wrong | None:
    if old.inputs != new.inputs:
        return _wrong_unbinding(view, old, new)
    if old.is_successful and new.binding != old.binding:
        return "3c: binding touched", "no input changed, so the binding had to stay"
    return None


def _wrong_unbinding(view: View, old: State, new: State) -> Wrong | None:
    """3b and 3d."""
    if new.vif_type != UNBOUND:
        return "3d: still bound", "an input changed, so the port had to be unbound by the same transaction"
    if old.is_successful and view.words.statuses.name(new.status) != STATUS_DOWN:
        return "3d: status not DOWN", "unbinding sets the status to DOWN"
    return None
