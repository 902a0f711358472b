"""An overlay of one offer, and files to keep one in."""

from pathlib import Path

HEADER = "provider,instance_type,accelerator,node_accelerators,price_per_h\n"
OWN = HEADER + "us,hgx-1,H100 80GB SXM5,8,9.5\n"


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    file = folder / name
    file.write_bytes(text.encode(encoding))
    return file
