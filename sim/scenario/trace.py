"""Reads a trace of recorded arrivals. The loader calls it; the model uses what it returns.

It never interprets an arrival: which operation it is is drawn by the workload.
"""

import csv
import hashlib
import io
import math
from dataclasses import dataclass
from pathlib import Path

LARGEST_TRACE_BYTES = 200_000_000


class TraceError(ValueError):
    """A trace that cannot be used; the message names the file and the line."""


@dataclass(frozen=True, slots=True)
class TraceArrival:
    """One arrival: seconds from the start, and the tenant it is of (None: drawn)."""

    at_s: float
    tenant: int | None


def read_trace(path: Path, time_scale: float) -> tuple[tuple[TraceArrival, ...], str]:
    """The arrivals in the file, times scaled, and the file's SHA-256. Raises TraceError."""
    raw = _bytes_of(path)
    reader = csv.reader(io.StringIO(_text_of(path, raw)))
    columns = _columns(path, next(reader, []))
    arrivals = list[TraceArrival]()
    for row in filter(None, reader):
        arrivals.append(_arrival(path, reader.line_num, dict(zip(columns, row, strict=False)), arrivals))
    if not arrivals:
        raise TraceError(f"{path} holds no arrivals")
    scaled = tuple(TraceArrival(a.at_s * time_scale, a.tenant) for a in arrivals)
    return scaled, hashlib.sha256(raw).hexdigest()


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_TRACE_BYTES:
            raise TraceError(f"{path} is larger than {LARGEST_TRACE_BYTES:,} bytes")
        return path.read_bytes()
    except OSError as error:
        raise TraceError(f"{path} cannot be read: {error.strerror or error}") from None


def _text_of(path: Path, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TraceError(f"{path} is not UTF-8 text") from None


def _columns(path: Path, header: list[str]) -> list[str]:
    columns = [name.strip() for name in header]
    if "at_s" not in columns or set(columns) - {"at_s", "tenant"}:
        found = ", ".join(columns) or "nothing"
        raise TraceError(f"{path}, line 1: the columns must be at_s and, optionally, tenant; found {found}")
    return columns


def _arrival(path: Path, line: int, row: dict[str, str], earlier: list[TraceArrival]) -> TraceArrival:
    try:
        at_s = float(row.get("at_s", ""))
        tenant = int(row["tenant"]) if row.get("tenant", "").strip() else None
    except ValueError:
        found = ", ".join(row.values())
        raise TraceError(f"{path}, line {line}: {found} is not seconds and, optionally, a tenant") from None
    if not math.isfinite(at_s) or at_s < 0 or (tenant or 0) < 0:
        raise TraceError(f"{path}, line {line}: at_s and tenant must be 0 or more")
    if earlier and at_s < earlier[-1].at_s:
        raise TraceError(f"{path}, line {line}: at_s {at_s:g} is before the one above it")
    return TraceArrival(at_s, tenant)
