"""What the engines did with each script when they were last asked: a text file for each engine and theme.

    .venv/bin/python -m tests.real_db.interleavings.record

writes the files again; tests/real_db/interleavings compares them with what the engines do now.
"""

from pathlib import Path

from tests.interleavings.script import Script, scripts_of, themes

FOLDER = Path(__file__).with_name("recorded")
ENGINES = {"postgresql": "postgresql", "mariadb": "innodb"}
"""The engines, each with the profile that stands for it."""

SCRIPTS = [script for theme in themes() for script in scripts_of(theme)]


def recorded(engine: str) -> dict[str, list[str]]:
    """The logs of one engine by script."""
    logs: dict[str, list[str]] = {}
    for theme in themes():
        for part in (FOLDER / engine / f"{theme}.txt").read_text(encoding="utf-8").split("# ")[1:]:
            name, *lines = part.rstrip("\n").split("\n")
            logs[name] = lines
    return logs


def write(engine: str, theme: str, logs: list[tuple[Script, list[str]]]) -> None:
    """Makes one file anew."""
    path = FOLDER / engine / f"{theme}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(_part(script, lines) for script, lines in logs), encoding="utf-8")


def _part(script: Script, lines: list[str]) -> str:
    return "\n".join([f"# {script.name}", *lines]) + "\n"
