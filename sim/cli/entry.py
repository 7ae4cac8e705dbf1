"""main: runs a command and turns whatever happens into an exit status and, at most, one line on standard error.

The console script calls it. It never lets a traceback reach a user who did not ask for one.
"""

import errno
import io
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence

from sim.cli.status import GOOD, INTERNAL, INTERRUPTED, INVALID, Refused, Status

DEBUG_VARIABLE = "BINDSIM_DEBUG"
_REFUSALS = (
    ("sim.results", "ResultError"), ("sim.experiment.executors", "ClusterError"), ("sim.servers", "ServerError"),
    ("sim.neutron_drivers", "NeutronDriverError"),
)  # fmt: skip
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # no room for what is written


def main(arguments: Sequence[str] | None = None) -> Status:
    """Run `bindsim` with these arguments (those of the process by default); the exit status of design section 9."""
    if sys.stdout is None:
        return _complain("standard output is closed; nothing could be printed", INVALID)
    _say_what_can_be_said()
    try:
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does: nothing half is left behind
        status = _run(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
    except Refused as refused:
        return _complain(str(refused), refused.status)
    except KeyboardInterrupt:
        return _interrupted()
    except BrokenPipeError:
        return _reader_is_gone()
    except Exception as error:
        return _failed(error)
    return _interrupted() if status == INTERRUPTED else status


def _say_what_can_be_said() -> None:
    """A letter that the terminal's encoding does not have comes out as its code, instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _run(arguments: list[str]) -> Status:
    import typer

    from sim.cli.app import app

    try:
        status = app(arguments, prog_name="bindsim", standalone_mode=False, obj=arguments)
    except typer.TyperException as error:
        raise Refused(_usage_sentence(error)) from None
    except SystemExit:  # Typer's only one here: the reader of standard output has gone
        return GOOD
    return status if isinstance(status, int) else GOOD


def _usage_sentence(error: Exception) -> str:
    context, message = getattr(error, "ctx", None), getattr(error, "format_message", error.__str__)()
    return f"{message.rstrip('.')}; see '{context.command_path if context else 'bindsim'} --help'"


def _complain(text: str, status: Status) -> Status:
    sys.stderr.write(f"bindsim: {text}\n" if "\n" not in text else f"{text}\n")
    return status


def _interrupted() -> Status:
    return _complain("interrupted; no partial results were kept", INTERRUPTED)


def _reader_is_gone() -> Status:
    """`bindsim metrics | head`: the reader has what it wanted; the interpreter must not complain when it ends."""
    _discard_output()
    return GOOD


def _discard_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _failed(error: Exception) -> Status:
    """Errors that a user can do something about are sentences already; anything else is a bug in bindsim."""
    if _is_refusal(error):
        return _complain(str(error), INVALID)
    if isinstance(error, OSError) and error.errno in _FULL:
        _discard_output()
        return _complain(f"cannot write: {error.strerror}; free some space, then repeat", INVALID)
    details = getattr(error, "details", "") or traceback.format_exc()
    summary = " ".join(f"{type(error).__name__}: {error}".split())
    if os.environ.get(DEBUG_VARIABLE):
        sys.stderr.write(details)
        return _complain(f"internal failure: {summary}", INTERNAL)
    return _complain(f"internal failure: {summary}; {_written(details)}", INTERNAL)


def _is_refusal(error: Exception) -> bool:
    from sim.scenario import ScenarioError

    if isinstance(error, ScenarioError):
        return True
    return any(isinstance(error, kind) for kind in _loaded_refusals())


def _loaded_refusals() -> Iterator[type[Exception]]:
    """The errors of heavy modules: looked at only when a command has loaded them."""
    for module, name in _REFUSALS:
        if (loaded := sys.modules.get(module)) is not None:
            yield getattr(loaded, name)


def _written(details: str) -> str:
    """Where the traceback is: in a file, unless there is no room for one either."""
    try:
        with tempfile.NamedTemporaryFile("w", prefix="bindsim-failure-", suffix=".txt", delete=False) as file:
            file.write(details)
    except (OSError, MemoryError):
        return "--debug prints the traceback"
    return f"the traceback is in {file.name}"
