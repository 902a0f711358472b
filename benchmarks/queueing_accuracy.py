"""How near the closed forms are to the simulator, and the factors that bound the difference.

Random replicas, workloads and targets (seeds fixed):

    law         a 3-30 ms, b 10-160 us, g 2-50 ns, d 5-100 us/token, q/d 3e-6 to 1e-4 per token,
                64-512 slots, KV for 63 k to 3 M tokens, chunks of 512 to 16 k, 1-16 ranks,
                frontend 0 or 30 ms
    arrivals    gaps with a coefficient of variation of 1 to 1.25 (steady), 1.25 to 1.75
                (bursty) or 1.75 to 3 (very bursty), all of a replica's own; or of a stream of 3
                to 300 times its capacity, with a coefficient of 1.5 to 10 (shared)
    lengths     the catalogue's presets, lognormal (means 100-8000 and 10-1300), or constant
    targets     TTFT at 1.3 to 10 times its idle p99 with TPOT at 1.3 to 5 times (70 %), TTFT
                alone, end to end, or with the gap between tokens (10 % each)

First part: p99 of each metric at utilisation 0.3 to 0.85, closed form against simulation.
Second: largest rate by simulation (`simulated_rate`: upper confidence limits within the targets)
over that of the closed form; its 5 % and 95 % quantiles are the factors in
`recommender/queueing/rate_factors.py`. For p99s of all requests (`targets`), and for other
percentiles, buckets of lengths and goodput (`other_targets`). The shipped bounds, the upper one
and the combined lower one, are then checked as they are used.

    python benchmarks/queueing_accuracy.py [--settings 300] [--seed 1] [--only "one rank"]
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

import catalog
from recommender.performance.step_law import StepLaw
from recommender.queueing.capacity import capacity
from recommender.queueing.largest_rate import Factor, largest_rate
from recommender.queueing.latency import latency
from recommender.queueing.rate_factors import rate_factors
from recommender.queueing.simulated_rate import simulated_rate
from recommender.queueing.simulator import simulate
from recommender.slo import EVERY_REQUEST, METRICS, Bucket, Slo, Target
from recommender.stream import Stream
from recommender.workload import Lengths, Workload

SEED = 20261121
FORMS: tuple[Factor, ...] = ("central", "optimistic", "safe", "upper", "lower")
ONE, SEVERAL = (1.0,), (2.0, 4.0, 8.0, 16.0)


@dataclass(frozen=True)
class Arrivals:
    """Ranges of the coefficient of variation, and of the stream over a replica's capacity."""

    name: str
    burstiness: tuple[float, float]
    stream: tuple[float, float] | None = None

    def drawn(self, random: np.random.Generator, most_per_s: float) -> Stream:
        """A stream for a replica of this capacity [requests/s]."""
        burstiness = random.uniform(*self.burstiness)
        if self.stream is None:
            return Stream(burstiness)
        low, high = np.log10(self.stream)
        return Stream(burstiness, most_per_s * 10 ** random.uniform(low, high))


GROUPS = [
    (f"{ranks}, {arrivals.name}", count, arrivals)
    for arrivals in (
        Arrivals("steady arrivals", (1.0, 1.25)),
        Arrivals("bursty arrivals", (1.25, 1.75)),
        Arrivals("very bursty arrivals", (1.75, 3.0)),
        Arrivals("shared arrivals", (1.5, 10.0), (3.0, 300.0)),
    )
    for ranks, count in (("one rank", ONE), ("several ranks", SEVERAL))
]
"""Name, attention ranks, and arrivals."""


def presets() -> list[Lengths]:
    """Length distributions of the catalogue."""
    shipped = catalog.load()
    return [Lengths(*shipped.lengths(name)) for name in shipped.workloads]


def lognormal(random: np.random.Generator) -> Lengths:
    """Independent lognormal prompts and outputs."""

    def draw(mean: float, cv: float) -> np.ndarray:
        variance = np.log1p(cv * cv)
        tokens = mean * np.exp(random.normal(-variance / 2, np.sqrt(variance), 20_000))
        return np.maximum(np.rint(tokens), 1).astype(np.int64)

    return Lengths(
        draw(10 ** random.uniform(2, 3.9), random.uniform(0.05, 1.5)),
        draw(10 ** random.uniform(1, 3.1), random.uniform(0.05, 1.3)),
    )


def constant(random: np.random.Generator) -> Lengths:
    """One prompt length and one output length."""
    return Lengths(
        np.array([int(10 ** random.uniform(2, 3.9))]), np.array([int(10 ** random.uniform(1, 3))])
    )


