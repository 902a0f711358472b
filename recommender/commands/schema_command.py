"""`recommend schema`: JSON Schema of a spec file or of a saved plan."""

import json
from pathlib import Path
from typing import Any, Literal

import click


@click.command("schema")
@click.argument("kind", type=click.Choice(["plan", "spec"]))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to this file.")
def command(kind: Literal["plan", "spec"], output: Path | None) -> None:
    """Print the JSON Schema of a saved plan, or of a spec file."""
    from recommender.write import check_format, check_writable, write_text

    if output is not None:
        check_writable(output)
        check_format(output, written=".json", instead="leave -o out")
    text = json.dumps(_plan() if kind == "plan" else _spec(), indent=1) + "\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        write_text(output, text)


def _plan() -> dict[str, Any]:
    from recommender.report.json_schema import plan_schema

    return plan_schema()


def _spec() -> dict[str, Any]:
    from recommender.request.spec import Spec

    return Spec.model_json_schema()
