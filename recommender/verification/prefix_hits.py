"""What a prefix cache finds in the replay of a trace.

lru     simulated: whole blocks stay in the KV space that requests under way leave, least recently
        used first to go; under random routing, which sends the next turn of a conversation to any
        replica (routing by prefix would find more, and is not replayed)
ideal   what an unbounded cache that all replicas share would find: an upper bound
plan    the share of prompt tokens that the plan counts on, spread as the trace's own hits are
off     nothing

By default a plan that counts on hits gets `lru` where the trace has block hashes, else `plan`.
"""

from dataclasses import replace
from typing import Literal

from recommender.errors import SpecError
from recommender.traces.trace import Trace
from recommender.workload import Lengths

PrefixCache = Literal["lru", "ideal", "plan", "off"]


def with_hits(trace: Trace, *, prefix_hit: float, asked: PrefixCache | None) -> tuple[Trace, str]:
    """The trace with what a cache finds, and in words; SpecError if it does not say enough."""
    chosen = asked or _default(trace, prefix_hit)
    bare = replace(trace, cached_tokens=None, blocks=None)
    if chosen == "off":
        unused = trace.cached_tokens is not None and asked is None
        return bare, ", no prefix hits: the plan counts on none" if unused else ""
    if chosen == "plan":
        return _planned(trace, prefix_hit)
    if chosen == "lru":
        if trace.blocks is None:
            raise SpecError(f"--prefix-cache lru needs block hashes (hash_ids) in {trace.source}")
        counted = f" (the plan counts on {prefix_hit:.0%} of prompt tokens)" if prefix_hit else ""
        words = f", an LRU prefix cache per attention rank, random routing{counted}"
        return replace(trace, cached_tokens=None), words
    if trace.cached_tokens is None:
        raise SpecError(f"--prefix-cache ideal needs block hashes or hits in {trace.source}")
    share = float(trace.cached_tokens.sum() / trace.input_tokens.sum())
    words = f", {share:.0%} of prompt tokens in an unbounded prefix cache (an upper bound)"
    return replace(trace, blocks=None), words


def _default(trace: Trace, prefix_hit: float) -> PrefixCache:
    if prefix_hit == 0.0:
        return "off"
    return "plan" if trace.blocks is None else "lru"


def _planned(trace: Trace, prefix_hit: float) -> tuple[Trace, str]:
    """As many hits as the plan counts on, at most the trace's own."""
    lengths = Lengths(trace.input_tokens, trace.output_tokens, trace.cached_tokens)
    share = min(prefix_hit, lengths.hit_share) if trace.cached_tokens is not None else prefix_hit
    found = lengths.with_hits(share)
    words = f", {found.hit_share:.0%} of prompt tokens cached"
    if share < prefix_hit:
        words += f" (all that can be found; the plan counts on {prefix_hit:.0%})"
    return replace(trace, cached_tokens=found.cached_tokens, blocks=None), words
