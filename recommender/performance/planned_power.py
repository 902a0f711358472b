"""Power of a replica at the rate it carries, from how its engine spends its time.

    u_p = lambda_rank * (d*E[I] + q*E[I^2]/2)        share of time on prompts
    n   = lambda_rank * E[O] * tpot                  sequences decoding (Little's law)
    u_d = (1 - exp(-n)) - u_p, at least 0            share of time decoding only

The accelerator then draws idle, decode and prefill shares of its TDP (sizing/power.py), the latter
two from the energy of the work over its time (`StepLaw`; fixed shares where it is unknown):

    decoding    (step_j + sequence_j*n) / (a + (b + g*ctx)*n)        n at most the full batch
    prompts     prompt_j / (d + q*E[I^2]/(2*E[I]))

Shares above one are cut: the replica is busy all the time.

Before a plan is known its power is bounded: with headroom h every replica carries at most
1 / (1 + h) of its largest rate, and n has no bound, so that it is never idle (`busy_power_w`); it
draws what the larger of its phases and batches takes (power is monotone in n).
"""

from math import exp, inf

from recommender.hardware import Hardware
from recommender.performance.moments import moments
from recommender.performance.step_law import StepLaw
from recommender.sizing.concurrency import concurrent_sequences
from recommender.sizing.power import (
    DECODE_SHARE,
    PREFILL_SHARE,
    accelerator_power_w,
    drawn_power_w,
    host_power_w,
    node_power_w,
)
from recommender.workload import Lengths


def replica_power_w(
    *,
    law: StepLaw,
    lengths: Lengths,
    requests_per_s: float,
    tpot_s: float,
    hardware: Hardware,
    accelerators: float,
) -> float | None:
    """Mean power of one replica with its share of host and fans [W]; None without a TDP."""
    tdp_w = hardware.accelerator.tdp_w
    if tdp_w is None:
        return None
    rate = requests_per_s / float(law.ranks)
    squares = float((lengths.computed_tokens.astype(float) ** 2).mean()) * lengths.attended_factor
    prefill = min(rate * (float(law.d) * lengths.mean_computed + float(law.q) * squares / 2), 1.0)
    sequences = rate * lengths.mean_output * tpot_s if rate else 0.0
    decode = max(1.0 - exp(-sequences) - prefill, 0.0)
    decode_share, prefill_share = _shares(law, lengths, sequences, squares, tdp_w)
    accelerator_w = accelerator_power_w(
        tdp_w=tdp_w,
        prefill_utilisation=prefill,
        decode_utilisation=decode,
        prefill_share=prefill_share,
        decode_share=decode_share,
    )
    host_w = host_power_w(accelerators=accelerators, utilisation=prefill + decode)
    return float(node_power_w(accelerators_w=accelerators * accelerator_w, host_w=host_w))


def _shares(
    law: StepLaw, lengths: Lengths, sequences: float, squares: float, tdp_w: float
) -> tuple[float, float]:
    """Shares of TDP while decoding with n sequences, and while computing prompts.

    Of infinitely many sequences: the larger end of all batches, and no less in prompts, so that
    neither a smaller batch nor fewer prompts draw more.
    """
    if not float(law.step_j):
        return DECODE_SHARE, PREFILL_SHARE
    context = float(moments(lengths).context_tokens)
    together = concurrent_sequences(
        max_batch=law.max_batch, kv_tokens=law.kv_tokens, mean_context_tokens=context
    )
    full = max(float(together), 1.0)

    def share(joules: float, seconds: float) -> float:
        work_w = joules / seconds if seconds else inf
        return float(drawn_power_w(tdp_w=tdp_w, work_w=work_w) / tdp_w)

    def decoding(n: float) -> float:
        step_s = float(law.a) + (float(law.b) + float(law.g) * context) * n
        return share(float(law.step_j) + float(law.sequence_j) * n, step_s)

    token_s = float(law.d) + float(law.q) * squares / (2 * lengths.mean_computed)
    prompts = share(float(law.prompt_j), token_s)
    if sequences == inf:
        most = max(decoding(1.0), decoding(full))
        return most, max(prompts, most)
    return decoding(min(max(sequences, 1.0), full)), prompts


def busy_power_w(
    *,
    law: StepLaw,
    lengths: Lengths,
    requests_per_s: float,
    hardware: Hardware,
    accelerators: float,
) -> float | None:
    """Power of a replica that is never idle at this rate: a bound on `replica_power_w` [W]."""
    return replica_power_w(
        law=law,
        lengths=lengths,
        requests_per_s=requests_per_s,
        tpot_s=inf,
        hardware=hardware,
        accelerators=accelerators,
    )


def idle_power_w(*, hardware: Hardware, accelerators: float) -> float | None:
    """Power of accelerators that run nothing, with their share of the host [W]."""
    tdp_w = hardware.accelerator.tdp_w
    if tdp_w is None:
        return None
    accelerator_w = accelerator_power_w(
        tdp_w=tdp_w, prefill_utilisation=0.0, decode_utilisation=0.0
    )
    host_w = host_power_w(accelerators=accelerators, utilisation=0.0)
    return float(node_power_w(accelerators_w=accelerators * accelerator_w, host_w=host_w))
