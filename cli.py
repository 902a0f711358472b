"""Command line of the recommender: `recommend` or `python cli.py`.

Each command is a file of recommender/commands; it reads, calls, renders and sets the exit
code. Nothing heavy is imported before a command runs.
"""

import atexit
import gc
import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from recommender.interrupts import interrupts_heard
from recommender.report.safe_output import make_output_safe

COMMANDS = {
    "solve": "Find, prove and audit the best plan (the default command).",
    "front": "Plans of which none beats another on cost, p99 and power.",
    "candidates": "All sized deployments as CSV, and the rejected ones.",
    "what-if": "Sweep one value of the spec or catalogue; see where the answer flips.",
    "batch": "Solve many specs from a CSV file or YAML files.",
    "predict": "Predict published or own measurements row by row, with intervals.",
    "accuracy": "Score predictions against measured values.",
    "calibrate": "Constants of the performance model from own runs, or refit all.",
    "verify": "Replay a saved plan: does it hold, also with nodes down?",
    "workload": "Describe a request trace; write a workload file for specs.",
    "catalog": "What can be bought: list, show, check, diff, import, export.",
    "models": "What can be served: list, show.",
    "render": "Show a saved plan as text, Markdown, HTML or JSON.",
    "schema": "JSON Schema of the spec or of the plan.",
    "doctor": "Versions, solvers, caches.",
}

SELDOM = (20_000, 50, 50)
"""Thresholds of the garbage collector: a run makes a million objects and hardly any cycle, and the
700 new ones after which Python looks for cycles by default cost a tenth of a short run."""
LONGEST_MESSAGE = 1000
CUT_SHORT = (None, 0, 2, 3, 4)
"""Exit codes that 130 replaces after Ctrl-C: a broken promise (5) and a bug (1) are told."""


class ReaderGone(Exception):
    """Who read the output went away, as `| head -1` does; click would exit with 1, a bug."""


@contextmanager
def _reader_heard() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise ReaderGone from None


class CommandTable(click.Group):
    """Commands by name, imported when used; options without a command mean `solve`."""

    def make_context(self, *args: Any, **settings: Any) -> click.Context:
        with _reader_heard():  # --help and --version print while arguments are read
            return super().make_context(*args, **settings)

    def invoke(self, ctx: click.Context) -> object:
        with _reader_heard():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(
            f"recommender.commands.{cmd_name.replace('-', '_')}_command"
        )
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0].startswith("-") and args[0] not in ("--help", "--version", "-h"):
            args = ["solve", *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS:
            from difflib import get_close_matches  # did_you_mean would load the catalogue

            close = get_close_matches(args[0].casefold(), COMMANDS, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(COMMANDS)}"
            if args[0].casefold() == "help":
                hint = "did you mean --help?"
            elif args[0].lower().endswith((".yaml", ".yml", ".json")):
                hint = f"did you mean -f {args[0]}, a spec, or render {args[0]}, a saved plan?"
            ctx.fail(f"unknown command {args[0]!r}; {hint}")
        return super().resolve_command(ctx, args)


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            click.echo(f"recommend {version('llm-hardware-recommender')}")
        except PackageNotFoundError:
            click.echo("recommend, run from a checkout that is not installed")
        ctx.exit()


@click.group(
    cls=CommandTable,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 proven (batch, what-if: all decided), 1 a bug, 2 bad input, 3 no plan "
    "is possible, 4 not proven or not found in time, 5 a promise is broken, 6 the catalogue lacks "
    "a fact, 130 interrupted, with what is known by then.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version,
    help="Show the version and exit.",
)  # fmt: skip
@click.pass_context
def command_table(ctx: click.Context) -> None:
    """Recommend hardware for serving large language models.

    \b
    recommend --model 236b --qps 2000 --p99 200ms

    finds which accelerators to rent, how many, at which precision and cut how, proves that no
    cheaper plan meets the request, and audits the answer.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def _one_line(message: str) -> str:
    """A message on one line; of one that quotes something endless, both ends."""
    line = " ".join(message.split())
    half = LONGEST_MESSAGE // 2
    return line if len(line) <= LONGEST_MESSAGE else f"{line[:half]} ... {line[-half:]}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; the process exits with the documented code."""
    make_output_safe()
    gc.set_threshold(*SELDOM)
    atexit.register(gc.freeze)  # no search for cycles in what ends with the process: 50 to 100 ms
    try:
        with interrupts_heard() as interrupts:
            code = command_table.main(
                args=None if arguments is None else list(arguments), standalone_mode=False
            )
    except click.exceptions.Abort:
        click.echo("interrupted", err=True)
        sys.exit(130)
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        sys.exit(130)
    except click.ClickException as error:
        click.echo(f"error: {_one_line(error.format_message())}", err=True)
        sys.exit(error.exit_code)
    except ReaderGone:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left is not read
        sys.exit(0)
    except OSError as error:
        place = f"{error.filename}: " if isinstance(error.filename, str) else ""
        click.echo(f"error: {_one_line(f'{place}{error.strerror or error}')}", err=True)
        sys.exit(2)
    except Exception as error:
        exit_code = getattr(error, "exit_code", None)
        if exit_code is None:
            raise
        click.echo(f"error: {_one_line(str(error))}", err=True)
        sys.exit(exit_code)
    if interrupts and code in CUT_SHORT:
        click.echo("interrupted: the answer is as far as it came", err=True)
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
