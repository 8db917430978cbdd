"""`ranktrust calibrate` on real fits, its certificate and page, and what a run's pages say of it."""

import json
import re
import shutil
from pathlib import Path

import conjugate
import numpy as np
import pytest
from league_tables import tiny_table
from panels import make_panel
from test_run import exit_code, write_study

from ranktrust import publish
from ranktrust.assemble import assemble
from ranktrust.assets import find_asset
from ranktrust.errors import ClusterError, FitError, UsageError
from ranktrust.evidence import (
    DESIGN,
    coverage_table,
    current_certificate,
    findings_of,
    rank_curves,
    read_certificate,
    read_records,
)
from ranktrust.evidence.certificate import FEWEST, verdict_of
from ranktrust.figures import coverages_drawing, places_drawing
from ranktrust.fit import Sampling, simulate
from ranktrust.model import load_model
from ranktrust.run import calibrate, calibrate_statement, certify, statement_of
from ranktrust.run.elsewhere import common_with
from ranktrust.study import read_study

SHORT = (Sampling(draws=600, tune=300, cores=1),) * 3


@pytest.fixture(scope="module")
def estimates():
    return make_panel("estimate", trusts=12)


@pytest.fixture(scope="module")
def truths(estimates):
    return simulate(estimates, load_model("estimate"), draws=400, seed=np.random.SeedSequence(3))


def test_a_statement_is_calibrated_on_a_small_panel(estimates, monkeypatch):
    monkeypatch.setattr(calibrate, "LADDER", SHORT)
    findings = calibrate_statement(load_model("estimate"), estimates, simulations=20)
    found = {finding.name: finding for finding in findings}
    assert {name for name, finding in found.items() if finding.verdict == "failed"} <= {"computation"}
    assert {"mu", "s", "share_of_upper"} <= set(found["parameters"].table.index)
    assert "With 20 simulations" in found["rank intervals"].sentence
    assert found["computation"].sentence.startswith("20 panels simulated")


def test_truths_from_the_prior_follow_it(truths):
    truth = truths["truth"].to_dataset()
    mu = truth["mu"].to_numpy()
    assert mu.mean() == pytest.approx(5.0, abs=3 * 2.5 / np.sqrt(len(mu)))
    assert np.mean(truth["s"]) == pytest.approx(0.5 * np.sqrt(2 / np.pi), abs=3 * 0.3 / np.sqrt(len(mu)))
    assert truth["outcome"].dims == ("draw", "trust")
    assert {"mu", "s", "total", "z"} <= set(truth.attrs["free"])


def test_figures_scatter_around_their_truth_by_their_standard_error(estimates, truths):
    total = truths["truth"]["total"].to_numpy()
    scatter = (truths["data"]["y"].to_numpy() - total) / estimates["standard_error"]
    assert scatter.std() == pytest.approx(1.0, abs=3 / np.sqrt(2 * scatter.size))


def test_other_trusts_are_drawn_under_the_levels_that_are_given(estimates, truths):
    given = truths["truth"].to_dataset().expand_dims("chain")
    again = simulate(
        estimates, load_model("estimate"), draws=50, seed=np.random.SeedSequence(4), given=given, renew=("trust",)
    )["truth"].to_dataset()
    assert np.isin(again["mu"], given["mu"]).all()
    assert not np.isin(again["total"], given["total"]).any()
    assert float(np.abs(again["performance"] - again["outcome"]).max()) == pytest.approx(0)


def test_more_truths_than_there_are_draws_are_refused(estimates, truths):
    given = truths["truth"].to_dataset().expand_dims("chain")
    with pytest.raises(FitError, match="401 truths cannot be taken from 400"):
        simulate(estimates, load_model("estimate"), draws=401, seed=np.random.SeedSequence(4), given=given)


def run_calibrate(study, folder, *more):
    return exit_code("calibrate", study, "--simulations", "3", "--kind", "joint", "--out", folder / "outputs", *more)


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory):
    """Twelve hospitals without pooling, three simulations of the joint kind."""
    folder = tmp_path_factory.mktemp("calibrated")
    study = write_study(folder)
    patch = pytest.MonkeyPatch()
    patch.setattr(calibrate, "LADDER", SHORT)
    code = run_calibrate(study, folder)
    patch.undo()
    (made,) = (folder / "outputs" / "small" / "calibration").iterdir()
    return code, study, made


