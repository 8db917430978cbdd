"""What follows for those who act, held against counts that a child could follow."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from deciding import tiny_decisions, tiny_panel
from league_tables import CODES, levels

from ranktrust.decide import (
    budgets,
    decide,
    excess_events,
    nearest,
    pair_rows,
    rank_steps,
    read_decisions,
    write_decisions,
)
from ranktrust.errors import RunError
from ranktrust.panel import Benchmark, Standard

FLAT = levels().to_numpy().reshape(-1, 8)
NATURAL = 1 / (1 + np.exp(-FLAT))
RANKS = (-FLAT).argsort(axis=1).argsort(axis=1) + 1


def test_every_pair_is_the_share_of_draws_in_which_the_first_is_better() -> None:
    rows = pair_rows(levels(), best="highest")
    assert list(zip(rows["trust"], rows["other"], strict=True)) == list(combinations(CODES, 2))
    wanted = [np.mean(FLAT[:, CODES.index(a)] > FLAT[:, CODES.index(b)]) for a, b in combinations(CODES, 2)]
    assert rows["p_above"].to_numpy() == pytest.approx(wanted)
    assert (rows["p_above_mcse"] > 0).all()


def test_a_pair_turns_over_with_direction() -> None:
    high, low = (pair_rows(levels(), best=best)["p_above"] for best in ("highest", "lowest"))
    assert (high + low).to_numpy() == pytest.approx(np.ones(28))


def test_a_step_is_the_order_of_one_draw() -> None:
    steps = rank_steps(levels(), best="highest", count=5)
    assert (steps.apply(sorted).to_numpy() == np.arange(1, 9)[:, None]).all()
    assert list(steps[1]) == list(RANKS[0])
    assert list(steps[5]) == list(RANKS[-1])


def test_neighbours_are_the_nearest_of_the_same_type() -> None:
    context = pd.DataFrame({"x": [0.0, 1.0, 2.0, 10.0]}, index=list("ABCD"))
    types = pd.Series(["one", "two", "one", "one"], index=list("ABCD"))
    found = nearest(context, types, count=2)
    assert found[found["trust"] == "A"]["other"].tolist() == ["C", "D"]
    assert found[found["trust"] == "B"].empty
    assert found["distance"].iloc[0] == pytest.approx(2 / context["x"].std())


def test_distance_counts_a_covariate_once_however_often_it_is_given() -> None:
    x = np.array([0.0, 1.0, 5.0, 9.0])
    types = pd.Series("one", index=list("ABCD"))
    once = nearest(pd.DataFrame({"x": x}, index=list("ABCD")), types)
    twice = nearest(pd.DataFrame({"x": x, "y": -3 * x}, index=list("ABCD")), types)
    assert twice["distance"].to_numpy() == pytest.approx(once["distance"].to_numpy())


def test_no_covariate_makes_no_neighbours() -> None:
    assert nearest(pd.DataFrame(index=list("AB")), pd.Series("one", index=list("AB"))).empty


def natural():
    return levels().copy(data=1 / (1 + np.exp(-levels().to_numpy())))


def test_excess_is_positive_on_the_bad_side_whichever_that_is() -> None:
    volumes = pd.Series(100.0, index=CODES)
    high = excess_events(natural(), volumes, reference=0.6, best="highest").summary(0.95)["excess"]
    low = excess_events(natural(), volumes, reference=0.6, best="lowest").summary(0.95)["excess"]
    assert high.to_numpy() == pytest.approx(100 * (0.6 - NATURAL.mean(axis=0)))
    assert low.to_numpy() == pytest.approx(-high.to_numpy())


def test_the_interval_of_a_sum_is_that_of_summed_draws() -> None:
    excess = excess_events(natural(), pd.Series(100.0, index=CODES), reference=0.6, best="highest")
    mean, lower, upper = excess.total(list(CODES), 0.95)
    sums = 100 * (0.6 - NATURAL).sum(axis=1)
    assert (mean, lower, upper) == pytest.approx((sums.mean(), *np.quantile(sums, [0.025, 0.975])))
    alone = excess.summary(0.95)
    assert upper - lower < 0.6 * (alone["excess_upper"] - alone["excess_lower"]).sum()


def totals(decided, goal):
    frame = decided.frames["totals"]
    return frame[frame["goal"] == goal].set_index("k")


def test_no_list_of_k_has_fewer_expected_errors() -> None:
    last = RANKS > 6
    wrong = [sum(1 - last[:, i].mean() for i in some) for some in combinations(range(8), 2)]
    found = totals(tiny_decisions(), "rank").loc[2]
    assert found["false_inclusions"] == pytest.approx(min(wrong))
    assert found["omissions"] == pytest.approx(min(wrong))


def test_a_list_beyond_a_value_counts_those_it_leaves_out() -> None:
    beyond = (NATURAL < 0.64).mean(axis=0)
    found = totals(tiny_decisions(), "standard").loc[2]
    assert found["omissions"] == pytest.approx(np.sort(beyond)[:-2].sum())
    assert found["false_inclusions"] == pytest.approx((1 - np.sort(beyond)[-2:]).sum())
    assert found["cautious"] == 2


def test_what_may_not_be_ordered_names_only_those_with_few_errors() -> None:
    decided = tiny_decisions(ranked=False)
    named = decided.frames["lists"].set_index("trust")["p_belongs"]
    every = np.sort(1 - (NATURAL < 0.64).mean(axis=0))
    rates = np.cumsum(every) / np.arange(1, 9)
    assert len(named) == (rates <= 0.05).sum() == 4
    assert (1 - named).mean() == pytest.approx(rates[3])
    assert decided.frames["trusts"]["p_better"].isna().all()
    assert not any(len(decided.frames[name]) for name in ("pairs", "steps", "regions", "boards", "within"))


def test_that_none_qualifies_is_an_answer() -> None:
    decided = tiny_decisions(ranked=False, standard=Standard("target", 0.05, 0.0, "made up"))
    assert decided.frames["lists"].empty
    assert decided.frames["totals"]["named"].tolist() == [0]


def test_one_value_makes_one_goal() -> None:
    same = {"standard": Standard("target", 0.6, 0.0, "made up"), "benchmark": Benchmark(0.6, "made up")}
    assert [goal["name"] for goal in tiny_decisions(**same).facts["goals"]] == ["rank", "standard"]


def test_better_than_the_benchmark_is_on_its_good_side() -> None:
    high, low = (tiny_decisions(best=best).frames["trusts"]["p_better"] for best in ("highest", "lowest"))
    assert high.to_numpy() == pytest.approx((NATURAL > 0.6).mean(axis=0))
    assert (high + low).to_numpy() == pytest.approx(np.ones(8))


def test_a_trust_whose_count_is_hidden_has_no_number_of_events() -> None:
    decided = decide(levels(), tiny_panel(), ranked=True, prob=0.95, hidden=frozenset({"RAX"}))
    excess = decided.frames["trusts"]["excess"]
    assert excess.isna().sum() == 1
    assert np.isnan(excess["RAX"])


def test_a_region_is_the_weighted_mean_of_its_trusts() -> None:
    panel = tiny_panel()
    rows = panel.observations
    uneven = panel.derive(observations=rows.assign(denominator=[100.0, 300.0, *[100.0] * 6]))
    regions = decide(levels(), uneven, ranked=True, prob=0.95).frames["regions"].set_index("group")
    weights = np.array([1, 3, 1, 1]) / 6
    assert regions.loc["North", "estimate"] == pytest.approx((NATURAL[:, :4] @ weights).mean())
    assert regions["trusts"].to_dict() == {"North": 4, "South": 4}
    assert regions["p_first"].sum() == pytest.approx(1)


def test_a_rank_within_a_region_is_counted_among_its_trusts() -> None:
    decided = tiny_decisions()
    within = decided.frames["within"].set_index("trust")
    own = (-FLAT[:, 4:]).argsort(axis=1).argsort(axis=1) + 1
    assert within.loc["REX", "expected_rank"] == pytest.approx(own[:, 0].mean())
    assert within["n"].eq(4).all()
    law = decided.frames["within_pmf"]
    assert law[law["trust"] == "REX"].set_index("rank")["probability"][1] == pytest.approx((own[:, 0] == 1).mean())


@pytest.mark.parametrize(("n", "wanted"), [(2, (1,)), (8, (1, 2)), (118, (6, 12, 18, 24, 29))])
def test_budgets_end_with_the_quarter(n: int, wanted: tuple[int, ...]) -> None:
    assert budgets(n) == wanted


@pytest.mark.parametrize("ranked", [True, False])
def test_decisions_survive_their_files(tmp_path, ranked: bool) -> None:
    decided = tiny_decisions(ranked=ranked)
    write_decisions(decided, tmp_path)
    again = read_decisions(tmp_path, "tiny_4h")
    assert dict(again.facts) == dict(decided.facts)
    for name, frame in decided.frames.items():
        pd.testing.assert_frame_equal(
            again.frames[name], frame, check_dtype=False, check_names=False, check_column_type=False
        )


def test_a_damaged_file_is_named(tmp_path) -> None:
    write_decisions(tiny_decisions(), tmp_path)
    (tmp_path / "decide" / "tiny_4h" / "facts.json").write_text("{", encoding="utf-8")
    with pytest.raises(RunError, match=r"decisions on tiny_4h .* run the study again"):
        read_decisions(tmp_path, "tiny_4h")
