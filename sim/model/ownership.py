"""Which hosts believe that they own which port, over all controllers, and for how long two of them do.

Controllers report every entry that comes and goes. Nothing here decides who is right.
"""

from array import array


class Ownership:
    """Counts entries by port and host. `double_us` holds the length of each closed window with two hosts or more.

    `double_from_us` holds when each of them began.
    """

    def __init__(self) -> None:
        self._hosts: dict[str, dict[str, int]] = {}
        self._since_us: dict[str, int] = {}
        self.double_us = array("q")
        self.double_from_us = array("q")

    def gained(self, port_id: str, host: str, at_us: int) -> None:
        """A controller has one more entry for the port on this host."""
        hosts = self._hosts.setdefault(port_id, {})
        hosts[host] = hosts.get(host, 0) + 1
        if len(hosts) == 2 and port_id not in self._since_us:
            self._since_us[port_id] = at_us

    def lost(self, port_id: str, host: str, at_us: int) -> None:
        """An entry for the port on this host is gone."""
        hosts = self._hosts[port_id]
        hosts[host] -= 1
        if hosts[host]:
            return
        del hosts[host]
        if len(hosts) == 1 and port_id in self._since_us:
            self._end(self._since_us.pop(port_id), at_us)
        if not hosts:
            del self._hosts[port_id]

    def close(self, at_us: int) -> None:
        """The run has ended: windows that are still open end here."""
        for since_us in self._since_us.values():
            self._end(since_us, at_us)
        self._since_us.clear()

    def _end(self, since_us: int, at_us: int) -> None:
        self.double_us.append(at_us - since_us)
        self.double_from_us.append(since_us)
