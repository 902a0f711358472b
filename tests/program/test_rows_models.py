"""serves[p]: n[p] <= upper[p] z[model];  one_model: sum z <= 1;  model_quality: mean >= Q."""

from recommender.program.canonical import least_quality_units, model_quality_units
from recommender.program.column import Column
from recommender.program.constraints.model_quality import model_quality
from recommender.program.constraints.one_model import model_columns, one_model
from recommender.program.row import Row

MODELS = {"a1": "big", "a2": "big", "b": "small"}
UPPER = {"a1": 3, "a2": 7, "b": 2}


def test_one_model_is_the_equations_on_paper():
    assert list(one_model(models=MODELS, upper=UPPER)) == [
        Row("serves[a1]", {"a1": 1, "serves[big]": -3}, "<=", 0),
        Row("serves[a2]", {"a2": 1, "serves[big]": -7}, "<=", 0),
        Row("serves[b]", {"b": 1, "serves[small]": -2}, "<=", 0),
        Row("one_model", {"serves[big]": 1, "serves[small]": 1}, "<=", 1),
    ]
    assert list(model_columns(MODELS)) == [
        Column("serves[big]", 0, 1),
        Column("serves[small]", 0, 1),
    ]


def allowed(point: dict[str, int]) -> bool:
    """Whether some setting of the switches satisfies all rows."""
    rows = list(one_model(models=MODELS, upper=UPPER))
    return any(
        all(row.holds({**point, "serves[big]": big, "serves[small]": small}) for row in rows)
        for big in (0, 1)
        for small in (0, 1)
    )


def test_any_groups_of_one_model_and_none_of_two():
    assert allowed({"a1": 3, "a2": 7}) and allowed({"b": 2}) and allowed({})
    assert not allowed({"a1": 1, "b": 1})


def test_mean_quality_is_weighted_by_rates():
    # 67.6 at 30/s and 47.6 at 10/s: (30 * 67.6 + 10 * 47.6) / 40 = (2028 + 476) / 40 = 62.6
    quality = {"p": model_quality_units(points=67.6), "q": model_quality_units(points=47.6)}
    rate = {"p": (30, 30), "q": (10, 10)}
    at, above = least_quality_units(points=62.6), least_quality_units(points=62.6001)
    assert model_quality(rate=rate, quality=quality, least=at).holds({"p": 1, "q": 1})
    assert not model_quality(rate=rate, quality=quality, least=above).holds({"p": 1, "q": 1})


def test_model_quality_is_the_equation_on_paper():
    # Q - q: 60 - 67.6 = -7.6, times 30 = -228; 60 - 47.6 = 12.4, times 10 = 124 points
    found = model_quality(
        rate={"p": (30, 30), "q": (10, 10), "idle": (0, 0)},
        quality={"p": 676_000, "q": 476_000, "idle": 0},
        least=600_000,
    )
    assert found == Row("model_quality", {"p": -2_280_000, "q": 1_240_000}, "<=", 0)


def test_quality_is_rounded_against_the_buyer():
    assert model_quality_units(points=67.60009) == 676_000
    assert least_quality_units(points=67.60001) == 676_001
    assert model_quality_units(points=67.6) == least_quality_units(points=67.6) == 676_000


def test_equal_quality_at_the_limit_holds_whatever_is_bought():
    row = model_quality(rate={"p": (3, 3)}, quality={"p": 500_000}, least=500_000)
    assert row.holds({"p": 0}) and row.holds({"p": 9})
