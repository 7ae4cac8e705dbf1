"""The scripts of which engine and model are known to differ, or of which the engine leaves the outcome to chance."""

from pathlib import Path
from typing import Literal, NamedTuple

import yaml

Kind = Literal["stays", "chance"]

_FILE = Path(__file__).with_name("differences.yaml")


class Difference(NamedTuple):
    """`kind` 'stays': the model's log is another than the engine's; 'chance': it is one of those that the engine gives.

    `engine` is postgresql or mariadb; `reason` says why the model is as it is.
    """

    script: str
    engine: str
    kind: Kind
    reason: str


def differences() -> dict[tuple[str, str], Difference]:
    """By script and engine."""
    some = [Difference(**fields) for fields in yaml.safe_load(_FILE.read_text(encoding="utf-8"))]
    return {(each.script, each.engine): each for each in some}
