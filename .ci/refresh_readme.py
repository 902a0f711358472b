"""Put the beginning of the main job's report into README.md, with today's date.

python .ci/refresh_readme.py          from the root of the checkout, before a release
"""

import datetime
import os
import re
import subprocess
import sys
from pathlib import Path

README = Path("README.md")
MAIN = ("--model", "236b", "--qps", "2000", "--p99", "200ms", "--quiet")
END = "Why it won"
"""The heading before which the excerpt ends."""


def excerpt() -> str:
    """The report at 80 columns up to the totals, without trailing spaces."""
    done = subprocess.run(
        [sys.executable, "cli.py", *MAIN],
        env=os.environ | {"COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout[: done.stdout.index(END)].splitlines()
    return "\n".join(line.rstrip() for line in lines).strip()


def main() -> None:
    """Rewrite the first text block and the date above it."""
    text = README.read_text(encoding="utf-8")
    block = f"```text\n{excerpt()}\n```"
    text = re.sub(r"```text\n.*?```", lambda _: block, text, count=1, flags=re.DOTALL)
    today = datetime.date.today().isoformat()
    text = re.sub(r"main job \(\d{4}-\d\d-\d\d;", f"main job ({today};", text, count=1)
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
