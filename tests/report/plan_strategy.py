"""Hypothesis strategy for plans of any content, derived from the dataclasses themselves."""

import dataclasses
import types
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from recommender.plan import Plan
from recommender.report.json_plan import STATUSES

LONG = (
    "word " * 60,
    "x" * 500,
    "a/b_c-d:e" * 40,
    "\u6f22" * 80,
    "\u200b" * 50,
    "\x1b[31m\t\r\n" * 20,
)
"""Wider than any screen, with and without places to break; characters of width two and none."""
texts = st.text(max_size=12) | st.sampled_from(LONG)
numbers = st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
SCALARS = {
    str: texts,
    int: st.integers(-(2**60), 2**60),
    float: numbers,
    bool: st.booleans(),
    Any: json_values,
}


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of a type hint that plans use."""
    if hint in SCALARS:
        return SCALARS[hint]
    if dataclasses.is_dataclass(hint):
        hints = get_type_hints(hint)
        return st.builds(hint, **{f.name: values(hints[f.name]) for f in dataclasses.fields(hint)})
    arguments = get_args(hint)
    match get_origin(hint):
        case types.UnionType:
            return st.none() | values(arguments[0])
        case origin if origin is tuple:
            return st.lists(values(arguments[0]), max_size=2).map(tuple)
        case origin if origin is Mapping:
            return st.dictionaries(texts, values(arguments[1]), max_size=3)
        case origin if origin is Literal:
            return st.sampled_from(arguments)
    raise TypeError(hint)


def plans() -> st.SearchStrategy[Plan]:
    """Plans with arbitrary, finite content."""
    any_plan = values(Plan)
    return st.builds(
        lambda plan, status: dataclasses.replace(plan, status=status),
        any_plan,
        st.sampled_from(STATUSES),
    )
