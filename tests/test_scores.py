"""Studies that add indicators up: what is refused as it is read, own scoring files, and a run with all three scores."""

import json
import re
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from small_studies import hospital_study

from ranktrust import figures
from ranktrust.composite import load_scoring, read_tables
from ranktrust.errors import RunError, StudyError
from ranktrust.manifest import read_manifest
from ranktrust.run import run_study
from ranktrust.study import read_study

PROJECT = Path(__file__).resolve().parents[1]
STUDY = (
    hospital_study("Do scores add up?", name="scores")
    + """
[composite]
title = "One indicator"
why = "with one indicator there is no choice"
constants = { surgical = { centre = -2.5 } }

[[composite.domain]]
name = "outcomes"
indicators = ["surgical"]

[official]
title = "A table of twelve"
type = "Hospital"
count = 2
count_source = "made up for this test"
missing = "the other metric of the two"

[official.deduced]
metric = "deaths"
domain = "domain"
best = "lowest"

[[official.metric]]
indicator = "surgical"
published = "deaths"
note = "the same figures"

[scoring]
file = "my_scoring.py"
title = "Deaths avoided"
"""
)
SCORING = '''"""Deaths avoided against one in ten operations."""

BEST = "highest"


def score(draws):
    avoided = 0.1 - draws["outcome"].sel(indicator="surgical", drop=True)
    return avoided.rename("score").to_dataset()
'''
PASSPORT = {
    "title": "t", "publisher": "p", "address": "https://example.org", "licence": "l", "attribution": "a",
    "retrieved": "r",
}  # fmt: skip


def write_study(folder, text=STUDY, scoring=SCORING):
    (folder / "scores.toml").write_text(text, encoding="utf-8")
    (folder / "my_scoring.py").write_text(scoring, encoding="utf-8")
    codes = list("ABCDEFGHIJKL")
    table = pd.DataFrame(
        {
            "trust": codes, "reporting_date": "", "type": "Hospital", "subtype": "Hospital",
            "average_score": np.linspace(1.2, 3.4, 12).round(2), "score_low": "", "score_high": "",
            "segment": [3, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4], "in_deficit": [1] + [0] * 11,
            "rank": [6, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12], "rank_low": "", "rank_high": "",
        }
    )  # fmt: skip
    table.to_csv(folder / "oversight.csv", index=False)
    deaths = pd.DataFrame({"trust": codes, "metric": "deaths", "value": np.linspace(0.02, 0.2, 12)})
    domain = deaths.assign(metric="domain", value=(np.linspace(1, 4, 12).round(2) + 1) / 2)
    pd.concat([deaths, domain]).to_csv(folder / "oversight_metrics.csv", index=False)
    pd.DataFrame({"trust": codes, "name": [f"Hospital {code}" for code in codes]}).to_csv(
        folder / "trusts.csv", index=False
    )
    for name in ("oversight", "oversight_metrics"):
        (folder / f"{name}.passport.json").write_text(json.dumps(PASSPORT), encoding="utf-8")
    return folder / "scores.toml"


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scores")
    run, passed = run_study(read_study(write_study(folder)), folder / "outputs")
    assert passed
    return run


def changed(old, new):
    assert old in STUDY
    return STUDY.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('indicators = ["surgical"]', 'indicators = ["surgical"]\nweight = 0.9', "domains' weights sum to 0.9, not 1"),
        (
            'indicators = ["surgical"]',
            'indicators = ["surgical"]\nweights = [0.5, 0.5]',
            "has 1 indicators and 2 weights",
        ),
        ('indicators = ["surgical"]', 'indicators = ["surgical", "surgical"]', "'surgical' stands twice"),
        ("constants = { surgical", "constants = { other", "constants are given for other, which is in no domain"),
        ("count = 2", "count = 0", "official.count"),
        (
            "count = 2",
            "count = 2\nquantiles = [0.5, 0.25, 0.75]",
            "quantiles must rise; quantiles need quantiles_source",
        ),
        ("count = 2", "count = 2\nthresholds = [2.0, 2.4, 2.8]", "thresholds need thresholds_source"),
        ('file = "my_scoring.py"', 'file = "../my_scoring.py"', "scoring.file"),
        ('why = "with one', 'reason = "with one', "composite.reason"),
    ],
)
def test_a_section_that_does_not_add_up_is_refused(tmp_path, old, new, said):
    with pytest.raises(StudyError, match=re.escape(said)):
        read_study(write_study(tmp_path, changed(old, new)))


