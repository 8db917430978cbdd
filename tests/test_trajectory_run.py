"""The stage of a run that follows indicators, with hand-made draws in place of fits: files, manifest, pages, links."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from league_tables import tiny_run, tiny_table
from small_studies import small_study, written
from trajectory_draws import drawn_of, fit_of, levels, panel_of

from ranktrust import publish
from ranktrust.errors import FitError
from ranktrust.league import read_trajectory
from ranktrust.model import load_model
from ranktrust.run import trajectories
from ranktrust.run.trajectories import Course, follow_all, with_trajectories
from ranktrust.store import read_tree
from ranktrust.study import Asked, Followed, read_study

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
STUDY = small_study("made")


def course_of():
    panel = panel_of()
    panels, _ = drawn_of(panel, fit_of(panel, levels()))
    followed = Followed(name="made", window=3, change=3)
    return Course(followed, Asked(name="made", months=3), panels, load_model("trajectory_proportion"))


def stand_in(*, diverging=False, broken=False):
    """A function with the signature of `fit` that gives hand-made draws, paths or levels as the panel asks."""

    def fit(panel, model_file, **_options):
        tree = fit_of(panel_of(), levels(slope=0.08), step=0.05)
        if broken:
            tree["posterior"]["national"][0, 0, 0] = np.nan
        if len(panel.periods) > 1:
            return tree
        one = tree["posterior"].to_dataset().isel(period=-1, drop=True).sel(trust=list(panel.trusts.index))
        tree["sample_stats"]["diverging"][0, 0] = diverging
        found = xr.DataTree.from_dict(
            {"posterior": one, "sample_stats": tree["sample_stats"].to_dataset(), "log_prior": one[["s"]]}
        )
        found.attrs = {**tree.attrs, "model": model_file.name}
        return found

    return fit


def followed_in(folder, monkeypatch, **options):
    monkeypatch.setattr(trajectories, "fit", stand_in(**options))
    study, courses = read_study(written(folder, STUDY)), {"made_trajectory": course_of()}
    steps = []
    found = follow_all(study, courses, folder / "run", lambda step, _fraction: steps.append(step))
    manifest = with_trajectories({"gate_passed": True, "notebooks": {}}, study, courses, found)
    return folder / "run", found, manifest, steps


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    with pytest.MonkeyPatch.context() as monkeypatch:
        run, _, manifest, steps = followed_in(tmp_path_factory.mktemp("ran"), monkeypatch)
    job = publish.trajectory_job(run, run / "pages", "made", notebook=NOTEBOOKS / "change_over_time.ipynb")
    (page,) = publish.render_pages([job])
    return run, manifest, steps, page.read_text(encoding="utf-8")


def test_fits_tables_and_findings_are_left(ran):
    run, _, steps, _ = ran
    found = {path.relative_to(run).as_posix() for path in run.rglob("*") if path.is_file()}
    assert {
        "fits/made_trajectory.nc", "fits/made_trajectory.nc.sha256", "tables/made/trajectory_facts.json",
        "tables/made/trajectory_change.csv", "tables/made/trajectory_paths.csv", "tables/made/trajectory_finding_0.csv",
        "tables/trajectory_latest/made/rows.csv", "tables/trajectory_window/made/facts.json",
    } <= found  # fmt: skip
    assert read_tree(run / "fits" / "made_trajectory.nc")["posterior"]["outcome"].dtype == np.float32
    assert steps[-1] == "made over time: judge and rank"


def test_the_manifest_says_what_a_trajectory_rests_on(ran):
    _, manifest, _, _ = ran
    (entry,) = manifest["trajectories"]
    assert (entry["name"], entry["model"], entry["trusts"], len(entry["periods"])) == (
        "made", "trajectory_proportion", 8, 5,
    )  # fmt: skip
    assert manifest["gate_passed"] is True
    assert set(manifest["notebooks"]) == {"change_over_time"}
    json.dumps(manifest)


def test_three_ways_of_ranking_one_month_are_compared(ran):
    run, _, _, page = ran
    table = read_trajectory(run / "tables", "made").frame("widths")
    assert list(table["method"]) == ["trajectory", "one_month", "alone"]
    assert "May 2025 alone, binomial, pooled, with no unattributed share" in page


def test_the_page_has_one_heading_that_is_its_finding(ran):
    _, _, _, page = ran
    headings = re.findall(r"<h1[^>]*>(.*?)</h1>", page)
    assert len(headings) == 1
    assert headings[0].startswith("Over 3 months to May 2025")
    assert "Not fit to publish" not in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert page.count("<caption>") == page.count("<table")
    assert re.search(r'<a[^>]*aria-current="page"[^>]*>Change over time', page)


def test_a_failed_comparison_fails_the_trajectory_and_the_run(tmp_path, monkeypatch):
    _, (trajectory,), manifest, _ = followed_in(tmp_path, monkeypatch, diverging=True)
    failed = [item for item in trajectory.facts.findings if item["verdict"] == "failed"]
    assert [item["name"] for item in failed] == ["one period alone"]
    assert manifest["gate_passed"] is False
    assert "Not fit to publish" in publish.change_opening(trajectory).text


def test_draws_that_are_not_finite_stop_the_run(tmp_path, monkeypatch):
    with pytest.raises(FitError, match="trajectory of made: draws of national are not finite"):
        followed_in(tmp_path, monkeypatch, broken=True)
    assert not list(tmp_path.rglob("*.nc"))


def test_index_and_league_page_lead_to_the_page_on_change(tmp_path):
    assert "change_tiny_4h" not in publish.write_index(tmp_path, [tiny_table()]).read_text(encoding="utf-8")
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "change_tiny_4h.html").write_text("", encoding="utf-8")
    index = publish.write_index(tmp_path, [tiny_table()]).read_text(encoding="utf-8")
    assert 'href="pages/change_tiny_4h.html"' in index
    run = tiny_run(tmp_path / "run")
    books = {name: NOTEBOOKS / f"{book}.ipynb" for name, book in (("league", "league_table"),
                                                                  ("diagnostics", "diagnostics"))}  # fmt: skip
    for followed, there in ((["tiny_4h"], True), ([], False)):
        jobs = publish.indicator_jobs(run, run / "pages", ["tiny_4h"], **books, followed=followed)
        assert all((("change_tiny_4h.html", "Change over time") in job.links) is there for job in jobs)
