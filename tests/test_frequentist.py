import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import slow_rank_sets
from scipy.stats import norm, studentized_range

from ranktrust.errors import UsageError
from ranktrust.ranks import multinomial_rank_sets, rank_sets, stepdown, tau_best, tau_worst

laws = settings(deadline=None, max_examples=25, derandomize=True)
SIDES = {"two-sided": "both", "lower": "lower", "upper": "upper"}


def series(values, prefix="T"):
    return pd.Series(np.asarray(values, dtype=float), index=[f"{prefix}{i}" for i in range(len(values))])


def bounds(sets):
    return sets.table["rank_lower"].to_numpy(), sets.table["rank_upper"].to_numpy()


@pytest.fixture(scope="module")
def pisa(shared):
    return pd.read_csv(shared / "oracles" / "csranks" / "pisa2018_input.csv").set_index("jurisdiction")


def sets_of(pisa, **options):
    return rank_sets(pisa["math_score"], standard_error=pisa["math_se"], **({"best": "highest"} | options))


@pytest.mark.parametrize("stepped", [True, False])
def test_simultaneous_sets_are_those_of_icranks(shared, pisa, stepped):
    """ICRanks 3.1, exact quantiles. One pair lies 0.0045 above the critical value 3.837 of a single step."""
    frame = pd.read_csv(shared / "oracles" / "csranks" / "icranks_pisa2018_math_rank1_is_lowest.csv")
    frame = frame.set_index("unit").loc[pisa.index]
    lower, upper = bounds(sets_of(pisa, best="lowest", stepdown=stepped, size=400_000))
    name = "SeqTukey" if stepped else "Tukey"
    assert len(frame) == 38
    assert (lower == frame[f"{name}_L"]).all()
    assert (upper == frame[f"{name}_U"]).all()


def test_rank_sets_are_those_of_csranks(shared, pisa):
    """csranks 1.2.3: at R = 10,000 all bounds of simultaneous sets agree and two of 76 marginal ones may move by up to
    two places; at R = 1,000 a few do.
    """
    frame = pd.read_csv(shared / "oracles" / "csranks" / "csranks_pisa2018_math.csv")
    settings_of = ["coverage", "cstype", "stepdown", "simul", "R"]
    for (prob, side, stepped, simultaneous, theirs_of), theirs in frame.groupby(settings_of):
        coverage = "simultaneous" if simultaneous else "marginal"
        size = 400_000 if simultaneous and theirs_of == 10_000 else 20_000
        ours = sets_of(pisa, prob=prob, side=SIDES[side], stepdown=bool(stepped), coverage=coverage, size=size)
        expected = theirs.set_index("unit").loc[pisa.index]
        away = np.abs(np.stack(bounds(ours)) - expected[["L", "U"]].to_numpy().T)
        most, how_many = {1000: (2, 8), 10_000: (2, 2)}[theirs_of]
        assert away.max() <= (0 if simultaneous and theirs_of == 10_000 else most)
        assert (away > 0).sum() <= how_many


def test_lists_of_the_best_and_worst_are_those_of_csranks(shared, pisa):
    frame = pd.read_csv(shared / "oracles" / "csranks" / "cstau_pisa2018_math.csv")
    lower, upper = sets_of(pisa, side="lower"), sets_of(pisa, side="upper")
    for tau, theirs in frame.groupby("tau"):
        assert set(tau_best(lower, tau)) == set(theirs["unit"][theirs["in_best"]])
        assert set(tau_worst(upper, tau)) == set(theirs["unit"][theirs["in_worst"]])


def test_multinomial_sets_are_those_of_csranks(shared):
    frame = pd.read_csv(shared / "oracles" / "csranks" / "multinom.csv")
    count = series(frame["count"])
    for coverage, columns in {"simultaneous": "simulHolm", "marginal": "marg"}.items():
        lower, upper = bounds(multinomial_rank_sets(count, best="highest", coverage=coverage))
        assert lower.tolist() == frame[f"L_{columns}"].tolist()
        assert upper.tolist() == frame[f"U_{columns}"].tolist()
    mirrored = bounds(multinomial_rank_sets(count, best="lowest"))
    assert mirrored[0].tolist() == (8 - frame["U_simulHolm"]).tolist()


