"""A socket between a driver and a server that counts round trips: how often the driver sends and then waits."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import make_url

from sim.servers import ServerAddress

COMMIT = {"postgresql": b"Q\x00\x00\x00\x0bCOMMIT\x00", "mariadb": b"\x03COMMIT"}
"""How a driver sends COMMIT."""
SOCKET_NAMES = {"postgresql": ".s.PGSQL.5432", "mariadb": "socket"}


@dataclass
class Tap:
    """`sent` holds what the driver sent in each round trip since it was last emptied, over all connections.

    A message that holds `cut_at`, the next one or after `passing` others, breaks its connection: before the server has
    it, or after it, when the server has answered and nobody hears it (`after_it`).
    """

    address: ServerAddress
    sent: list[bytes] = field(default_factory=list)
    cut_at: bytes | None = None
    after_it: bool = False
    passing: int = 0

    def cuts(self, data: bytes) -> bool:
        """Whether this message breaks its connection; only one does."""
        if self.cut_at is None or self.cut_at not in data:
            return False
        self.passing -= 1
        if self.passing >= 0:
            return False
        self.cut_at = None
        return True


@contextmanager
def tapped(address: ServerAddress, folder: Path) -> Iterator[Tap]:
    """The address of a private server with a tap in between. `folder` has a short path."""
    url = make_url(address.url)
    key = "host" if address.kind == "postgresql" else "unix_socket"
    place = Path(str(url.query[key]))
    name = SOCKET_NAMES[address.kind]
    server, ours = (place / name, folder / name) if key == "host" else (place, folder / name)
    through = url.update_query_dict({key: str(folder if key == "host" else ours)})
    tap = Tap(replace(address, url=through.render_as_string(hide_password=False)))
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(ours))
        listening.listen()
        threading.Thread(target=_serve, args=(listening, server, tap), daemon=True).start()
        yield tap
        listening.shutdown(socket.SHUT_RDWR)


def _serve(listening: socket.socket, server: Path, tap: Tap) -> None:
    while True:
        try:
            client, _ = listening.accept()
        except OSError:
            return
        upstream = socket.socket(socket.AF_UNIX)
        upstream.connect(str(server))
        line = _Line(client, upstream, tap)
        for pump in (line.pump_up, line.pump_down):
            threading.Thread(target=pump, daemon=True).start()


class _Line:
    """One connection through the tap."""

    def __init__(self, client: socket.socket, upstream: socket.socket, tap: Tap) -> None:
        self._client, self._upstream, self._tap = client, upstream, tap
        self._answered = threading.Event()
        self._is_cut = False

    def pump_up(self) -> None:
        while data := _received(self._client):
            self._note(data)
            if self._tap.cuts(data):
                self._is_cut = True
                if not self._tap.after_it:
                    break
            self._answered.clear()
            self._upstream.sendall(data)
        self._end()

    def pump_down(self) -> None:
        while (data := _received(self._upstream)) and not self._is_cut:
            self._answered.set()
            self._client.sendall(data)
        self._end()

    def _note(self, data: bytes) -> None:
        if self._answered.is_set() or not self._tap.sent:
            self._tap.sent.append(data)
        else:
            self._tap.sent[-1] += data

    def _end(self) -> None:
        for end in (self._client, self._upstream):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def _received(source: socket.socket) -> bytes:
    try:
        return source.recv(1 << 16)
    except OSError:
        return b""
