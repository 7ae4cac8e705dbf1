"""The trivially simple second model: row versions in dicts, locks in lists, statements written out by hand.

It says what InnoDB does under READ COMMITTED when clients act one at a time. A statement is a generator that yields
each lock it needs and returns its result. It shares no code with sim.database; speed does not matter.
"""

from collections.abc import Callable, Generator
from typing import Any

RowKey = tuple[str, Any]  # (table, primary key)
Values = dict[str, Any]
Steps = Generator[tuple[str, RowKey], None, Any]


class Failed:
    """A statement's error, and those of the locks which it took that it does not keep."""

    def __init__(self, error: str, *dropped: RowKey) -> None:
        self.error = error
        self.dropped = dropped


class Unmatched:
    """A statement that found no row, and the rows that it has looked at, whose locks it keeps."""

    def __init__(self, *kept: RowKey) -> None:
        self.kept = kept


class Transaction:
    def __init__(self) -> None:
        self.writes: dict[RowKey, Values | None] = {}
        self.inserted: set[RowKey] = set()
        self.locks: dict[RowKey, str] = {}  # 'S' or 'X'
        self.changed = 0
        self.ended = False


class Client:
    def __init__(self, name: str) -> None:
        self.name = name
        self.transaction = Transaction()
        self.steps: Steps | None = None
        self.wish: tuple[str, RowKey] | None = None  # the lock it waits for
        self.fresh: list[RowKey] = []
        self.waited: set[RowKey] = set()
        self.number = 0  # of its current action


