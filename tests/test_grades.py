import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from oracles import normal_ranks, weak_orders
from rank_draws import autocorrelated, named, normals

from ranktrust.errors import UsageError
from ranktrust.ranks import card_moves, card_search, grade_frontier, grade_trusts, grade_within, p_above, report_card

laws = settings(deadline=None, max_examples=60, derandomize=True)
shapes = st.tuples(st.integers(1, 2), st.integers(4, 7), st.integers(2, 5))
tied = shapes.flatmap(lambda shape: arrays(np.int64, shape, elements=st.integers(0, 4)))
weights = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.8, 1.0])


def best_cut(above, weight):
    return report_card.cut(report_card.blocks_of(above, report_card.best_order(above)), weight)


def listed(values):
    return values.reshape(-1, values.shape[-1]).tolist()


@pytest.fixture(scope="module")
def names76(shared):
    """drrank 0.1.3, README example: P(above) of 76 first names; its pairs fall short of 1 in sum by up to 0.0012."""
    frame = pd.read_csv(shared / "oracles" / "drrank" / "pairwise_from_post_dist_5000.csv", index_col=0)
    assert list(frame.index) == list(frame.columns)
    return frame


def completed(above):
    return (above + 1 - above.T) / 2


def test_names_have_the_grades_that_drrank_gave_them(shared, names76):
    theirs = pd.read_csv(shared / "oracles" / "drrank" / "names76_grade_dp_refined_lam0.25.csv").set_index("firstname")
    above = names76.to_numpy()
    for matrix in (above, completed(above)):
        grade = best_cut(matrix, 0.25).grade
        assert (grade == theirs["grade"].loc[names76.index]).all()
        assert np.bincount(grade)[1:].tolist() == [53, 23]


def test_names_have_the_condorcet_order_of_drrank_or_a_better_one(shared, names76):
    """One swap of neighbours apart: Lakeisha leads Maurice by 0.0011, and every pair here stands as it should."""
    theirs = pd.read_csv(shared / "oracles" / "drrank" / "names76_grade_dp_refined_lam1.0.csv").set_index("firstname")
    above, grade = completed(names76.to_numpy()), theirs["grade"].loc[names76.index].to_numpy()
    ours = best_cut(above, 1.0)
    assert names76.index[ours.grade != grade].tolist() == ["Lakeisha", "Maurice"]
    each_pair_at_its_best = np.triu(np.abs(above - above.T), k=1).sum()
    assert ours.gain(1.0) == pytest.approx(each_pair_at_its_best, abs=1e-9)
    assert ours.gain(1.0) > weak_orders.gain(above, grade, 1.0) + 1e-4


def test_small_cases_of_the_integer_program_are_reached(shared, names76):
    """drrank with Gurobi 13 on five names, from a coarser P(above): equal but at 0.25, where ours gains more."""
    frame = pd.read_csv(shared / "oracles" / "drrank" / "gurobi_fit_small.csv")
    for weight, theirs in frame.groupby("lam"):
        at = theirs["unit_idx"].to_numpy()
        above, grade = names76.to_numpy()[np.ix_(at, at)], theirs["grade"].to_numpy()
        ours = best_cut(above, weight)
        assert ours.gain(weight) == pytest.approx(weak_orders.best_gain(above, weight), abs=1e-12)
        assert ours.gain(weight) >= weak_orders.gain(above, grade, weight) - 1e-12
        assert (ours.grade == grade).all() or weight == 0.25


@pytest.mark.parametrize("tag", ["normal_P_N6_seed21", "normal_P_N8_seed22"])
@pytest.mark.parametrize("weight", [0.1, 0.25, 0.6, 1.0])
def test_cuts_are_optimal_by_an_integer_programme(shared, tag, weight):
    above = pd.read_csv(shared / "oracles" / "drrank" / f"{tag}.csv").to_numpy()
    found = best_cut(above, weight).gain(weight)
    assert found == pytest.approx(weak_orders.programme_gain(above, weight), abs=1e-7)


def test_the_two_oracles_agree():
    above = np.random.default_rng(1).uniform(0, 1, size=(4, 4))
    for weight in (0.2, 0.9):
        assert weak_orders.programme_gain(above, weight) == pytest.approx(weak_orders.best_gain(above, weight))


