"""Every deployment that hardware and model allow, sized once; what is left out says why.

    hardware of the offers  x  cut (tp, pp, adp, ep)  x  precision  x  KV precision
        -> rejected with a reason and a number, or
        -> batch limits x chunk budgets, with step law and memory, as one table
           (with a limit on gaps between tokens: also the largest chunk within it, `itl_chunks`)

Prices play no part. Offers that sell equal hardware share its replica kinds: `market` joins
them afterwards.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from catalog.schema import Offer
from recommender.enumeration.itl_chunks import itl_layouts
from recommender.enumeration.layout_space import engine_settings, parallel_cuts
from recommender.enumeration.market import Market
from recommender.enumeration.refusal import cut_refusal, format_refusal
from recommender.enumeration.rejection import Rejections
from recommender.enumeration.replica_sizing import (
    SizedLayouts,
    join_sizes,
    reject_unfit,
    size_layouts,
)
from recommender.enumeration.replica_table import ReplicaTable
from recommender.enumeration.shared_hardware import shared_accelerators, too_few_processors
from recommender.hardware import Hardware, Sharing
from recommender.layout import Layout
from recommender.request.request import Request


@dataclass(frozen=True, slots=True)
class Enumeration:
    """The sized replica kinds, the market that sells their hardware, and what was left out."""

    table: ReplicaTable
    market: Market
    rejections: Rejections
    considered: int


def enumerate_replicas(request: Request, *, keep_rejections: bool = False) -> Enumeration:
    """Size every layout on every kind of hardware that the request's offers sell."""
    rejections = Rejections(keep_rejections)
    hardware, kinds_of_offer = _hardware_of(request, rejections)
    parts: list[tuple[int, SizedLayouts]] = []
    considered = rejections.counts.total()
    for index, node in enumerate(hardware):
        cuts = _cuts(request, node)
        layouts: list[Layout] = []
        for formats in product(request.precisions, request.kv_precisions):
            considered += len(cuts)
            layouts.extend(_allowed(request, node, cuts, formats, rejections))
        if layouts:
            sized = size_layouts(request, node, layouts)
            reject_unfit(request, node, sized, rejections)
            parts.append((index, sized))
            if chunked := itl_layouts(request, sized):
                parts.append((index, size_layouts(request, node, chunked)))
    table = join_sizes(request, hardware, [part for part in parts if len(part[1].fits)])
    return Enumeration(table, Market(request.offers, kinds_of_offer), rejections, considered)


def _hardware_of(
    request: Request, rejections: Rejections
) -> tuple[tuple[Hardware, ...], tuple[tuple[int, ...], ...]]:
    """Distinct kinds of node; per offer, its kind for replicas inside it and for spanning ones."""
    index: dict[tuple[str, int, float | None, Sharing | None], int] = {}
    hardware: list[Hardware] = []

    def known(offer: Offer, node: Hardware) -> int:
        key = (offer.accelerator, offer.node_accelerators, node.network_gb_per_s, node.sharing)
        if key not in index:
            index[key] = len(hardware)
            hardware.append(node)
        return index[key]

    def kind(offer: Offer, network: float | None) -> int:
        accelerator = request.catalog.accelerators[offer.accelerator]
        return known(offer, Hardware(accelerator, offer.node_accelerators, network))

    def shared(offer: Offer) -> Iterator[int]:
        accelerator, share = request.catalog.accelerators[offer.accelerator], request.spec.share
        for part, sharing in shared_accelerators(accelerator, share, request.catalog):
            node = Hardware(part, offer.node_accelerators * sharing.instances, None, sharing)
            refusal = too_few_processors(offer.vcpus, node.node_accelerators)
            if refusal is None:
                yield known(offer, node)
            else:
                rejections.add(node, Layout("", ""), "processors", refusal)

    joined = []
    for offer in request.offers:
        kinds = [kind(offer, None), *shared(offer)]
        if offer.network_gb_per_s:
            kinds.append(kind(offer, offer.network_gb_per_s))
        joined.append(tuple(kinds))
    return tuple(hardware), tuple(joined)


def _cuts(request: Request, node: Hardware) -> list[Layout]:
    """Cuts of this kind of node: those inside it, or, for kinds with a network, those that span."""
    if node.sharing is not None:
        return [Layout("", "")]
    spanning = node.network_gb_per_s is not None
    reach = max(node.node_accelerators, node.domain)
    return [
        cut
        for cut in parallel_cuts(request.model, node, request.engine)
        if (cut.accelerators > reach) == spanning
    ]


def _allowed(
    request: Request,
    node: Hardware,
    cuts: list[Layout],
    formats: tuple[str, str],
    rejections: Rejections,
) -> Iterator[Layout]:
    """The cuts in these (weight, KV) formats that can run, with all engine settings."""
    precision, kv_precision = formats
    refused = format_refusal(request, node, precision, kv_precision)
    for cut in cuts:
        layout = replace(cut, precision=precision, kv_precision=kv_precision)
        reason = refused or cut_refusal(request, node, layout)
        if reason is None:
            short_gaps = request.slo.looks_at_gaps
            yield from engine_settings(cut, precision, kv_precision, short_gaps=short_gaps)
        else:
            rejections.add(node, layout, *reason)
