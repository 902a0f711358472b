"""What a plan with pools buys, in a line: what a table of plans has room for."""

from collections.abc import Sequence

from recommender.plan import Deployment


def pools_text(deployments: Sequence[Deployment]) -> str:
    """`prefill: 3 nodes of H100 80GB SXM5 at nebius, 12 x fp8 tp2; decode: ...`."""
    return "; ".join(
        f"{d.pool}: {d.nodes} {'node' if d.nodes == 1 else 'nodes'} of {d.accelerator} at "
        f"{d.provider}, {d.dp} x {d.precision} tp{d.tp}{f' pp{d.pp}' if d.pp > 1 else ''}"
        for d in deployments
    )
