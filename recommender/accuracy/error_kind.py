"""Kinds of quantity that errors are kept by: what is off alike is kept together."""

from recommender.accuracy.question import Question

_KINDS = {
    "weights": "weights", "file_size": "weights", "kv_memory": "kv", "kv_tokens": "kv",
    "kv_blocks": "kv", "kv_half": "kv", "activations": "activations",
    "non_torch": "activations", "memory_used": "memory_used",
    "energy": "energy",
}  # fmt: skip
_PROMPT = ("ttft", "prefill")


def error_kind(question: Question) -> str:
    """Kind of quantity that errors are kept by."""
    name = question.quantity.name
    if name in _KINDS:
        return _KINDS[name]
    if name in _PROMPT:
        return "prefill" if question.load.kind == "static" else "ttft"
    if question.row.kind == "e2e":
        return "tpot"
    return question.row.kind
