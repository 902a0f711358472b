"""`recommend batch`: a table in, a table out, whatever single rows hold."""

import csv
import io

import pytest

HEADER = "name,model,qps,p99,gpu\n"


@pytest.fixture
def batch(recommend, tmp_path):
    """Run a batch over a CSV text; rows of its results."""

    def run(text, *more):
        specs, folder = tmp_path / "specs.csv", tmp_path / "runs"
        specs.write_bytes(text if isinstance(text, bytes) else text.encode())
        result = recommend("batch", specs, "-o", folder, "--jobs", "1", "-q", *more)
        path = folder / "results.csv"
        rows = list(csv.DictReader(io.StringIO(path.read_text()))) if path.exists() else []
        return result, rows

    return run


def test_every_spec_decided(batch):
    result, rows = batch(HEADER + "a,8b,5,1s,H100\nb,8b,50,500ms,H100\n")
    assert result.code == 0
    assert [r["name"] for r in rows] == ["a", "b"]
    assert [r["status"] for r in rows] == ["optimal", "optimal"]
    assert all(float(r["cost_usd_per_h"]) > 0 and float(r["p99_s"]) > 0 for r in rows)


def test_plans_on_closed_forms_say_what_makes_them_cheaper(batch):
    text = HEADER + "a,8b,5,1s,H100\nb,8b,50,500ms,H100\n"
    result, closed = batch(text)
    assert "2 specs: 2 decided; rates: closed form" in result.err
    assert "2 plans rest on safe closed forms" in result.err and "--simulate" in result.err
    result, simulated = batch(text, "--simulate")
    assert {row["rates"] for row in simulated} == {"simulated"}
    assert "closed form" not in result.err and "--simulate" not in result.err
    costs = [[float(row["cost_usd_per_h"]) for row in rows] for rows in (simulated, closed)]
    assert all(one <= other for one, other in zip(*costs, strict=True))


def test_infeasible_is_decided(batch):
    result, rows = batch("name,model,qps,p99,gpu,budget\na,8b,5,1s,H100,$0.01/h\n")
    assert result.code == 0
    assert rows[0]["status"] == "infeasible" and "--budget" in rows[0]["error"]


def test_a_broken_row_is_two_and_stops_no_other(batch):
    result, rows = batch(
        HEADER + "a,8b,5,1s,H100\nbad,8b,5,200,H100\nworse,zzz,5,1s,H100\nc,8b,6,1s,H100\n"
    )
    assert result.code == 2
    assert [r["status"] for r in rows] == ["optimal", "failed", "failed", "optimal"]
    assert "no unit" in rows[1]["error"] and "unknown model" in rows[2]["error"]
    assert "bad: --p99: '200' has no unit" in result.err
    assert "4 specs: 2 decided, 2 failed; rates:" in result.err  # both are bad input


def test_many_broken_rows_are_counted_not_listed(batch):
    broken = "".join(f"b{i},8b,5,200,H100\n" for i in range(7))
    result, _ = batch(HEADER + broken)
    assert "b4: " in result.err and "b5: " not in result.err
    assert "and 2 more" in result.err


def test_a_cut_journal_is_taken_up(batch, tmp_path):
    text = HEADER + "a,8b,5,1s,H100\nb,8b,6,1s,H100\n"
    _, first = batch(text)
    journal = tmp_path / "runs" / "journal.jsonl"
    journal.write_text(journal.read_text()[:-40])
    (tmp_path / "runs" / "results.csv").unlink()
    result, again = batch(text)
    assert result.code == 0 and again == first


def test_set_is_for_every_spec(batch):
    _, rows = batch("model,qps\n8b,5\n8b,6\n", "--set", "p99=1s", "--set", "gpu=H100")
    assert [r["status"] for r in rows] == ["optimal", "optimal"]


@pytest.mark.parametrize(
    ("text", "hint"),
    [("", "no header"), (HEADER, "no spec"), (b"\xff\xfe\x00", "not a readable UTF-8")],
)
def test_files_without_specs(text, hint, batch):
    result, rows = batch(text)
    assert result.code == 2 and rows == []
    assert hint in result.complaint


def test_a_folder_that_cannot_be_made(recommend, tmp_path):
    (tmp_path / "specs.csv").write_text(HEADER + "a,8b,5,1s,H100\n")
    result = recommend("batch", tmp_path / "specs.csv", "-o", tmp_path / "no" / "runs")
    assert result.code == 2
    assert "does not exist" in result.complaint


def test_a_missing_file(recommend, tmp_path):
    result = recommend("batch", tmp_path / "none.csv", "-o", tmp_path / "runs")
    assert result.code == 2 and "cannot read" in result.complaint
    assert not (tmp_path / "runs").exists()


def test_a_pool_of_processes(recommend, tmp_path):
    (tmp_path / "specs.csv").write_text(
        HEADER + "".join(f"r{i},8b,{i + 1},1s,H100\n" for i in range(4))
    )
    result = recommend(
        "batch", tmp_path / "specs.csv", "-o", tmp_path / "runs", "--jobs", "2", "-q"
    )
    assert result.code == 0
    rows = list(csv.DictReader((tmp_path / "runs" / "results.csv").open()))
    assert [r["name"] for r in rows] == ["r0", "r1", "r2", "r3"]


def test_an_interrupted_batch_says_how_it_goes_on(batch, monkeypatch, tmp_path):
    text = HEADER + "a,8b,5,1s,H100\nb,8b,6,1s,H100\n"
    batch(text)

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("recommender.batch.batch.over_pool", interrupted)
    result, _ = batch(text + "c,8b,7,1s,H100\n")
    assert result.code == 130
    kept, *_, last = result.err.splitlines()
    assert kept.startswith(f"2 decided specs are kept in {tmp_path / 'runs' / 'journal.jsonl'};")
    assert last == "interrupted"


def test_a_yaml_list_is_solved_and_resumed(recommend, tmp_path):
    """Three services, one of them broken; started again, nothing is solved twice."""
    specs, folder = tmp_path / "services.yaml", tmp_path / "runs"
    chat = "- name: chat\n  model: 8b\n  qps: 5\n  p99: 1s\n  gpu: H100\n"
    specs.write_text(f"{chat}- name: open\n  model: [8b\n{chat.replace('chat', 'code')}")
    for _ in range(2):
        result = recommend("batch", specs, "-o", folder, "--jobs", "1", "-q")
        assert result.code == 2
        assert "open: " in result.err and "line 7: while parsing a flow sequence" in result.err
        rows = list(csv.DictReader(io.StringIO((folder / "results.csv").read_text())))
        assert [(r["name"], r["status"]) for r in rows] == [
            ("chat", "optimal"), ("open", "failed"), ("code", "optimal")
        ]  # fmt: skip
        assert len((folder / "journal.jsonl").read_text().splitlines()) == 2
