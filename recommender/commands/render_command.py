"""`recommend render`: a saved plan as text, Markdown, HTML or JSON."""

from pathlib import Path

import click

from recommender.errors import SpecError
from recommender.report.render import FORMATS, Format, render

ENDINGS: dict[str, Format] = {
    ".html": "html", ".htm": "html", ".md": "md", ".json": "json", ".txt": "terminal",
}  # fmt: skip


@click.command("render")
@click.argument("plan_file", metavar="PLAN")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS, case_sensitive=False),
    help="Default: what the name given to -o ends in, else terminal.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to this file.")
@click.option("--width", type=click.IntRange(60, 400), help="Characters in a line (terminal).")
def command(plan_file: str, form: Format | None, output: Path | None, width: int | None) -> None:
    """Show the plan in the file PLAN (`-` is standard input)."""
    from recommender.report.read import read_plan
    from recommender.report.show import show_plan
    from recommender.write import check_writable, write_text

    if output is not None:
        _check_other_file(plan_file, output)
        check_writable(output)
    chosen = _format_of(output, form)
    plan = read_plan(plan_file)
    if output is not None:
        write_text(output, render(plan, chosen, width=width or 80))
    elif chosen == "terminal":
        show_plan(plan, width=width)
    else:
        click.echo(render(plan, chosen), nl=False)


def _format_of(output: Path | None, form: Format | None) -> Format:
    """What is asked for, or what the name ends in; SpecError where the name says another one."""
    from recommender.write import NAMED_FORMATS, is_device

    if output is None:
        return form or "terminal"
    ending = output.suffix.lower()
    silent = not ending or is_device(output) or (form is not None and ending not in NAMED_FORMATS)
    if ending not in ENDINGS and not silent:
        known = ", ".join(f"*{name}" for name in ENDINGS)
        raise SpecError(f"-o {output}: there is no report in this format; name it {known}")
    if form is not None and ENDINGS.get(ending, form) != form and ending in NAMED_FORMATS:
        raise SpecError(f"-o {output} is named like another format than --format {form}")
    return form or ENDINGS.get(ending, "terminal")


def _check_other_file(plan_file: str, output: Path) -> None:
    """A report must not replace the plan that it is made from."""
    both_exist = plan_file != "-" and output.exists() and Path(plan_file).exists()
    if both_exist and output.samefile(plan_file):
        raise click.UsageError(f"-o {output} is the plan itself; name another file")
