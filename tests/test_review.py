"""The record of a review: bound to the run's digests, void after any change, shown on one screen and on a page."""

import json
from datetime import datetime
from html import unescape

import pytest
from league_tables import tiny_run

from ranktrust import cli
from ranktrust.errors import RunError, UsageError
from ranktrust.evidence import read_reviews, sign_run, standing_of
from ranktrust.files import write_json
from ranktrust.manifest import changed_files
from ranktrust.publish import load_run, review_lines, write_index, write_record
from ranktrust.publish.record import review_state
from ranktrust.run.record import contents_of
from ranktrust.vocabulary import Exit

WHO = {"reviewer": "A <Reviewer>", "note": "Read every page; the checks of fit explain themselves."}


def written(folder, **changes):
    """A run folder with one indicator and its manifest."""
    tiny_run(folder)
    entry = {"name": "tiny_4h", "gate_passed": True, "calibration": None}
    manifest = {
        "schema_version": 1, "run_id": "20260101T000000Z-abcd", "created": "2026-01-01T00:00:00+00:00",
        "study": {"name": "tiny", "title": "A tiny study"}, "indicators": [entry], "gate_passed": True,
        "allowed_failed_gate": None, "contents": contents_of(folder), **changes,
    }  # fmt: skip
    write_json(folder / "manifest.json", manifest)
    write_record(folder)
    return folder


FAILED = {"gate_passed": False, "indicators": [{"name": "tiny_4h", "gate_passed": False}]}


@pytest.fixture
def run(tmp_path):
    return written(tmp_path / "tiny" / "one")


def page(run):
    return unescape((run / "review.html").read_text(encoding="utf-8"))


def exit_code(*arguments):
    with pytest.raises(SystemExit) as caught:
        cli.main([str(argument) for argument in arguments])
    return caught.value.code


def test_a_run_begins_unreviewed_and_its_page_says_so(run):
    assert standing_of(run) == "not reviewed"
    assert '<h1 id="review">This run has not been reviewed</h1>' in page(run)
    assert changed_files(run) == []


def test_the_index_of_a_publication_says_how_the_review_stands_and_that_of_a_run_never_changes(run, tmp_path):
    words = "This run had not been reviewed when it was made."
    assert review_state(run) == "This run has not been reviewed"
    made = sign_run(run, decision="accept", **WHO)
    day = datetime.fromisoformat(made.signed)
    state = f"This run was reviewed and accepted by {WHO['reviewer']} on {day.day} {day:%B %Y}"
    assert review_state(run) == state
    tables = list(load_run(run).tables.values())
    assert f"{state}. <a" in unescape(write_index(tmp_path / "out", tables, run=run).read_text(encoding="utf-8"))
    assert words in write_index(tmp_path / "again", tables).read_text(encoding="utf-8")
    sign_run(run, reviewer="Second", decision="reject", note="seen")
    assert review_state(run).startswith("This run was reviewed and rejected by Second on ")


@pytest.mark.parametrize(("decision", "standing"), [("accept", "accepted"), ("reject", "rejected")])
def test_a_decision_is_kept_and_shown(run, decision, standing):
    made = sign_run(run, decision=decision, **WHO)
    write_record(run)
    assert read_reviews(run) == (made,)
    assert standing_of(run) == standing
    assert f"This run was reviewed and {standing}" in page(run)
    assert WHO["note"] in page(run)
    assert "A &lt;Reviewer&gt;" in (run / "review.html").read_text(encoding="utf-8")
    assert changed_files(run) == []


def change_a_table(run):
    path = run / "tables" / "tiny_4h" / "rows.csv"
    path.write_text(path.read_text().replace("61 of 100", "62 of 100", 1))


def remove_a_fit(run):
    (run / "fits" / "tiny_4h.nc").unlink()


def add_a_page(run):
    (run / "pages").mkdir()
    (run / "pages" / "another.html").write_text("A better finding")


def change_the_manifest(run):
    path = run / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"created": "2027-01-01"}))


@pytest.mark.parametrize("change", [change_a_table, remove_a_fit, add_a_page, change_the_manifest])
def test_any_later_change_voids_a_decision(run, change):
    sign_run(run, decision="accept", **WHO)
    change(run)
    assert standing_of(run) == "void"
    write_record(run)
    assert "no decision on it holds" in page(run)
    assert "changed since" in page(run)


def test_a_changed_run_cannot_be_signed(run):
    change_a_table(run)
    with pytest.raises(RunError, match=r"not as it was written \(tables/tiny_4h/rows.csv \(changed\)\)"):
        sign_run(run, decision="accept", **WHO)
    assert read_reviews(run) == ()