@laws
@given(st.lists(st.integers(-6, 6), min_size=2, max_size=5), weights)
def test_normals_of_one_spread_are_cut_as_well_as_any_weak_order(mean, weight):
    """Equal spreads make the rows dominate, so a cut is proven best."""
    above = normal_ranks.p_above(np.array(mean) / 3, np.ones(len(mean)))
    order = report_card.best_order(above)
    assert report_card.violation(above, order) < 1e-9
    assert best_cut(above, weight).gain(weight) == pytest.approx(weak_orders.best_gain(above, weight), abs=1e-8)


@laws
@given(tied)
def test_how_far_an_order_is_from_dominance_is_found_in_loops(values):
    above = p_above(named(values), best="highest")["p_above"].to_numpy()
    order = report_card.best_order(above)
    slow = weak_orders.violation(above.tolist(), order.tolist())
    assert report_card.violation(above, order) == pytest.approx(slow, abs=1e-12)


@laws
@given(tied, weights)
def test_any_draws_are_cut_no_better_than_the_best_and_as_well_where_proven(values, weight):
    draws = named(values)
    found = grade_trusts(draws, best="highest", lambda_=weight)
    above = p_above(draws, best="highest")["p_above"].to_numpy()
    grade = found.table["grade"].to_numpy()
    most, ours = weak_orders.best_gain(above, weight), weak_orders.gain(above, grade, weight)
    assert set(grade.tolist()) == set(range(1, found.grades + 1))
    assert ours <= most + 1e-9
    assert found.violation > 1e-9 or ours == pytest.approx(most, abs=1e-7)


@laws
@given(tied, weights)
def test_what_a_card_gets_wrong_is_counted_in_loops(values, weight):
    card = grade_trusts(named(values), best="highest", lambda_=weight)
    table, draws, grade = card.table, listed(values), card.table["grade"].to_numpy().tolist()
    wrong = [weak_orders.wrong_pairs(draw, grade) for draw in draws]
    n, split = len(grade), len(weak_orders.split_pairs(grade))
    pairs = n * (n - 1) / 2
    mean = float(sum(wrong) / len(draws))
    assert table["separated"].item() == pytest.approx(split / pairs)
    assert table["discordance"].item() == pytest.approx(mean / pairs, abs=1e-12)
    assert table["tau"].item() == pytest.approx((split - 2 * mean) / pairs, abs=1e-12)
    assert table["p_all_correct"].item() == pytest.approx(sum(each == 0 for each in wrong) / len(draws))
    if split:
        assert table["discordance_separated"].item() == pytest.approx(mean / split, abs=1e-12)
        assert table["discordance_mcse"].item() > 0
    else:
        assert np.isnan(table["discordance_separated"].item())


@laws
@given(tied)
def test_discordance_between_two_grades_is_counted_in_loops(values):
    table = grade_trusts(named(values), best="highest", lambda_=0.8).table
    grade, between = table["grade"].to_numpy(), table["discordance_between"].to_numpy()
    for a in range(1, grade.max() + 1):
        for b in range(1, grade.max() + 1):
            members = [(i, j) for i in np.flatnonzero(grade == a) for j in np.flatnonzero(grade == b)]
            wrong = np.mean([[(d[i] < d[j]) + (d[i] == d[j]) / 2 for i, j in members] for d in listed(values)])
            assert np.isnan(between[a - 1, b - 1]) if a >= b else between[a - 1, b - 1] == pytest.approx(wrong)


@pytest.mark.parametrize("seed", [2, 3])
def test_trusts_of_unequal_precision_are_graded_as_the_integer_programme_does(seed):
    """At seed 2 the best cut of the order gains 6.21, and the programme 6.37: one trust goes to another grade."""
    generator = np.random.default_rng(seed)
    mean, sd = generator.normal(size=20), generator.uniform(0.2, 1.5, size=20)
    draws = normals(mean, sd, seed=seed, draws=250)
    above = p_above(draws, best="highest")["p_above"].to_numpy()
    card = grade_trusts(draws, best="highest", lambda_=0.25)
    grade, place = card.table["grade"].to_numpy(), card.table["place"].to_numpy()
    found = weak_orders.gain(above, grade, 0.25)
    assert card.violation > 0.1
    assert found == pytest.approx(weak_orders.programme_gain(above, 0.25), abs=1e-7)
    assert (found > best_cut(above, 0.25).gain(0.25) + 0.1) == (seed == 2)
    assert (np.diff(grade[np.argsort(place)]) >= 0).all()
    row = grade_frontier(draws, best="highest").query("lambda_from <= 0.25").iloc[-1]
    assert row["tau"] == pytest.approx(card.table["tau"].item(), abs=1e-12)


