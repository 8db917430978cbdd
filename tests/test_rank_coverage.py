"""A slice of benchmarks/rank_coverage.py: on panels with a known posterior, statements hold as often as they say."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "benchmarks" / "rank_coverage.py"
PANELS = 60


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("rank_coverage", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def found(benchmark):
    """Sixty panels of seventeen trusts, with every seventh standard error of the SHMI."""
    error = benchmark.shmi_setting().error[::7]
    setting = benchmark.Setting(error, draws=250, size=1000)
    panels = [benchmark.one(setting, seed) for seed in benchmark.seeds(PANELS)]
    return benchmark.judged(panels).set_index("statement")


def test_every_promise_and_every_claim_is_kept(found):
    """Within three errors over panels, or at least the claim less two."""
    assert len(found) > 35
    assert found.index[~found["kept"]].tolist() == []
    promises = found[(found["rule"] == "equal") & found["promised"].notna()]
    assert (promises["error"] > 0).sum() >= 25
    assert (found["rule"] == "at least").sum() == 8


def test_intervals_hold_more_than_their_name_says_and_what_they_promise(found):
    for prob, name in ((0.5, "equal-tailed 50% interval"), (0.95, "highest mass 95% interval")):
        assert found.loc[name, "promised"] > prob
        assert found.loc[name, "shown"] > prob - 3 * found.loc[name, "error"]


def test_sets_without_a_posterior_are_wider_than_those_with_one(found):
    places = found["shown"].filter(like="places of")
    assert places["places of frequentist sets, simultaneous"] > places["places of simultaneous sets, quantile"]
    assert places["places of frequentist sets, marginal"] > places["places of equal-tailed 95% intervals"]


def test_places_chosen_by_their_mass_look_fuller_in_the_draws_that_chose_them(found):
    excess = found["shown"].filter(regex="^(shortest|highest mass).*own draws")
    assert len(excess) == 6
    assert (excess > 0).all()


@pytest.mark.parametrize(
    ("promised", "shown", "kept"),
    [(0.05, 0.05, True), (0.05, 0.10, False), (0.10, 0.05, False), (0.95, 0.96, True), (0.95, 0.85, False)],
)
def test_a_broken_promise_is_seen(benchmark, promised, shown, kept):
    """Four hundred panels: an error of about 0.011 at 0.05, and of 0.011 at 0.95."""
    truth = np.random.default_rng(1).permutation(np.arange(400) < 400 * shown)
    table = benchmark.judged([{"made up": (promised, float(each))} for each in truth])
    assert table["kept"].tolist() == [kept]
