"""Several indicators in one fit: what a study may ask, the tables of hand-made draws, and composites of joint draws."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from small_panels import JAN, indicator, small_panel, trust_table

from ranktrust import figures, publish
from ranktrust.composite import (
    absences,
    composite_draws,
    correlation_rows,
    has_figure,
    is_silent,
    loading_rows,
    may_impute,
    missing_rows,
    pessimistic,
    ranked_trusts,
    read_tables,
    write_tables,
)
from ranktrust.composite.weights import mean_weights
from ranktrust.errors import FitError, StudyError
from ranktrust.model import load_model
from ranktrust.panel import Benchmark, Share, join_indicators
from ranktrust.ranks import grade_trusts, poth, summarise_ranks
from ranktrust.run import profile
from ranktrust.run.borrowed import borrowed_rows
from ranktrust.run.composite import composite_tables
from ranktrust.run.composites import draws_of, write_scores
from ranktrust.run.profile import (
    Profiled,
    judge_profile,
    kept_of,
    lower_cells,
    profile_statement,
    profile_tables,
    shares_of,
    with_profile,
)
from ranktrust.store import read_tree, write_tree
from ranktrust.study import read_study

PROJECT = Path(__file__).resolve().parents[1]
NAMES = ("wait", "late", "staff")
CODES = list("ABCDEFGH")
STUDY = """
schema_version = 1
name = "together"
title = "Eight trusts"
question = "What goes with what?"
date = 2026-06-30

[trusts]
description = "eight trusts"

[fit]
seed = 1

[profile]

[[indicator]]
name = "wait"

[[indicator]]
name = "late"

[[indicator]]
name = "staff"

[composite]
title = "All"
why = "for the test of joint draws"

