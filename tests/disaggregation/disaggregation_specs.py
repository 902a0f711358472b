"""The requests of these tests."""

WINS = {
    "model": "meta-llama/Llama-3.1-70B-Instruct",
    "qps": "20",
    "workload": "fixed",
    "isl": "4k",
    "osl": "300",
    "ttft_p99": "3s",
    "itl_p99": "25ms",
    "gpu": "H100",
    "precision": "fp8",
    "provider": "nebius",
    "disaggregate": "auto",
}
"""Long prompts and short gaps: a prompt beside the tokens of others delays them."""
SMALL = {
    "model": "meta-llama/Llama-3.1-8B-Instruct",
    "qps": "40",
    "ttft_p99": "2s",
    "tpot_p99": "30ms",
    "gpu": "H100",
    "precision": "fp8",
    "provider": "nebius",
    "fast": "true",
}
"""Few kinds, closed forms: a search that takes no time."""