def test_the_command_writes_a_certificate_and_its_page(calibrated):
    code, study, folder = calibrated
    certificate = read_certificate(folder)
    assert code == (4 if certificate["verdict"] == "failed" else 0)
    assert certificate["kind"] == "joint"
    assert certificate["simulations"] == 3
    assert certificate["model_sha256"] == load_model("proportion_independent").sha256
    assert certificate["study_sha256"] == read_study(study).sha256
    page = (folder / "calibration.html").read_text(encoding="utf-8")
    assert "Too few to say that claims hold: 3 simulated panels" in page or certificate["verdict"] == "failed"
    assert page.count("<h1") == 1
    assert not re.search(r"<script|src=\"http", page)


def test_every_truth_of_the_joint_kind_has_its_two_figures(calibrated):
    _, _, folder = calibrated
    records = read_records(folder)
    assert [record["simulation"] for record in records] == [0, 1, 2]
    assert all(len(record["pit"]["p"]) == 12 for record in records)


def test_pictures_say_their_numbers(calibrated):
    _, _, folder = calibrated
    records = read_records(folder)
    table = coverage_table(records)
    assert f"{100 * table['covered'][0]:.1f}%" in coverages_drawing(table).alt
    assert "1 curve," in places_drawing(rank_curves(records, prob=0.99), "true ranks", "ranks").alt


def carried(study, folder, part):
    checked = read_study(study)
    panels = assemble(checked)
    statements = {asked.name: statement_of(checked, asked, panels[asked.name]) for asked in checked.indicator}
    return certify.carry_certificates(checked, panels, statements, folder.parent, part)


def test_a_run_carries_the_certificate_of_its_own_design_alone(calibrated, tmp_path):
    _, study, folder = calibrated
    found = carried(study, folder, tmp_path)
    assert found["surgical"]["simulations"] == 3
    assert (tmp_path / found["surgical"]["page"]).is_file()
    assert json.loads((tmp_path / "calibration" / "surgical.json").read_text())["kind"] == "joint"
    other = write_study(tmp_path, model="surgical_bugs")
    assert carried(other, folder, tmp_path / "other") == {}


def test_the_kind_that_proves_most_comes_first(tmp_path):
    for kind, count in (("design", 500), ("prior", 20), ("prior", 50), ("misspecified", 900)):
        certificate = {"schema_version": 1, "design_sha256": "ab", "kind": kind, "simulations": count}
        (tmp_path / f"{kind}{count}").mkdir()
        (tmp_path / f"{kind}{count}" / "certificate.json").write_text(json.dumps({**certificate, "verdict": "passed"}))
        (tmp_path / f"{kind}{count}" / "calibration.html").touch()
    folder, _ = current_certificate(tmp_path, "ab")
    assert folder.name == "prior50"
    assert current_certificate(tmp_path, "cd") is None


def test_no_pass_beside_it_hides_a_calibration_that_failed(tmp_path):
    for kind, count, verdict in (("prior", 300, "passed"), ("design", 50, "failed"), ("design", 900, "passed")):
        certificate = {"schema_version": 1, "design_sha256": "ab", "kind": kind, "simulations": count}
        (tmp_path / f"{kind}{count}").mkdir()
        (tmp_path / f"{kind}{count}" / "certificate.json").write_text(json.dumps({**certificate, "verdict": verdict}))
        (tmp_path / f"{kind}{count}" / "calibration.html").touch()
    folder, _ = current_certificate(tmp_path, "ab")
    assert folder.name == "design50"


def test_a_few_simulations_pass_nothing_and_may_fail():
    """Of three even the exact posterior has no verdict, and the page says so; of twenty it passes."""
    verdicts = {}
    for count in (3, FEWEST):
        findings = findings_of(conjugate.records(count), kind="prior", top=2, bottom=2)
        assert not [finding for finding in findings if finding.verdict == "failed"]
        verdicts[count] = verdict_of(findings, count)
    assert verdicts == {3: "informational", FEWEST: "passed"}
    broken = findings_of(conjugate.records(3, fitted=never), kind="prior", top=2, bottom=2)
    assert verdict_of(broken, 3) == "failed"


