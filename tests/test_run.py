"""A run from a study file to its folder: what is there, what it says, and what is left when it fails."""

import json
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from small_studies import hospital_study, written

from ranktrust import cli
from ranktrust.assets import find_asset
from ranktrust.league import read_league_table
from ranktrust.manifest import changed_files, read_manifest
from ranktrust.run import run_study
from ranktrust.store import read_tree
from ranktrust.study import read_study
from ranktrust.vocabulary import Exit


def write_study(folder, *, draws=1000, model="proportion_independent"):
    return written(folder, hospital_study("Does a run leave what it promises?", draws=draws, model=model))


def exit_code(*arguments):
    with pytest.raises(SystemExit) as caught:
        cli.main([str(argument) for argument in arguments])
    return caught.value.code


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ran")
    steps = []
    run, passed = run_study(
        read_study(write_study(folder)),
        folder / "outputs",
        report=lambda step, fraction: steps.append((step, fraction)),
    )
    return run, passed, steps


def test_the_folder_holds_fits_tables_pages_and_an_index(ran):
    run, passed, _ = ran
    assert passed
    found = {path.relative_to(run).as_posix() for path in run.rglob("*") if path.is_file()}
    assert {
        "manifest.json", "index.html", "fits/surgical.nc", "fits/surgical.nc.sha256", "tables/league_table.csv",
        "tables/surgical/rows.csv", "tables/surgical/rank_pmf.csv", "tables/surgical/p_above.csv",
        "pages/league_surgical.html", "pages/diagnostics_surgical.html", "pages/data.html", "pages/trusts.html",
        "pages/trust_A.html", "pages/support.html", "tables/decide/surgical/facts.json",
        "tables/left_out.csv", "tables/missing.csv", "tables/returns.csv", "tables/coverage.csv", "tables/data.json",
    } <= found  # fmt: skip
    assert not any(".part" in name for name in found)


def test_the_index_leads_to_every_page_and_back(ran):
    run, _, _ = ran
    index = (run / "index.html").read_text(encoding="utf-8")
    trusts = (run / "pages" / "trusts.html").read_text(encoding="utf-8")
    for page in (run / "pages").iterdir():
        leads, inside = (trusts, "") if page.name.startswith("trust_") else (index, "pages/")
        assert f'href="{inside}{page.name}"' in leads
        assert 'href="../index.html"' in page.read_text(encoding="utf-8")


def test_every_page_leads_to_the_review_and_nothing_has_changed(ran):
    run, _, _ = ran
    assert changed_files(run) == []
    assert "This run has not been reviewed" in (run / "review.html").read_text(encoding="utf-8")
    assert 'href="review.html"' in (run / "index.html").read_text(encoding="utf-8")
    for page in (run / "pages").iterdir():
        assert 'href="../review.html"' in page.read_text(encoding="utf-8"), page.name


def test_the_diagnostics_page_has_the_checks_of_fit_and_the_other_methods(ran):
    """Hospitals each alone have no law to draw new ones from, and the page says so."""
    run, _, _ = ran
    page = unescape((run / "pages" / "diagnostics_surgical.html").read_text(encoding="utf-8"))
    assert "so no new trust can be drawn" in page
    assert "What other methods say of the same figures" in page
    assert "the model has no prediction to set beside them" in page


def test_latest_points_to_the_run(ran):
    run, _, _ = ran
    latest = run.parent / "latest"
    assert latest.is_symlink()
    assert latest.resolve() == run.resolve()
    assert not Path(latest.readlink()).is_absolute()


def test_the_league_table_begins_with_the_promised_columns(ran):
    run, _, _ = ran
    table = pd.read_csv(run / "tables" / "league_table.csv")
    assert list(table.columns[:14]) == [
        "trust", "trust_name", "indicator", "model", "estimate", "estimate_lower", "estimate_upper",
        "expected_rank", "median_rank", "rank_lower", "rank_upper", "p_top_quarter", "p_bottom_quarter", "band",
    ]  # fmt: skip
    assert sorted(table["trust"]) == list("ABCDEFGHIJKL")
    assert table["expected_rank"].sum() == pytest.approx(12 * 13 / 2)


