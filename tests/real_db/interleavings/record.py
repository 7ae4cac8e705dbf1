"""Writes tests/interleavings/recorded anew, by private servers: see tests/interleavings/recorded.py."""

from sim.database import PROFILES
from sim.servers import opened
from tests.interleavings.differences import differences
from tests.interleavings.on_model import play_on_model
from tests.interleavings.recorded import ENGINES, write
from tests.interleavings.script import Script, scripts_of, themes
from tests.real_db.interleavings.on_engine import EnginePlayer, played_as, superuser_of


def record(engine: str) -> None:
    known = differences()

    def wanted(script: Script) -> list[str] | None:
        """Where the engine has a choice, the log that the model gives is recorded."""
        difference = known.get((script.name, engine))
        stays = difference is not None and difference.kind == "stays"
        return None if stays else play_on_model(script, PROFILES[ENGINES[engine]])

    with opened(engine, durable=False) as database:
        player = EnginePlayer(superuser_of(database).engine)
        for theme in themes():
            logs = [(script, played_as(player, script, wanted(script))) for script in scripts_of(theme)]
            write(engine, theme, logs)
        player.close()


if __name__ == "__main__":
    for name in ENGINES:
        record(name)
