"""Every number of a league table against a plain recomputation from the same draws."""

import json
import re
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from small_panels import FEB, JAN, indicator, observation_table, small_panel, trust_table

from ranktrust.errors import RunError
from ranktrust.gate import Finding
from ranktrust.league import (
    Question,
    caution_sentences,
    headline,
    read_league_table,
    scenario_sentence,
    score,
    set_sentence,
    sets_of,
    summary_sentences,
    tidy_rows,
    write_league_table,
)
from ranktrust.league.sentences import band_sentence, bands_line, scenario_in_short
from ranktrust.league.table import ROW_COLUMNS, Facts, LeagueTable
from ranktrust.panel import Benchmark, Share, Standard

N, CHAINS, DRAWS = 9, 2, 400
CODES = list("ABCDEFGHI")
MEANS = 0.3 * np.array([0, 4, -4, 1, -1, -2, 3, -3, 2])
CONTEXT = pd.DataFrame({"deprivation": np.linspace(-1, 1, N), "age": np.linspace(1, -1, N) ** 2}, index=CODES)
STANDARD = Standard("aim", 0.5, 0.05, "a page")
SHARES = {"this_period": Share(2.0, 8.0, 0.5, "two adjacent years", guess=False)}
PASSED = Finding("energy", "passed", "Fine.", "", pd.DataFrame())
FAILED = Finding("ranks", "failed", "Two miss.", "Draw longer.", pd.DataFrame())


def asked(**changes):
    given = {"study": "own", "study_title": "T", "noun": "trust", "set_description": "nine trusts", "statement": "S"}
    return Question(**{**given, "scenario": "this_period", **changes})


def panel_of(kind="proportion", context=CONTEXT, **declared):
    declared = {"shares": SHARES, "standard": STANDARD, "benchmark": Benchmark(0.5, "England"), **declared}
    first, second = np.arange(1.0, N + 1), np.full(N, 1000.0)
    first[2] = 0.0
    names = [f"Trust {code}" for code in reversed(CODES)]
    return small_panel(
        first,
        second,
        kind,
        trusts=trust_table(N, name=names, note=["odd context"] + [""] * (N - 1)),
        indicators={"x": indicator(kind, caution="Not adjusted.", caution_source="notes", **declared)},
        context=context,
    )


def draws_of(means=MEANS, spread=0.35, **more):
    generator = np.random.default_rng(7)
    dims = ("chain", "draw", "trust")
    levels = {
        name: (dims, means + shift + generator.normal(0, spread, (CHAINS, DRAWS, N)))
        for name, shift in (("total", 0.1), ("outcome", 0.0), ("performance", -0.2))
    }
    return xr.Dataset({**levels, **more}, coords={"trust": CODES})


def fit_of(posterior=None):
    tree = xr.DataTree.from_dict({"posterior": draws_of() if posterior is None else posterior})
    tree.attrs["model"] = "proportion"
    return tree


def table_of(posterior=None, panel=None, findings=(PASSED,), **question):
    return score(fit_of(posterior), panel or panel_of(), findings, asked(**question))


def logistic(values):
    return 1 / (1 + np.exp(-np.asarray(values)))


def samples(name="outcome"):
    """(draw, trust), chains one after another."""
    return draws_of()[name].to_numpy().reshape(-1, N)


def ranks(best="highest", name="outcome"):
    """Rank of each trust in each draw by a loop: one more than the number that are better."""
    sign = 1 if best == "highest" else -1
    return np.array([[1 + sum(sign * other > sign * one for other in row) for one in row] for row in samples(name)])


@pytest.fixture(scope="module")
def table():
    return table_of()


def column(table, name):
    return table.rows.loc[CODES, name].to_numpy()


# Levels and standards


