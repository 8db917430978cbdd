"""The stage of a run that makes other choices: what is refitted, with what, and what is done where a refit fails."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import ranktrust.run.sensitivity as stage
from ranktrust.assemble import assemble
from ranktrust.errors import FitError, ModelFileError
from ranktrust.evidence import at_the_ends, comparison, read_sensitivity
from ranktrust.evidence.sentences import summary_sentences
from ranktrust.gate import Finding
from ranktrust.league import read_league_table, score
from ranktrust.manifest import read_manifest
from ranktrust.run import Answer, run_study, statement_of
from ranktrust.run.answer import question_of
from ranktrust.study import SensitivityOptions, read_study

INDICATORS = """
[indicator.toy]
title = "Seen in time"
kind = "proportion"
best = "highest"
unit = "of patients seen in time"
domain = "care"
comparability = "direct"

[indicator.toy.unattributed_share.this_period]
alpha = 20.0
beta = 380.0
source = "made up for a test"

[indicator.toy.unattributed_share.long_run]
alpha = 80.0
beta = 120.0
source = "made up for a test"
guess = true
"""
STUDY = """
schema_version = 1
name = "toy"
title = "Toy trusts"
question = "Which statements survive?"
date = 2026-06-30

[trusts]
description = "made-up trusts"

[context.deprivation]
centre = 0.0
scale = 1.0
source = "made up for a test"

[fit]
seed = 11
draws = 1000
tune = 600

[sensitivity]
variants = ["without_context", "with_region", "without_region", "student"]

[[indicator]]
name = "toy"
months = 2
"""
PASSPORT = {"title": "Toy", "publisher": "Nobody", "address": "https://example.org", "licence": "none",
            "attribution": "none", "retrieved": "2026-01-01"}  # fmt: skip
CODES = [f"R{place:02d}" for place in range(24)]
MONTHS = [("2026-03-01", "2026-03-31"), ("2026-04-01", "2026-04-30")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A study with figures, trusts, context and indicator of its own."""
    place, random = tmp_path_factory.mktemp("toy"), np.random.default_rng(4)
    (place / "toy.toml").write_text(STUDY, encoding="utf-8")
    (place / "indicators.toml").write_text(INDICATORS, encoding="utf-8")
    (place / "toy.passport.json").write_text(json.dumps(PASSPORT), encoding="utf-8")
    level = np.linspace(-1, 1, len(CODES))
    rows = [(code, "toy", *month, random.binomial(900, 1 / (1 + np.exp(-level[at]))), 900)
            for at, code in enumerate(CODES) for month in MONTHS]  # fmt: skip
    names = ["trust", "indicator", "period_start", "period_end", "numerator", "denominator"]
    pd.DataFrame(rows, columns=names).to_csv(place / "toy.csv", index=False)
    trusts = pd.DataFrame(
        {"trust": CODES, "name": CODES, "region": ["North", "South"] * 12, "icb": "", "type": "", "subtype": ""}
    )
    trusts.to_csv(place / "trusts.csv", index=False)
    context = pd.DataFrame({"trust": CODES, "deprivation": random.normal(size=len(CODES)).round(3), "note": ""})
    context.to_csv(place / "context.csv", index=False)
    return place


@pytest.fixture(scope="module")
def study(folder):
    return read_study(folder / "toy.toml")


def draws_of(panel, priors, *, draws=250, seed=0, spread=0.3):
    """Draws as a good fit would leave them, from the study's figures and without a sampler."""
    random, n = np.random.default_rng(seed), len(panel.trusts)
    shape, dims = (4, draws), ("chain", "draw")
    level = np.linspace(-1, 1, n) + spread * random.normal(size=(*shape, n))
    share = random.beta(*priors["unattributed_share"][:2], size=shape) * priors["unattributed_share"][2]
    covariates, regions = len(panel.context.columns), len(panel.coords["region"])
    posterior = dict.fromkeys(("total", "outcome", "performance"), ((*dims, "trust"), level))
    posterior |= {name: (dims, random.normal(size=shape)) for name in ("mu", "share_of_upper")}
    posterior |= {"s": (dims, 0.5 + 0.01 * random.normal(size=shape)), "unattributed_share": (dims, share),
                  "z": ((*dims, "trust"), random.normal(size=(*shape, n))),
                  "beta": ((*dims, "covariate"), random.normal(size=(*shape, covariates)))}  # fmt: skip
    if regions:
        posterior |= {"omega": (dims, random.normal(size=shape)),
                      "region_effect": ((*dims, "region"), random.normal(size=(*shape, regions)))}  # fmt: skip
    coords = {
        "chain": range(4),
        "draw": range(draws),
        "trust": list(panel.trusts.index),
        "covariate": list(panel.context.columns),
    }
    statistics = {name: (dims, np.zeros(shape, dtype=bool)) for name in ("diverging", "reached_max_treedepth")}
    statistics["energy"] = (dims, random.normal(size=shape))
    tree = xr.DataTree.from_dict({
        "posterior": xr.Dataset(posterior, coords=coords), "sample_stats": xr.Dataset(statistics),
        "log_prior": xr.Dataset({"mu": (dims, np.zeros(shape))}),
    })  # fmt: skip
    tree.attrs = {"model": "proportion", "priors": "{}"}
    return tree


