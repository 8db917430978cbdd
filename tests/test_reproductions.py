"""Published results come out again, and a wrong one is seen to be wrong. Fits of Surgical are in test_surgical."""

import importlib.util
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ranktrust import publish
from ranktrust.assemble import assemble
from ranktrust.assets import find_asset
from ranktrust.evidence import reproductions
from ranktrust.evidence.reproductions import PLACE, Row, bristol_rows, rows_table, sources, surgical_rows
from ranktrust.run.reproductions import new_hospital
from ranktrust.study import read_study

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def rows():
    official = pd.read_csv(find_asset("data", "shmi.csv"), index_col="trust")
    return reproductions.without_sampler(official)


def test_what_needs_no_sampler_is_reproduced(rows):
    assert {row.study for row in rows} == {"shmi_2014", "shmi", "pisa_2018", "names_76", "smoking"}
    assert {row.verdict for row in rows} == {"reproduced"}


def test_tolerances_leave_room_for_rounding_and_chance_alone(rows):
    assert {row.tolerance for row in rows if row.study not in {"smoking", "shmi_2014"}} == {0}
    (poth,) = (row for row in rows if row.study == "smoking")
    assert poth.tolerance < 0.003


def published():
    return pd.read_csv(find_asset("data", "reference/bugs_surgical.csv"), index_col="trust")


def as_ours(effect, **changes):
    """The published table under the names of a league table, some values changed."""
    names = {f"{effect}_mean": "estimate", f"{effect}_rank_lower": "rank_lower", f"{effect}_rank_upper": "rank_upper",
             f"{effect}_rank_median": "median_rank"}  # fmt: skip
    ours = published()[list(names)].rename(columns=names).astype(float)
    for name, (trust, away) in changes.items():
        ours.loc[trust, name] += away
    return ours


@pytest.mark.parametrize("effect", ["re", "fixed"])
def test_surgical_rows_compare_every_hospital(effect):
    found = surgical_rows(published(), as_ours(effect, estimate=("H", 0.001), rank_upper=("A", 1)), effect)
    assert [row.verdict for row in found] == ["reproduced"] * 3
    assert found[0].difference == pytest.approx(0.001)
    assert found[0].ours.startswith(f"{published()[f'{effect}_mean']['H'] + 0.001:.5f}")
    wrong = surgical_rows(published(), as_ours(effect, estimate=("H", -0.2), rank_lower=("B", 2)), effect)
    assert [row.verdict for row in wrong] == ["not reproduced"] * 3


def draws_about(log_odds, spread=0.2):
    noise = np.random.default_rng(1).normal(log_odds, spread, (4, 2000))
    return xr.DataArray(noise, dims=("chain", "draw"))


def test_bristol_is_an_outlier_and_a_hospital_like_it_would_not_be():
    excess, conflict = bristol_rows(draws_about(np.log(0.12 / 0.88)))
    assert excess.difference < 2
    assert excess.published == "24.1 (12 to 34)"
    assert (excess.verdict, conflict.verdict) == ("reproduced", "reproduced")
    excess, conflict = bristol_rows(draws_about(np.log(0.29 / 0.71)))
    assert (excess.verdict, conflict.verdict) == ("not reproduced", "not reproduced")


def test_a_new_hospital_follows_the_law_of_the_others():
    shape, dims = (4, 5000), ("chain", "draw")
    posterior = xr.Dataset({"mu": (dims, np.full(shape, -2.0)), "sigma": (dims, np.full(shape, 0.3))})
    new = new_hospital(posterior)
    assert float(new.mean()) == pytest.approx(-2, abs=4 * 0.3 / 20_000**0.5)
    assert float(new.std()) == pytest.approx(0.3, rel=4 / (2 * 20_000) ** 0.5)


def test_the_bristol_study_has_the_figures_of_the_inquiry():
    panel = assemble(read_study(find_asset("studies", "bristol")))["child_heart"]
    rows = panel.observations.set_index("trust")
    assert (len(rows), rows.loc["Bristol", "numerator"], rows.loc["Bristol", "denominator"]) == (12, 41, 143)


def test_every_study_has_its_source_and_the_page_shows_it(rows):
    assert set(sources()) == {row.study for row in rows} | {"surgical", "bristol"}
    text = unescape(publish.reproductions_sources().text)
    assert all(item["source"] in text for item in sources().values())


def test_the_page_begins_with_its_verdict(rows):
    good = rows_table(rows)
    assert f"All {len(good)} published figures are reproduced" in publish.reproductions_opening(good).text
    bad = rows_table([*rows, Row("surgical", "a mean", "0.1", "0.2", 0.1, 0.01)])
    assert f"1 of {len(bad)} published figures are not reproduced" in publish.reproductions_opening(bad).text
    table = publish.reproductions_table(bad).text
    assert table.count('class="chip passed"') == len(good)
    assert table.count('class="chip failed"') == 1


def test_the_notebook_renders(rows, tmp_path):
    rows_table(rows).to_csv(tmp_path / "reproductions.csv", index=False)
    page = publish.render_page(
        ROOT / "notebooks" / "reproductions.ipynb", tmp_path / "page.html", parameters={"folder": str(tmp_path)}
    )
    text = page.read_text(encoding="utf-8")
    assert "Report card of 76 first names" in text
    assert "<script" not in text


def test_references_are_those_of_the_programs(shared, tmp_path):
    spec = importlib.util.spec_from_file_location("references", ROOT / "tools" / "references.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    for path in tool.write(shared, tmp_path):
        assert path.read_bytes() == (PLACE / path.name).read_bytes(), path.name
