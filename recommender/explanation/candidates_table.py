"""Every sized deployment as rows of a table: one per replica kind and offer.

`requests_per_s` is the largest rate of one replica within the SLO, as the last program used it: an
upper bound where `rate_basis` says so. Power and latencies are closed forms at `at_requests_per_s`,
which is sure to hold the SLO (see `sure_rate`); they are empty where no rate is.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from recommender.decision.study import Study
from recommender.explanation.sure_rate import sure_rate
from recommender.performance.planned_power import replica_power_w
from recommender.queueing.latency import latency

NONE_SURE = "; closed forms are not sure of any rate with such arrivals"

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
    "at_requests_per_s",
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
    table, market = study.table, study.enumeration.market
    useful = np.flatnonzero(study.rates.rate > 0)
    sure = sure_rate(study, useful)
    kinds = {
        **{
            int(position): _kind(study, int(position), known=False)
            for position in useful[sure <= 0]
        },
        **_at_sure_rates(study, useful[sure > 0], sure[sure > 0]),
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


def _kind(study: Study, position: int, *, known: bool = True) -> dict[str, Any]:
    table = study.table
    layout = table.layouts[position]
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
        "requests_per_s": float(study.rates.rate[position]),
        "quality_loss_pct": float(table.quality_loss_pct[position]),
        "model": table.model(position) or study.request.model.id,
        "quality": table.quality_at(position),
        "basis": str(table.law.take(position).basis),
        "rate_basis": rate_basis(study, position) + ("" if known else NONE_SURE),
    }


def _at_sure_rates(
    study: Study, positions: npt.NDArray[np.intp], sure: npt.NDArray[np.float64]
) -> dict[int, dict[str, Any]]:
    """Kinds with their power and latencies at rates that are sure."""
    if positions.size == 0:
        return {}
    table, workload = study.table, study.request.workload
    at = latency(
        table.law.take(positions),
        workload.lengths,
        sure,
        stream=workload.stream,
        levels=workload.levels(),
    )
    return {
        int(position): _kind(study, int(position))
        | {
            "at_requests_per_s": float(sure[row]),
            "power_w": _power_w(study, int(position), float(sure[row]), float(at.tpot_s[row])),
            "ttft_p99_s": float(at.ttft_s[row]),
            "tpot_p99_s": float(at.tpot_s[row]),
            "e2e_p99_s": float(at.e2e_s[row]),
        }
        for row, position in enumerate(positions)
    }


def _power_w(study: Study, position: int, requests_per_s: float, tpot_s: float) -> float | None:
    table = study.table
    return replica_power_w(
        law=table.law.take(position),
        lengths=study.request.workload.lengths,
        requests_per_s=requests_per_s,
        tpot_s=tpot_s,
        hardware=table.hardware[table.hardware_index[position]],
        accelerators=table.whole_accelerators(position),
    )


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
