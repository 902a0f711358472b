"""What a reader must know of the quality figures that a choice of models rests on."""

from collections.abc import Collection, Iterator

from recommender.request.request import Request

REASONING = "(Reasoning)"
"""How the catalogue's source labels scores that were reached by long chains of thought."""
VENDOR = "vendor"


def quality_warnings(request: Request, served: Collection[str]) -> Iterator[str]:
    """Sentences on the catalogue's figures; the user's own are the user's business.

    Parameters
    ----------
    served
        Ids of the models that the plan serves.
    """
    if not request.qualities or request.spec.models[0].quality is not None:
        return
    sources = {model.id: model.quality_source or "" for model in request.models}
    for name in served:
        if REASONING in sources[name].partition(";")[0]:
            tokens = request.workload.lengths.mean_output
            yield (
                f"the quality of {name} was measured while it reasons, with many more output "
                f"tokens than the {tokens:,.0f} of the workload's mean: compare at --osl of its own"
            )
    vendors = [name for name, source in sources.items() if source.startswith(VENDOR)]
    if vendors and len(sources) > 1:
        yield f"the quality of {', '.join(vendors)} is its vendor's figure, not one evaluator's"