@laws
@given(st.lists(st.integers(0, 40), min_size=2, max_size=5), st.sampled_from([0.8, 0.95]))
def test_exact_tests_are_the_slow_ones(count, prob):
    n = len(count)
    p_values = {
        (j, k): slow_rank_sets.binomial_p_value(count[j], count[k]) for j in range(n) for k in range(n) if j != k
    }
    slow = slow_rank_sets.bounds(slow_rank_sets.holm(p_values, 1 - prob + 1e-12), n)
    lower, upper = bounds(multinomial_rank_sets(series(count), best="highest", prob=prob))
    assert (lower.tolist(), upper.tolist()) == slow


@laws
@given(st.integers(0, 10_000), st.integers(2, 6), st.booleans(), st.booleans())
def test_stepping_down_is_the_slow_one(seed, n, stepped, correlated):
    generator = np.random.default_rng(seed)
    root = generator.normal(size=(n, n)) if correlated else np.diag(generator.uniform(0.5, 2, n))
    problem = stepdown.pose(generator.normal(0, 4, n), root @ root.T, size=1000, seed=seed)
    pairs = [(j, k) for j in range(n) for k in range(n) if j != k and generator.random() < 0.8] or [(0, 1)]
    mask = np.zeros((n, n), dtype=bool)
    mask[tuple(np.array(pairs).T)] = True
    fast = stepdown.reject(problem, mask, alpha=0.1, stepdown=stepped).rejected
    noise = problem.noise.T.astype(float).tolist()
    slow = slow_rank_sets.reject(problem.estimate, problem.spread, noise, pairs, 0.1, stepdown=stepped)
    assert {tuple(pair) for pair in np.argwhere(fast).tolist()} == slow


@laws
@given(st.lists(st.integers(-9, 9), min_size=2, max_size=7), st.integers(0, 99))
def test_one_step_mirrors_and_stepping_and_margins_only_narrow(values, seed):
    estimate, error = series(values), series(np.linspace(0.5, 2, len(values)))
    ask = {"standard_error": error, "size": 2000, "seed": seed}
    single = bounds(rank_sets(estimate, best="highest", stepdown=False, **ask))
    mirrored = bounds(rank_sets(estimate, best="lowest", stepdown=False, **ask))
    stepped = bounds(rank_sets(estimate, best="highest", **ask))
    marginal = bounds(rank_sets(estimate, best="highest", coverage="marginal", stepdown=False, **ask))
    assert (single[0] == len(values) + 1 - mirrored[1]).all()
    for inner in (stepped, marginal):
        assert (inner[0] >= single[0]).all()
        assert (inner[1] <= single[1]).all()


def test_critical_values_are_the_known_ones_within_their_error():
    for n, exact in [(2, norm.ppf(0.975)), (12, studentized_range.ppf(0.95, 12, np.inf) / np.sqrt(2))]:
        table = rank_sets(series(range(n)), best="highest", standard_error=series([1.0] * n), stepdown=False).table
        assert abs(table["critical"][0] - exact) < 4 * table["critical_mcse"][0]
        assert 0.002 < table["critical_mcse"][0] < 0.03


def test_the_error_of_a_critical_value_is_its_spread_over_seeds():
    estimate, error = series(np.zeros(6)), series(np.linspace(1, 3, 6))
    runs = [
        rank_sets(estimate, best="highest", standard_error=error, size=2000, seed=seed).table for seed in range(200)
    ]
    spread = np.std([run["critical"][0] for run in runs], ddof=1)
    claimed = np.sqrt(np.mean([run["critical_mcse"][0] ** 2 for run in runs]))
    assert 0.85 < claimed / spread < 1.15


def test_the_range_is_a_shortcut_and_not_another_answer():
    covariance = 0.3 + 0.7 * np.eye(9)
    problem = stepdown.pose(np.zeros(9), covariance, size=5000, seed=3)
    pairs = stepdown.all_pairs(9)
    quick = stepdown.largest_difference(problem, pairs)
    nearly = stepdown.Problem(problem.estimate, problem.spread * (1 + 1e-6 * pairs * np.arange(9)), problem.noise)
    np.testing.assert_allclose(quick, stepdown.largest_difference(nearly, pairs), rtol=2e-5)


