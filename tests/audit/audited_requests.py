"""Requests whose plans are audited."""

ASKED = {
    "8b": {"model": "8b", "qps": "50", "p99": "500ms"},
    "70b": {"model": "70b", "qps": "50", "p99": "1s"},
    "mixed": {"model": "70b", "qps": "80", "p99": "1s", "gpu": "H100,B200", "provider": "nebius"},
    "236b": {"model": "236b", "qps": "2000", "p99": "200ms"},
    "deepseek-v3": {"model": "deepseek-v3", "qps": "20", "p99": "2s"},
    "spans nodes": {
        "model": "405b", "qps": "5", "e2e_p99": "120s", "precision": "bf16", "gpu": "A100",
    },
    "limited": {
        "model": "8b", "qps": "20", "ttft_p99": "1s", "tpot_p99": "80ms", "redundancy": "n+2",
        "budget": "$100/h", "power": "50kW", "max_types": 1, "max_nodes": 40,
        "max_accelerators": 100, "min_bandwidth": "800GB/s", "headroom": "35%",
    },
    "one token": {
        "model": "8b", "qps": "5", "e2e_p99": "30s", "workload": "fixed", "isl": "1024", "osl": "1",
    },
    "single": {"model": "70b", "qps": "50", "p99": "1s", "single": True},
    "least power": {"model": "8b", "qps": "5", "e2e_p99": "60s", "minimize": "power"},
    "a size": {"model": "34b", "qps": "5", "p99": "2s"},
    "plain feed-forward": {"model": "phi-2", "qps": "5", "e2e_p99": "60s"},
    "parallel blocks": {"model": "tiiuae/falcon-180B", "qps": "5", "e2e_p99": "120s"},
    "single blocks": {"model": "nvidia/Nemotron-H-56B-Base-8K", "qps": "5", "e2e_p99": "120s"},
    "layers of their own": {
        "model": "nvidia/Llama-3_3-Nemotron-Super-49B-v1", "qps": "5", "e2e_p99": "120s",
    },
    "experts in turns": {
        "model": "meta-llama/Llama-4-Maverick-17B-128E-Instruct", "qps": "5", "e2e_p99": "120s",
    },
    "experts beside dense": {"model": "google/gemma-4-26B-A4B", "qps": "5", "e2e_p99": "120s"},
    "experts in 4 bits": {"model": "deepseek-ai/DeepSeek-V4-Flash", "qps": "5", "e2e_p99": "120s"},
    "sparse attention in stages": {
        "model": "zai-org/GLM-5.1-FP8", "qps": "300", "e2e_p99": "20s", "gpu": "H100",
    },
    "hybrid in stages": {
        "model": "nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-FP8", "qps": "20", "e2e_p99": "300s",
        "gpu": "L40S", "engine": "trtllm",
    },
    "share of free memory": {"model": "70b", "qps": "10", "p99": "1s", "engine": "trtllm"},
}  # fmt: skip