[[composite.domain]]
name = "all"
indicators = ["wait", "late", "staff"]
"""


def read(folder, *changes):
    text = STUDY
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "together.toml").write_text(text, encoding="utf-8")
    return read_study(folder / "together.toml")


def one_panel(name, kind, best, codes, missing=()):
    """A panel of one indicator of these trusts; `missing` are (trust, reason)."""
    rows = {"proportion": (5.0, 10.0), "ratio": (9.0, 10.0), "estimate": (6.5, 0.1)}[kind]
    columns = {"proportion": ("numerator", "denominator"), "ratio": ("observed", "expected"),
               "estimate": ("estimate", "standard_error")}[kind]  # fmt: skip
    frame = pd.DataFrame({"trust": codes, "indicator": name, "period": JAN, columns[0]: rows[0], columns[1]: rows[1]})
    share = {"this_period": Share(1.0, 9.0, 0.5 + 0.1 * len(name), "made up")}
    made = indicator(kind, name, best=best, benchmark=Benchmark(0.5 if kind == "proportion" else 6.5, "made up"))
    gaps = pd.DataFrame(
        [{"trust": code, "indicator": name, "period": JAN, "reason": reason, "note": ""} for code, reason in missing],
        columns=["trust", "indicator", "period", "reason", "note"],
    )
    trusts = trust_table(8).loc[codes]
    return small_panel(observations=frame, trusts=trusts, indicators={name: replace(made, shares=share)}, missing=gaps)


@pytest.fixture(scope="module")
def panels():
    """G has no figure of `late` (not submitted); H none of `late` (by design), and `staff` is not applicable to it."""
    return {
        "wait": one_panel("wait", "proportion", "highest", CODES),
        "late": one_panel("late", "proportion", "lowest", CODES[:6], [("G", "not_submitted"), ("H", "by_design")]),
        "staff": one_panel("staff", "estimate", "highest", CODES[:7], [("H", "not_applicable")]),
    }


def joint_posterior(rho=0.9, chains=4, draws=250, seed=5):
    """Levels of three indicators of eight trusts whose draws are correlated within each trust by `rho`."""
    rng = np.random.default_rng(seed)
    root = np.linalg.cholesky(np.full((3, 3), rho) + (1 - rho) * np.eye(3))
    noise = rng.normal(size=(chains, draws, 8, 3)) @ root.T
    centre = np.array([0.0, 0.0, 6.5]) + 0.3 * np.arange(8)[:, None]
    levels = centre + 0.5 * noise
    cells = ("chain", "draw", "trust", "indicator")
    matrix = np.tile(np.eye(3), (chains, draws, 1, 1))
    for (i, j), value in {(0, 1): -0.5, (0, 2): 0.3, (1, 2): 0.0}.items():
        matrix[..., i, j] = matrix[..., j, i] = value + 0.1 * rng.normal(size=(chains, draws))
    pair = ("chain", "draw", "indicator", "other_indicator")
    data = {name: (cells, levels + shift) for name, shift in (("outcome", 0.0), ("total", 0.1), ("performance", -0.1))}
    numbers = {name: (("chain", "draw", "indicator"), rng.normal(1, 0.1, (chains, draws, 3))) for name in ("mu", "s")}
    share = (("chain", "draw", "unattributed_share_dim_0"), rng.uniform(0, 0.2, (chains, draws, 3)))
    coords = {"trust": CODES, "indicator": list(NAMES), "other_indicator": list(NAMES), "chain": range(chains),
              "draw": range(draws)}  # fmt: skip
    return xr.Dataset({**data, **numbers, "correlation": (pair, matrix), "unattributed_share": share}, coords=coords)


def tree_of(posterior):
    shape = (posterior.sizes["chain"], posterior.sizes["draw"])
    rng = np.random.default_rng(2)
    statistics = {"diverging": np.zeros(shape, bool), "reached_max_treedepth": np.zeros(shape, bool),
                  "energy": rng.normal(size=shape)}  # fmt: skip
    stats = xr.Dataset({name: (("chain", "draw"), values) for name, values in statistics.items()})
    return xr.DataTree.from_dict({"posterior": posterior, "sample_stats": stats})


@pytest.fixture(scope="module")
def posterior():
    return joint_posterior()


@pytest.fixture(scope="module")
def profiled(posterior):
    return Profiled(load_model("profile"), posterior, judge_profile(tree_of(posterior)))


@pytest.fixture(scope="module")
def absent(panels, posterior):
    return absences(panels, posterior["trust"])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([("[profile]", '[profile]\nindicators = ["wait", "other"]')], "[profile] names other, which the study"),
        ([("[profile]", '[profile]\nindicators = ["wait", "wait"]')], "[profile] names wait twice"),
        ([("[profile]", '[profile]\nindicators = ["wait"]')], "[profile] needs at least two indicators"),
        ([("[profile]", '[profile]\nindicators = ["wait", "late"]')], "[composite] adds staff up, which [profile]"),
        ([("[profile]", ""), ("of joint draws", 'x"\nmissing = "impute')], "takes levels from a profile: add a"),
        (
            [("of joint draws", 'x"\nmissing_limit = 0.3\nmissing = "impute')],
            "imputed figures may have at most 0.25 of the weight",
        ),
        ([("[profile]", "[profile]\ndraws = 10")], "profile.draws"),
    ],
)
def test_a_profile_that_cannot_be_fitted_is_refused_as_it_is_read(tmp_path, changes, said):
    with pytest.raises(StudyError) as caught:
        read(tmp_path, *changes)
    assert said in str(caught.value)


def test_all_faults_of_a_profile_are_said_at_once(tmp_path):
    with pytest.raises(StudyError) as caught:
        read(tmp_path, ("[profile]", '[profile]\nindicators = ["other", "other"]'))
    for said in ("names other, which", "names other twice", "at least two", "adds wait up"):
        assert said in str(caught.value)


def test_a_profile_takes_every_indicator_of_the_study_by_default(tmp_path):
    study = read(tmp_path)
    assert study.profiled == NAMES
    assert study.profile.draws == 2000
    assert read(tmp_path, ("[profile]", "")).profiled == ()


def test_a_statement_of_one_indicator_is_refused_before_anything_is_fitted(tmp_path, panels):
    with pytest.raises(StudyError, match=r"'proportion' reads no indicator_idx.*"):
        profile_statement(read(tmp_path, ("[profile]", '[profile]\nmodel = "proportion"')), panels)
    with pytest.raises(StudyError, match=r"\[profile\].*nowhere"):
        profile_statement(read(tmp_path, ("[profile]", '[profile]\nmodel = "nowhere"')), panels)
    assert profile_statement(read(tmp_path), panels)["profile"].name == "profile"
    assert profile_statement(read(tmp_path, ("[profile]", "")), panels) == {}


def test_a_profile_names_every_indicator_without_a_share_for_the_scenario(tmp_path, panels):
    study = read(tmp_path, ("date = 2026-06-30", 'date = 2026-06-30\nscenario = "long_run"'))
    with pytest.raises(StudyError) as caught:
        profile_statement(study, panels)
    assert all(f"{name} declares no unattributed_share" in str(caught.value) for name in NAMES)


def test_declared_shares_stand_in_the_order_of_the_profile(tmp_path, panels):
    study = read(tmp_path)
    chosen = {name: panels[name] for name in ("staff", "wait")}
    numbers = shares_of(study, chosen, load_model("profile"))["unattributed_share"]
    assert numbers == pytest.approx((1.0, 9.0, 1.0, 1.0, 9.0, 0.9))


def test_a_figure_is_there_where_the_panel_has_one_and_reasons_say_why_not(absent):
    assert absent.dims == ("trust", "indicator")
    found = absent.to_pandas()
    assert found.loc["G"].to_list() == ["", "not_submitted", ""]
    assert found.loc["H"].to_list() == ["", "by_design", "not_applicable"]
    assert int(has_figure(absent).sum()) == 8 + 6 + 7
    assert is_silent(absent).to_pandas().loc[["G", "H"], "late"].to_list() == [True, False]
    assert may_impute(absent).to_pandas().loc["H"].to_list() == [True, True, False]


def test_a_gap_without_a_reason_counts_as_silence(panels, posterior):
    bare = {**panels, "late": panels["late"].derive(missing=panels["late"].missing.iloc[:0])}
    found = absences(bare, posterior["trust"])
    assert found.to_pandas().loc["G", "late"] == "unknown"
    assert bool(is_silent(found).sel(trust="G", indicator="late"))


def test_correlations_are_turned_so_that_positive_is_better_with_better(panels, posterior, absent):
    rows = correlation_rows(posterior["correlation"], {n: p.only for n, p in panels.items()}, absent, prob=0.95)
    by_pair = rows.reset_index().set_index(["indicator", "other"])
    raw = posterior["correlation"].sel(indicator="wait", other_indicator="late")
    assert by_pair.loc[("wait", "late"), "correlation"] == pytest.approx(-float(raw.mean()))
    assert by_pair.loc[("wait", "late"), "p_positive"] == pytest.approx(float((raw < 0).mean()))
    assert by_pair.loc[("wait", "late"), "lower"] == pytest.approx(-float(raw.quantile(0.975)))
    straight = posterior["correlation"].sel(indicator="wait", other_indicator="staff")
    assert by_pair.loc[("wait", "staff"), "correlation"] == pytest.approx(float(straight.mean()))
    assert by_pair["both"].to_list() == [6, 7, 6]
    sd = float(raw.std())
    assert by_pair.loc[("wait", "late"), "mcse"] == pytest.approx(sd / np.sqrt(1000), rel=0.3)


def test_pairs_never_observed_together_are_said_to_be_prior_only(panels, posterior):
    apart = {**panels, "late": one_panel("late", "proportion", "lowest", ["H"])}
    rows = correlation_rows(
        posterior["correlation"], {n: p.only for n, p in apart.items()}, absences(apart, posterior["trust"]), prob=0.95
    )
    alone = rows.reset_index().query("prior_only")
    assert alone[["indicator", "other", "both"]].values.tolist() == [["late", "staff", 0]]


def test_what_was_missing_is_imputed_flagged_or_left_alone_by_its_reason(panels, posterior, absent):
    rows = missing_rows(posterior["outcome"], {n: p.only for n, p in panels.items()}, absent, prob=0.95).reset_index()
    assert rows[["trust", "indicator", "reason", "flagged"]].values.tolist() == [
        ["G", "late", "not_submitted", True],
        ["H", "late", "by_design", False],
        ["H", "staff", "not_applicable", False],
    ]
    natural = 1 / (1 + np.exp(-posterior["outcome"].sel(trust="G", indicator="late")))
    assert rows.loc[0, "level"] == pytest.approx(float(natural.mean()))
    assert rows.loc[0, "upper"] == pytest.approx(float(natural.quantile(0.975)))
    assert rows.loc[2, ["level", "lower", "upper"]].isna().all()


def test_loadings_are_turned_towards_better_on_the_first_indicator(panels):
    values = np.tile(np.array([0.8, -0.4, 0.3]), (4, 50, 1)) + 0.01 * np.random.default_rng(1).normal(size=(4, 50, 3))
    loading = xr.DataArray(values, dims=("chain", "draw", "indicator"), coords={"indicator": ["late", "wait", "staff"]})
    found = loading_rows(loading, {n: p.only for n, p in panels.items()}, prob=0.95)["loading"]
    assert found.round(2).to_list() == [0.8, 0.4, -0.3]


def test_joint_draws_stay_paired_and_independent_ones_do_not(tmp_path, panels, posterior, profiled):
    joint = draws_of(panels, tmp_path, profiled)
    xr.testing.assert_allclose(
        joint["outcome"].drop_vars(["chain", "draw"]),
        posterior["outcome"].transpose(*joint["outcome"].dims).drop_vars(["chain", "draw"]),
    )
    rng = np.random.default_rng(3)
    for name in NAMES:
        own = posterior[["outcome", "total", "performance"]].sel(indicator=name, drop=True)
        shuffled = own.isel(draw=rng.permutation(own.sizes["draw"])).assign_coords(draw=own["draw"])
        write_tree(xr.DataTree.from_dict({"posterior": shuffled}), tmp_path / "fits" / f"{name}.nc")
    apart = draws_of(panels, tmp_path, None)
    turn = xr.DataArray([1.0, 1.0, 1.0], dims="indicator", coords={"indicator": list(NAMES)}) / 3
    wide, narrow = (float(composite_draws(draws["outcome"].sel(trust=["A"]), turn).std()) for draws in (joint, apart))
    # variances of the mean of three: (1 + 2 rho) / 3 and 1 / 3, so their ratio is 2.8 at rho = 0.9
    assert wide / narrow == pytest.approx(np.sqrt(2.8), rel=0.08)


def test_indicators_outside_the_profile_keep_their_own_fit(tmp_path, panels, posterior, profiled):
    short = replace(profiled, posterior=posterior.sel(indicator=["wait", "late"], other_indicator=["wait", "late"]))
    own = posterior[["outcome", "total", "performance"]].sel(indicator="staff", drop=True) + 1
    write_tree(xr.DataTree.from_dict({"posterior": own}), tmp_path / "fits" / "staff.nc")
    found = draws_of(panels, tmp_path, short)["outcome"]
    moved = found - posterior["outcome"].transpose(*found.dims)
    assert np.allclose(moved.sel(indicator="staff"), 1)
    assert np.allclose(moved.sel(indicator=["wait", "late"]), 0)


def composites(folder, panels, profiled, missing):
    study = read(folder, ("of joint draws", f'of joint draws"\nmissing_limit = 0.25\nmissing = "{missing}'))
    light = study.composite.model_copy(update={"missing_limit": 0.34}) if missing != "refuse" else study.composite
    joined = draws_of(panels, folder, profiled)
    return composite_tables(study, light, panels, joined, dict.fromkeys(NAMES, True))


def test_imputed_levels_count_in_the_score_and_in_the_missing_weight(tmp_path, panels, posterior, profiled):
    found = {rule: composites(tmp_path, panels, profiled, rule) for rule in ("impute", "rescale", "refuse")}
    for rule, ranked in (("impute", "ABCDEFG"), ("rescale", "ABCDEFG"), ("refuse", "ABCDEF")):
        assert sorted(found[rule].frames["rows"].index) == list(ranked)
    rows = {rule: tables.frames["rows"].loc["G"] for rule, tables in found.items() if rule != "refuse"}
    assert {row["missing"] for row in rows.values()} == {"late"}
    assert "missing" in found["impute"].frames["variants"].index
    assert rows["impute"]["change_missing"] > 0
    assert "missing" not in found["refuse"].frames["variants"].index
    assert {round(row["missing_weight"], 6) for row in rows.values()} == {round(1 / 3, 6)}
    constants = pd.DataFrame(found["impute"].facts["constants"]).set_index("indicator")
    z = (posterior["outcome"].sel(trust="G").mean(("chain", "draw")).to_series() - constants["centre"]) / constants[
        "scale"
    ]
    z["late"] *= -1
    assert rows["impute"]["score"] == pytest.approx(z.mean())
    assert rows["rescale"]["score"] == pytest.approx(z[["wait", "staff"]].mean())


def test_constants_come_from_figures_and_not_from_imputed_levels(tmp_path, panels, posterior, profiled):
    constants = pd.DataFrame(composites(tmp_path, panels, profiled, "impute").facts["constants"]).set_index("indicator")
    six = posterior["outcome"].sel(indicator="late", trust=CODES[:6]).std("trust", ddof=1).median()
    assert constants.loc["late", "scale"] == pytest.approx(float(six))


def test_more_than_a_quarter_imputed_means_no_rank_and_not_applicable_none_at_all(tmp_path, absent):
    study = read(tmp_path, ("of joint draws", 'of joint draws"\nmissing = "impute'))
    weights = mean_weights(study.composite)
    assert ranked_trusts(absent, weights, study.composite) == list("ABCDEF")
    heavy = weights.copy(data=[0.9, 0.05, 0.05])
    assert ranked_trusts(absent, heavy, study.composite) == list("ABCDEFG")


def test_silence_does_not_pay_where_the_imputed_level_is_good_or_poor(posterior, absent):
    z = posterior["outcome"]
    poor = pessimistic(z, absent)
    mean = z.sel(trust=CODES[:6], indicator="late").mean("trust")
    lower = np.minimum(z.sel(trust="G", indicator="late"), mean) - 1
    assert np.allclose(poor.sel(trust="G", indicator="late"), lower)
    assert (poor <= z + 1e-12).all()
    xr.testing.assert_equal(poor.sel(trust="H"), z.sel(trust="H"))


def test_the_gate_judges_free_cells_every_level_and_every_rank(posterior, profiled):
    assert profiled.passed
    names = [finding.name for finding in profiled.findings]
    assert [name for name in names if name.startswith("ranks")] == [f"ranks, {name}" for name in NAMES]
    parameters = next(finding for finding in profiled.findings if finding.name == "parameters")
    assert "late with wait" in parameters.table.index.get_level_values(1)
    assert lower_cells(posterior["correlation"]).sizes["pair"] == 3
    stuck = posterior.copy(deep=True)
    stuck["correlation"][0] += 2.0
    bad = judge_profile(tree_of(stuck))
    assert [finding.name for finding in bad if finding.verdict == "failed"] == ["parameters"]
    still = posterior.copy(deep=True)
    still["outcome"].loc[{"trust": "C", "indicator": "staff"}] = 9.0
    failed = [finding.name for finding in judge_profile(tree_of(still)) if finding.verdict == "failed"]
    assert "levels of trusts" in failed


def test_a_profile_that_fails_its_gate_fails_the_run(profiled):
    failed = replace(profiled, findings=(replace(profiled.findings[0], verdict="failed"),))
    assert with_profile({"gate_passed": True}, profiled)["gate_passed"]
    assert not with_profile({"gate_passed": True}, failed)["gate_passed"]
    assert not with_profile({"gate_passed": False}, profiled)["gate_passed"]
    assert with_profile({"gate_passed": True}, None)["gate_passed"]


def test_the_file_of_a_profile_is_small_and_names_its_shares(tmp_path, panels, posterior):
    write_tree(kept_of(tree_of(posterior), join_indicators(panels)), tmp_path / "profile.nc")
    kept = read_tree(tmp_path / "profile.nc")["posterior"].to_dataset()
    assert kept["outcome"].dtype == kept["total"].dtype == np.float32
    assert "z" not in kept
    assert kept["unattributed_share"].dims == ("chain", "draw", "indicator")
    assert np.array_equal(kept["unattributed_share"], posterior["unattributed_share"])


@pytest.fixture(scope="module")
def written(tmp_path_factory, panels, profiled):
    folder = tmp_path_factory.mktemp("profile")
    tables = profile_tables(read(folder), panels, [], profiled)
    write_tables(tables, folder)
    return read_tables(folder.parent, folder.name, first="correlations")


def test_tables_survive_their_files(written):
    assert written.facts["indicators"] == list(NAMES)
    assert written.frames["missing"].index.to_list() == ["G", "H", "H"]
    assert written.frames["correlations"]["other"].to_list() == ["late", "staff", "staff"]
    assert written.facts["gate_passed"] is True


def test_the_picture_and_the_blocks_say_what_the_tables_hold(written):
    drawn = figures.correlation_drawing(written)
    rows = written.frames["correlations"].reset_index()
    strongest = rows.loc[rows["correlation"].abs().idxmax()]
    assert f"{strongest['correlation']:+.2f}" in drawn.alt
    assert "2 are clearly positive, 0 clearly negative" in drawn.alt
    assert f"{strongest['correlation']:+.2f}" in drawn.wide
    opening = publish.profile_opening(written).text
    assert "In 2 of 3 pairs of indicators better on one clearly goes with better on the other" in opening
    missing = publish.profile_missing(written).text
    assert "never imputed" in missing
    assert missing.count("flagged</td>") == 1
    assert "Trust G (G)" in missing
    pairs = publish.profile_pairs(written).text
    assert "both figures of every pair" in pairs
    assert "independent between" in publish.profile_limits(written).text
    assert publish.profile_loadings(written).text == ""


def test_a_pair_never_observed_together_is_named_and_crossed(written):
    frame = written.frames["correlations"].assign(prior_only=[False, True, False], both=[6, 0, 6])
    tables = replace(written, frames={**written.frames, "correlations": frame})
    assert "Never observed together" in publish.profile_pairs(tables).text
    assert "none: prior only" in publish.profile_pairs(tables).text
    assert "\u00d7" in figures.correlation_drawing(tables).wide
    assert "\u00d7" not in figures.correlation_drawing(written).wide


def test_the_notebook_of_the_page_is_committed_without_outputs():
    notebook = json.loads((PROJECT / "notebooks" / "profile.ipynb").read_text(encoding="utf-8"))
    assert all(not cell.get("outputs") for cell in notebook["cells"])


def own_table(posterior, name, best):
    """A league table by itself of the same draws, of which only what `borrowed_rows` reads is filled."""
    draws = posterior["outcome"].sel(indicator=name, drop=True)
    summary = summarise_ranks(draws, best=best)
    names = ("expected_rank", "expected_rank_mcse", "rank_lower", "rank_upper")
    rows = pd.DataFrame({column: summary.table[column].to_series() for column in names})
    tails = draws.quantile([0.025, 0.975], ("chain", "draw")).to_numpy()
    bands = grade_trusts(draws, best=best).table["grade"].to_series()
    rows = rows.assign(estimate_lower=tails[0], estimate_upper=tails[1], band=bands)
    facts = SimpleNamespace(indicator=name, title=name, kind="estimate", best=best, n=8, ranked=True, prob=0.95,
                            share_mean=0.1, poth=poth(summary), band_sizes=(1,) * int(bands.max()))  # fmt: skip
    return SimpleNamespace(facts=facts, rows=rows)


def test_a_profile_of_the_same_draws_borrows_nothing_and_one_of_others_something(tmp_path, posterior):
    study, own = read(tmp_path), own_table(posterior, "staff", "lowest")
    same = borrowed_rows(study, [own], posterior).loc["staff"]
    assert same["width"] == pytest.approx(same["width_own"])
    assert same["poth"] == pytest.approx(same["poth_own"])
    assert same["rank_width"] == pytest.approx(same["rank_width_own"])
    assert same["bands"] == same["bands_own"]
    assert same[["mean_change", "largest_change", "pairs_changed"]].to_list() == [0, 0, 0]
    assert same["share"] == pytest.approx(float(posterior["unattributed_share"][..., 2].mean()))
    surer = posterior.copy(deep=True)
    middle = surer["outcome"].mean(("chain", "draw"))
    surer["outcome"] = (middle + (surer["outcome"] - middle) / 2).transpose(*posterior["outcome"].dims)
    found = borrowed_rows(study, [own], surer).loc["staff"]
    assert found["width"] == pytest.approx(found["width_own"] / 2)
    assert found["poth"] > found["poth_own"]
    assert found["rank_width"] < found["rank_width_own"]


def test_ranks_of_an_indicator_that_is_not_ranked_are_not_compared(tmp_path, posterior):
    own = own_table(posterior, "staff", "highest")
    own.facts.ranked = False
    found = borrowed_rows(read(tmp_path), [own], posterior).loc["staff"]
    assert np.isfinite(found["width"])
    assert found[["poth_own", "poth", "largest_change", "pairs_changed"]].isna().all()


def test_the_fit_is_asked_for_and_kept_and_draws_that_are_not_finite_stop_it(tmp_path, panels, posterior, monkeypatch):
    study, given = read(tmp_path, ("[profile]", "[profile]\ndraws = 700")), {}
    statement = profile_statement(study, panels)

    def drawn(panel, model_file, **asked):
        given.update(asked, panel=panel, model=model_file.name)
        return tree_of(given["posterior"])

    monkeypatch.setattr(profile, "fit", drawn)
    given["posterior"] = posterior
    found = profile.fit_profile(study, statement, panels, tmp_path, lambda _step, _fraction: None)
    assert (given["model"], given["sampling"].draws, given["predictive"]) == ("profile", 700, False)
    assert list(given["panel"].indicators) == list(NAMES)
    assert len(given["priors"]["unattributed_share"]) == 9
    assert found.passed
    assert (tmp_path / "fits" / "profile.nc").is_file()
    given["posterior"] = posterior.copy(deep=True)
    given["posterior"]["s"][0, 0, 0] = np.nan
    with pytest.raises(FitError, match="draws of s are not finite"):
        profile.fit_profile(study, statement, panels, tmp_path, lambda _step, _fraction: None)
    alone = read(tmp_path, ("[profile]", ""))
    assert profile.fit_profile(alone, {}, panels, tmp_path, lambda _step, _fraction: None) is None


def test_a_run_keeps_the_profile_and_what_is_added_up_of_it(tmp_path, panels, profiled):
    study = read(tmp_path, ("of joint draws", 'of joint draws"\nmissing = "impute'))
    answered = [SimpleNamespace(facts=SimpleNamespace(indicator=name, gate_passed=True)) for name in ("other",)]
    kept = write_scores(study, panels, answered, tmp_path, replace(profiled, findings=profiled.findings[:2]))
    assert kept["profile"]["indicators"] == list(NAMES)
    assert {"profile", "composite"} <= set(kept["notebooks"])
    made = read_tables(tmp_path / "tables", "composite")
    assert made.facts["joint"] is True
    assert made.facts["gate_passed"] is True
    assert sorted(made.frames["rows"].index) == list("ABCDEF")
    assert [item["trust"] for item in made.facts["not_ranked"]] == ["G", "H"]
    failed = replace(profiled, findings=(replace(profiled.findings[0], verdict="failed"),))
    write_scores(study, panels, answered, tmp_path, failed)
    assert read_tables(tmp_path / "tables", "composite").facts["gate_passed"] is False
