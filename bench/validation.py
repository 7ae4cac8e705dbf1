"""`make validation`: validates the scenario `validation` on PostgreSQL and MariaDB, and puts what was found into
docs/validation.md and docs/validation.svg.

What stands in that page between its two marks is replaced; the text around them is written by hand. `--again` makes the
page from what the last validation has left in results/local/validation, without measuring.
"""

import argparse
import json
import pickle
import sys
from pathlib import Path

from sim.report.figures.predicted import predicted_svg
from sim.report.validation import validation_lines
from sim.scenario import load_scenario
from sim.servers import PRIVATE
from sim.validation import Plan, Validation, validate
from sim.validation.validating import REPLICATIONS

ROOT = Path(__file__).parents[1]
PAGE, PICTURE = ROOT / "docs" / "validation.md", ROOT / "docs" / "validation.svg"
KEPT = ROOT / "results" / "local" / "validation"
BEGIN, END = "<!-- made by make validation -->", "<!-- end of what make validation makes -->"


def main() -> int:
    """Measures, unless it was done, and writes the page; 1 when something is not as near as is asked for."""
    asked = _parser().parse_args()
    found = [_kept(kind) if asked.again else _measured(kind, asked) for kind in asked.databases.split(",")]
    PICTURE.write_text(predicted_svg(found) + "\n", encoding="utf-8")
    PAGE.write_text(_page(PAGE.read_text(encoding="utf-8"), found), encoding="utf-8")
    return int(any(each.missed for each in found))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.validation", description="Makes docs/validation.md.")
    parser.add_argument("--databases", default=",".join(PRIVATE), help="which; default: both")
    parser.add_argument("--replications", type=int, default=REPLICATIONS, help="of each strategy and load")
    parser.add_argument("--again", action="store_true", help="the page again, from what was measured before")
    return parser


def _measured(kind: str, asked: argparse.Namespace) -> Validation:
    def tell(what: str, share: float) -> None:
        print(f"{kind} {share:4.0%} {what}", file=sys.stderr)

    found = validate(load_scenario("validation"), kind, Plan(replications=asked.replications, on_progress=tell))
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{kind}.pickle").write_bytes(pickle.dumps(found))
    (KEPT / f"{kind}.json").write_text(json.dumps(found.data(), indent=2) + "\n", encoding="utf-8")
    return found


def _kept(kind: str) -> Validation:
    found: Validation = pickle.loads((KEPT / f"{kind}.pickle").read_bytes())
    return found


def _page(text: str, found: list[Validation]) -> str:
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    parts = "\n\n".join(f"```text\n{_text(each)}\n```" for each in found)
    return f"{before}{BEGIN}\n![Predicted against measured](validation.svg)\n\n{parts}\n{END}{after}"


def _text(found: Validation) -> str:
    return "\n".join(validation_lines(found))


if __name__ == "__main__":
    sys.exit(main())
