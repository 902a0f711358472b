"""The workload that a spec names: a preset of the catalogue, or the lengths of a trace."""

from dataclasses import replace
from pathlib import Path

from catalog import Catalog
from recommender.request.spec import Spec
from recommender.workload import Lengths, Workload


def chosen_workload(spec: Spec, catalog: Catalog) -> Workload:
    """Rate of the spec; lengths and burstiness of its trace or preset, as far as not overridden."""
    found = _of_trace(spec) if spec.trace is not None else _of_preset(spec, catalog)
    lengths = found.lengths.rescaled(mean_input=spec.isl, mean_output=spec.osl)
    return replace(found, lengths=lengths, burstiness=spec.burstiness or found.burstiness)


def _of_trace(spec: Spec) -> Workload:
    from recommender.traces.workload_file import read_workload

    return read_workload(Path(spec.trace or ""), requests_per_s=spec.qps)


def _of_preset(spec: Spec, catalog: Catalog) -> Workload:
    preset = catalog.workload(spec.workload)
    return Workload(
        name=preset.name,
        requests_per_s=spec.qps,
        lengths=Lengths(*catalog.lengths(preset.name)),
        burstiness=preset.burstiness,
        source=preset.source,
        peak_to_mean=preset.peak_to_mean,
    )
