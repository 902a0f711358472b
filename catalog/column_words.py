"""What a column holds, in words, from the type of its field in a row."""

import datetime
import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

_WORDS: dict[object, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    datetime.date: "a date such as 2026-11-21",
}


def column_words(annotation: Any) -> str:
    """`a whole number, or empty` of `Annotated[int, Ge(0)] | None`."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return column_words(arguments[0])
    if origin in (Union, types.UnionType):
        kinds = [column_words(kind) for kind in arguments if kind is not types.NoneType]
        empty = ", or empty" if types.NoneType in arguments else ""
        return " or ".join(kinds) + empty
    if origin is Literal:
        return "one of " + ", ".join(map(str, arguments))
    if origin is tuple:
        return "names, with ; between them"
    return _WORDS.get(annotation, str(annotation))
