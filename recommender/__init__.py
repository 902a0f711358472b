"""Optimisation-based hardware recommender for serving large language models.

>>> from recommender import Spec, recommend
>>> plan = recommend(Spec(model="236b", qps="2000", p99="200ms"))  # doctest: +SKIP

The engine, layer 1: catalog <- recommender <- problems <- cli. Names are imported when used, so
that `import recommender` costs nothing.

engine        the order of the stages; each is a folder (docs/how-it-works.md)
words         workload, rate_profile, slo, hardware, layout, pool_split, horizon, plan; reasons and
              wording: how they are said
tools         units, relative, errors; deadline, clock, progress, interrupts, compiled, write
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recommender.engine import recommend
    from recommender.plan import Plan
    from recommender.request.spec import Spec

__all__ = ["Plan", "Spec", "recommend"]

_HOMES = {
    "Plan": "recommender.plan",
    "Spec": "recommender.request.spec",
    "recommend": "recommender.engine",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'recommender' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
