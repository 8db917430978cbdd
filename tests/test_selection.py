from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from oracles import slow_ranks, slow_selection
from rank_draws import autocorrelated, named, normals

from ranktrust.errors import UsageError
from ranktrust.ranks import band_against, p_top, probability_beyond, select_beyond, select_end

laws = settings(deadline=None, max_examples=40, derandomize=True)
shapes = st.tuples(st.integers(1, 2), st.integers(4, 7), st.integers(2, 6))
tied = shapes.flatmap(lambda shape: arrays(np.int64, shape, elements=st.integers(0, 4)))
rates = st.sampled_from([Fraction(0), Fraction(1, 20), Fraction(1, 5), Fraction(1, 2), Fraction(9, 10)])


def listed(values):
    return values.reshape(-1, values.shape[-1]).tolist()


def chosen(selection):
    return set(np.flatnonzero(selection.table["selected"]).tolist())


@laws
@given(tied, rates, st.integers(0, 6), st.sampled_from(["above", "below"]))
def test_the_trusts_beyond_a_threshold_are_the_slow_ones(values, fdr, capacity, direction):
    draws, n, sign = listed(values), values.shape[-1], 1 if direction == "above" else -1
    belongs = [slow_selection.share_beyond(draws, i, 2, sign) for i in range(n)]
    tie = [sign * sum(draw[i] for draw in draws) for i in range(n)]
    room = min(capacity, n)
    found = select_beyond(named(values), 2, direction=direction, capacity=room, fdr=float(fdr))
    assert chosen(found) == slow_selection.take(belongs, tie, room, fdr)
    assert found.named == [f"T{i}" for i in sorted(chosen(found))]


@laws
@given(tied, rates, st.integers(1, 6))
def test_the_trusts_at_the_top_and_what_they_cost_are_the_slow_ones(values, fdr, k):
    draws, n = listed(values), values.shape[-1]
    k = min(k, n)
    pmf = slow_ranks.rank_pmf(draws)
    belongs = [sum(row[:k]) for row in pmf]
    tie = [sum(draw[i] for draw in draws) for i in range(n)]
    found = select_end(named(values), k, best="highest", end="top", fdr=float(fdr))
    taken = slow_selection.take(belongs, tie, k, fdr)
    wrong = float(sum(1 - belongs[i] for i in taken))
    assert chosen(found) == taken
    assert found.table["false_discoveries"].item() == pytest.approx(wrong, abs=1e-12)
    assert found.table["posterior_fdr"].item() == pytest.approx(wrong / max(len(taken), 1), abs=1e-12)
    assert found.table["posterior_fdr"].item() <= float(fdr) + 1e-9
    missed = float(sum(belongs[i] for i in range(n) if i not in taken))
    assert found.table["omissions"].item() == pytest.approx(missed, abs=1e-12)


@laws
@given(tied, st.integers(1, 6))
def test_the_bottom_is_the_top_of_the_other_direction(values, k):
    k = min(k, values.shape[-1])
    bottom = select_end(named(values), k, best="highest", end="bottom", fdr=0.3).table
    top = select_end(named(values), k, best="lowest", end="top", fdr=0.3).table
    for name in ("p_belongs", "selected", "false_discoveries", "omissions"):
        np.testing.assert_array_equal(bottom[name], top[name])


@laws
@given(tied)
def test_more_room_and_a_laxer_rate_only_add(values):
    n, last = values.shape[-1], set()
    for fdr in (0.0, 0.2, 0.6):
        by_room = [select_beyond(named(values), 2, direction="above", capacity=m, fdr=fdr) for m in range(n + 1)]
        lists = [chosen(each) for each in by_room]
        assert all(len(some) <= m for m, some in enumerate(lists))
        assert all(one <= other for one, other in pairwise(lists))
        assert last <= lists[-1]
        last = lists[-1]


