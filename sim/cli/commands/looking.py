"""inspect, scenarios, schema and metrics: commands that run nothing. sim.cli.looking does the work."""

from sim.cli.app import app
from sim.cli.options import Json, Name, Overrides


@app.command()
def inspect(scenario: Name, *, overrides: Overrides = None, json: Json = False) -> None:
    """Check a scenario and print it with all defaults filled in."""
    from sim.cli.looking import print_scenario

    print_scenario(scenario, overrides or [], as_json=json)


@app.command()
def scenarios(*, json: Json = False) -> None:
    """List the scenarios that can be named here, with the question that each answers."""
    from sim.cli.looking import print_scenarios

    print_scenarios(as_json=json)


@app.command()
def schema() -> None:
    """Print the JSON schema of scenario files."""
    from sim.cli.looking import print_schema

    print_schema()


@app.command()
def metrics(*, json: Json = False) -> None:
    """List the metrics: name, unit, better direction, definition."""
    from sim.cli.looking import print_metrics

    print_metrics(as_json=json)
