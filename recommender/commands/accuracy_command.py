"""`recommend accuracy`: how far predictions are from measured values."""

from pathlib import Path

import click

from recommender.commands.catalog_options import OVERLAYS, load_names


@click.command("accuracy")
@click.argument("file", metavar="FILE.csv", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON.")
@click.option(
    "--calibration",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of calibration tables, as `recommend calibrate` writes it.",
)
@OVERLAYS
def command(file: Path, as_json: bool, calibration: Path | None, overlays: tuple[str, ...]) -> None:
    """Score the predictions of FILE.csv against its value column.

    Median and mean error, bias, share within 20 %, coverage and width of the 90 % intervals by
    kind, regime, accelerator, model, engine and precision; refusals; the 20 worst rows. Rows that
    are faster than the datasheet of their hardware allows are named, not scored. The text leaves
    out accelerators, models, engines and precisions with fewer than 5 rows; JSON has all.

    FILE.csv is in the measurement format (see predict) with the measured value in column value.
    """
    from shutil import get_terminal_size

    from recommender.accuracy.calibration_folder import age_of, chosen_calibration
    from recommender.accuracy.scorecard import scorecard
    from recommender.accuracy.scorecard_text import WIDTH, scorecard_json, scorecard_text

    names, constants = load_names(overlays), chosen_calibration(calibration)
    if note := age_of(constants, calibration):
        click.echo(note, err=True)
    card = scorecard(file, constants, names)
    if card.unread:
        click.echo(card.unread, err=True)
    width = get_terminal_size((WIDTH, 24)).columns
    click.echo(scorecard_json(card) if as_json else scorecard_text(card, width=width))