def test_no_trust_may_qualify():
    draws = normals(np.zeros(5), np.ones(5), seed=1, draws=500)
    found = select_end(draws, 2, best="highest", end="top", fdr=0.05)
    assert found.named == []
    assert found.table["posterior_fdr"].item() == found.table["false_discoveries_mcse"].item() == 0
    assert found.table["omissions"].item() == pytest.approx(2, abs=1e-12)
    none = select_beyond(draws, 10.0, direction="above")
    assert none.named == []
    assert 0 < none.table["omissions_mcse"].item() < 0.01


def test_probabilities_are_those_of_the_other_statements():
    draws = autocorrelated(np.arange(6) / 2, seed=2, rho=0.7)
    top = select_end(draws, 2, best="lowest", end="top").table
    beyond = select_beyond(draws, 1.0, direction="below").table
    for ours, theirs, name in [
        (top, p_top(draws, 2, best="lowest"), "p_top"),
        (beyond, probability_beyond(draws, 1.0, direction="below"), "p_beyond"),
    ]:
        for end in ("", "_mcse", "_ess"):
            np.testing.assert_array_equal(ours[f"p_belongs{end}"], theirs[f"{name}{end}"])


def test_the_surest_come_first_where_every_draw_agrees():
    draws = normals([0.0, 30.0, 50.0, 40.0], [1, 1, 1, 1], seed=3, draws=500)
    assert select_beyond(draws, 10.0, direction="above", capacity=2).named == ["T2", "T3"]
    assert select_beyond(draws, 60.0, direction="below", capacity=1).named == ["T0"]


def test_monte_carlo_errors_are_the_spread_over_repetitions():
    mean, taken = np.array([-2.2, -2.0, 0.0, 2.0, 2.2]), {3, 4}
    runs = [
        select_beyond(autocorrelated(mean, seed=s, rho=0.6, draws=500), 0.0, direction="above", fdr=0.1)
        for s in range(120)
    ]
    assert all(chosen(run) == taken for run in runs)
    for name in ("false_discoveries", "posterior_fdr", "omissions"):
        spread = np.std([run.table[name].item() for run in runs], ddof=1)
        claimed = np.sqrt(np.mean([run.table[f"{name}_mcse"].item() ** 2 for run in runs]))
        assert 0.8 < claimed / spread < 1.25, name


def panels(count, n=16):
    """Normal panels with their exact posteriors: truth, and draws of it."""
    generator = np.random.default_rng(12)
    for seed in range(count):
        truth = generator.normal(size=n)
        mean = 0.8 * (truth + generator.normal(0, 0.5, size=n))
        yield truth, normals(mean, np.full(n, np.sqrt(0.2)), seed=seed, draws=100, chains=2)


def test_false_discoveries_are_as_many_as_promised_and_within_the_rate():
    realised, excess, missed = [], [], []
    for truth, draws in panels(300):
        found = select_end(draws, 5, best="highest", end="top", fdr=0.2)
        belongs = np.argsort(np.argsort(-truth)) < 5
        selected = found.table["selected"].to_numpy()
        realised.append((selected & ~belongs).sum() / max(selected.sum(), 1))
        excess.append(realised[-1] - found.table["posterior_fdr"].item())
        missed.append((belongs & ~selected).sum() - found.table["omissions"].item())
    assert np.mean(realised) <= 0.2 + 2 * np.std(realised, ddof=1) / np.sqrt(300)
    assert np.mean(realised) > 0.05
    for away in (excess, missed):
        assert abs(np.mean(away)) < 3 * np.std(away, ddof=1) / np.sqrt(300)


def test_bands_are_wrong_as_often_as_promised():
    away = {label: [] for label in ("above", "within", "below")}
    named_at_all = 0
    for truth, draws in panels(300):
        bands = band_against(draws, 0.1, delta=0.4, undecided_cost=0.3, fdr=0.1)
        band = bands.table["band"].to_numpy()
        right = {"above": truth > 0.5, "below": truth < -0.3}
        right["within"] = ~(right["above"] | right["below"])
        for label, wrong in away.items():
            wrong.append((~right[label][band == label]).sum() - bands.table["wrong_labels"].sel(label=label).item())
        named_at_all += (band != "undecided").sum()
    assert 0.3 < named_at_all / 4800 < 0.9
    for label, wrong in away.items():
        assert abs(np.mean(wrong)) < 3 * np.std(wrong, ddof=1) / np.sqrt(300), label