@pytest.fixture(scope="module")
def answer(study):
    panel = assemble(study)["toy"]
    model_file, fine = statement_of(study, study.indicator[0], panel), Finding("x", "passed", "", "", pd.DataFrame())
    draws = draws_of(panel, {"unattributed_share": (20.0, 380.0, 1.0)})
    table = score(draws, panel, (fine,), question_of(study, study.indicator[0], model_file))
    return Answer(panel, model_file, draws, (fine,), table)


def compared(study, answer, monkeypatch, fake, **options):
    """The stage with `fake` in place of the fit, and every call it made."""
    calls, asked = [], study.sensitivity.model_copy(update=options)
    study = study.model_copy(update={"sensitivity": asked})

    def fit(panel, model_file, **asked):
        calls.append({"panel": panel, "model_file": model_file, **asked})
        return fake(panel, asked["priors"], len(calls))

    monkeypatch.setattr(stage, "fit", fit)
    by_period = assemble(study, summed=False)["toy"]
    found = stage.sensitivity_of(study, study.indicator[0], answer, by_period, cache={}, report=lambda *_: None)
    return found, calls


@pytest.fixture(scope="module")
def usual(study, folder, answer):
    """The stage with good draws for every choice, a heavy-tailed statement beside the study, and the calls it made."""
    text = answer.model_file.path.read_text(encoding="utf-8")
    (folder / "proportion_student.py").write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        return compared(study, answer, patch, lambda panel, priors, seed: draws_of(panel, priors, seed=seed))


def test_each_choice_is_refitted_with_what_it_changes(usual):
    found, made = usual
    calls = [call for call in made if call["sampling"].draws == 1000]
    assert {call["sampling"].draws for call in made} <= {1000, 4000}  # a refit that misses a threshold is drawn longer
    names = [
        "published",
        "performance",
        "repeat",
        "none",
        "long_run",
        "without_context",
        "with_region",
        "without_region",
        "student",
    ]
    assert [view.choice.name for view in found.views] == names
    shares = [call["priors"]["unattributed_share"] for call in calls]
    assert shares == [(20.0, 380.0, 1.0), (1.0, 1.0, 0.0), (80.0, 120.0, 1.0), *[(20.0, 380.0, 1.0)] * 3]
    assert [len(call["panel"].context.columns) for call in calls] == [1, 1, 1, 0, 1, 1]
    assert [call["panel"].nested for call in calls] == [(), (), (), (), ("region",), ()]
    assert [call["model_file"].name for call in calls] == ["proportion"] * 5 + ["proportion_student"]
    assert len({call["seed"].spawn_key for call in calls}) == 6
    assert all(not call["predictive"] and call["sampling"].draws == 1000 for call in calls)
    lacking = {view.choice.name: view.said for view in found.views if view.status == "not_fitted"}
    assert lacking == {"without_region": "the published statement nests no regions"}


WIDE = {"reason": "a test of other priors", "times": {"s": 2.0}, "set": {"mu": (0.0, 2.0)}, "label": "Wide"}
NARROW = {"reason": "a test of other priors", "set": {"nosuch": 1.0}}


def test_other_priors_are_refitted_with_all_else_as_published(study, answer, monkeypatch):
    priors = SensitivityOptions(priors={"wide": WIDE, "narrow_one": NARROW}).priors
    found, calls = compared(study, answer, monkeypatch, lambda panel, priors, seed: draws_of(panel, priors, seed=seed),
                            scenarios=False, variants=(), priors=priors)  # fmt: skip
    names = [(view.choice.name, view.choice.group, view.status) for view in found.views]
    assert names[-2:] == [("prior_wide", "prior", "fitted"), ("prior_narrow_one", "prior", "not_fitted")]
    assert found.views[-1].said == "the statement has no prior nosuch"
    assert found.views[-1].choice.label == "Narrow one"
    (repeated, other) = (call["priors"] for call in calls)
    own = answer.model_file.priors
    assert other == {**repeated, "s": 2 * own["s"], "mu": (0.0, 2.0)}
    assert found.views[-2].choice.change == (
        f"other prior numbers: mu (0, 2) in place of ({own['mu'][0]:g}, {own['mu'][1]:g}); s {2 * own['s']:g} "
        f"in place of {own['s']:g}"
    )
    assert any(sentence.startswith("Of other priors 'wide' was tried") for sentence in summary_sentences(found))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({**NARROW, "indicators": ["toy"]}, "sensitivity.priors.odd: model 'proportion' has no prior 'nosuch'"),
        ({**WIDE, "set": {"mu": 1.0}}, "prior 'mu' of model 'proportion' takes a list of 2, not one number"),
        ({**WIDE, "set": {}, "times": {"mu": 2.0}}, "prior 'mu' of model 'proportion' takes a list of 2, not"),
    ],
)
def test_other_priors_that_do_not_fit_the_statement_are_refused_before_a_fit(study, answer, given, words):
    options = SensitivityOptions(priors={"odd": given})
    with pytest.raises(ModelFileError, match=re.escape(words)):
        statement_of(study.model_copy(update={"sensitivity": options}), study.indicator[0], answer.panel)


