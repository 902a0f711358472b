"""Pools that only decode, inside the aiconfigurator-core wheel, as measurement rows.

`systems/silicon_sample.csv` of aiconfigurator-core 0.12.0 (Apache-2.0) also holds runs with prompts
and tokens on separate accelerators, up to 32 attention ranks of one GB200 rack and two nodes of
H100. Their time per output token is that of a step without prompts, at the batch that was in flight
in the pool (Little's law: requests in the pool = rate of requests * time that each spends there):

    B = C / (w*r) * D / (TTFT + D),    D = (o - 1) * TPOT

Symbol     Meaning                                                        Unit
C          concurrency of the run                                         count
w, r       decode workers, attention ranks of each                        count
o          output tokens of a request                                     count
TTFT, TPOT as measured: the batch is where the run stood, not a forecast  s

Only runs that state workers and batch of their pool are read: in the others sizes of tensor and
expert groups are multiplied, and workers are not stated. First tokens are those of the other pool
and of a queue before it, and are left out. More attention ranks than 8 without expert ranks are
read with as many, as DeepEP has them: slices of experts of width 2,048 would be narrower than a
block. Fewer are left out: DeepSeek in 8 bits on four such ranks has no room for a cache.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from recommender.accuracy.fit.wheel import (
    CONCURRENCY,
    Record,
    described,
    first_of_each,
    sample_text,
)

MOST_SLICES = 8


def pool_records(path: Path) -> Iterator[Record]:
    """Measurement rows of the pools of a wheel, or of the folder that it was installed to.

    Raises
    ------
    FileNotFoundError
        The sample is not there.
    """
    rows = csv.DictReader(io.StringIO(sample_text(path)))
    yield from first_of_each([record] for row in rows if (record := _record(row)) is not None)


def _record(row: Record) -> Record | None:
    stated = CONCURRENCY.search(row["silicon_data_source"])
    if row["mode"] != "disagg" or not row["decode_batch_size"] or stated is None:
        return None
    tp, ranks, experts, workers = (
        max(int(float(row[f"decode_{name}"] or 1)), 1)
        for name in ("tp_size", "attention_dp_size", "moe_ep_size", "num_workers")
    )
    common = described(row)
    tpot_ms, ttft_ms = float(row["silicon_tpot_ms"]), float(row["silicon_ttft_ms"])
    decoding_ms = (float(row["osl"]) - 1) * tpot_ms
    if common is None or decoding_ms <= 0:
        return None
    dealt = experts > 1 or ranks > MOST_SLICES
    if ranks > 1 and not dealt:
        return None
    in_pool = float(stated[1]) / workers * decoding_ms / (ttft_ms + decoding_ms)
    return {
        **common,
        "kind": "tpot",
        "metric": "tpot_mean",
        "value": row["silicon_tpot_ms"],
        "gpu_count": str(tp * ranks),
        "tp": str(tp),
        "dp": str(ranks),
        "ep": str(tp * ranks if dealt else 1),
        "concurrency_or_batch": f"{in_pool:.6g}",
        "notes": "decode pool",
    }