def test_the_manifest_says_what_the_run_rests_on(ran):
    run, _, _ = ran
    manifest = read_manifest(run)
    (indicator,) = manifest["indicators"]
    assert manifest["run_id"] == run.name
    assert manifest["settings"]["fit"]["seed"] == 1
    assert manifest["allowed_failed_gate"] is None
    assert indicator["model"] == "proportion_independent"
    assert indicator["model_sha256"] == read_tree(run / "fits" / "surgical.nc").attrs["model_sha256"]
    assert {"surgical.csv", "indicators.toml"} <= set(manifest["figures"])
    assert {"pymc", "nutpie", "python", "ranktrust"} <= set(manifest["versions"])
    assert manifest["contents"]["fits/surgical.nc"] == (run / "fits" / "surgical.nc.sha256").read_text().split()[0]


def test_progress_only_goes_forward(ran):
    fractions = [fraction for _, fraction in ran[2]]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_the_table_can_be_read_again_without_a_sampler(ran):
    run, _, _ = ran
    table = read_league_table(run / "tables", "surgical")
    assert table.facts.gate_passed
    assert table.rows["estimate"].idxmin() == "A"


def test_no_path_of_the_machine_is_in_a_page_or_the_manifest(ran):
    run, _, _ = ran
    for path in [run / "index.html", run / "manifest.json", *(run / "pages").iterdir()]:
        assert str(run.parent.parent) not in path.read_text(encoding="utf-8"), path.name


def test_a_failed_gate_writes_pages_that_say_so_and_exits_4(tmp_path, capsys):
    study = write_study(tmp_path, draws=100)
    assert exit_code("run", study, "--out", tmp_path / "outputs") == Exit.GATE_FAILED
    printed = capsys.readouterr()
    run = tmp_path / "outputs" / "small" / "latest"
    assert "index.html" in printed.out
    assert "gate failed" in printed.err
    assert read_manifest(run)["gate_passed"] is False
    assert read_manifest(run)["allowed_failed_gate"] is None
    for page in [run / "index.html", *(run / "pages").iterdir()]:
        top = page.read_text(encoding="utf-8").partition("<h1")[0]
        assert "Not fit to publish" in top, page.name
        assert "reason given" not in top, page.name


def test_a_reason_allows_a_failed_gate_and_stands_on_every_page(tmp_path, capsys):
    study, reason = write_study(tmp_path, draws=100), "A <drill> of the exit code"
    assert exit_code("run", study, "--out", tmp_path / "outputs", "--allow-failed-gate", reason) == Exit.DONE
    run = tmp_path / "outputs" / "small" / "latest"
    manifest = read_manifest(run)
    assert (manifest["gate_passed"], manifest["allowed_failed_gate"]) == (False, reason)
    assert "failed and was allowed" in capsys.readouterr().err
    for page in [run / "index.html", *(run / "pages").iterdir()]:
        text = page.read_text(encoding="utf-8")
        top = text[: text.index("<h1")]
        assert "The computation failed its checks: surgical." in top, page.name
        assert "The reason given: A &lt;drill&gt; of the exit code" in top, page.name


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_reason_without_words_is_refused_before_anything_is_done(tmp_path, capsys, reason):
    study = write_study(tmp_path)
    assert exit_code("run", study, "--out", tmp_path / "outputs", "--allow-failed-gate", reason) == Exit.USAGE
    assert "needs a reason in words" in capsys.readouterr().err
    assert not (tmp_path / "outputs").exists()


def nothing_left(folder):
    return not list((folder / "outputs").rglob("*.nc")) and not list((folder / "outputs").rglob("*.part"))


def test_a_broken_model_exits_5_and_leaves_nothing(tmp_path, capsys):
    text = find_asset("models", "proportion_independent").read_text(encoding="utf-8")
    (tmp_path / "broken.py").write_text(text.replace("    return model\n", "    return model / 0\n"), encoding="utf-8")
    study = write_study(tmp_path, model="broken")
    assert exit_code("run", study, "--out", tmp_path / "outputs") == Exit.FIT_FAILED
    assert "model 'broken', build failed: TypeError" in capsys.readouterr().err
    assert nothing_left(tmp_path)