def settings(count: int, ranks: tuple[float, ...]) -> Iterator[tuple[int, StepLaw, Lengths]]:
    """Random laws and lengths; law number i is the same for every count."""
    known = presets()
    for index in range(count):
        random = np.random.default_rng([SEED, index, len(ranks)])
        kind = random.uniform()
        if kind < 0.6:
            lengths = known[int(random.integers(len(known)))]
        else:
            lengths = lognormal(random) if kind < 0.9 else constant(random)
        per_token = 10 ** random.uniform(-5.3, -4)
        law = StepLaw(
            a=10 ** random.uniform(-2.5, -1.5),
            b=10 ** random.uniform(-5, -3.8),
            g=10 ** random.uniform(-8.7, -7.3),
            d=per_token,
            q=per_token * 10 ** random.uniform(-5.5, -4),
            max_batch=float(random.choice([64, 128, 256, 512])),
            kv_tokens=max(10 ** random.uniform(4.8, 6.5), 1.5 * lengths.longest),
            chunk_tokens=float(random.choice([512, 2048, 8192, 16384])),
            ranks=float(random.choice(ranks)),
            frontend_s=float(random.choice([0.0, 0.03])),
        )
        yield index, law, lengths


def targets(random: np.random.Generator, law: StepLaw, lengths: Lengths) -> Slo:
    """Limits above the idle percentiles, so that most settings have a rate."""
    idle = latency(law, lengths, 1e-3 * capacity(law, lengths)[0])
    ttft = Target("ttft", float(idle.ttft_s[0]) * 10 ** random.uniform(0.1, 1))
    kind = random.uniform()
    if kind < 0.7 and idle.tpot_s[0] > 0:
        return Slo((ttft, Target("tpot", float(idle.tpot_s[0]) * 10 ** random.uniform(0.1, 0.7))))
    if kind < 0.8 and idle.itl_s[0] > 0:
        return Slo((ttft, Target("itl", float(idle.itl_s[0]) * 10 ** random.uniform(0.2, 1))))
    if kind < 0.9:
        return Slo((Target("e2e", float(idle.e2e_s[0]) * 10 ** random.uniform(0.1, 0.5)),))
    return Slo((ttft,))


def percentile_ratios(count: int, ranks: tuple[float, ...], arrivals: Arrivals) -> np.ndarray:
    """simulated / closed-form p99 of each metric, shape (count, metrics)."""
    ratios = []
    for index, law, lengths in settings(count, ranks):
        random = np.random.default_rng([SEED, 1, index])
        most = float(capacity(law, lengths)[0])
        rate = most * random.uniform(0.3, 0.85)
        stream = arrivals.drawn(random, most)
        run = simulate(law, lengths, rate, seed=index, stream=stream)
        formula = latency(law, lengths, rate, stream=stream)
        ratios.append(
            [
                run.percentile(metric, 0.99) / max(float(getattr(formula, f"{metric}_s")[0]), 1e-9)
                for metric in METRICS
            ]
        )
    return np.array(ratios)


def other_targets(random: np.random.Generator, law: StepLaw, lengths: Lengths) -> Slo:
    """Percentiles from p50 to p99.9, for all requests or a tenth to nine tenths, or goodput."""
    slo = targets(random, law, lengths)
    if random.uniform() < 0.35:
        return slo.with_goodput(float(random.choice([0.9, 0.95, 0.99, 0.995])))
    changed = []
    for target in slo.targets:
        percentile = float(random.choice([0.5, 0.9, 0.95, 0.99, 0.999]))
        bucket = EVERY_REQUEST
        if target.metric != "itl" and random.uniform() < 0.6:
            bucket = some_bucket(random, lengths)
        changed.append(replace(target, percentile=percentile, bucket=bucket))
    return Slo(tuple(changed))


def some_bucket(random: np.random.Generator, lengths: Lengths) -> Bucket:
    """The shortest or the longest requests by one of their lengths."""
    side = lengths.input_tokens if random.uniform() < 0.7 else lengths.output_tokens
    cut = int(np.quantile(side, random.uniform(0.1, 0.9)))
    names = ("min_input_tokens", "max_input_tokens")
    if side is lengths.output_tokens:
        names = ("min_output_tokens", "max_output_tokens")
    return Bucket(**{names[int(random.integers(2))]: cut})


