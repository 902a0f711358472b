"""`recommend candidates`: every sized deployment as CSV, and what was left out."""

from pathlib import Path
from typing import Any

import click

from recommender.commands.spec_options import collect, spec_options


@click.command("candidates")
@spec_options
@click.option("-o", "--output", type=click.Path(path_type=Path), help="write CSV to this file")
@click.option("--rejected", is_flag=True, help="add the rejected ones, with their reason")
@click.option("-q", "--quiet", is_flag=True, help="no progress on standard error")
def command(output: Path | None, rejected: bool, quiet: bool, **flags: Any) -> int:
    """All replica kinds on all offers with rate, latency, power and price, as CSV.

    requests_per_s is the largest rate within the SLO that the last program used: an upper bound
    where rate_basis says so. Power and p99s are closed forms at at_requests_per_s, a rate that
    is sure to hold the SLO; empty where none is known.
    """
    raw = collect(flags)
    import csv
    import io

    from recommender.clock import Clock
    from recommender.decision.study_of import study_of
    from recommender.explanation.candidates_table import COLUMNS, candidate_rows, rejected_rows
    from recommender.report.progress_display import progress_display
    from recommender.request.spec_file import make_spec
    from recommender.write import check_format, check_writable, keep_text

    if output is not None:
        check_writable(output)
        check_format(output, written=".csv", instead="leave -o out")
    spec = make_spec(raw)
    with progress_display(quiet=quiet) as progress:
        study = study_of(spec, clock=Clock(progress), keep_rejections=rejected)
        progress.phase("solving")
        study.decide()
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(candidate_rows(study))
    if rejected:
        writer.writerows(rejected_rows(study))
    if output is not None:
        keep_text(output, text.getvalue())
    else:
        click.echo(text.getvalue(), nl=False)
    return 0
