"""`bindsim export`: a trace or percentile files of a result, written whole or not at all.

sim.cli.commands.exporting calls it; sim.report.export makes the bytes.
"""

import gzip
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from sim.cli.status import Refused
from sim.report.export import HdrFile, hdr_files, perfetto_trace
from sim.results import LoadedRun, load_run

_INDEX = "index.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What is asked for. Without an `output` it goes beside the result's folder."""

    folder: Path
    format: str  # perfetto or hdr
    output: str | None
    strategy: str | None
    replication: int | None
    force: bool
    json: bool


def export_result(order: Export) -> None:
    """Writes it and says where. ResultError, or Refused for what must not be overwritten or cannot be written."""
    result = load_run(order.folder)
    told = _perfetto(result, order) if order.format == "perfetto" else _hdr(result, order)
    if order.json:
        typer.echo(json.dumps(told, indent=2, ensure_ascii=True))
    else:
        typer.echo("\n".join(_in_words(told)))


def _perfetto(result: LoadedRun, order: Export) -> dict[str, Any]:
    replication = order.replication or 0
    content = perfetto_trace(result, strategy=order.strategy, replication=replication)
    strategy = order.strategy or result.manifest["run"]["strategies"][0]
    path = _beside(result, order.output, f".{strategy}-{replication}.perfetto.json.gz")
    _write({path: gzip.compress(content, mtime=0) if path.suffix == ".gz" else content}, force=order.force)
    return {"format": "perfetto", "file": str(path), "strategy": strategy, "replication": replication}


def _hdr(result: LoadedRun, order: Export) -> dict[str, Any]:
    files = hdr_files(result, strategy=order.strategy, replication=order.replication)
    if not files:
        raise Refused(f"{result.folder} holds no operations of the chosen strategy and replication")
    folder = _beside(result, order.output, ".hgrm")
    index = {
        "unit": "ms",
        "saturated_replications": _saturated(result, files),
        "files": [file.data() for file in files],
    }
    contents = {folder / file.name: file.content for file in files}
    _write({**contents, folder / _INDEX: _text(index)}, force=order.force)
    return {"format": "hdr", "folder": str(folder), **index}


def _saturated(result: LoadedRun, files: list[HdrFile]) -> dict[str, int]:
    """How many replications of each strategy did not end well enough for their latencies to mean much."""
    strategies, known = dict.fromkeys(file.strategy for file in files), result.details.get("strategies", {})
    runs = {name: known.get(name, {}).get("runs", []) for name in strategies}
    return {name: sum(run["outcome"] in ("saturated", "stalled") for run in runs[name]) for name in runs}


def _text(data: dict[str, Any]) -> bytes:
    return (json.dumps(data, indent=2, ensure_ascii=True) + "\n").encode()


def _beside(result: LoadedRun, output: str | None, ending: str) -> Path:
    if output is not None:
        return Path(output)
    return result.folder.resolve().parent / f"{result.folder.resolve().name}{ending}"


def _write(files: Mapping[Path, bytes], *, force: bool) -> None:
    """Nothing is written unless everything may be; a file appears when it is whole."""
    for path, content in files.items():
        if path.is_dir():
            raise Refused(f"{path} is a folder; name a file with --output")
        if path.exists() and not force and path.read_bytes() != content:
            raise Refused(f"{path} exists and is something else; use --force to replace it, or another --output")
    try:
        for path, content in files.items():
            _replace(path, content)
    except OSError as problem:
        raise Refused(f"cannot write {problem.filename or path}: {problem.strerror}") from None


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _in_words(told: dict[str, Any]) -> Iterator[str]:
    if told["format"] == "perfetto":
        yield f"trace of {told['strategy']}, replication {told['replication']}, for ui.perfetto.dev or chrome://tracing:"
        yield told["file"]
        return
    yield f"percentile files in {told['folder']}, values in {told['unit']}"
    for file in told["files"]:
        unanswered = f", {file['unanswered']:,} unanswered left out" if file["unanswered"] else ""
        yield f"  {file['file']}: {file['values']:,} values{unanswered}"
    for strategy, count in told["saturated_replications"].items():
        if count:
            yield f"{strategy}: {count} replications saturated or stalled; their latencies measure the horizon"
