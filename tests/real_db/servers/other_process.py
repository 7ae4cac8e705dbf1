"""Another bindsim: a process that opens a database, says where it is and waits until it is ended."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

_CODE = """
import json, sys, time
from core.engine import EngineConnections
from sim.servers import opened

with opened(sys.argv[1], durable=sys.argv[2] == "url") as database:
    engine = database.engine()
    EngineConnections(engine).create_tables()
    try:
        print(json.dumps({"name": database.name, "url": database.address.url}), flush=True)
        sys.stdin.read()
    except KeyboardInterrupt:
        pass
"""


@dataclass
class Other:
    """The process and what it has said."""

    process: subprocess.Popen[str]
    said: dict[str, Any]

    @property
    def name(self) -> str:
        """Its schema."""
        return str(self.said["name"])

    def ended_by(self, number: signal.Signals) -> int:
        """Sends a signal and waits; its status."""
        self.process.send_signal(number)
        self.process.communicate(timeout=30)
        return self.process.returncode


@contextmanager
def other_process(database: str) -> Iterator[Other]:
    """A process that has opened a database; ended afterwards if it still runs."""
    kind = "url" if "://" in database else "private"
    with subprocess.Popen(
        [sys.executable, "-c", _CODE, database, kind],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        assert line, process.stderr.read()
        yield Other(process, json.loads(line))
        if process.poll() is None:
            process.communicate(timeout=30)
