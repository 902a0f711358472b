"""A command with commands of its own, which a name that is none of them is told."""

from difflib import get_close_matches

import click


class Subcommands(click.Group):
    """`recommend catalog shw`: did you mean show?"""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with a sentence that says what would be right."""
        known = self.list_commands(ctx)
        if args and not args[0].startswith("-") and args[0] not in known:
            close = get_close_matches(args[0].casefold(), known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"
            ctx.fail(f"unknown command {args[0]!r} of {ctx.info_name}; {hint}")
        return super().resolve_command(ctx, args)