def test_faults_of_several_sections_come_at_once(tmp_path):
    text = changed('indicators = ["surgical"]', 'indicators = ["deaths"]').replace("surgical = {", "deaths = {")
    text = text.replace('[[official.metric]]\nindicator = "surgical"', '[[official.metric]]\nindicator = "waits"')
    with pytest.raises(StudyError) as caught:
        read_study(write_study(tmp_path, text))
    assert "[composite] names deaths, which the study does not ask for" in str(caught.value)
    assert "[official] names waits, which the study does not ask for" in str(caught.value)


def test_what_the_data_do_not_have_stops_the_run_before_anything_is_fitted(tmp_path):
    text = changed("constants = { surgical = { centre = -2.5 } }", "").replace(
        'published = "deaths"', 'published = "dead"'
    )
    study = read_study(write_study(tmp_path, text, scoring='"""A rule."""\n\nBEST = "up"\n'))
    with pytest.raises(StudyError) as caught:
        run_study(study, tmp_path / "outputs")
    said = str(caught.value)
    assert "surgical has no benchmark: give [composite.constants.surgical] a centre" in said
    assert "oversight_metrics.csv does not have: dead; there are: deaths, domain" in said
    assert 'BEST must be "highest" or "lowest", the good end of the score; it has no function score(draws)' in said
    assert not list((tmp_path / "outputs").rglob("*.nc"))


def draws_for_scoring():
    values = np.random.default_rng(1).uniform(0, 0.2, size=(2, 20, 3, 1))
    dims, coords = ("chain", "draw", "trust", "indicator"), {"trust": list("ABC"), "indicator": ["surgical"]}
    return xr.Dataset({"outcome": (dims, values)}, coords=coords)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return draws", "is not an xarray.Dataset with a variable 'score'"),
        ("return draws.rename(outcome='score')", "not (chain, draw, trust)"),
        (
            "return (draws.outcome.sel(indicator='surgical') * float('nan')).rename('score').to_dataset()",
            "is not finite",
        ),
        ("return draws.outcome.sum('indicator').isel(trust=[0]).rename('score').to_dataset()", "fewer than two trusts"),
        (
            "return draws.outcome.sum('indicator').isel(draw=[0, 1]).rename('score').to_dataset()",
            "other chains or draws",
        ),
        (
            "return draws.outcome.sum('indicator').assign_coords(trust=['A', 'B', 'Z']).rename('score').to_dataset()",
            "Z",
        ),
        ("return 1 / 0", "failed: ZeroDivisionError: division by zero"),
    ],
)
def test_a_scoring_file_is_held_to_its_contract(tmp_path, body, said):
    (tmp_path / "rule.py").write_text(f'"""A rule."""\nBEST = "highest"\n\n\ndef score(draws):\n    {body}\n')
    with pytest.raises(StudyError, match=rf"rule\.py: .*{re.escape(said)}"):
        load_scoring("rule.py", tmp_path).apply(draws_for_scoring())


def test_the_example_of_the_docs_scores_the_trusts_with_both_figures(tmp_path):
    text = (PROJECT / "docs" / "composites.md").read_text(encoding="utf-8")
    block = text[text.index('    """Waits count double') :].partition("\n`draws` is")[0]
    (tmp_path / "example.py").write_text(textwrap.dedent(block), encoding="utf-8")
    values = np.full((2, 4, 3, 3), 0.75)
    values[..., 2, 0] = np.nan
    coords = {"trust": list("ABC"), "indicator": ["ae_4h", "cancer_62d", "cancelled_28d"]}
    draws = xr.Dataset({"outcome": (("chain", "draw", "trust", "indicator"), values)}, coords=coords)
    scored = load_scoring("example.py", tmp_path).apply(
        draws.assign_coords(best=("indicator", ["highest", "highest", "lowest"]))
    )
    assert list(scored["trust"].to_numpy()) == ["A", "B"]
    assert np.allclose(scored, 2 * 0.75 + 0.25)


def test_a_scoring_file_cannot_change_the_draws(tmp_path):
    (tmp_path / "rule.py").write_text(SCORING.replace("avoided = ", 'draws["outcome"][:] = 0\n    avoided = '))
    draws = draws_for_scoring()
    assert (load_scoring("rule.py", tmp_path).apply(draws) == 0.1).all()
    assert (draws["outcome"] > 0).any()


