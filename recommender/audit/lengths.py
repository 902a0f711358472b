"""Token lengths of a request, read again from the catalogue."""

from catalog import Catalog
from recommender.spec import Spec
from recommender.workload import Lengths


def lengths_of(spec: Spec, catalog: Catalog) -> Lengths:
    """Lengths of the preset, rescaled to the means that the spec asks for."""
    lengths = Lengths(*catalog.lengths(spec.workload))
    return lengths.rescaled(mean_input=spec.isl, mean_output=spec.osl)
