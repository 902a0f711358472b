"""Spec files: YAML that is only ever data, and every problem named in one line."""

import io
import json
import textwrap
from pathlib import Path

import pytest

from recommender.errors import SpecError
from recommender.request.spec_file import make_spec, read_spec_file


@pytest.fixture
def file(tmp_path):
    def write(text, name="spec.yaml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else textwrap.dedent(text).encode())
        return path

    return write


def refusal(path):
    with pytest.raises(SpecError) as error:
        make_spec(read_spec_file(path))
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 500
    return str(error.value)


def test_yaml(file):
    path = file(
        """
        model: 236b
        qps: 2000
        ttft-p99: 200ms     # keys may be written like the flags
        headroom: 25%
        gpu: [H100, H200]
        fast: yes
        """
    )
    spec = make_spec(read_spec_file(path))
    assert (spec.model, spec.qps, spec.ttft_p99, spec.headroom) == ("236b", 2000, 0.2, 0.25)
    assert (spec.gpu, spec.fast) == (("H100", "H200"), True)


def test_json_is_yaml(file):
    path = file(json.dumps({"model": "8b", "qps": 5, "p99": "1s"}), "spec.json")
    assert make_spec(read_spec_file(path)).qps == 5


def test_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"model: 8b\n")))
    assert read_spec_file(Path("-")) == {"model": "8b"}
    assert "standard input is empty" in refusal(Path("-"))


def test_byte_order_mark(file):
    assert read_spec_file(file(b"\xef\xbb\xbfmodel: 8b\n")) == {"model": "8b"}


@pytest.mark.parametrize(
    "text",
    [
        "!!python/object/apply:os.system ['touch {marker}']",
        "model: !!python/object/apply:os.system ['touch {marker}']",
        "model: !!python/name:os.system",
        "qps: !!python/object/new:os.system ['touch {marker}']",
        "? !!python/object/apply:os.system ['touch {marker}']\n: 1",
    ],
)
def test_yaml_never_executes(file, tmp_path, text):
    marker = tmp_path / "executed"
    assert "not readable YAML" in refusal(file(text.format(marker=marker)))
    assert not marker.exists()


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
"""Nine nines deep: 387 million names when written out."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "is empty; a spec is a mapping such as"),
        ('{"schema_version": "1", "spec": {"model": "8b"}}', "is a saved plan"),
        ("# nothing yet\n", "is empty; a spec is a mapping such as"),
        ("model: 8b\nqps: 5\n\tp99: 1s", "line 3 has a tab where YAML takes spaces only"),
        ('model: 8b\nqps: "5\np99: 1s\n', "line 2: while scanning a quoted scalar"),
        ("- model: 8b", "must be a mapping such as `model: 236b`; several specs are for"),
        ("model: 8b\n---\nmodel: 70b", "another document; several specs are for `recommend batch`"),
        ("just text", "must be a mapping"),
        ("1: 2", "must be a mapping"),
        ("model: [", "not readable YAML"),
        ("model: 8b\n  qps: 5", "not readable YAML"),
        ("model: 8b\n\tqps: 5", "not readable YAML"),
        (b"model: \xff\xfe", "not readable YAML"),
        (b"model: a\x00b", "not readable YAML"),
        ("qps: " + "9" * 5000, "not readable YAML"),  # more digits than int() takes
        ("model: " + "[" * 5000, "not readable YAML"),
        ("model: 8b\nmodel: 70b", "model twice"),
        ("ttft-p99: 1s\nttft_p99: 2s", "ttft_p99 twice"),
        ("model: {name: 8b}", "model must be one value or a list"),
        ("gpu: [[H100]]", "gpu must be one value or a list"),
        (BOMB + "minimize: *i", "must be one value or a list"),
    ],
)
def test_refuses_with_one_line(file, text, expected):
    assert expected in refusal(file(text))


def test_a_missing_file_and_a_folder(tmp_path):
    assert "cannot read spec" in refusal(tmp_path / "none.yaml")
    assert "cannot read spec" in refusal(tmp_path)


def test_a_huge_file(file):
    assert "larger than 1 MB" in refusal(file("# " + "x" * 1_000_000))


ASKED = {"model": "8b", "qps": "10", "p99": "500ms"}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"modle": "8b"}, "unknown key 'modle'; did you mean model?"),
        ({"ttft": "1s"}, "unknown key 'ttft'; did you mean ttft_p99?"),
        ({"zzz": 1}, "unknown key 'zzz'; `recommend schema spec` lists them"),
        ({"p99": "200"}, "--p99: '200' has no unit: 200 what? Write it like 200ms"),
        ({"redundancy": "n+9"}, "--redundancy 'n+9' must be 'none', 'n+1'"),
        ({"budget": "500"}, "--budget: '500' is not dollars per time"),
        ({"max_nodes": "0"}, "--max-nodes '0' must be at least 1"),
        ({"qps": "1e30"}, "qps 1e+30 must lie between"),
        ({"p99": "5us"}, "--p99 5us must lie between 1ms and 24h"),
        ({"p99": "25h"}, "--p99 90,000s must lie between 1ms and 24h"),
        ({"minimize": "latency"}, "--minimize latency needs"),
    ],
)
def test_a_sentence_per_problem(raw, expected):
    with pytest.raises(SpecError) as error:
        make_spec(ASKED | raw)
    assert expected in str(error.value)
    assert "\n" not in str(error.value)


def test_missing_values_say_what_they_are():
    with pytest.raises(SpecError) as error:
        make_spec({"p99": "1s"})
    assert "--model is missing: Name, alias or size" in str(error.value)
    assert "--qps is missing: Requests per second" in str(error.value)


def test_all_problems_at_once():
    with pytest.raises(SpecError) as error:
        make_spec({"model": "8b", "qps": "-1", "p99": "200", "colour": "red"})
    assert str(error.value).count(";") >= 2
    assert {"--qps", "--p99", "colour"} <= set(
        str(error.value).replace("'", " ").replace(":", " ").split()
    )


def test_long_values_are_not_repeated_at_length():
    with pytest.raises(SpecError) as error:
        make_spec(ASKED | {"minimize": "x" * 10_000, "budget": "y" * 10_000})
    assert len(str(error.value)) < 1000


def test_scalars_mean_what_they_mean_at_the_shell(tmp_path):
    path = tmp_path / "spec.yaml"
    path.write_text(
        "model: 8b\nqps: 1e3\nspeculative: 3:2.1\nshare: off\nsingle: true\ntrace: null\n"
        "time_limit: 30s\nconfidence: 0.9\nmax_nodes: 12\n"
    )
    assert read_spec_file(path) == {
        "model": "8b",
        "qps": 1000.0,
        "speculative": "3:2.1",
        "share": "off",
        "single": True,
        "trace": None,
        "time_limit": "30s",
        "confidence": 0.9,
        "max_nodes": 12,
    }
