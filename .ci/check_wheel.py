"""Check a built wheel against the checkout: everything that is needed, nothing more.

python .ci/check_wheel.py WHEEL CHECKOUT
"""

import sys
import zipfile
from pathlib import Path

SHIPPED = ("catalog", "recommender", "problems")


def expected(checkout: Path) -> set[str]:
    """Code and data of the shipped folders, and the command."""
    files = {
        path.relative_to(checkout).as_posix()
        for folder in SHIPPED
        for path in (checkout / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    return files | {"cli.py"}


def main(wheel: Path, checkout: Path) -> int:
    """Print the difference; 1 when there is one."""
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
    wanted = expected(checkout)
    for name in sorted(wanted - inside):
        print(f"missing in the wheel: {name}")
    for name in sorted(inside - wanted):
        print(f"should not be in the wheel: {name}")
    data = sum(1 for name in inside if not name.endswith(".py"))
    print(f"{wheel.name}: {len(inside)} files, {data} of them data")
    return int(inside != wanted)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
