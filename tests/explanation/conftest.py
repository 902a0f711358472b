"""Test folders are no packages: make the cases of this one importable."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
