"""Every sized deployment as rows of a table: one per replica kind and offer.

Rates, power and latencies are those of one replica at its largest rate within the SLO, as the
last program used them.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from recommender.decision.study import Study
from recommender.performance.planned_power import replica_power_w
from recommender.queueing.capacity import capacity
from recommender.queueing.latency import Latency, latency

BELOW_CAPACITY = 0.99

COLUMNS = (
    "candidate",
    "offer",
    "provider",
    "accelerator",
    "node_accelerators",
    "precision",
    "kv_precision",
    "engine",
    "tp",
    "pp",
    "adp",
    "ep",
    "max_batch",
    "chunk_tokens",
    "accelerators",
    "nodes_per_replica",
    "requests_per_s",
    "cost_usd_per_node_h",
    "power_w",
    "ttft_p99_s",
    "tpot_p99_s",
    "e2e_p99_s",
    "quality_loss_pct",
    "model",
    "quality",
    "basis",
    "rate_basis",
    "reason",
)


def candidate_rows(study: Study) -> Iterator[dict[str, Any]]:
    """One row per replica kind that holds the SLO and per offer that sells its node."""
    table, rate = study.table, study.rates.rate
    market = study.enumeration.market
    useful = np.flatnonzero(rate > 0)
    law, lengths = table.law.take(useful), study.request.workload.lengths
    at = latency(
        law,
        lengths,
        # A bound that was never simulated may lie at the capacity, where no percentile is finite.
        np.minimum(rate[useful], BELOW_CAPACITY * capacity(law, lengths)),
        burstiness=study.request.workload.burstiness,
        levels=study.request.workload.levels(),
    )
    kinds = {
        int(position): _kind(study, int(position), at, row) for row, position in enumerate(useful)
    }
    for offer, hardware in zip(market.offers, market.kinds_of_offer, strict=True):
        for kind in hardware:
            for position in table.of_hardware(kind):
                if int(position) in kinds:
                    yield {
                        "candidate": f"{table.describe_layout(int(position))} on {offer.name}",
                        "offer": offer.name,
                        "provider": offer.provider,
                        "accelerator": offer.accelerator,
                        "node_accelerators": offer.node_accelerators,
                        **kinds[int(position)],
                        "cost_usd_per_node_h": offer.usd_per_h,
                        "reason": "",
                    }


def _kind(study: Study, position: int, at: Latency, row: int) -> dict[str, Any]:
    table = study.table
    layout = table.layouts[position]
    rate = float(study.rates.rate[position])
    law = table.law.take(position)
    tpot_s = float(at.tpot_s[row])
    return {
        "precision": layout.precision,
        "kv_precision": layout.kv_precision,
        "engine": study.request.engine.name,
        "tp": layout.tp,
        "pp": layout.pp,
        "adp": layout.adp,
        "ep": layout.ep,
        "max_batch": layout.max_batch,
        "chunk_tokens": layout.chunk_tokens,
        "accelerators": int(table.accelerators[position]),
        "nodes_per_replica": int(table.nodes[position]),
        "requests_per_s": rate,
        "power_w": replica_power_w(
            law=law,
            lengths=study.request.workload.lengths,
            requests_per_s=rate,
            tpot_s=tpot_s,
            hardware=table.hardware[table.hardware_index[position]],
            accelerators=table.whole_accelerators(position),
        ),
        "ttft_p99_s": float(at.ttft_s[row]),
        "tpot_p99_s": tpot_s,
        "e2e_p99_s": float(at.e2e_s[row]),
        "quality_loss_pct": float(table.quality_loss_pct[position]),
        "model": table.model(position) or study.request.model.id,
        "quality": table.quality_at(position),
        "basis": str(law.basis),
        "rate_basis": rate_basis(study, position),
    }


def rate_basis(study: Study, position: int) -> str:
    """How the rate of a kind is known; a bound was never simulated because it cannot win."""
    if study.rates.settled[position]:
        return study.rates.trust.value
    return "upper bound, never simulated"


def rejected_rows(study: Study) -> Iterator[dict[str, Any]]:
    """One row per deployment that was left out, with its reason."""
    for rejection in study.enumeration.rejections.rows:
        layout = rejection.layout
        yield {
            "accelerator": rejection.accelerator,
            "precision": layout.precision,
            "kv_precision": layout.kv_precision,
            "tp": layout.tp,
            "pp": layout.pp,
            "adp": layout.adp,
            "ep": layout.ep,
            "reason": f"{rejection.reason}: {rejection.detail}",
        }
