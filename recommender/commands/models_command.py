"""`recommend models`: the models that the catalogue knows, their sizes and names."""

import click

from recommender.commands.catalog_options import AS_JSON, OVERLAYS, load_catalog
from recommender.commands.row_limit import LIMIT, most_in_json
from recommender.commands.subcommands import Subcommands


@click.group("models", cls=Subcommands, invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Models: sizes, attention, cache, names."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@command.command("list")
@click.argument("word", required=False)
@click.option("--aliases", is_flag=True, help="the table of names instead")
@LIMIT
@OVERLAYS
@AS_JSON
def list_command(
    word: str | None, aliases: bool, limit: int, overlays: tuple[str, ...], as_json: bool
) -> int:
    """List models, or those whose id, alias or family holds WORD; smallest first."""
    import json

    from catalog.errors import CatalogError, did_you_mean
    from recommender.report import catalog_tables as tables

    catalog = load_catalog(overlays)
    folded = (word or "").casefold()
    found = [
        model
        for model in catalog.models.values()
        if any(folded in name.casefold() for name in (model.id, model.family, *model.aliases))
    ]
    if not found:
        hint = did_you_mean(folded, (m.id.rsplit("/")[-1] for m in catalog.models.values()))
        raise CatalogError(f"no model matches {word!r}", hint=hint)
    found.sort(key=lambda model: (model.total_params_b, model.id))
    if aliases:
        names = sorted((alias, model.id) for model in found for alias in model.aliases)
        if as_json:
            click.echo(json.dumps(dict(names[: most_in_json(limit)]), indent=1))
        else:
            for alias, identifier in names[: limit or None]:
                click.echo(f"{alias:<32} {identifier}")
    elif as_json:
        facts = [tables.model_facts(model) for model in found[: most_in_json(limit)]]
        click.echo(json.dumps(facts, indent=1))
    else:
        _show(tables.models_section(found, limit))
    return 0


@command.command("show")
@click.argument("name")
@click.option("--aliases", is_flag=True, help="only the names that mean this model")
@OVERLAYS
@AS_JSON
def show_command(name: str, aliases: bool, overlays: tuple[str, ...], as_json: bool) -> int:
    """Show a model: an id, an alias, a size such as 34b, or a config.json."""
    import json

    from catalog.assumed_size import assumed_size, nearest_sizes
    from recommender.report.catalog_tables import cache_per_token, model_facts, row_section

    catalog = load_catalog(overlays)
    model = catalog.model(name)
    if assumed := assumed_size(model):
        nearest = nearest_sizes(model, catalog.models.values())
        click.echo(f"{name}: {assumed}; nearest known are {nearest}", err=aliases or as_json)
    if aliases:
        names = [model.id, *model.aliases]
        click.echo(json.dumps(names) if as_json else "\n".join(names))
    elif as_json:
        click.echo(json.dumps(model_facts(model), indent=1))
    else:
        _show(row_section(model, catalog.origins.get(("models", (model.id.casefold(),)), ())))
        words = "KiB of the whole context + KiB in a window" if model.windowed_layers else "16 bits"
        click.echo(f"KV cache per token: {cache_per_token(model)} ({words})")
    return 0


def _show(section: object) -> None:
    from recommender.report.show import show_sections

    show_sections((section,))  # type: ignore[arg-type]