@laws
@given(tied, weights)
def test_polish_ends_where_no_single_move_gains(values, weight):
    above = p_above(named(values), best="highest")["p_above"].to_numpy()
    start = best_cut(above, weight)
    polished = card_moves.polish(above, start, weight)
    grade = polished.grade.tolist()
    assert polished.gain(weight) == pytest.approx(weak_orders.gain(above, grade, weight), abs=1e-9)
    assert polished.gain(weight) >= start.gain(weight) - 1e-9
    for unit in range(len(grade)):
        for slot in range(1, 2 * max(grade) + 2):
            moved = [2 * each for each in grade]
            moved[unit] = slot
            assert weak_orders.gain(above, moved, weight) <= polished.gain(weight) + 1e-7


@laws
@given(tied)
def test_the_envelope_is_the_best_of_its_cards_at_every_lambda(values):
    above = p_above(named(values), best="highest")["p_above"].to_numpy()
    cards = [best_cut(above, weight) for weight in (0.0, 0.2, 0.5, 0.9, 1.0)]
    chosen, starts = report_card.envelope(cards)
    assert starts == sorted(starts)
    for weight in np.linspace(0, 1, 21):
        at = int(np.searchsorted(starts, weight, side="right")) - 1
        assert chosen[at].gain(weight) == pytest.approx(max(card.gain(weight) for card in cards), abs=1e-7)


@laws
@given(tied)
def test_the_frontier_is_the_best_at_every_lambda(values):
    above = p_above(named(values), best="highest")["p_above"].to_numpy()
    blocks = report_card.blocks_of(above, report_card.best_order(above))
    cuts, starts = report_card.frontier(blocks)
    assert starts[0] == 0
    assert starts == sorted(starts)
    for weight in np.linspace(0, 1, 41):
        at = int(np.searchsorted(starts, weight, side="right")) - 1
        assert cuts[at].gain(weight) == pytest.approx(report_card.cut(blocks, weight).gain(weight), abs=1e-7)


def test_the_frontier_goes_from_one_grade_to_the_full_order():
    draws = normals(np.linspace(-2, 2, 9), np.full(9, 0.7), seed=3, draws=1000)
    table = grade_frontier(draws, best="highest")
    assert (table["grades"].iloc[0], table["grades"].iloc[-1]) == (1, 9)
    assert table["tau"].is_monotonic_increasing
    assert (table["lambda_to"].iloc[:-1].to_numpy() == table["lambda_from"].iloc[1:].to_numpy()).all()
    row = table[table["lambda_from"] <= 0.25].iloc[-1]
    card = grade_trusts(draws, best="highest").table
    for name in ("separated", "discordance", "discordance_separated", "tau"):
        assert row[name] == pytest.approx(card[name].item(), abs=1e-12)
    assert 0.5 < row["discordance_mcse"] / card["discordance_mcse"].item() < 2


def test_the_budget_is_on_separated_pairs_and_the_finest_card_within_it_is_taken():
    draws = normals(np.linspace(-1, 1, 12), np.full(12, 0.5), seed=5, draws=1000)
    table = grade_frontier(draws, best="highest")
    for budget in (0.1, 0.13, 0.17):
        card = grade_within(draws, best="highest", budget=budget)
        finer = table[table["grades"] > card.grades]
        assert card.grades > 1
        assert card.table["discordance_separated"].item() <= budget
        assert (finer["discordance_separated"] > budget).all()
        again = grade_trusts(draws, best="highest", lambda_=card.lambda_)
        assert (again.table["grade"] == card.table["grade"]).all()
    assert grade_within(draws, best="highest", budget=0.0).grades == 1


def test_reversing_direction_turns_the_card_over_and_names_go_with_their_draws():
    draws = normals(np.linspace(0, 2, 8), np.linspace(0.3, 0.8, 8), seed=6, draws=1000)
    high, low = (grade_trusts(draws, best=best, lambda_=0.5) for best in ("highest", "lowest"))
    assert (high.table["grade"] == high.grades + 1 - low.table["grade"]).all()
    assert (high.table["place"] == 9 - low.table["place"]).all()
    assert high.table["grade"].sel(trust="T7") == 1
    shuffled = grade_trusts(draws[..., [3, 1, 0, 2, 7, 6, 5, 4]], best="highest", lambda_=0.5).table
    assert (shuffled["grade"] == high.table["grade"].sel(trust=shuffled["trust"])).all()