@pytest.mark.parametrize(("shown", "name"), [("estimate", "outcome"), ("performance", "performance")])
def test_estimates_are_means_of_the_inverse_link_with_its_quantiles(table, shown, name):
    natural = logistic(samples(name))
    np.testing.assert_allclose(column(table, shown), natural.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(column(table, f"{shown}_lower"), np.quantile(natural, 0.025, axis=0), rtol=1e-12)
    np.testing.assert_allclose(column(table, f"{shown}_upper"), np.quantile(natural, 0.975, axis=0), rtol=1e-12)


@pytest.mark.parametrize(("kind", "link"), [("ratio", np.exp), ("estimate", np.asarray)])
def test_other_kinds_have_their_own_link(kind, link):
    found = table_of(panel=panel_of(kind))
    np.testing.assert_allclose(column(found, "estimate"), link(samples()).mean(axis=0), rtol=1e-12)


def test_the_question_chooses_the_level_and_the_probability():
    found = table_of(latent="total", prob=0.8)
    natural = logistic(samples("total"))
    np.testing.assert_allclose(column(found, "estimate_lower"), np.quantile(natural, 0.1, axis=0), rtol=1e-12)
    np.testing.assert_allclose(column(found, "expected_rank"), ranks(name="total").mean(axis=0), rtol=1e-12)
    assert (found.facts.latent, found.facts.prob) == ("total", 0.8)


def test_probabilities_beyond_the_standard_leave_delta_on_either_side(table):
    natural = logistic(samples())
    np.testing.assert_array_equal(column(table, "p_above_standard"), (natural > 0.55).mean(axis=0))
    np.testing.assert_array_equal(column(table, "p_below_standard"), (natural < 0.45).mean(axis=0))


def test_without_a_standard_its_columns_are_empty():
    found = table_of(panel=panel_of(standard=None))
    assert found.rows[["p_above_standard", "p_below_standard", "ess_outcome"]].isna().all(axis=None)
    assert (found.facts.standard, found.facts.delta) == (None, 0.0)


def test_the_size_behind_a_standard_is_the_smaller_of_its_two():
    generator = np.random.default_rng(3)
    slow = generator.normal(size=(CHAINS, DRAWS))
    for k in range(1, DRAWS):
        slow[:, k] = 0.9 * slow[:, k - 1] + np.sqrt(1 - 0.81) * slow[:, k]
    posterior = draws_of()
    posterior["outcome"][:, :, 0] = np.where(slow > 0, 0.25, -1.0 * (generator.random((CHAINS, DRAWS)) < 0.3))
    found = table_of(posterior).rows.loc["A"]
    for name in ("above", "below"):
        p, ess = found[f"p_{name}_standard"], found["ess_outcome"]
        wilson = np.sqrt(p * (1 - p) / ess + 1 / (4 * ess**2)) / (1 + 1 / ess)
        assert wilson >= found[f"p_{name}_standard_mcse"] * (1 - 1e-12), name


# Ranks


@pytest.mark.parametrize("best", ["highest", "lowest"])
def test_expected_ranks_and_quarters_against_loops(best):
    found, plain = table_of(panel=panel_of(best=best)), ranks(best)
    np.testing.assert_allclose(column(found, "expected_rank"), plain.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(column(found, "p_top_quarter"), (plain <= 2).mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(column(found, "p_bottom_quarter"), (plain >= 8).mean(axis=0), rtol=1e-12)
    assert (found.facts.top, found.facts.bottom) == ((N + 1) // 4, 2)


def test_rank_intervals_and_medians_against_loops(table):
    ordered, size = np.sort(ranks(), axis=0), CHAINS * DRAWS
    np.testing.assert_array_equal(column(table, "rank_lower"), ordered[int(0.025 * size)])
    np.testing.assert_array_equal(column(table, "rank_upper"), ordered[int(0.975 * size) - 1])
    np.testing.assert_array_equal(column(table, "median_rank"), ordered[size // 2 - 1])


def plain_wrong(grade):
    """Pairs of each draw that bands separate the wrong way round, by loops."""
    pairs = [(i, j) for i in range(N) for j in range(N) if grade[i] < grade[j]]
    return np.array([sum(row[i] < row[j] for i, j in pairs) for row in samples()]), len(pairs)


def test_bands_are_the_best_of_every_cut_of_the_order(table):
    """Of the 2^8 cuts of the order of expected ranks into neighbours, that of most (1 + lambda) P - 1."""
    above = table.p_above.loc[CODES, CODES].to_numpy()
    order = np.argsort(column(table, "expected_rank"))
    cards = np.ones((2 ** (N - 1), N), dtype=int)
    cards[:, order[1:]] += np.cumsum(list(product([0, 1], repeat=N - 1)), axis=1)
    gains = [banding_gain(above, card) for card in cards]
    assert banding_gain(above, column(table, "band")) == pytest.approx(max(gains), abs=1e-9)
    assert table.facts.bands == min(
        card.max() for card, gain in zip(cards, gains, strict=True) if gain > max(gains) - 1e-9
    )


def banding_gain(above, grade):
    return sum(1.25 * above[i, j] - 1 for i in range(N) for j in range(N) if grade[i] < grade[j])


def test_what_the_bands_get_wrong_is_counted_in_every_draw(table):
    facts, (wrong, split) = table.facts, plain_wrong(column(table, "band"))
    assert facts.band_sizes == tuple(np.bincount(column(table, "band"))[1:])
    assert facts.pairs_split == pytest.approx(split / 36)
    assert facts.misordered == pytest.approx(wrong.mean() / 36)
    assert facts.misordered_split == pytest.approx(wrong.mean() / split)
    assert facts.p_bands_right == pytest.approx((wrong == 0).mean())
    independent = wrong.std(ddof=1) / np.sqrt(len(wrong))
    assert facts.misordered_mcse * 36 == pytest.approx(independent, rel=0.25)
    assert facts.misordered_split_mcse * split == pytest.approx(independent, rel=0.25)
    assert 0 < facts.p_bands_right_mcse < 0.05


def test_a_larger_lambda_makes_more_bands_and_one_is_an_answer():
    counts = [table_of(band_lambda=weight).facts.bands for weight in (0.02, 0.25, 0.9)]
    assert counts == sorted(counts)
    assert counts[0] < counts[2]
    found = table_of(draws_of(np.zeros(N)))
    assert (found.facts.bands, found.facts.band_sizes) == (1, (N,))
    assert set(found.rows["band"]) == {1}
    assert (found.facts.misordered_split, found.facts.misordered, found.facts.p_bands_right) == (None, 0.0, 1.0)
    assert headline(found) == "These data put all 9 trusts into one band"


def test_reversing_direction_turns_the_bands_over(table):
    low = table_of(panel=panel_of(best="lowest"))
    assert (column(table, "band") == low.facts.bands + 1 - column(low, "band")).all()
    assert table.facts.band_sizes == low.facts.band_sizes[::-1]


def test_simultaneous_sets_hold_all_ranks_in_as_many_draws_as_asked(table):
    lower, upper = column(table, "set_lower"), column(table, "set_upper")
    second = ranks().reshape(CHAINS, DRAWS, N)[:, DRAWS // 2 :].reshape(-1, N)
    held = ((second >= lower) & (second <= upper)).all(axis=1).mean()
    assert held >= 0.95
    assert table.facts.sets["final"] == pytest.approx(held)
    assert (lower <= column(table, "rank_lower")).all()
    assert sets_of(table).widened == table.facts.sets["widened"]
    with pytest.raises(ValueError, match="is not ranked, so it has no sets"):
        sets_of(table_of(panel=panel_of(comparability="indirect")))


def test_a_weak_order_stands_by_band_and_name():
    found = table_of(draws_of(0.15 * MEANS))
    assert found.facts.order_is_weak
    keys = list(zip(found.rows["band"], found.rows["trust_name"], strict=True))
    assert keys == sorted(keys)


def test_pairs_and_the_indistinct_against_loops(table):
    values = samples()
    above = np.array([[(values[:, i] > values[:, j]).mean() for j in range(N)] for i in range(N)])
    np.fill_diagonal(above, 0.5)
    np.testing.assert_allclose(table.p_above.loc[CODES, CODES], above, rtol=1e-12)
    for i, trust in enumerate(CODES):
        near = {CODES[j] for j in range(N) if 0.05 < above[i, j] < 0.95 and j != i}
        assert set(table.indistinct_from(trust)) == near, trust


def test_the_indistinct_stand_in_the_tables_order(table):
    order = list(table.rows.index)
    for trust in CODES:
        found = list(table.indistinct_from(trust))
        assert found == sorted(found, key=order.index)


def test_rows_law_and_pairs_share_the_order_of_expected_rank(table):
    assert table.rows["expected_rank"].is_monotonic_increasing
    order = list(table.rows.index)
    assert list(table.rank_pmf.index) == list(table.p_above.index) == list(table.p_above.columns) == order
    law = np.array([(ranks() == place).mean(axis=0) for place in range(1, N + 1)]).T
    np.testing.assert_allclose(table.rank_pmf.loc[CODES], law, atol=1e-12)


def test_precision_is_recomputed(table):
    plain = ranks()
    assert table.facts.poth == pytest.approx(1 - 12 * plain.var(axis=0).sum() / (N * (N + 1) * (N - 1)), abs=1e-9)
    assert -1 < table.facts.spearman_low < table.facts.poth


@pytest.mark.parametrize(("n", "k"), [(2, 1), (3, 1), (7, 2), (9, 2), (11, 3)])
def test_a_quarter_is_the_floor_of_n_plus_one_over_four(n, k):
    levels = {name: (("chain", "draw", "trust"), np.random.default_rng(1).normal(size=(2, 50, n))) for name in
              ("total", "outcome", "performance")}  # fmt: skip
    panel = small_panel([1.0] * n, [9.0] * n, trusts=trust_table(n), indicators={"x": indicator(shares=SHARES)})
    found = table_of(xr.Dataset(levels, coords={"trust": panel.coords["trust"]}), panel)
    assert (found.facts.n, found.facts.top, found.facts.bottom) == (n, k, k)


# What may be ranked


@pytest.mark.parametrize("comparability", ["indirect", "self_selected"])
def test_a_caution_without_a_reason_leaves_ranks_empty(comparability):
    found = table_of(panel=panel_of(comparability=comparability))
    numbers = [name for name in ROW_COLUMNS if "rank" in name or "quarter" in name]
    assert len(numbers) == 10
    assert found.rows[numbers].isna().all(axis=None)
    assert found.rows[["band", "set_lower", "set_upper"]].isna().all(axis=None)
    assert set(found.rows["indistinct_from"]) == {""}
    assert (found.facts.bands, found.facts.misordered, found.facts.sets) == (0, None, None)
    assert found.rank_pmf.empty
    assert found.p_above.empty
    assert (found.facts.ranked, found.facts.poth, found.facts.spearman_low) == (False, None, None)


def test_an_unranked_table_stands_in_the_order_of_names():
    found = table_of(panel=panel_of(comparability="indirect"))
    assert list(found.rows.index) == CODES[::-1]
    assert found.rows["trust_name"].is_monotonic_increasing
    assert found.rows["estimate"].notna().all()


def test_a_reason_allows_ranks_and_is_printed():
    found = table_of(panel=panel_of(comparability="indirect"), rank_reason="to show its width")
    assert found.facts.ranked
    assert caution_sentences(found) == (
        "Not adjusted. (Source: notes.)",
        "This study ranks despite that caution. Its reason: to show its width",
    )


@pytest.mark.parametrize(
    ("reads", "nested", "words"),
    [
        (("region_idx", "icb_idx"), ("region", "icb"), " that regions and integrated care boards leave is taken"),
        (("region_idx",), ("region",), " that regions leave is taken"),
        (("icb_idx", "context"), ("icb",), " that covariates and integrated care boards leave is taken"),
        ((), (), "between trusts is taken"),
    ],
)
def test_only_groups_that_the_statement_reads_are_said_to_be_nested(reads, nested, words):
    trusts = trust_table(N, icb=["I", "J"] * N, region=["North", "South"] * N)
    parts = {"trusts": trusts, "indicators": {"x": indicator(shares=SHARES)}, "context": CONTEXT}
    panel = small_panel(np.arange(1.0, N + 1), np.full(N, 1000.0), **parts, nested=("region", "icb"))
    table = table_of(panel=panel, reads=reads)
    assert table.facts.nested == nested
    assert words in scenario_sentence(table)


# Facts and notes


def test_the_share_explained_by_context_is_the_formula_in_every_draw():
    generator = np.random.default_rng(9)
    beta, s, omega = generator.normal(size=(CHAINS, DRAWS, 2)), *np.abs(generator.normal(size=(2, CHAINS, DRAWS)))
    names = {"covariate": ["deprivation", "age"]}
    free = {"beta": (("chain", "draw", "covariate"), beta), "s": (("chain", "draw"), s)}
    group, tails = (("chain", "draw"), omega), (("chain", "draw"), 2.5 + omega)
    heavy = s**2 * (2.5 + omega) / (0.5 + omega)
    for more, left in (
        ({}, s**2),
        ({"omega": group}, omega**2 + s**2),
        ({"omega": group, "omega_icb": group}, 2 * omega**2 + s**2),
        ({"nu": tails}, heavy),
    ):
        found = table_of(draws_of(**free, **more).assign_coords(names)).facts.context_share
        explained = (beta @ CONTEXT.to_numpy().T).var(axis=2)
        share = explained / (explained + left)
        np.testing.assert_allclose(found, [share.mean(), *np.quantile(share, [0.025, 0.975])], rtol=1e-10)


def test_without_covariates_no_share_is_explained(table):
    assert table.facts.context_share is None
    assert table_of(panel=panel_of(context=None)).facts.context_share is None


def test_notes_say_what_is_odd(table):
    assert column(table, "note").tolist()[:3] == [
        "odd context",
        "",
        "no event where about 500 would be usual: check the return",
    ]


@pytest.mark.parametrize(("benchmark", "noted"), [(0.019, False), (0.02, True)])
def test_a_zero_is_noted_only_where_twenty_would_be_usual(benchmark, noted):
    note = column(table_of(panel=panel_of(benchmark=Benchmark(benchmark, "England"))), "note")[2]
    assert (note == "no event where about 20 would be usual: check the return") == noted
    assert bool(note) == noted


def test_missing_periods_are_counted_and_the_absent_named():
    gaps = pd.DataFrame(
        [(code, "x", label, "not_submitted", f"Trust {code}") for code, label in (("A", JAN), ("A", FEB), ("Z", JAN))],
        columns=["trust", "indicator", "period", "reason", "note"],
    )
    found = table_of(panel=panel_of().derive(missing=gaps))
    assert found.rows.loc["A", "note"] == "odd context; 2 of the periods summed not submitted"
    assert found.facts.not_ranked == ("Trust Z (Z)",)


@pytest.mark.parametrize(
    ("kind", "text"),
    [("proportion", "5 of 1,000"), ("ratio", "5 observed, expected 1,000"), ("estimate", "5.00 (standard error 1000")],
)
def test_the_published_figure_stands_beside_its_row(kind, text):
    assert table_of(panel=panel_of(kind)).rows.loc["E", "figure"].startswith(text)


def test_half_counts_are_printed_as_halves():
    rows = observation_table("proportion", np.arange(N) + 0.5, np.full(N, 1234.5))
    assert table_of(panel=panel_of().derive(observations=rows)).rows.loc["B", "figure"] == "1.5 of 1,234.5"


def test_facts_state_the_question_the_indicator_and_the_size(table):
    facts = table.facts
    assert (facts.n, facts.draws, facts.model, facts.period) == (N, CHAINS * DRAWS, "proportion", "January 2025")
    assert (facts.standard, facts.delta, facts.benchmark, facts.benchmark_basis) == (0.5, 0.05, 0.5, "England")
    assert (facts.share_mean, facts.share_source, facts.share_guess) == (0.1, "two adjacent years", False)
    assert facts.covariates == ("deprivation", "age")
    assert facts.smallest_ess == table.rows["ess_rank"].min()


@pytest.mark.parametrize(("findings", "passed"), [((PASSED,), True), ((PASSED, FAILED), False), ((), False)])
def test_the_verdict_is_that_of_the_findings(findings, passed):
    facts = table_of(findings=findings).facts
    assert facts.gate_passed == passed
    assert [item["name"] for item in facts.findings] == [item.name for item in findings]


# The value and its files


@pytest.mark.parametrize("name", ["rows", "rank_pmf", "p_above"])
def test_a_table_cannot_be_changed_through_its_frames(table, name):
    before = getattr(table, name).copy(deep=True)
    frame = getattr(table, name)
    frame.iloc[:, 0] = "Q" if name == "rows" else 0.0
    frame["extra"] = 1
    pd.testing.assert_frame_equal(getattr(table, name), before)
    with pytest.raises(AttributeError, match="facts"):
        table.facts = None


@pytest.mark.parametrize("comparability", ["direct", "indirect"])
def test_a_table_survives_its_files(tmp_path, comparability):
    table = table_of(panel=panel_of(comparability=comparability), findings=(PASSED, FAILED))
    write_league_table(table, tmp_path)
    found = read_league_table(tmp_path, "x")
    assert found.facts == table.facts
    for name in ("rows", "rank_pmf", "p_above"):
        one, other = getattr(found, name), getattr(table, name)
        assert list(one.index) == list(other.index)
        exact = [frame.astype(object).where(frame.notna(), None).to_numpy().tolist() for frame in (one, other)]
        assert exact[0] == exact[1]


def test_trusts_named_by_numbers_survive(tmp_path):
    codes = [f"{k:03d}" for k in range(N)]
    panel = panel_of(context=None)
    rename = dict(zip(CODES, codes, strict=True))
    panel = panel.derive(
        observations=panel.observations.replace({"trust": rename}),
        trusts=panel.trusts.rename(index=rename),
        context=panel.context.rename(index=rename),
    )
    table = table_of(draws_of().assign_coords(trust=codes), panel)
    write_league_table(table, tmp_path)
    found = read_league_table(tmp_path, "x")
    assert set(found.rows.index) == set(found.p_above.index) == set(found.p_above.columns) == set(codes)
    assert list(found.rank_pmf.columns) == list(range(1, N + 1))


def facts_file(folder):
    write_league_table(table_of(), folder)
    return folder / "x" / "facts.json"


def test_another_schema_version_is_refused(tmp_path):
    path = facts_file(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace('"schema_version": 1', '"schema_version": 2'))
    with pytest.raises(RunError, match="has schema version 2; this ranktrust reads 1"):
        read_league_table(tmp_path, "x")


@pytest.mark.parametrize("text", ["", "[]", "5", "{", '{"schema_version": 1}', '{"schema_version": 1, "odd": 2}'])
def test_damaged_facts_are_refused(tmp_path, text):
    facts_file(tmp_path).write_text(text)
    with pytest.raises(RunError, match=r"the league table of x in .* cannot be read .*; run the study again"):
        read_league_table(tmp_path, "x")


@pytest.mark.parametrize("name", ["rows.csv", "rank_pmf.csv", "p_above.csv", "facts.json"])
@pytest.mark.parametrize("damage", ["gone", "empty", "short"])
def test_a_damaged_table_is_refused(tmp_path, name, damage):
    path = facts_file(tmp_path).with_name(name)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.unlink()
    if damage != "gone":
        path.write_text("" if damage == "empty" else "".join(lines[:-1]), encoding="utf-8")
    with pytest.raises(RunError, match=r"the league table of x in .* cannot be read"):
        read_league_table(tmp_path, "x")


def test_facts_with_other_names_are_refused():
    with pytest.raises(TypeError, match=r"facts differ in .*odd"):
        Facts.of({"odd": 1})


def test_tidy_rows_begin_with_the_named_columns(table):
    tidy = tidy_rows(table)
    assert list(tidy.columns[:6]) == ["trust", "trust_name", "indicator", "model", "estimate", "estimate_lower"]
    assert set(tidy.columns) == {
        "trust", "indicator", "model", "bands", "standard", "standard_name", "delta", *ROW_COLUMNS
    }  # fmt: skip
    assert set(tidy["bands"]) == {table.facts.bands} == {tidy["band"].max()}
    assert (set(tidy["indicator"]), set(tidy["model"]), len(tidy)) == ({"x"}, {"proportion"}, N)


# Sentences


def test_bands_stand_with_their_error(table):
    wrong, split = plain_wrong(column(table, "band"))
    assert 100 * wrong.mean() / split == pytest.approx(6.5, abs=0.25)
    said = "There are 5 bands; 6.5% of the pairs that they separate are expected to be the wrong way round"
    assert bands_line(table) == said
    assert band_sentence(table).startswith("The 9 trusts fall into 5 bands. A border")


def test_the_headline_gives_the_places_that_a_typical_trust_could_hold(table):
    width = table.rows["rank_upper"] - table.rows["rank_lower"] + 1
    typical = sorted(width)[len(width) // 2]
    assert headline(table) == f"A typical trust could hold any of {typical} places among 9"
    assert (width <= typical).mean() >= 0.5 > (width < typical).mean()
    rows = table.rows.assign(rank_upper=table.rows["rank_lower"])
    exact = LeagueTable.of(table.facts, rows=rows, rank_pmf=table.rank_pmf, p_above=table.p_above)
    assert headline(exact) == "A typical trust's rank interval is one place of 9"


def test_the_source_of_a_belief_stands_in_the_method_alone(table):
    facts = replace(table.facts, scenario="this_period", share_source="sd 0.2 (odd months)")
    told = replace(table, facts=facts)
    assert "sd 0.2" in scenario_sentence(told)
    assert "sd 0.2" not in scenario_in_short(told)
    assert "as the method below says" in scenario_in_short(told)


def test_the_page_says_how_many_separated_pairs_cannot_be_told_apart(table):
    band, above = column(table, "band"), (samples()[:, :, None] > samples()[:, None, :]).mean(axis=0)
    apart = band[:, None] < band[None, :]
    near = (above > 0.05) & (above < 0.95)
    share = 100 * (apart & near).sum() / apart.sum()
    assert 5 < share < 60
    assert f"pair by pair: {share:.2g}% of the pairs that bands separate cannot be told apart" in band_sentence(table)


def test_the_headline_of_an_unranked_table_compares_with_the_standard():
    found = table_of(panel=panel_of(comparability="indirect"))
    natural = logistic(samples())
    above = int(((natural > 0.55).mean(axis=0) >= 0.975).sum())
    below = int(((natural < 0.45).mean(axis=0) >= 0.975).sum())
    assert (above, below) == (2, 1)
    assert headline(found) == (
        "2 of 9 trusts are above 55.0% and 1 below 45.0%, each with at least 97.5%; 6 are not clearly either"
    )


def test_statements_against_a_standard_stand_with_how_many_are_expected_to_be_wrong():
    natural = logistic(samples())
    chances = np.concatenate([(natural > 0.55).mean(axis=0), (natural < 0.45).mean(axis=0)])
    wrong = (1 - chances[chances >= 0.975]).sum()
    said = summary_sentences(table_of(panel=panel_of(comparability="indirect")))[-1]
    assert "at least 97.5%. Of the 3 said here, " in said
    assert (f"{wrong:.2g} are expected" if wrong >= 0.01 else "fewer than 0.01 are expected") in said
    plain = summary_sentences(table_of(panel=panel_of(comparability="indirect", standard=None)))
    assert "expected to be wrong" not in " ".join(plain)


def test_the_headline_without_ranks_or_standard_claims_nothing():
    found = table_of(panel=panel_of(comparability="indirect", standard=None))
    assert headline(found) == "9 trusts with their uncertainty, not ranked"
    assert summary_sentences(found)[0].startswith("Trusts are listed by name.")


def test_summary_sentences_carry_widths_and_counts(table):
    lower, upper = column(table, "rank_lower"), column(table, "rank_upper")
    width = np.sort(upper - lower + 1)
    others = sorted(len(table.indistinct_from(trust)) for trust in CODES)
    first, second, third = summary_sentences(table)
    numbers = [95, width[N // 2], N, width[0], width[-1]]
    assert [int(text) for text in re.findall(r"\d+", first)] == numbers
    assert f"cannot be told from {others[N // 2]} other trusts by" in second
    wrong, split = plain_wrong(column(table, "band"))
    assert (100 * split / 36, 100 * wrong.mean() / 36) == (pytest.approx(89, abs=0.5), pytest.approx(6, abs=0.25))
    assert "at least 80% on average" in third
    assert "separate 89% of all pairs; 6.5% of these, and 6.0% of all pairs, are" in third


def test_one_band_is_said_to_be_a_finding_about_the_data():
    *_, last = summary_sentences(table_of(draws_of(np.zeros(N)), band_lambda=0.5))
    assert last.startswith("No division was found that is worth making")
    assert "less than 66.7% on average" in last


def test_a_typical_width_is_never_understated(table):
    rows = table.rows.iloc[:4].assign(rank_lower=1, rank_upper=[2, 3, 4, 5])
    found = LeagueTable.of(table.facts, rows=rows, rank_pmf=table.rank_pmf, p_above=table.p_above)
    assert "span 4 places or fewer of 9" in summary_sentences(found)[0]


def test_the_comparison_set_is_stated(table):
    assert set_sentence(table) == (
        "9 trusts are compared: nine trusts. The top quarter is the first 2 places, the bottom quarter the last 2."
    )


@pytest.mark.parametrize(("guess", "words"), [(False, "a measured belief (two "), (True, "a guess (two ")])
def test_the_scenario_states_its_belief(guess, words):
    shares = {"long_run": Share(2.0, 8.0, 0.5, "two adjacent years", guess=guess)}
    sentence = scenario_sentence(table_of(panel=panel_of(shares=shares), scenario="long_run"))
    assert "About 10% of the variance between trusts" in sentence
    assert words in sentence


def test_no_sentence_calls_names(table):
    tables = [table, table_of(draws_of(np.zeros(N))), table_of(panel=panel_of(comparability="indirect"))]
    for one in tables:
        said = [headline(one), set_sentence(one), scenario_sentence(one)]
        said += [*summary_sentences(one), *caution_sentences(one)]
        assert not re.search(r"worst|failing|best hospital|best trust|\bbad\b", " ".join(said), re.IGNORECASE)


def test_facts_are_json_without_nan(tmp_path):
    facts = json.loads(facts_file(tmp_path).read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert (facts["schema_version"], facts["n"]) == (1, N)