@laws
@given(tied, st.sampled_from([Fraction(1, 20), Fraction(3, 10), Fraction(2, 5)]), st.integers(0, 2))
def test_a_band_is_the_action_of_least_expected_loss(values, cost, delta):
    """The region's ends belong to it; with the rate lax, only the loss decides."""
    draws = listed(values)
    bands = band_against(named(values), 2, delta=delta, undecided_cost=float(cost), fdr=0.99).table["band"].to_numpy()
    for i, band in enumerate(bands):
        losses = slow_selection.band_losses(draws, i, 2 - delta, 2 + delta, cost)
        assert losses[band] == min(losses.values())


@laws
@given(tied, rates.filter(lambda rate: rate < Fraction(3, 10)))
def test_departures_keep_within_the_rate_and_only_the_least_certain_go(values, fdr):
    draws = named(values)
    strict = band_against(draws, 2, delta=0, undecided_cost=0.4, fdr=float(fdr)).table
    lax = band_against(draws, 2, delta=0, undecided_cost=0.4, fdr=0.99).table
    sure = np.maximum(strict["p_above"], strict["p_below"]).to_numpy()
    kept, asked = (np.isin(table["band"], ["above", "below"]) for table in (strict, lax))
    assert (kept <= asked).all()
    assert (1 - sure[kept]).mean() <= float(fdr) + 1e-9 if kept.any() else True
    let_go = asked & ~kept
    if let_go.any():
        assert sure[let_go].max() <= sure[kept].min(initial=1.0)
        longer = np.append(sure[kept], sure[let_go].max())
        assert (1 - longer).mean() > float(fdr)


def test_band_probabilities_sum_to_one_and_counts_add_up():
    table = band_against(normals([-3, 0, 0, 3], [1, 0.1, 1, 1], seed=4), 0.0, delta=1.0).table
    np.testing.assert_allclose(table["p_above"] + table["p_within"] + table["p_below"], 1, rtol=0, atol=1e-12)
    assert table["band"].to_numpy().tolist() == ["below", "within", "undecided", "above"]
    assert table["trusts"].to_numpy().tolist() == [1, 1, 1]
    assert table["wrong_labels"].values[0] == pytest.approx(1 - table["p_above"].values[3], abs=1e-12)
    assert (table["p_above_mcse"] > 0).all()


ZEROS = named(np.zeros((1, 4, 3)) + np.arange(4)[None, :, None])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: select_end(ZEROS, 4, best="highest", end="top"), "k must lie between 1 and the number of trusts, 3"),
        (lambda: select_end(ZEROS, 1, best="highest", end="left"), 'end must be "top" or "bottom"'),
        (lambda: select_end(ZEROS, 1, best="best", end="top"), "best must be"),
        (lambda: select_end(ZEROS, 1, best="highest", end="top", capacity=9), "capacity must lie between 0 and"),
        (lambda: select_end(ZEROS, 1, best="highest", end="top", fdr=1.0), "fdr must lie"),
        (lambda: select_beyond(ZEROS, np.nan, direction="above"), "threshold must be a finite number"),
        (lambda: select_beyond(ZEROS, 1, direction="over"), 'direction must be "above" or "below"'),
        (lambda: band_against(ZEROS, 1, delta=-1.0), "delta must not be negative"),
        (lambda: band_against(ZEROS, np.inf, delta=1.0), "target must be a finite number"),
        (lambda: band_against(ZEROS, 1, delta=1.0, undecided_cost=0.5), "undecided_cost must lie"),
    ],
)
def test_what_cannot_be_used_is_said(call, message):
    with pytest.raises(UsageError, match=message):
        call()