class SimpleModel:
    """`results` has, for each action that was not skipped, (client, number) -> (result, instant of its end)."""

    def __init__(self, names: str, rows: dict[RowKey, Values]) -> None:
        self.committed = dict(rows)
        self.clients = {name: Client(name) for name in names}
        self.queues: dict[RowKey, list[Client]] = {}
        self.runnable: list[Client] = []
        self.results: dict[tuple[str, int], tuple[Any, int]] = {}
        self.instant = 0

    def act(self, instant: int, name: str, action: Callable[["View"], Steps] | str) -> None:
        """Lets a client do something, unless it still waits; then lets everybody go on who can."""
        client = self.clients[name]
        self.instant = instant
        if client.steps is not None:
            return
        if isinstance(action, str):
            self._end(client.transaction, keep=action == "commit")
            client.transaction = Transaction()
            self._answer(client, action)
        else:
            client.fresh = []
            client.waited = set()
            client.steps = action(View(self.committed, client.transaction))
            self._go_on(client)
        while self.runnable:
            self._go_on(self.runnable.pop(0))

    def _answer(self, client: Client, result: Any) -> None:
        client.steps = None
        self.results[client.name, client.number] = (result, self.instant)
        client.number += 1

    def _go_on(self, client: Client) -> None:
        transaction = client.transaction
        assert client.steps is not None
        try:
            while not transaction.ended:
                client.wish = next(client.steps)
                if client.wish[1] not in transaction.locks:
                    client.fresh.append(client.wish[1])
                if not self._lock(client):
                    if not self._is_new(client.wish[1]):
                        client.waited.add(client.wish[1])
                    return
        except StopIteration as stop:
            self._end_statement(client, stop.value)
            return
        client.transaction = Transaction()
        self._answer(client, "Deadlock")

    def _end_statement(self, client: Client, result: Any) -> None:
        """Gives up what a statement that failed or found nothing does not keep."""
        dropped: set[RowKey] = set()
        if isinstance(result, Failed):
            dropped, result = set(result.dropped), result.error
        elif isinstance(result, Unmatched):
            dropped, result = set(client.fresh) - client.waited - set(result.kept), 0
        self._release(client.transaction, [key for key in client.fresh if key in dropped])
        self._answer(client, result)

    def _is_new(self, key: RowKey) -> bool:
        """Whether an open transaction has inserted the row."""
        return any(key in client.transaction.inserted for client in self.clients.values())

    # locks

    def _lock(self, client: Client) -> bool:
        """Whether the client may go on: it has its lock, or has been chosen as a victim."""
        assert client.wish is not None
        mode, key = client.wish
        held = client.transaction.locks.get(key)
        if held == "X" or held == mode:
            client.wish = None
            return True
        self.queues.setdefault(key, []).append(client)
        self._serve(key, asking=client)
        while client.wish is not None and not client.transaction.ended and (cycle := self._cycle(client)):
            asked = {member.wish[1] for member in cycle if member.wish is not None}
            victim = min(cycle, key=lambda member: weight(member, asked))
            self._sacrifice(victim, asking=client)
        return client.wish is None or client.transaction.ended

    def _holders(self, key: RowKey) -> dict[str, str]:
        return {name: c.transaction.locks[key] for name, c in self.clients.items() if key in c.transaction.locks}

    def _serve(self, key: RowKey, asking: Client | None) -> None:
        queue = self.queues.get(key, [])
        while queue:
            client = queue[0]
            assert client.wish is not None
            mode = client.wish[0]
            others = [held for name, held in self._holders(key).items() if name != client.name]
            if "X" in others or (mode == "X" and others):
                return
            queue.pop(0)
            client.transaction.locks[key] = mode
            client.wish = None
            if client is not asking:
                self.runnable.append(client)

    def _blockers(self, client: Client) -> list[str]:
        assert client.wish is not None
        mode, key = client.wish
        queue = self.queues[key]
        ahead = queue[: queue.index(client)]
        holders = {n: held for n, held in self._holders(key).items() if n != client.name}
        conflicting = [name for name, held in holders.items() if "X" in (mode, held)]
        queued = [other.name for other in ahead if other.wish is not None and "X" in (mode, other.wish[0])]
        return conflicting + queued

    def _cycle(self, start: Client) -> list[Client]:
        """The shortest way from `start` back to itself, by trying all ways of each length."""
        paths = [[start]]
        while paths:
            longer = []
            for path in paths:
                for name in self._blockers(path[-1]) if path[-1].wish is not None else []:
                    if name == start.name:
                        return path
                    if self.clients[name] not in path:
                        longer.append([*path, self.clients[name]])
            paths = longer
        return []

    def _sacrifice(self, victim: Client, asking: Client) -> None:
        assert victim.wish is not None
        self.queues[victim.wish[1]].remove(victim)
        key, victim.wish = victim.wish[1], None
        self._serve(key, asking)
        self._end(victim.transaction, keep=False, asking=asking)
        if victim is not asking:
            self.runnable.append(victim)

    def _end(self, transaction: Transaction, *, keep: bool, asking: Client | None = None) -> None:
        if keep:
            self.committed.update(transaction.writes)
        transaction.ended = True
        self._release(transaction, list(transaction.locks), asking)

    def _release(self, transaction: Transaction, keys: list[RowKey], asking: Client | None = None) -> None:
        for key in keys:
            del transaction.locks[key]
            self._serve(key, asking)

    def rows(self, table: str) -> dict[Any, Values]:
        """The committed rows of a table by primary key."""
        return {key[1]: row for key, row in sorted(self.committed.items()) if key[0] == table and row is not None}


def weight(client: Client, asked: set[RowKey]) -> int:
    """Rows changed, tables locked, and pages of each table in each mode; inserted rows once somebody asks for them."""
    locks, inserted = client.transaction.locks, client.transaction.inserted
    rows = {key: mode for key, mode in locks.items() if "." not in key[0]}
    pages = {(key[0], mode) for key, mode in rows.items() if key in asked or key not in inserted}
    tables = {key[0] for key in rows} | ({client.wish[1][0]} if client.wish else set())
    return client.transaction.changed + len(pages) + len(tables)


class View:
    """What one transaction sees: the committed rows under its own writes."""

    def __init__(self, committed: dict[RowKey, Values | None], transaction: Transaction) -> None:
        self.committed = committed
        self.transaction = transaction

    def all(self, table: str) -> dict[Any, Values]:
        merged = {**self.committed, **self.transaction.writes}
        return {key[1]: row for key, row in sorted(merged.items()) if key[0] == table and row is not None}

    def get(self, table: str, key: Any) -> Values | None:
        return self.all(table).get(key)

    def put(self, table: str, key: Any, row: Values | None) -> None:
        if (table, key) not in self.transaction.writes and self.committed.get((table, key)) is None:
            self.transaction.inserted.add((table, key))
        self.transaction.writes[table, key] = row

    def changed(self, rows: int) -> int:
        self.transaction.changed += rows
        return rows