def test_a_refit_that_fails_its_gate_gives_its_failure_and_no_number(study, answer, monkeypatch):
    def fake(panel, priors, call):
        tree = draws_of(panel, priors, seed=call)
        if call in {2, 3}:  # the scenario `none`, and again: one chain stands elsewhere
            outcome = tree["posterior"]["outcome"]
            tree["posterior"]["outcome"] = outcome + 3 * (outcome["chain"] == 0)
        return tree

    found, _ = compared(study, answer, monkeypatch, fake, variants=())
    view = {view.choice.name: view for view in found.views}["none"]
    assert view.status == "failed"
    assert view.rows.empty
    assert "miss a threshold" in view.said
    assert "none" not in comparison(found).index
    assert "none" not in at_the_ends(found).columns


def test_a_refit_whose_first_draws_fail_is_drawn_longer_and_says_so(study, answer, monkeypatch):
    def fake(panel, priors, call):
        tree = draws_of(panel, priors, seed=call)
        if call == 2:
            tree["posterior"]["outcome"] = tree["posterior"]["outcome"] + 3 * (tree["posterior"]["chain"] == 0)
        return tree

    found, calls = compared(study, answer, monkeypatch, fake, variants=())
    view = {view.choice.name: view for view in found.views}["none"]
    assert view.status == "fitted"
    assert view.choice.change.endswith("; drawn again, 4 times as long, after checks failed")
    assert [call["sampling"].draws for call in calls] == [1000, 1000, 4000, 1000]
    assert calls[1]["priors"] == calls[2]["priors"]
    assert "drawn again" not in "".join(each.choice.change for each in found.views if each.choice.name != "none")


def test_a_refit_that_breaks_is_said_and_the_others_go_on(study, answer, monkeypatch):
    def fake(panel, priors, call):
        if call == 3:
            raise FitError("model 'proportion', sample failed: nothing moved")
        return draws_of(panel, priors, seed=call)

    found, calls = compared(study, answer, monkeypatch, fake, scenarios=False, variants=("with_region", "student"))
    view = {view.choice.name: view for view in found.views}
    assert (view["student"].status, view["student"].said) == (
        "failed",
        "model 'proportion', sample failed: nothing moved",
    )
    assert view["with_region"].status == "fitted"
    assert len(calls) == 3


def test_a_statement_that_does_not_exist_is_not_fitted_and_said(study, answer):
    own = stage.Setting(answer.panel, replace(answer.model_file, name="nosuch"), {}, None)
    made = {variant.name: variant.make(own, study) for variant in stage.VARIANTS}
    assert made["student"] == "there is no statement nosuch_student"
    assert made["without_region"] == "the published statement nests no regions"
    nested = replace(own, panel=replace(answer.panel, nested=("region",)))
    made = {variant.name: variant.make(nested, study) for variant in stage.VARIANTS}
    assert made["with_region"] == "the published statement nests regions already"
    assert made["without_region"].panel.nested == ()


def test_the_other_level_is_ranked_from_the_published_draws(usual):
    found, _ = usual
    assert found.adjustment["p_moved"].tolist() == [0] * len(CODES)  # these draws have one level
    pd.testing.assert_series_equal(found.views[1].band, found.published.band)
    assert found.places == 2


@pytest.fixture(scope="module")
def ran(study, tmp_path_factory):
    """A real run with real refits of the published statement."""
    short = study.sensitivity.model_copy(update={"variants": ()})
    return run_study(study.model_copy(update={"sensitivity": short}), tmp_path_factory.mktemp("outputs"))[0]


def test_a_real_run_refits_and_says_what_survives(ran):
    found = read_sensitivity(ran / "tables", "toy")
    assert [view.status for view in found.views] == ["fitted"] * 5
    table = comparison(found)
    assert table.loc["none", "poth"] > table.loc["published", "poth"] > table.loc["long_run", "poth"]
    change = abs(table.loc["repeat", "poth"] - table.loc["published", "poth"])
    assert change < 4 * np.hypot(table.loc["repeat", "poth_mcse"], table.loc["published", "poth_mcse"])
    assert set(found.reliability["method"]) == {"odd_even", "adjacent", "rankability"}
    facts = read_league_table(ran / "tables", "toy").facts
    assert facts.reversed_bands == 0
    assert facts.findings[-1]["name"] == "bands under scenarios"


def test_the_page_stands_beside_the_others_and_is_linked(ran):
    page = (ran / "pages" / "sensitivity_toy.html").read_text(encoding="utf-8")
    assert "under every choice tried" in page
    assert 'href="pages/sensitivity_toy.html"' in (ran / "index.html").read_text(encoding="utf-8")
    assert 'href="sensitivity_toy.html"' in (ran / "pages" / "league_toy.html").read_text(encoding="utf-8")
    manifest = read_manifest(ran)
    assert "sensitivity" in manifest["notebooks"]
    assert "tables/toy/sensitivity.csv" in manifest["contents"]
