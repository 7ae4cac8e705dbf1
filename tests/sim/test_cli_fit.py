"""bindsim fit: what it prints, what it refuses."""

import json
from pathlib import Path

import numpy as np
import pytest

from sim.scenario import CountDist, Dist
from sim.scenario.yaml_text import parse
from tests.sim.conftest import Said


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    draws = np.random.default_rng(8)
    rows = [f"create,{value:.6f},{size}" for value, size in zip(
        draws.lognormal(np.log(0.5), 0.6, 400), draws.geometric(0.3, 400), strict=True)]  # fmt: skip
    (tmp_path / "data.csv").write_text("\n".join(["op,seconds,size", *rows, "other,-1,0", "other,word,0"]) + "\n")
    return tmp_path


CREATES = ("--where", "op == 'create'")


def test_it_prints_a_table_a_judgement_and_yaml(said: Said, data: Path) -> None:
    status, out, err = said("fit", "data.csv", "--column", "seconds", *CREATES)
    assert (status, err) == (0, "")
    assert "data.csv, seconds where op == 'create': 400 of 402 rows." in out
    assert "Best: lognormal, the likeliest by BIC, and good enough." in out
    assert "p-value do not hold for parameters that were fitted to the same data" in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= 80
    spec = parse(out[out.index("# bindsim fit") :])[0]
    assert Dist.model_validate(spec).lognormal is not None
    assert "# bindsim fit data.csv --column seconds --where \"op == 'create'\"" in out


def test_json_holds_the_same(said: Said, data: Path) -> None:
    _, out, _ = said("fit", "data.csv", "--column", "seconds", *CREATES, "--json")
    found = json.loads(out)
    assert found["spec"] == parse(found["yaml"])[0]
    assert (found["best"], found["values"]) == ("lognormal", 400)
    assert {"name", "bic", "distance", "errors"} <= set(found["candidates"][0])


def test_counts_are_fitted_as_counts(said: Said, data: Path) -> None:
    status, out, _ = said("fit", "data.csv", "--column", "size", *CREATES, "--counts")
    assert status == 0
    assert CountDist.model_validate(parse(out[out.index("# bindsim fit") :])[0]).geometric is not None


def test_a_unit_is_turned_into_seconds(said: Said, data: Path) -> None:
    _, out, _ = said("fit", "data.csv", "--column", "seconds", *CREATES, "--unit", "ms", "--json")
    assert json.loads(out)["spec"]["lognormal"]["median_s"] == pytest.approx(0.0005, rel=0.1)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["no.csv", "--column", "x"], "no.csv: cannot be read: No such file or directory"),
        (["data.csv", "--column", "second"], "has no column 'second'; did you mean 'seconds'? columns: op, seconds, "),
        (["data.csv", "--column", "seconds"], "'seconds' is -1 in row 401: must be a finite number, not below 0"),
        (["data.csv", "--column", "seconds", "--where", "op == 'none'"], "is true for none of the 402 rows"),
        (["data.csv", "--column", "seconds", "--where", "op =="], "--where op ==: cannot be evaluated: "),
        (["data.csv", "--column", "seconds", "--where", "oops > 1"], "columns: op, seconds, size"),
        (["data.csv", "--column", "seconds", "--where", "size > 9"], "at least 20 are needed"),
        (["data.csv", "--column", "size", *CREATES, "--unit", "h"], "--unit h: must be one of s, ms, us"),
        (["data.csv", "--column", "size", *CREATES, "--most", "9"], "--most and --ranges are about counts"),
        (["data.csv", "--column", "size", "--counts", "--ranges", "9..7"], "must ascend and not overlap"),
        (["data.csv", "--column", "size", "--counts", "--ranges", "7-9"], "must be ranges of whole numbers such as"),
        (["data.csv", "--column", "size", "--counts"], "'size' has 2 values that are no whole numbers from 1"),
    ],
)
def test_wrong_input_is_one_clear_line(said: Said, data: Path, arguments: list[str], told: str) -> None:
    status, out, err = said("fit", *arguments)
    assert (status, out) == (2, "")
    assert told in err
    assert len(err.splitlines()) == 1


def test_a_file_that_is_no_table_is_refused(said: Said, data: Path) -> None:
    (data / "broken.csv.gz").write_bytes(b"\x1f\x8bnothing")
    (data / "empty.csv").write_text("")
    for name in ("broken.csv.gz", "empty.csv"):
        status, _, err = said("fit", name, "--column", "x")
        assert (status, f"{name}: is no CSV table: " in err) == (2, True)
