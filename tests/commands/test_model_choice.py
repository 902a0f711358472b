"""Several models at the command line: flags in any writing, exit codes, what the report says."""

import pytest

SOON = ("--qps", "20", "--p99", "1s", "--gpu", "H100", "--fast", "-q")


def words(text):
    """The report's words without its line breaks."""
    return " ".join(text.split())


@pytest.mark.parametrize(
    "models", [("--model", "14b,8b"), ("--model", "14b", "--model", "8b")], ids=("joined", "apart")
)
def test_models_in_one_flag_or_several(recommend, models):
    result = recommend(*models, "--min-quality", "60%", *SOON)
    assert result.code == 0
    said = words(result.out)
    assert "of 14b, 8b: Qwen/Qwen3-14B serves" in said
    assert "quality, mean over requests 77.4 of 100" in said
    assert "quality 47.6, 60 asked for" in said  # what 8b alone would have cost


def test_a_spec_file_lists_them(recommend, tmp_path):
    spec = tmp_path / "spec.yaml"
    spec.write_text("model: [14b=70, 8b=0.5]\nmin_quality: 60\nqps: 20\np99: 1s\ngpu: H100\n")
    result = recommend("-f", str(spec), "--fast", "-q")
    assert result.code == 0 and "of 14b=70, 8b=50: Qwen/Qwen3-14B serves" in words(result.out)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--model", "14b,8x"), 2, "unknown model '8x'; did you mean"),
        (("--model", "14b=70,8b"), 2, "give it for all, on one scale"),
        (("--model", "14b,,8b"), 2, "there is nothing on one side of a ','"),
        (("--model", "14b,"), 2, "there is nothing on one side of a ','"),
        (("--model", "14b,8b", "--min-quality", "dear"), 2, "is no quality; write it like 86"),
        (("--model", "8b", "--mix-models"), 2, "needs several models"),
        (("--model", "yi-34b", "--min-quality", "60"), 6, "is not in the catalogue"),
    ],
)
def test_what_cannot_be_asked(recommend, arguments, code, said):
    result = recommend(*arguments, *SOON)
    assert result.code == code and said in words(result.complaint)


def test_too_high_a_quality_is_repaired(recommend):
    result = recommend("--model", "14b,8b", "--min-quality", "90", *SOON)
    assert result.code == 3
    assert "there is a plan of quality 77.4" in words(result.out)
    assert "--min-quality at most 77.4" in words(result.out)


def test_candidates_name_model_and_quality(recommend):
    result = recommend("candidates", "--model", "14b,8b", *SOON)
    header, *rows = result.out.splitlines()
    at = header.split(",").index("model")
    assert {row.split(",")[at] for row in rows} == {
        "Qwen/Qwen3-14B", "meta-llama/Llama-3.1-8B-Instruct",
    }  # fmt: skip