def test_a_covariance_is_used_as_it_is():
    """Two estimates that share most of their error are told apart although their own errors are large."""
    names = ["A", "B"]
    estimate = pd.Series([0.0, 1.0], index=names)
    shared_error = pd.DataFrame([[1.0, 0.95], [0.95, 1.0]], index=names, columns=names)
    together = rank_sets(estimate, best="highest", covariance=shared_error)
    apart = rank_sets(estimate, best="highest", standard_error=pd.Series([1.0, 1.0], index=names))
    assert bounds(together)[0].tolist() == [2, 1]
    assert bounds(apart)[0].tolist() == [1, 1]
    drawn = stepdown.draw_noise(shared_error.to_numpy(), size=100_000, seed=1)
    np.testing.assert_allclose(np.cov(drawn), shared_error, atol=0.02)


@pytest.mark.parametrize("stepped", [True, False])
def test_equal_trusts_are_told_apart_in_one_panel_of_twenty(stepped):
    """All errors are made where nothing differs: there the family-wise error is 0.05, not less."""
    generator = np.random.default_rng(8)
    error = series(np.linspace(1, 2, 8))
    made = 0
    for _ in range(600):
        sets = rank_sets(
            series(generator.normal(0, error)), best="highest", standard_error=error, stepdown=stepped, size=5000
        )
        made += (bounds(sets)[0] > 1).any() or (bounds(sets)[1] < 8).any()
    assert abs(made / 600 - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 600)


def test_sets_and_lists_hold_the_truth_in_300_panels():
    generator = np.random.default_rng(9)
    truth = np.array([0.0, 0.1, 0.5, 1.0, 1.1, 3.0, 6.0])
    rank, error = 7 - np.arange(7), series(np.linspace(0.5, 1, 7))
    sets_hold = lists_hold = told_apart = 0
    for _ in range(300):
        sets = rank_sets(series(generator.normal(truth, error)), best="highest", standard_error=error, size=5000)
        lower, upper = bounds(sets)
        sets_hold += ((lower <= rank) & (rank <= upper)).all()
        lists_hold += all(f"T{i}" in tau_best(sets, 3) for i in (4, 5, 6))
        told_apart += (upper - lower < 6).any()
    least = 0.95 - 2 * np.sqrt(0.05 * 0.95 / 300)
    assert sets_hold / 300 >= least
    assert lists_hold / 300 >= least
    assert told_apart >= 290


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "either standard_error"),
        ({"standard_error": series([1, 1, 0])}, "no valid standard error for T2"),
        ({"standard_error": series([1, 1, 1], "U")}, "not named as the estimates"),
        ({"standard_error": [1, 1, 1]}, r"must be a pandas.Series .* not list"),
        ({"standard_error": series([1, 1, 1]), "side": "left"}, 'side must be "both"'),
        ({"standard_error": series([1, 1, 1]), "coverage": "all"}, "coverage must be"),
        ({"standard_error": series([1, 1, 1]), "size": 10}, "at least 1000"),
        ({"standard_error": series([1, 1, 1]), "prob": 1.0}, "prob must lie"),
        ({"standard_error": series([1, 1, 1]), "best": "first"}, "best must be"),
    ],
)
def test_what_cannot_be_used_is_said(options, message):
    with pytest.raises(UsageError, match=message):
        rank_sets(series([1, 2, 3]), **({"best": "highest"} | options))


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[1, 0.5], [0.4, 1]], "not symmetric"),
        ([[1, 2], [2, 1]], "not positive semidefinite"),
        ([[1, 1], [1, 1]], "differ by a constant"),
        ([[1, np.nan], [0, 1]], "not finite"),
        ([[1, 0], [0, 0]], "no valid variance for T1"),
    ],
)
def test_a_covariance_that_cannot_be_one_is_refused(matrix, message):
    names = ["T0", "T1"]
    with pytest.raises(UsageError, match=message):
        rank_sets(series([1, 2]), best="highest", covariance=pd.DataFrame(matrix, index=names, columns=names))


def test_lists_and_counts_that_make_no_sense_are_refused():
    estimate, error = series([1, 2, 3]), series([1, 1, 1])
    with pytest.raises(UsageError, match="need simultaneous sets"):
        tau_best(rank_sets(estimate, best="highest", standard_error=error, coverage="marginal"), 1)
    with pytest.raises(UsageError, match="say nothing of this end"):
        tau_best(rank_sets(estimate, best="highest", standard_error=error, side="upper"), 1)
    with pytest.raises(UsageError, match="tau must lie between 1 and the number of trusts, 3, and is 4"):
        tau_worst(rank_sets(estimate, best="highest", standard_error=error), 4)
    with pytest.raises(UsageError, match=r"no valid count .* for T1"):
        multinomial_rank_sets(series([1, 2.5]), best="highest")
