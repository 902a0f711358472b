"""Flags are the keys of the spec: no flag without a key, no key without a flag."""

import click
import pytest
from click.testing import CliRunner

from recommender.commands.spec_options import SWITCHES, VALUES, collect, spec_options
from recommender.errors import SpecError
from recommender.request.spec import Spec


def test_every_flag_is_a_key_and_every_key_a_flag():
    assert {*VALUES, *SWITCHES} == set(Spec.model_fields)
    assert not set(VALUES) & set(SWITCHES)


def test_switches_are_the_booleans():
    booleans = {name for name, field in Spec.model_fields.items() if field.annotation is bool}
    assert set(SWITCHES) == booleans


@pytest.fixture
def collected(tmp_path):
    """What `collect` makes of a command line."""

    def run(*arguments):
        found = []

        @click.command()
        @spec_options
        def command(**flags):
            found.append(collect(flags))
            assert flags == {}

        result = CliRunner().invoke(command, arguments, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return found[0]

    return run


def test_nothing_given_is_nothing_said(collected):
    assert collected() == {}


def test_flags_win_over_set_and_set_over_the_file(collected, tmp_path):
    file = tmp_path / "spec.yaml"
    file.write_text("qps: 1\nmodel: from-file\nworkload: code\n")
    raw = collected("-f", str(file), "--set", "qps=2", "--set", "model=set", "--model", "flag")
    assert raw == {"model": "flag", "qps": "2", "workload": "code"}


def test_a_dash_or_an_underscore(collected):
    assert collected("--set", "ttft-p99=1s") == {"ttft_p99": "1s"}
    assert collected("--set", "ttft_p99 = 1s") == {"ttft_p99": "1s"}


def test_a_setting_without_a_value(collected):
    with pytest.raises(SpecError, match="NAME=VALUE"):
        collected("--set", "qps")


def test_switches(collected):
    assert collected("--fast", "--prove") == {"fast": True, "prove": True}


def test_a_list_in_parts_is_one_list(collected):
    assert collected("--gpu", "H100", "--gpu", "H200") == {"gpu": "H100,H200"}
    assert collected("--catalog", "a.csv", "--catalog", "b.csv") == {"catalog": "a.csv,b.csv"}


def test_a_single_value_is_given_once(collected):
    with pytest.raises(SpecError, match="--qps is given 2 times: 50, 500"):
        collected("--qps", "50", "--qps", "500")
