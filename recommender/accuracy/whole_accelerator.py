"""Names of something other than one kind of whole accelerator.

A slice (`H100 1g.10gb`, `A100 MIG`, `A10-8Q`, MI300X in CPX mode, `1/2 A100`) has a part of the
memory, bandwidth and compute of its accelerator. A cloud instance (`a2-highgpu-8g`,
`p5.48xlarge`, `ND96isr_H100_v5`) is a machine whose accelerators its name does not count, and its
letters look like those of other chips: `a2-highgpu-8g` holds A100, not A2.
"""

import re

_SLICES = re.compile(
    r"(?<![a-z])mig(?![a-z])"  # A100 MIG 3g.20gb, mig-1g.10gb
    r"|\b[1-7]g[. _-]?\d+\s*gb"  # H100 1g.10gb, nvidia-a100-1g-5gb
    r"|\bvgpu|-\d{1,2}[abcq]\b"  # virtual GPUs: A100-8C, L40S-24Q
    r"|\b(?:cpx|dpx|qpx|tpx)\b"  # partitions of AMD's; SPX is the whole
    r"|^\s*(?:0?\.\d+|1/\d+|half)\b"
)
_INSTANCES = re.compile(
    r"\b[a-z]+\d+[a-z]*(?:-[a-z0-9]+)?\.(?:\d*(?:micro|small|medium|x?large|xl)|metal)\b"
    r"|\b[a-z]+\d[a-z]*-(?:highgpu|megagpu|ultragpu|edgegpu|maxgpu|standard|highmem|hightpu)"
    r"|\bstandard_|\bn[cdgv](?:\d+[a-z]*)?[ _-]\S*[ _-]?v\d+\b"  # Azure
    r"|\b(?:bm|vm)\.gpu|\bgpu_\d+x_"  # Oracle, Lambda
)
_MIXED = re.compile(r"\(x\d+\).*\(x\d+\)")


def other_than_whole(name: str) -> str:
    """Why a name is not of whole accelerators; blank where it may be."""
    text = name.casefold()
    if _MIXED.search(text):
        return mixture(name)
    if _SLICES.search(text):
        return f"accelerator {name!r} is a slice of one; whole ones are predicted"
    if _INSTANCES.search(text):
        return (
            f"accelerator {name!r} is a cloud instance; gpu names the accelerator in it, gpu_count"
            " how many it has"
        )
    return ""


def mixture(name: str) -> str:
    """Why a name of several kinds is refused."""
    return f"accelerator {name!r} is a mixture of several"
