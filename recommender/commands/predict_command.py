"""`recommend predict`: measurement rows with predictions beside them."""

from pathlib import Path

import click

from recommender.commands.catalog_options import OVERLAYS, load_names


@click.command("predict")
@click.argument("file", metavar="FILE.csv", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write to this file, not to standard output.",
)
@click.option(
    "--calibration",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of calibration tables, as `recommend calibrate` writes it.",
)
@OVERLAYS
def command(
    file: Path, output: Path | None, calibration: Path | None, overlays: tuple[str, ...]
) -> None:
    """Predict every row of FILE.csv, in the measurement format.

    Adds predicted, predicted_low and predicted_high (90 % interval, in the row's unit),
    off_by_3x_pct (how often such rows were off by more than three times), basis, regime and
    assumptions, or the reason of a refusal. The value column is never read.

    A row needs kind (throughput, ttft, tpot, e2e, memory or power), model, gpu, metric and unit. It
    is surer with gpu_count, tp, isl, osl (tokens in, out), concurrency_or_batch, precision_weights,
    engine and engine_version. Blank is not reported: what is assumed instead is listed. Metrics
    are tpot_mean, ttft_mean, e2e_mean, output_throughput, kv_cache_tokens and others; a metric or
    unit that is not known is refused with those that are. Accelerators, models, engines and
    precisions of your own are those of --catalog.
    """
    import sys
    from functools import partial

    from recommender.accuracy.calibration_folder import age_of, chosen_calibration
    from recommender.accuracy.predict_file import predict_file
    from recommender.accuracy.replaced_file import replaced_file
    from recommender.interrupts import terminated_as_interrupted
    from recommender.write import check_format, check_writable

    if output is not None:
        check_writable(output)
        check_format(output, written=".csv", instead="leave -o out")
    names, constants = load_names(overlays), chosen_calibration(calibration)
    if note := age_of(constants, calibration):
        click.echo(note, err=True)
    report = partial(click.echo, err=True)
    if output is None:
        counts = predict_file(file, sys.stdout, constants, names, report=report)
    else:
        with terminated_as_interrupted(), replaced_file(output, source=file) as target:
            counts = predict_file(file, target, constants, names, report=report)
    total = counts.total()
    shares = ", ".join(f"{count} {regime}" for regime, count in counts.most_common())
    click.echo(f"{total} rows: {shares or 'none'}", err=True)
