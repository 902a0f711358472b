"""The prefill and the decode pool of a request, and why there are none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from recommender.decision.question import Question
from recommender.decision.study import Study
from recommender.disaggregation.pool import Pool
from recommender.disaggregation.pool_laws import (
    decode_workload,
    law_in_pool,
    most_in_flight,
    prefill_workload,
)
from recommender.disaggregation.pool_table import (
    Indices,
    PoolTable,
    decode_rows,
    pool_table,
    prefill_rows,
)
from recommender.disaggregation.ready_tokens import ready_tokens
from recommender.disaggregation.split import (
    SPLIT,
    Part,
    Split,
    decode_slo,
    of_inputs,
    prefill_slo,
    splits,
)
from recommender.disaggregation.transfer import (
    Floats,
    Prompts,
    cache_bytes_per_token,
    prompts_of,
    token_transfer_s,
)
from recommender.enumeration.replica_table import ReplicaTable
from recommender.performance.moments import moments
from recommender.performance.step_law import StepLaw
from recommender.queueing.verdict import BEYOND, FEWEST_BEYOND, MOST_DECIDED, requests_for
from recommender.request.request import Request
from recommender.slo import Bucket, Slo

OBJECTIVES = ("cost", "power", "accelerators", "nodes")
INSTEAD = (
    ("max_provider_share", "--max-provider-share", "leave it out, both pools stand at one seller"),
    ("min_utilisation", "--min-utilisation", "lower --headroom instead"),
    (
        "mean_quality_loss_pct",
        "--max-mean-quality-loss",
        "state --max-quality-loss, both pools have the same precision",
    ),
    ("least_mean_quality", "--min-quality with --mix-models", "name one model"),
    ("carbon_g_per_h", "--carbon", "cap --power, or name regions with a cleaner grid"),
    (
        "max_network_share",
        "--max-network-share",
        "leave it out, caches take at most half of a network",
    ),
    ("survive_rack", "--survive rack", "survive nodes in each pool, such as --redundancy n+2"),
)
"""Field of a question, its flag, and what to ask instead with pools."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class TwoPools:
    """Both pools of a request.

    Attributes
    ----------
    least_tokens
        A shorter prompt moves as much as one of so many tokens: windows and states [tokens].
    """

    prefill: Pool
    decode: Pool
    least_tokens: float


def why_not(request: Request, question: Question) -> str:
    """Why pools are not compared for this request; empty when they are."""
    return next(chain(_reasons(request.slo, question), _unstated(request)), "")


def _reasons(slo: Slo, question: Question) -> Iterator[str]:
    """What targets, limits and objectives stand in the way."""
    if question.day is not None:
        yield from _over_day(question)
    split = [target for target in slo.targets if target.metric in SPLIT]
    if slo.goodput is not None and any(of_inputs(t.bucket) != t.bucket for t in split):
        yield (
            "a prefill replica does not know how long an answer will be, and goodput asks of each "
            "request alone: with TTFT or E2E of buckets of outputs state percentiles in place of "
            "--goodput; buckets of inputs may stay"
        )
    if not split:
        yield (
            "without a TTFT or E2E target there is no budget to split: state one, such as "
            "--ttft-p99 2s"
        )
    if any(objective not in OBJECTIVES for objective in question.objectives):
        yield (
            f"pools are compared on {', '.join(OBJECTIVES)}: their search is bounded by what an "
            "accelerator adds to an objective at any load; --minimize one of these"
        )
    if question.zones_matter:
        yield (
            "caches do not cross zones at the network rate of a node: survive nodes "
            "(--redundancy n+1) in place of zones"
        )
    for field, flag, instead in INSTEAD:
        if getattr(question, field):
            yield (
                f"{flag} looks at the rates of nodes, which the search over splits bounds from "
                f"above: {instead}"
            )


def _over_day(question: Question) -> Iterator[str]:
    """What the fleets of a day are compared on."""
    if question.objectives[0] != "cost" or question.then:
        yield "with --profile pools are compared on cost alone: leave --minimize out"


def _unstated(request: Request) -> Iterator[str]:
    """What pools do not know of, or need and lack."""
    if any(goal.objective == "latency" for goal in request.spec.goals):
        yield (
            "a latency level is sought for replicas that do both: minimise cost, and tighten the "
            "targets"
        )
    yield from _too_rare(request)
    if not any(output > 1 for output in request.workload.lengths.output_tokens):
        yield "every answer is one token: there is nothing to decode"
    if len(request.models) > 1:
        yield (
            "a model is chosen for replicas that do both: a cache is read by its own model only; "
            "name one model"
        )
    if all(offer.network_gb_per_s is None for offer in request.offers):
        yield "no offer states its network"