def test_a_model_that_does_not_fit_the_figures_is_a_usage_error(tmp_path, capsys):
    study = write_study(tmp_path, model="ratio")
    assert exit_code("run", study, "--out", tmp_path / "outputs") == Exit.USAGE
    assert "model 'ratio' reads 'observed', which figures of kind 'proportion' do not have" in capsys.readouterr().err


def test_faults_in_the_figures_exit_3_with_file_and_line(tmp_path, capsys):
    rows = (
        find_asset("data", "surgical.csv").read_text(encoding="utf-8").replace("A,surgical,,,0,47", "A,surgical,,,x,47")
    )
    (tmp_path / "surgical.csv").write_text(rows, encoding="utf-8")
    assert exit_code("run", write_study(tmp_path), "--out", tmp_path / "outputs") == Exit.DATA_FAULTS
    assert "surgical.csv, line 2, column numerator: 'x' is not a number" in capsys.readouterr().err
    assert nothing_left(tmp_path)


def test_an_absent_study_is_a_usage_error_that_lists_those_there_are(capsys):
    assert exit_code("run", "nosuch") == Exit.USAGE
    assert "acute" in capsys.readouterr().err


def test_an_interrupted_run_leaves_nothing(tmp_path):
    def stop(step, _fraction):
        if step.endswith("predict"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_study(read_study(write_study(tmp_path)), tmp_path / "outputs", report=stop)
    assert nothing_left(tmp_path)
    assert not (tmp_path / "outputs" / "small" / "latest").exists()


def test_a_manifest_of_another_version_is_refused(tmp_path):
    (tmp_path / "manifest.json").write_text(json.dumps({"schema_version": 99}), encoding="utf-8")
    with pytest.raises(Exception, match="schema version 99; this ranktrust reads 1"):
        read_manifest(tmp_path)


def test_draws_that_are_not_finite_leave_a_page_that_says_so(tmp_path):
    text = find_asset("models", "proportion_independent").read_text(encoding="utf-8")
    broken = text.replace("pm.math.logit(p), dims", "pm.math.logit(p) + pm.math.log(p - 2), dims")
    (tmp_path / "nothing.py").write_text(broken, encoding="utf-8")
    study = write_study(tmp_path, model="nothing")
    assert exit_code("run", study, "--out", tmp_path / "outputs") == Exit.GATE_FAILED
    run = tmp_path / "outputs" / "small" / "latest"
    table = read_league_table(run / "tables", "surgical")
    assert not table.facts.ranked
    assert table.rows["estimate"].isna().all()
    page = (run / "pages" / "league_surgical.html").read_text(encoding="utf-8")
    assert "Not fit to publish" in page
    assert "not finite" in (run / "pages" / "diagnostics_surgical.html").read_text(encoding="utf-8")


def test_a_statement_without_a_share_states_none(tmp_path):
    path = write_study(tmp_path)
    path.write_text(path.read_text().replace('scenario = "none"', 'scenario = "this_period"'), encoding="utf-8")
    run, _ = run_study(read_study(path), tmp_path / "outputs")
    facts = read_league_table(run / "tables", "surgical").facts
    assert (facts.scenario, facts.share_mean) == ("none", 0.0)
    assert facts.priors == {"p": [1.0, 1.0]}


def test_a_share_needs_its_source_and_its_scenario(tmp_path, capsys):
    path = write_study(tmp_path, model="proportion")
    text = path.read_text()
    path.write_text(text.replace('scenario = "none"', 'scenario = "long_run"'), encoding="utf-8")
    assert exit_code("run", path, "--out", tmp_path / "outputs") == Exit.USAGE
    assert (
        "surgical declares no unattributed_share for the scenario 'long_run'; it has: none" in capsys.readouterr().err
    )
    path.write_text(text + "priors = { unattributed_share = [5, 5, 1] }\n", encoding="utf-8")
    assert exit_code("run", path, "--out", tmp_path / "outputs") == Exit.USAGE
    assert "where it has no source" in capsys.readouterr().err


def test_a_folder_that_cannot_hold_a_run_is_refused_before_fitting(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert exit_code("run", write_study(tmp_path), "--out", tmp_path / "file") == Exit.USAGE
    assert "cannot hold a run" in capsys.readouterr().err