def test_a_run_leaves_every_table_and_page_of_its_scores(ran):
    found = {path.relative_to(ran).as_posix() for path in ran.rglob("*") if path.is_file()}
    tables = {
        "composite": ("facts.json", "rows.csv", "rank_pmf.csv", "p_above.csv", "indicators.csv", "influence.csv"),
        "official": (
            "facts.json",
            "rows.csv",
            "rank_pmf.csv",
            "rank_pmf_without.csv",
            "metrics.csv",
            "reproduction.csv",
        ),
        "scoring": ("facts.json", "rows.csv", "rank_pmf.csv"),
    }
    assert {f"tables/{score}/{name}" for score, names in tables.items() for name in names} <= found
    index = (ran / "index.html").read_text(encoding="utf-8")
    for page in ("composite", "oversight"):
        text = (ran / "pages" / f"{page}.html").read_text(encoding="utf-8")
        assert f'href="pages/{page}.html"' in index
        assert 'href="../index.html"' in text
        assert "nan" not in re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", text, flags=re.DOTALL).lower().split()


def test_one_indicator_with_all_the_weight_has_its_own_league_table(ran):
    own = pd.read_csv(ran / "tables" / "surgical" / "rows.csv", index_col="trust")
    made = pd.read_csv(ran / "tables" / "composite" / "rows.csv", index_col="trust")
    for column in ("expected_rank", "median_rank", "rank_lower", "rank_upper", "p_top_quarter", "p_bottom_quarter"):
        assert made[column].to_dict() == pytest.approx(own[column].to_dict())
    assert made["band"].to_dict() == own["band"].to_dict()
    scored = pd.read_csv(ran / "tables" / "scoring" / "rows.csv", index_col="trust")
    assert scored["expected_rank"].to_dict() == pytest.approx(own["expected_rank"].to_dict())
    assert scored["score"].to_dict() == pytest.approx((0.1 - own["estimate"]).to_dict())


def test_the_manifest_keeps_constants_cuts_and_digests(ran):
    manifest = read_manifest(ran)
    (constant,) = manifest["composite"]
    assert (constant["centre"], constant["centre_from"]) == (-2.5, "study")
    assert constant["scale"] > 0
    assert manifest["official"]["cuts"]["quantiles"] == [0.25, 0.5, 0.75]
    acting = {"trust_profile", "compare", "support", "regions", "method"}
    assert acting | {"league_table", "diagnostics", "data", "composite", "oversight"} == set(manifest["notebooks"])
    assert {"oversight.csv", "oversight_metrics.csv"} <= set(manifest["figures"])
    assert len(manifest["scoring"]["sha256"]) == 64


def test_official_rows_hold_the_published_and_the_probable(ran):
    tables = read_tables(ran / "tables", "official")
    rows = tables.frames["rows"]
    assert list(rows.index) == list("BCDEFAGHIJKL")
    assert (tables.facts["reproduced"], tables.facts["of"]) == (12, 12)
    for which in ("with", "without"):
        assert np.allclose(rows[[f"p_segment_{segment}_{which}" for segment in (1, 2, 3, 4)]].sum(axis=1), 1)
    assert rows.loc["A", ["p_segment_1_with", "p_segment_2_with"]].to_list() == [0, 0]
    assert rows.loc["A", "p_segment_1_without"] > 0.5
    assert rows["score_upper"].sub(rows["score_lower"]).gt(0).all()
    assert tables.frames["metrics"].loc["deaths", "n"] == 12
    assert tables.frames["metrics"].loc["deaths", "ranked_among"] == 12
    assert tables.facts["quartiles"] is None
    assert tables.facts["deduced"]["n"] == 12
    assert 0 < tables.facts["deduced"]["largest"] <= 0.005 + 1e-9


def test_pictures_say_what_the_tables_hold(ran):
    composite, official = (read_tables(ran / "tables", name) for name in ("composite", "official"))
    pull = composite.frames["influence"]["rank_change"].abs()
    assert f"{pull.mean():.1f}" in figures.influence_alt(composite)
    assert f"by {pull.max():.0f} places" in figures.influence_alt(composite)
    expected = official.frames["rows"]["p_segment_3_with"].sum()
    assert f"{expected:.1f} in segment 3" in figures.segment_alt(official, "with")
    assert figures.segment_drawing(official).wide.count("<svg") == 1


def test_tables_that_are_damaged_are_refused(ran, tmp_path):
    with pytest.raises(RunError, match="tables of composite"):
        read_tables(tmp_path, "composite")
    place = tmp_path / "composite"
    place.mkdir()
    (place / "facts.json").write_text('{"schema_version": 9}')
    (place / "rows.csv").write_text("trust\nA\n")
    with pytest.raises(RunError, match="schema version 9"):
        read_tables(tmp_path, "composite")
