"""Every row family has a test of its own and a line in docs/formulation.md."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAMILIES = sorted(
    path.stem
    for path in (ROOT / "recommender" / "program" / "constraints").glob("*.py")
    if path.stem != "__init__"
)


@pytest.mark.parametrize("family", FAMILIES)
def test_family_is_tested_on_paper(family):
    tests = "".join(p.read_text() for p in Path(__file__).parent.glob("test_rows_*.py"))
    assert f"constraints.{family} import" in tests


@pytest.mark.parametrize("family", FAMILIES)
def test_family_is_in_the_document(family):
    assert f"`{family}." in (ROOT / "docs" / "formulation.md").read_text()


@pytest.mark.parametrize("family", FAMILIES)
def test_family_states_its_symbols(family):
    text = (ROOT / "recommender" / "program" / "constraints" / f"{family}.py").read_text()
    assert "Symbol" in text and "Unit" in text