def rate_ratios(
    count: int,
    ranks: tuple[float, ...],
    arrivals: Arrivals,
    asked: Callable[[np.random.Generator, StepLaw, Lengths], Slo],
) -> np.ndarray:
    """simulated / closed-form largest rate for each of FORMS; shape (n, forms)."""
    ratios = []
    for index, law, lengths in settings(count, ranks):
        random = np.random.default_rng([SEED, 2, index])
        slo = asked(random, law, lengths)
        stream = arrivals.drawn(random, float(capacity(law, lengths)[0]))
        workload = Workload("random", stream.requests_per_s, lengths, burstiness=stream.burstiness)
        forms = [float(largest_rate(law, workload, slo, factor=form)[0]) for form in FORMS]
        met = float(stream.burstiness_at(np.asarray(forms[0])))
        tight = slo.tightened(rate_factors(met).target_share)
        forms.append(float(largest_rate(law, workload, tight, factor="safe")[0]))
        guess = forms[0] if forms[0] > 0 else 0.05 * float(capacity(law, lengths)[0])
        found = simulated_rate(law, workload, slo, guess=guess, seed=index).requests_per_s
        if forms[0] > 0 or found > 0:
            ratios.append([found / form if form > 0 else np.inf for form in forms])
    return np.array(ratios)


def overlaps(count: int, ranks: tuple[float, ...], share: float) -> np.ndarray:
    """Where the share that misses TTFT or TPOT lies between the larger and the sum; shape (n,)."""
    places = []
    for index, law, lengths in settings(count, ranks):
        random = np.random.default_rng([SEED, 3, index])
        rate = float(capacity(law, lengths)[0]) * random.uniform(0.3, 0.85)
        run = simulate(law, lengths, rate, requests=20_000, seed=index)
        limits = [
            Target(m, run.percentile(m, 1 - (1 - share) * random.uniform(0.3, 1)))
            for m in ("ttft", "tpot")
        ]
        missed = [1 - run.met((limit,)).mean() for limit in limits]
        if min(missed) > 0:
            together = 1 - run.met(limits).mean()
            places.append((together - max(missed)) / min(missed))
    return np.array(places)


def print_rates(name: str, ratios: np.ndarray) -> None:
    """Quantiles of each form's ratio, and how often the two bounds hold."""
    by_form = dict(zip((*FORMS, "tightened"), ratios.T, strict=True))
    high = np.quantile(by_form["optimistic"], 0.95, method="nearest")
    plain = np.quantile(by_form["safe"], 0.05, method="nearest")
    tight = np.quantile(by_form["tightened"], 0.05, method="nearest")
    below = by_form["lower"]
    print(
        f"  largest rate, {name} ({len(ratios)}): simulated/central median "
        f"{np.median(by_form['central']):.3f}, simulated/optimistic 95 % {high:.3f}, "
        f"simulated/safe 5 % {plain:.3f}, with tightened limits {tight:.3f}"
    )
    print(
        f"    shipped bounds: upper holds in {np.mean(by_form['upper'] <= 1 + 1e-9):.1%}, "
        f"lower in {np.mean(below >= 1 - 1e-9):.1%}; simulated/lower 5 % "
        f"{np.quantile(below, 0.05, method='nearest'):.3f}, "
        f"median {np.median(below):.3f}",
        flush=True,
    )


def main() -> None:
    """Print all parts for one rank and for several."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--settings", type=int, default=300)
    parser.add_argument("--only", default="", help="groups whose name contains this")
    parser.add_argument("--seed", type=int, default=SEED, help="settings of one's own")
    asked = parser.parse_args()
    globals()["SEED"] = asked.seed
    for name, ranks, arrivals in GROUPS:
        if asked.only not in name:
            continue
        print(f"{name}, {asked.settings} settings, seed {asked.seed}", flush=True)
        ratios = percentile_ratios(asked.settings, ranks, arrivals)
        for column, metric in enumerate(METRICS):
            error = np.abs(ratios[:, column] - 1)
            low, middle, high = np.quantile(ratios[:, column], [0.05, 0.5, 0.95])
            print(
                f"  p99 {metric}: median error {np.median(error):.1%}, simulated/formula "
                f"5 % {low:.2f}, median {middle:.2f}, 95 % {high:.2f}",
                flush=True,
            )
        for share in (0.9, 0.98):
            place = np.median(overlaps(min(asked.settings, 40), ranks, share))
            print(f"  misses of two limits, goodput {share:.0%}: {place:.2f} from max to sum")
        print_rates("p99s", rate_ratios(asked.settings, ranks, arrivals, targets))
        print_rates("others", rate_ratios(asked.settings, ranks, arrivals, other_targets))


if __name__ == "__main__":
    main()