def test_the_last_decision_of_each_reviewer_counts_and_one_rejection_outweighs(run):
    for reviewer, decision in (("A", "reject"), ("B", "accept")):
        sign_run(run, reviewer=reviewer, decision=decision, note="seen")
    assert standing_of(run) == "rejected"
    sign_run(run, reviewer="A", decision="accept", note="seen again")
    assert standing_of(run) == "accepted"
    assert [review.decision for review in read_reviews(run)] == ["reject", "accept", "accept"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"decision": "maybe"}, '"accept" or "reject", not \'maybe\''),
        ({"reviewer": " "}, "--reviewer needs a name"),
        ({"note": ""}, "--note needs words"),
    ],
)
def test_what_is_no_decision_is_refused(run, given, message):
    with pytest.raises(UsageError, match=message):
        sign_run(run, **{"decision": "accept", **WHO, **given})


def test_a_failed_gate_can_be_rejected_and_accepted_only_with_its_reason(tmp_path):
    failed = written(tmp_path / "failed", **FAILED)
    with pytest.raises(UsageError, match="cannot be accepted"):
        sign_run(failed, decision="accept", **WHO)
    assert sign_run(failed, decision="reject", **WHO).decision == "reject"
    allowed = written(tmp_path / "allowed", **FAILED, allowed_failed_gate="a drill")
    assert sign_run(allowed, decision="accept", **WHO).decision == "accept"
    write_record(allowed)
    assert "The reason given: a drill" in page(allowed)


def test_broken_records_are_refused(run):
    (run / "review.json").write_text("{}")
    with pytest.raises(RunError, match=r"review.json cannot be read"):
        read_reviews(run)


def test_the_commands_tell_the_story_on_one_screen(run, capsys):
    assert exit_code("review", run) == Exit.DONE
    printed = capsys.readouterr().out
    assert "Computation: every fit passed" in printed
    assert "Review: not reviewed" in printed
    assert "pages/diagnostics_tiny_4h.html" in printed
    assert len(printed.splitlines()) < 24
    assert exit_code("sign", run, "--reviewer", "Ann", "--decision", "accept", "--note", "Well argued.") == Exit.DONE
    assert "accepted by Ann" in capsys.readouterr().out
    assert exit_code("review", run) == Exit.DONE
    assert "Ann: accept. Well argued." in capsys.readouterr().out


@pytest.mark.parametrize(("more", "opened"), [((), []), (("--no-open",), []), (("--open",), ["diagnostics_tiny_4h"])])
def test_review_opens_the_diagnostics_pages_where_it_is_asked(run, monkeypatch, more, opened):
    """Without a word only at a terminal, which a test is not."""
    for name in ("diagnostics_tiny_4h", "league_tiny_4h"):
        (run / "pages").mkdir(exist_ok=True)
        (run / "pages" / f"{name}.html").write_text("a page")
    seen = []
    monkeypatch.setattr("webbrowser.open", seen.append)
    exit_code("review", run, *more)
    assert seen == [(run / "pages" / f"{name}.html").resolve().as_uri() for name in opened]


def test_review_exits_by_what_it_finds(run, tmp_path, capsys):
    change_a_table(run)
    assert exit_code("review", run) == Exit.USAGE
    assert "changed since the run was written: tables/tiny_4h/rows.csv (changed)" in capsys.readouterr().out
    assert exit_code("review", written(tmp_path / "failed", **FAILED)) == Exit.GATE_FAILED
    assert exit_code("review", written(tmp_path / "allowed", **FAILED, allowed_failed_gate="a drill")) == Exit.DONE
    assert "FAILED for tiny_4h; allowed: a drill" in capsys.readouterr().out
    assert exit_code("review", tmp_path / "nothing") == Exit.USAGE


def test_a_study_s_folder_stands_for_its_latest_run(run, capsys):
    (run.parent / "latest").symlink_to(run.name, target_is_directory=True)
    assert exit_code("review", run.parent) == Exit.DONE
    assert "run 20260101T000000Z-abcd" in capsys.readouterr().out


def test_a_screen_names_the_checks_of_fit_that_failed(run):
    finding = {"name": "zero counts", "verdict": "failed", "sentence": "Six.", "remedy": "Look.", "table": []}
    write_json(run / "tables" / "tiny_4h" / "fit_checks.json", {"schema_version": 1, "findings": [finding]})
    (run / "tables" / "tiny_4h" / "held_out.csv").write_text("trust,elpd\n")
    assert "1 of 1 checks of fit failed: zero counts" in "\n".join(review_lines(run))
