"""More token budgets per cut where gaps between tokens are limited: the largest within the limit.

    C(f) = largest budget whose full step stays within the ITL limit while the replica holds a
           share f of its batch (`queueing.chunk_budget`),    f = 1, 1/2, 1/4

less a hundredth, by which laws that are made linear around two budgets differ, and rounded down to
whole tiles of 64 tokens, at the confidence of the plan. f = 1 holds at every rate; with a smaller f
fewer sequences are kept and prompts are computed sooner. They stand beside the usual budgets as
candidates, and the program decides. Nothing is added where no target is on ITL, where the batch
limit does not fit into the budget (vLLM refuses that), or where the largest usual budget is within
the limit.
"""

from dataclasses import replace

import numpy as np

from recommender.enumeration.confidence import confidence_factor
from recommender.enumeration.layout_space import CHUNK_TOKENS
from recommender.enumeration.replica_sizing import SizedLayouts
from recommender.layout import Layout
from recommender.queueing.chunk_budget import largest_chunk_tokens
from recommender.request.request import Request

TILE = 64
SHARES = (1.0, 0.5, 0.25)
LINEAR_SLACK = 0.01


def itl_layouts(request: Request, sized: SizedLayouts) -> list[Layout]:
    """Layouts with a budget of their own, from those with the largest usual budget."""
    limits = [t.limit_s for t in request.slo.targets if t.metric == "itl"]
    if not limits:
        return []
    largest = max(CHUNK_TOKENS)
    at = [int(i) for i in sized.fits if sized.layouts[int(i)].chunk_tokens == largest]
    if not at:
        return []
    law = sized.law.take(np.asarray(at, dtype=np.intp)).slower(1 + request.spec.derate)
    law = law.slower(confidence_factor(law.rel_error, confidence=request.spec.confidence))
    own: dict[Layout, None] = {}
    for share in SHARES:
        found = largest_chunk_tokens(law, request.workload.lengths, itl_s=min(limits), full=share)
        for position, tokens in zip(at, found.tolist(), strict=True):
            chunk = int(tokens * (1.0 - LINEAR_SLACK) // TILE * TILE)
            layout = sized.layouts[position]
            if layout.max_batch <= chunk < largest and chunk not in CHUNK_TOKENS:
                own[replace(layout, chunk_tokens=chunk)] = None
    return list(own)
