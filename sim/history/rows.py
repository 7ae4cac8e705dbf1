"""The rows of a history: what each table records, one NamedTuple a table, every field an integer.

Written by the model's recording layer, read by the checker. Nothing here decides anything.

- *Position*: the running number of an event of the run. Events are totally ordered by it; where an engine cannot tell
  the instant of something, it lies in an interval of positions [first, last].
- *Code*: a word of the history's vocabulary (sim/history/tables.py says which); -1 is no word.
- *State*: the number of a row in `states`; -1 is 'the port does not exist'. Two rows may hold the same content.
- `operation` is the operation's number, below -1 for calls from outside the load (the reads at rest), -1 for background
  work. `transaction` is the server's number of a transaction, -1 for none.
"""

from typing import NamedTuple

UNBOUND, BINDING_FAILED = 0, 1  # codes of vif types; every higher one is that of a successful binding
NO_HOST = 0  # the code of the host ''
GONE = -1  # the state of a port that does not exist


class State(NamedTuple):
    """The content of a port and its binding, as its rows (or a context, or an answer) hold it."""

    port: int
    name: int
    admin_state_up: int
    status: int
    device_id: int
    device_owner: int
    revision: int
    host: int
    vnic_type: int
    profile: int
    vif_type: int
    vif_details: int
    driver: int
    segment: int
    upper_levels: int
    generation: int

    @property
    def inputs(self) -> tuple[int, int, int]:
        """What a binding is computed from: host, vnic_type, profile."""
        return self[7:10]

    @property
    def binding(self) -> tuple[int, int, int, int, int]:
        """What makes a binding the same binding: vif_type, vif_details, driver, segment, the levels above."""
        return self[10:15]

    @property
    def is_successful(self) -> bool:
        """Whether a driver has bound the port."""
        return self.vif_type > BINDING_FAILED

    @property
    def needs_binding(self) -> bool:
        """Whether there is a host and no successful binding."""
        return self.host != NO_HOST and self.vif_type <= BINDING_FAILED


class Call(NamedTuple):
    """An API operation was called: `kind` of the plugin's method, `port` -1 where it names none, arguments as JSON."""

    position: int
    at_us: int
    operation: int
    kind: int
    port: int
    client: int
    process: int
    arguments: int


class Answer(NamedTuple):
    """A call returned ('ok') or raised an error of the core ('error'). An operation without one was never answered."""

    position: int
    at_us: int
    operation: int
    outcome: int
    error: int


class Answered(NamedTuple):
    """A port in an answer. What an answer does not show (driver, segment, generation) is -1 in its state."""

    operation: int
    state: int


class Commit(NamedTuple):
    """A transaction that wrote ports or bindings took effect in the database, between `first` and `last`.

    Commits of one port stand in the order in which they took effect; where each has an instant, all do. Where it has
    not, COMMIT was sent at `first` and acknowledged, or its effect first seen, at `last`.
    Initial ports are written by commit 0 of transaction -1 at position 0.
    """

    first: int
    last: int
    at_us: int
    transaction: int
    operation: int
    name: int


class Write(NamedTuple):
    """A port touched by a commit (its index in `commits`), and its state afterwards, read from the database."""

    commit: int
    port: int
    state: int


class Ended(NamedTuple):
    """A transaction as the core's observer tells it: its name, which try, how it ended."""

    position: int
    at_us: int
    transaction: int
    operation: int
    name: int
    retry: int
    outcome: int


class Callback(NamedTuple):
    """A driver was called, as the driver saw it: the context's `current` and `original`, and the open transaction."""

    position: int
    at_us: int
    operation: int
    transaction: int
    driver: int
    method: int
    state: int
    previous: int


class Return(NamedTuple):
    """A driver call ended: its index in `callbacks`, how, and (bind_port) what it set; a died process returns never.

    A bind_port that has continued the binding has the segment alone.
    """

    callback: int
    position: int
    at_us: int
    outcome: int
    vif_type: int
    vif_details: int
    segment: int


class Attempt(NamedTuple):
    """A binding attempt as the core's observer tells it; `began` and `position` are its two ends."""

    began: int
    position: int
    at_us: int
    operation: int
    port: int
    number: int
    reader: int
    bound: int
    outcome: int


class GiveUp(NamedTuple):
    """The core's observer: a port was left unbound after so many attempts."""

    position: int
    at_us: int
    operation: int
    port: int
    attempts: int


class Logged(NamedTuple):
    """The core's observer: an error that the caller is not told; `where` names the row of the table of failures."""

    position: int
    at_us: int
    operation: int
    port: int
    where: int


class Read(NamedTuple):
    """A statement of the core returned this state of a port to a transaction. Sent at `first`, answered at `last`."""

    first: int
    last: int
    at_us: int
    transaction: int
    operation: int
    statement: int
    port: int
    state: int


class Sent(NamedTuple):
    """A statement of a transaction changed rows of a port, not committed yet."""

    position: int
    at_us: int
    transaction: int
    statement: int
    port: int


class Change(NamedTuple):
    """A controller's table changed or refused to, `what` being one of CHANGES; -1 for a host or so that has no part."""

    position: int
    at_us: int
    operation: int
    controller: int
    what: int
    port: int
    host: int
    token: int
    revision: int


class Fault(NamedTuple):
    """A fault took effect; `process` is the API process that it hit, -1 for none."""

    position: int
    at_us: int
    kind: int
    detail: int
    process: int


class Bindable(NamedTuple):
    """At rest, after the reads: a port that has a host and is not bound, and whether a working driver can bind it."""

    port: int
    can_bind: int
