"""The reporting appendix: every point for every indicator, each number that of the run's own tables."""

import re

import pytest
from league_tables import tiny_table

from ranktrust.run.barg import barg_text

MANIFEST = {
    "run_id": "R1", "created": "2026-07-01T00:00:00+00:00", "gate_passed": True, "allowed_failed_gate": None,
    "study": {"title": "A tiny study", "question": "Who?", "sha256": "s" * 64}, "lock_sha256": "l" * 64,
    "settings": {"fit": {"seed": 7}}, "versions": {"pymc": "6.0"}, "figures": {"tiny.csv": "0"},
    "indicators": [
        {"name": "tiny_4h", "model": "proportion", "model_sha256": "m" * 64, "seed_spawn_key": [12]},
    ],
}  # fmt: skip


def text(folder, manifest=None, **facts):
    return barg_text({**MANIFEST, **(manifest or {})}, [tiny_table(**facts)], folder)


def test_every_point_is_there(tmp_path):
    heads = re.findall(r"^##+ (.+)$", text(tmp_path), re.MULTILINE)
    assert heads == [
        "Preamble", "Seen within four hours (tiny_4h)", "Model", "Computation", "Posterior", "Decisions", "Sensitivity",
        "Reproducibility",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "Data: 8 trusts (eight made-up trusts), June 2025, kind proportion."),
        ({"priors": {"mu": [0.0, 1.75]}}, "Prior numbers: mu = [0.0, 1.75]."),
        ({}, "scenario this_period: 0.1 (prior mean), made up, a guess."),
        ({"draws": 12345}, "12,345 draws after warm-up; smallest effective sample size of a quantity on the page 200."),
        ({}, "energy, passed: Fine."),
        ({}, "POTH 0.800; 95% of pairs of draws have a rank correlation above 0.700."),
        ({}, "3 bands at lambda 0.25: 4% of the pairs that bands separate are expected to be the wrong way round"),
        ({"rank_reason": "it is asked for"}, "Ranked despite a caution: it is asked for; best is highest."),
        ({"ranked": False}, "No order is stated"),
        ({}, "Not asked for by this study"),
        ({}, "Seed 7, spawn keys: tiny_4h [12]."),
        ({}, "proportion mmmmmmmmmmmmmmmm."),
    ],
)
def test_what_it_says_is_what_the_run_found(tmp_path, facts, said):
    assert said in text(tmp_path, **facts)


def test_a_failed_gate_stands_in_the_preamble(tmp_path):
    assert "FAILED, not fit to publish." in text(tmp_path, {"gate_passed": False})
    allowed = {"gate_passed": False, "allowed_failed_gate": "a drill"}
    assert "FAILED; published nevertheless, because: a drill." in text(tmp_path, allowed)
