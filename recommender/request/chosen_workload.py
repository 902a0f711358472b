"""The workload that a spec names: a preset of the catalogue, or the lengths of a trace."""

from dataclasses import replace
from pathlib import Path

from catalog import Catalog
from recommender.errors import SpecError
from recommender.rate_profile import RateProfile
from recommender.request.profile import mean_share
from recommender.request.spec import Spec
from recommender.stream import Stream
from recommender.workload import Lengths, Workload


def chosen_workload(spec: Spec, catalog: Catalog) -> Workload:
    """Rate of the spec; lengths and burstiness of its trace or preset, as far as not overridden."""
    found = _of_trace(spec) if spec.trace is not None else _of_preset(spec, catalog)
    lengths = found.lengths.rescaled(mean_input=spec.isl, mean_output=spec.osl)
    try:
        lengths = lengths.with_hits(spec.prefix_hit)
    except ValueError as error:
        raise SpecError(f"--prefix-hit {spec.prefix_hit:.0%}: {error}") from None
    burstiness = spec.burstiness or found.burstiness
    return replace(
        found,
        lengths=lengths,
        burstiness=burstiness,
        drawn_from=None if spec.burstiness else found.drawn_from,
        peak_to_mean=1 / mean_share(spec.periods) if spec.periods else found.peak_to_mean,
        least_requests_per_s=_least_rate(spec) if burstiness > 1.0 else None,
    )


def _least_rate(spec: Spec) -> float | None:
    """Rate of the quietest period with any demand [requests/s]; None for a plan of one rate.

    Only bursts are worse of a larger share: arrivals more regular than Poisson are most regular
    there, so that rates which hold in the peak, of the smallest share, hold in every period.
    """
    shares = [period.share for period in spec.periods if period.share > 0]
    return spec.qps * min(shares) if shares else None


def _of_trace(spec: Spec) -> Workload:
    from recommender.traces.workload_file import read_workload

    path = Path(spec.trace or "")
    found = read_workload(path, requests_per_s=spec.qps)
    return found if spec.slo_over == "peak" else replace(found, rate_profile=_rates(path, spec.qps))


def _rates(path: Path, qps: float) -> RateProfile:
    """Rate per minute of the trace at `--qps`, as `verify --trace` replays it."""
    from recommender.traces.read import read_trace
    from recommender.traces.superpose import superpose
    from recommender.traces.trace_rates import rate_profile
    from recommender.traces.workload_file import is_workload_file

    if is_workload_file(path):
        raise SpecError(
            f"--slo-over trace needs the rate per minute, which {path} does not hold: give the "
            "trace itself as --trace"
        )
    return rate_profile(superpose(read_trace(path), requests_per_s=qps))


def _of_preset(spec: Spec, catalog: Catalog) -> Workload:
    if Path(spec.workload).is_file():
        raise SpecError(f"--workload {spec.workload} is a file; give it as --trace")
    preset = catalog.workload(spec.workload)
    trace = Stream(preset.burstiness, preset.peak_requests_per_s or 0.0)
    found = Workload(
        name=preset.name,
        requests_per_s=spec.qps,
        lengths=Lengths(*catalog.lengths(preset.name)),
        source=preset.source,
        peak_to_mean=preset.peak_to_mean,
    )
    return found.with_arrivals_of(trace)