def never(panel, seed, attempt):
    raise FitError("no start")


def test_the_index_says_of_how_many_tables_the_claims_were_checked():
    table = tiny_table()
    none = publish.calibration_summary([table], {"indicators": [{"name": "tiny_4h"}]})
    assert none == "Calibration: the claims of 1 table have not been checked on simulated panels of their design."
    found = {"name": "tiny_4h", "calibration": {"verdict": "failed"}}
    said = publish.calibration_summary([table, tiny_table(indicator="other")], {"indicators": [found]})
    assert said == (
        "Calibration: of 1 of 2 tables the claims have been checked on simulated panels of their design, and of 1 they "
        f"have not been. They failed on {table.facts.title}."
    )


def test_the_index_takes_no_few_simulations_for_a_pass():
    found = {"name": "tiny_4h", "calibration": {"verdict": "informational"}}
    table = tiny_table()
    said = publish.calibration_summary([table], {"indicators": [found]})
    assert said.endswith(f"design. On {table.facts.title} too little was simulated to say that they hold.")
    assert "None failed" not in said


@pytest.mark.parametrize("changed", ["panel_sha256", "model_sha256", "code"])
def test_a_worker_with_another_design_makes_nothing(calibrated, tmp_path, changed):
    """Its records would stand among those of the command that asked."""
    _, study, made = calibrated
    folder = tmp_path / "copied"
    shutil.copytree(made, folder)
    asked = json.loads((folder / DESIGN).read_text(encoding="utf-8"))
    (folder / DESIGN).write_text(json.dumps({**asked, changed: "0" * 64}), encoding="utf-8")
    common = common_with(study, folder / DESIGN)
    place = calibrate.Place(str(study), asked["indicator"], "joint", str(folder), 3, common)
    with pytest.raises(ClusterError, match=f"would simulate another design: it differs in {changed}"):
        calibrate.one_simulation(place, 0)


def note(found):
    return publish.calibration_note(tiny_table(), {"indicators": [{"name": "tiny_4h", "calibration": found}]}).text


def test_a_page_says_whether_its_claims_were_checked():
    found = {"created": "2026-11-22T10:00:00+00:00", "simulations": 200, "verdict": "failed", "failed": ["grades"],
             "page": "calibration/tiny_4h.html"}  # fmt: skip
    text = note(found)
    assert "checked on 200 simulated panels of this design on 22 November 2026" in text
    assert 'class="chip failed"' in text
    assert "(grades)" in text
    assert 'href="../calibration/tiny_4h.html"' in text
    for nothing in (note(None), publish.calibration_note(tiny_table(), None).text):
        assert "not checked for this design" in nothing


def test_priors_too_vague_to_simulate_from_are_exempt_and_say_so(tmp_path):
    study = read_study(find_asset("studies", "surgical"))
    with pytest.raises(UsageError, match="exempt from calibration by its prior"):
        calibrate.case_of(study, "surgical", "prior")
    (finding,) = calibrate_statement(load_model("surgical_bugs"), assemble(study)["surgical"])
    assert finding.verdict == "informational"
    assert "sd 1000" in finding.sentence


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("acute", "nothing", "prior"), "asks for no 'nothing'; it asks for: ae_4h"),
        (("surgical_independent", "surgical", "misspecified"), "has no unattributed_share"),
    ],
)
def test_what_cannot_be_calibrated_is_refused_with_its_reason(arguments, words):
    name, indicator, kind = arguments
    with pytest.raises(UsageError, match=re.escape(words)):
        calibrate.case_of(read_study(find_asset("studies", name)), indicator, kind)


def test_the_misspecified_case_is_blind_to_what_its_truths_hold():
    case = calibrate.case_of(read_study(Path(find_asset("studies", "acute"))), "shmi", "misspecified")
    assert case.truth_priors["unattributed_share"] == (1800.0, 8200.0, 1.0)
    assert case.priors["unattributed_share"] == (1.0, 1.0, 0.0)