def _too_rare(request: Request) -> Iterator[str]:
    """Tails of parts that no simulation could tell."""
    lengths = request.workload.lengths
    split = next(splits(request.slo, lengths), None)
    parts = [] if split is None else [prefill_slo(split, lengths), decode_slo(split, request.slo)]
    for target in (target for slo in parts for target in slo.apart):
        if requests_for(target, lengths) * FEWEST_BEYOND > MOST_DECIDED * BEYOND:
            yield (
                f"the pools' part of a target is {target.name}, which a million simulated requests "
                "could not tell: widen the bucket or lower the percentile"
            )


def two_pools(study: Study, *, optimistic: bool = False) -> TwoPools:
    """Both pools, with laws, targets and transfers for any split.

    `optimistic` takes rates that are bounds as they are, and simulates nothing.
    """
    request, table = study.request, study.table
    lengths = request.workload.lengths
    floor = _least_tokens(request)
    kinds = [pool_table(table, study.enumeration.market, rows) for rows in _rows(table)]

    known: dict[tuple[float, Bucket], Prompts] = {}  # all that they take from a part

    def prompts(part: Part) -> Prompts:
        key = part.moved_late, part.target.bucket
        if key not in known:
            known[key] = prompts_of(lengths, part, least_tokens=floor)
        return known[key]

    def laws_of(place: int, pool: str) -> Callable[[Split], StepLaw]:
        rows = kinds[place].rows
        law, central = table.law.take(rows), table.central_law.take(rows)
        return lambda split: law_in_pool(
            pool, law, central=central, lengths=lengths, held_s=split.after_prefill_s
        )

    def prefill_targets(split: Split) -> Slo:
        return prefill_slo(split, lengths)

    def decode_targets(split: Split) -> Slo:
        return decode_slo(split, request.slo)

    chunk = np.asarray([x.chunk_tokens for x in kinds[0].table.layouts], dtype=np.float64)
    trust = study.rates.trust
    return TwoPools(
        prefill=Pool(
            name="prefill", kinds=kinds[0], request_table=table, trust=trust,
            workload=prefill_workload(request.workload), law_of=laws_of(0, "prefill"),
            slo_of=prefill_targets, prompts_of=prompts, byte_s=_byte_s(kinds[0]),
            clump_tokens=np.asarray(ready_tokens(chunk, lengths)), optimistic=optimistic,
        ),
        decode=Pool(
            name="decode", kinds=kinds[1], request_table=table, trust=trust,
            workload=decode_workload(request.workload), law_of=laws_of(1, "decode"),
            slo_of=decode_targets, prompts_of=prompts, byte_s=_byte_s(kinds[1]),
            clump_tokens=np.zeros(len(kinds[1].table)), optimistic=optimistic,
            received_bytes=_bytes_per_token(kinds[1].table),
            in_flight=most_in_flight(kinds[1].table.law, lengths),
        ),
        least_tokens=floor,
    )  # fmt: skip


def _rows(table: ReplicaTable) -> tuple[Indices, Indices]:
    return prefill_rows(table), decode_rows(table)


def _least_tokens(request: Request) -> float:
    """Caches of windows and states do not shrink with the prompt: count the mean context."""
    model = request.model
    grows = not (model.windowed_layers or model.state_layers or model.kv_bytes_per_token_growing)
    return 0.0 if grows else float(moments(request.workload.lengths).context_tokens)


def _bytes_per_token(table: ReplicaTable) -> Floats:
    """Cache of a prompt token as the ranks of each kind store it, shape (n,) [B]."""
    tp, pp = _degrees(table)
    per_rank = table.kv_bytes / np.asarray(table.law.kv_tokens)
    return cache_bytes_per_token(bytes_per_token_rank=per_rank, tp=tp, pp=pp)


def _byte_s(kinds: PoolTable) -> Floats:
    """Transfer time of a byte on one rank's share of its node's network, shape (n,) [s]."""
    table = kinds.table
    tp, pp = _degrees(table)
    nodes = [table.hardware[int(i)] for i in table.hardware_index]
    return token_transfer_s(
        bytes_per_token=np.ones(len(table)),
        network_gb_per_s=np.asarray([n.network_gb_per_s for n in nodes], dtype=np.float64),
        tp=tp,
        pp=pp,
        node=np.asarray([n.node_accelerators for n in nodes], dtype=np.float64),
    )


def _degrees(table: ReplicaTable) -> tuple[Floats, Floats]:
    tp = np.asarray([layout.tp for layout in table.layouts], dtype=np.float64)
    return tp, np.asarray([layout.pp for layout in table.layouts], dtype=np.float64)
