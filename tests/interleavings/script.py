"""Scripts of interleavings: what several sessions of one database do, one step after the other. Read from YAML.

A file holds the scripts of one theme: a mapping of names to what the script `tells` (one sentence) and its `steps`. A
step is 'SESSION VERB ARGUMENTS'; docs/interleavings.md explains it, vocabulary.py has the verbs.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

SCRIPTS = Path(__file__).with_name("scripts")


class Step(NamedTuple):
    """`session` is a letter, `words` the verb and its arguments."""

    session: str
    words: str

    def __str__(self) -> str:
        return f"{self.session} {self.words}"


class Script(NamedTuple):
    """`lock_wait_timeout`: whether lock waits end by themselves, which a step 'SESSION gives up' then waits for.

    `log` is the event log that it must give, where one is written down with it.
    """

    name: str
    tells: str
    steps: tuple[Step, ...]
    lock_wait_timeout: bool = False
    log: Sequence[str] = ()

    @property
    def sessions(self) -> list[str]:
        return sorted({step.session for step in self.steps})


def step(text: str) -> Step:
    session, _, words = text.partition(" ")
    return Step(session, words)


def scripts_of(theme: str, folder: Path = SCRIPTS) -> list[Script]:
    """The scripts of one file, in its order."""
    content = yaml.safe_load((folder / f"{theme}.yaml").read_text(encoding="utf-8"))
    return [
        Script(name, fields.pop("tells"), tuple(step(text) for text in fields.pop("steps")), **fields)
        for name, fields in content.items()
    ]


def themes(folder: Path = SCRIPTS) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.yaml"))
