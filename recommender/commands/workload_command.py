"""`recommend workload`: what a trace says, and a workload file for specs."""

import json
from dataclasses import asdict
from pathlib import Path

import click


@click.command("workload")
@click.argument("trace_file", metavar="TRACE", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the workload file.")
@click.option("--name", help="Name of the workload; default is that of the file.")
@click.option("--json", "as_json", is_flag=True, help="Print the statistics as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on standard error.")
def command(
    trace_file: Path, output: Path | None, name: str | None, as_json: bool, quiet: bool
) -> int:
    """Describe the requests in TRACE: rates, burstiness, lengths, and whether one rate is enough.

    TRACE is an Azure, BurstGPT or plain CSV log, or Mooncake's JSON lines. The file that -o
    writes goes to `recommend --trace FILE --qps RATE`, and, where the trace covers a day, to
    `--profile FILE`.
    """
    from recommender.report.progress_display import progress_display
    from recommender.report.show import show_sections
    from recommender.report.trace_section import trace_sections
    from recommender.traces.read import describe_trace
    from recommender.traces.stationarity import advice, is_stationary
    from recommender.traces.workload_file import is_workload_file, workload_text
    from recommender.write import check_format, check_writable, write_text

    if output is not None:
        check_writable(output)
        check_format(output, written=".json", instead="leave -o out")
        if output.exists() and trace_file.exists() and output.samefile(trace_file):
            raise click.UsageError(f"-o {output} is the trace itself; name another file")
    if is_workload_file(trace_file):
        raise click.UsageError(f"{trace_file} is a workload file already; take it as --trace")
    with progress_display(quiet=quiet) as progress:
        trace, found = describe_trace(trace_file, progress=progress.phase)
    if output is not None:
        write_text(output, workload_text(trace, found, name=name or trace_file.stem))
    if as_json:
        document = {
            "source": trace.source,
            "format": trace.format,
            **asdict(found),
            "stationary": is_stationary(found),
            "repairs": trace.repairs,
            "advice": advice(found),
        }
        click.echo(json.dumps(document, indent=2))
    else:
        show_sections(trace_sections(trace, found))
    return 0