def test_any_card_turns_over_with_direction_even_where_cards_gain_the_same():
    """From one end alone, 15 of these 400 cards do not."""
    generator = np.random.default_rng(12)
    for case in range(200):
        values = generator.integers(0, 4, (1, 6, int(generator.integers(3, 8))))
        above = p_above(named(values), best="highest")["p_above"].to_numpy()
        for weight in (0.25, 0.5):
            high, low = (card_search.best_card(matrix, weight).grade for matrix in (above, above.T))
            assert (high == high.max() + 1 - low).all(), case


@laws
@given(tied, st.sampled_from([0.1, 0.25, 0.5, 0.8]))
def test_neighbouring_grades_are_in_order_on_average_with_the_probability_that_lambda_asks(values, weight):
    card = grade_trusts(named(values), best="highest", lambda_=weight)
    between = card.table["discordance_between"].to_numpy()
    assert (np.diagonal(between, offset=1) <= weight / (1 + weight) + 1e-9).all()


def test_neighbours_that_do_not_gain_are_merged_where_no_single_move_would_do():
    """Four trusts of two grades; single moves end at two grades whose border loses."""
    above = np.array([[0.5, 0.7, 0.5, 0.6], [0.3, 0.5, 0.5, 0.3], [0.5, 0.5, 0.5, 0.2], [0.4, 0.7, 0.8, 0.5]])
    start = report_card.Cut(np.array([1, 1, 2, 2]), 4, float(above[:2, 2:].sum()))
    moved = card_moves.polish(above, start, 0.25)
    assert moved.grade.max() == 2
    assert moved.gain(0.25) < 0
    assert card_moves.settled(above, start, 0.25).grade.tolist() == [1, 1, 1, 1]


def test_certain_trusts_are_graded_apart_and_never_without_error():
    card = grade_trusts(normals([0.0, 100.0, 200.0], [1, 1, 1], seed=7), best="highest")
    assert card.table["grade"].to_numpy().tolist() == [3, 2, 1]
    assert card.table["discordance"].item() == 0
    assert card.table["p_all_correct"].item() == 1
    for name in ("discordance_mcse", "p_all_correct_mcse", "tau_mcse"):
        assert 0 < card.table[name].item() < 1e-3


def test_monte_carlo_errors_are_the_spread_over_repetitions():
    grade, names = np.array([2, 2, 1, 1]), ("discordance", "tau", "p_all_correct")
    runs = [
        grade_trusts(autocorrelated(np.array([0, 0.2, 2, 2.2]), seed=s, rho=0.6, draws=500), best="highest").table
        for s in range(120)
    ]
    assert all((run["grade"] == grade).all() for run in runs)
    values = {
        name: ([run[name].item() for run in runs], [run[f"{name}_mcse"].item() for run in runs]) for name in names
    }
    values["between"] = tuple([run[f"discordance_between{end}"].values[0, 1] for run in runs] for end in ("", "_mcse"))
    for name, (found, claimed) in values.items():
        ratio = np.sqrt(np.mean(np.square(claimed))) / np.std(found, ddof=1)
        assert 0.75 < ratio < 1.35, f"{name} {ratio}"


def test_promised_discordance_is_met_in_simulated_panels():
    """Exact posteriors of normal panels: what the cards promise is what the truth shows, within three errors."""
    generator, excess, promised = np.random.default_rng(11), [], []
    for seed in range(300):
        truth = generator.normal(size=10)
        posterior_mean = 0.8 * (truth + generator.normal(0, 0.5, size=10))
        draws = normals(posterior_mean, np.full(10, np.sqrt(0.2)), seed=seed, draws=100)
        card = grade_trusts(draws, best="highest")
        wrong = float(weak_orders.wrong_pairs(truth, card.table["grade"].to_numpy().tolist())) / 45
        promised.append(card.table["discordance"].item())
        excess.append(wrong - promised[-1])
    assert 0.01 < np.mean(promised) < 0.1
    assert abs(np.mean(excess)) < 3 * np.std(excess, ddof=1) / np.sqrt(300)


@pytest.mark.parametrize("weight", [-0.1, 1.1, float("nan")])
def test_a_lambda_outside_its_range_is_refused(weight):
    with pytest.raises(UsageError, match="lambda_ must lie between 0 and 1"):
        grade_trusts(named(np.zeros((1, 4, 2))), best="highest", lambda_=weight)


def test_a_budget_of_more_than_a_half_is_refused():
    with pytest.raises(UsageError, match=r"budget must lie between 0 and 0\.5, and is 0\.6"):
        grade_within(named(np.zeros((1, 4, 2))), best="highest", budget=0.6)
