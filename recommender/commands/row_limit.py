"""`--limit` of lists: a table shows 40 rows unless it is given, JSON all of them."""

import click
from click.core import ParameterSource

LIMIT = click.option(
    "--limit", type=click.IntRange(0), default=40, show_default=True, help="most rows; 0 is all"
)


def most_in_json(limit: int) -> int | None:
    """Where to cut the rows of JSON: nowhere (scripts count on it) unless --limit is given."""
    source = click.get_current_context().get_parameter_source("limit")
    return None if source is ParameterSource.DEFAULT or limit == 0 else limit
