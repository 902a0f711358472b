"""One hash of everything that a catalogue is made of."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

SUFFIXES = (".csv", ".yaml", ".yml")


def stack_files(shipped: Path, overlays: Sequence[Path]) -> list[Path]:
    """Files of the shipped folder and of the overlays, in the order of the stack."""
    files = [*sorted(shipped.glob("*.csv")), *sorted((shipped / "workloads").glob("*.csv"))]
    for overlay in overlays:
        inside = sorted(overlay.iterdir()) if overlay.is_dir() else [overlay]
        files += [file for file in inside if file.suffix.lower() in SUFFIXES]
    return files


def fingerprint(files: Iterable[Path]) -> str:
    """Hash of the names and bytes of files; a file that cannot be read counts as empty."""
    digest = hashlib.sha256()
    for file in files:
        try:
            content = file.read_bytes()
        except OSError:
            content = b""
        digest.update(file.name.encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()
