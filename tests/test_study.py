"""Study files: the shipped ones read, and each way of being wrong is named with its place."""

import re
from pathlib import Path

import pytest
from small_studies import small_study, written

from ranktrust.errors import StudyError
from ranktrust.study import read_indicators, read_study
from ranktrust.study.toml import LARGEST

PROJECT = Path(__file__).resolve().parents[1]
SHIPPED = sorted(path.stem for path in (PROJECT / "studies").glob("*.toml"))
PLAIN = small_study("ae_4h")


def refused(folder, text):
    with pytest.raises(StudyError) as caught:
        read_study(written(folder, text))
    return str(caught.value)


def test_the_studies_that_ship_are_these():
    assert SHIPPED == ["acute", "bristol", "shmi", "surgical", "surgical_independent", "waits"]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_study_reads_and_asks_for_indicators_that_are_defined(name):
    study = read_study(PROJECT / "studies" / f"{name}.toml")
    defined, _ = read_indicators(PROJECT / "data" / "indicators.toml")
    assert study.name == name
    assert {asked.name for asked in study.indicator} <= set(defined)
    assert {study.scenario} <= {scenario for asked in study.indicator for scenario in defined[asked.name].shares}


def test_the_acute_study_asks_seven_indicators_in_order():
    study = read_study(PROJECT / "studies" / "acute.toml")
    names = "ae_4h cancer_62d cancer_28d cancelled_28d shmi fft_inpatient staff_engagement"
    assert " ".join(asked.name for asked in study.indicator) == names
    assert (study.context["deprivation"].centre, study.context["deprivation"].scale) == (21.5, 6.1)


def test_defaults_are_the_documented_ones(tmp_path):
    study = read_study(written(tmp_path, PLAIN))
    assert (study.scenario, study.nested, study.trusts.table, study.trusts.noun) == (
        "this_period",
        (),
        "trusts",
        "trust",
    )
    assert (study.fit.sampler, study.fit.chains, study.fit.draws, study.fit.target_accept) == ("nutpie", 4, 1000, 0.9)
    assert (study.ranks.latent, study.ranks.prob, study.ranks.top) == ("outcome", 0.95, None)
    assert study.ranks.band_lambda == 0.25
    assert (study.indicator[0].months, study.indicator[0].rank_despite_caution) == (12, None)


def test_a_study_knows_its_file(tmp_path):
    path = written(tmp_path, PLAIN)
    study = read_study(path)
    other = read_study(written(tmp_path, PLAIN + "\n"))
    assert (study.path, study.folder) == (path.resolve(), tmp_path.resolve())
    assert (len(study.sha256), study.sha256 == other.sha256) == (64, False)


def test_a_study_cannot_be_changed(tmp_path):
    with pytest.raises(ValueError, match="frozen"):
        read_study(written(tmp_path, PLAIN)).name = "other"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('name = "ae_4h"', 'name = "ae_4h"\nmonth = 12', "indicator.0.month: Extra inputs are not permitted"),
        ("seed = 1", "seed = 1\nsead = 2", "fit.sead: Extra inputs are not permitted"),
        ("seed = 1", "", "fit.seed: Field required"),
        ("seed = 1", "seed = -1", "fit.seed: Input should be greater than or equal to 0"),
        ("seed = 1", "seed = 1\nchains = 1", "fit.chains: Input should be greater than or equal to 2"),
        ("seed = 1", "seed = 1\ndraws = 99", "fit.draws: Input should be greater than or equal to 100"),
        ("seed = 1", 'seed = 1\nsampler = "stan"', "fit.sampler: Input should be 'nutpie' or 'pymc'"),
        ('name = "small"', 'name = "Small study"', "name: String should match pattern"),
        ('name = "small"', 'name = "../small"', "name: String should match pattern"),
        ("date = 2026-06-30", 'date = "June"', "date: Input should be a valid date"),
        ("date = 2026-06-30", 'date = 2026-06-30\nscenario = "always"', "scenario: Input should be 'none'"),
        ("date = 2026-06-30", 'date = 2026-06-30\nnested = ["ccg"]', "nested.0: Input should be 'region' or 'icb'"),
        ('name = "ae_4h"', 'name = "ae_4h"\nmonths = 0', "indicator.0.months: Input should be greater than or"),
        ('name = "ae_4h"', 'name = "ae_4h"\ndelta = -0.1', "indicator.0.delta: Input should be greater than or"),
        ('name = "ae_4h"', 'name = "ae_4h"\npriors.s = nan', "indicator.0.priors.s.float: Input should be a finite"),
        ("[fit]", "[ranks]\nprob = 1.0\n[fit]", "ranks.prob: Input should be less than 1"),
        ("[fit]", "[ranks]\nband_lambda = 0.0\n[fit]", "ranks.band_lambda: Input should be greater than 0"),
        ("[fit]", "[ranks]\nband_lambda = 1.1\n[fit]", "ranks.band_lambda: Input should be less than or equal to 1"),
        ("[fit]", '[ranks]\nband_lambda = "fine"\n[fit]', "ranks.band_lambda: Input should be a valid number"),
        ("[fit]", "[context.x]\ncentre = 0.0\nscale = 0.0\nsource = 'a'\n[fit]", "context.x.scale: Input should be gr"),
        ("[fit]", "[context.x]\ncentre = inf\nscale = 1.0\nsource = 'a'\n[fit]", "context.x.centre: Input should be a"),
    ],
)
def test_a_fault_is_named_with_its_place(tmp_path, old, new, words):
    assert old in PLAIN
    message = refused(tmp_path, PLAIN.replace(old, new))
    assert message.startswith("small.toml cannot be used:\n  ")
    assert f"\n  {words}" in message


def test_every_fault_of_a_study_is_listed(tmp_path):
    text = PLAIN.replace('name = "small"', 'name = "S"').replace("seed = 1", "seed = -1\nodd = 1") + "months = 0\n"
    places = re.findall(r"^  (\S+):", refused(tmp_path, text), flags=re.MULTILINE)
    assert sorted(places) == ["fit.odd", "fit.seed", "indicator.0.months", "name"]


@pytest.mark.parametrize("version", ["schema_version = 2", 'schema_version = "1"', ""])
def test_another_schema_version_is_refused(tmp_path, version):
    message = refused(tmp_path, PLAIN.replace("schema_version = 1", version))
    assert "this ranktrust reads 1. Write `schema_version = 1` at its top" in message


def test_one_indicator_twice_is_refused(tmp_path):
    message = refused(tmp_path, PLAIN + '[[indicator]]\nname = "shmi"\n[[indicator]]\nname = "ae_4h"\n')
    assert message.endswith("the whole file: Value error, indicator asked for twice: ae_4h")


def test_a_study_without_an_indicator_is_refused(tmp_path):
    message = refused(tmp_path, PLAIN.replace("[[indicator]]", "").replace('name = "ae_4h"', ""))
    assert "indicator: Field required" in message
    empty = PLAIN.replace("[[indicator]]", "").replace('name = "ae_4h"', "").replace("date =", "indicator = []\ndate =")
    assert refused(tmp_path, empty).endswith("it asks for no indicator: write at least one [[indicator]]")


@pytest.mark.parametrize("reason", ["", "because", " " * 20])
def test_ranking_despite_a_caution_needs_a_reason(tmp_path, reason):
    message = refused(tmp_path, PLAIN + f'rank_despite_caution = "{reason}"\n')
    assert "indicator.0.rank_despite_caution: String should have at least 10 characters" in message


def test_a_reason_is_kept(tmp_path):
    study = read_study(written(tmp_path, PLAIN + 'rank_despite_caution = "to show the caution"\n'))
    assert study.indicator[0].rank_despite_caution == "to show the caution"


@pytest.mark.parametrize("name", ["path", "sha256"])
def test_what_ranktrust_sets_cannot_be_written(tmp_path, name):
    assert refused(tmp_path, f'{name} = "x"\n{PLAIN}').endswith(f"{name}: set by ranktrust, not by a study")


@pytest.mark.parametrize("content", [b"name = ", b"\xff\xfe", b"{}"])
def test_what_is_no_toml_is_refused(tmp_path, content):
    path = tmp_path / "small.toml"
    path.write_bytes(content)
    with pytest.raises(StudyError, match=r"small\.toml is not valid TOML: "):
        read_study(path)


def test_a_study_that_is_too_large_is_refused(tmp_path):
    with pytest.raises(StudyError, match="larger than 1,000,000 bytes"):
        read_study(written(tmp_path, PLAIN + "#" * LARGEST))


def test_a_study_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(StudyError, match=r"nowhere\.toml does not exist; give the path of a TOML file"):
        read_study(tmp_path / "nowhere.toml")


INDICATOR = """
[indicator.x]
title = "X"
kind = "proportion"
best = "highest"
unit = "of patients"
domain = "care"
comparability = "direct"
"""


def test_a_definition_has_the_scenario_none_and_what_it_declares(tmp_path):
    share = '[indicator.x.unattributed_share.long_run]\nalpha = 1.0\nbeta = 3.0\nupper = 0.5\nsource = "a page, 2024"\n'
    indicators, declared = read_indicators(written(tmp_path, INDICATOR + share))
    means = {scenario: item.mean for scenario, item in indicators["x"].shares.items()}
    assert means == {"none": 0.0, "long_run": 0.125}
    assert (declared["x"].standard, declared["x"].delta) == ("", 0.0)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"highest"', '"high"', "indicator.x.best: Input should be 'highest' or 'lowest'"),
        ('"proportion"', '"rate"', "indicator.x.kind: Input should be 'ratio', 'proportion' or 'estimate'"),
        ('"direct"', '"fair"', "indicator.x.comparability: Input should be 'direct', 'indirect' or 'self_selected'"),
        ('title = "X"', "", "indicator.x.title: Field required"),
    ],
)
def test_a_wrong_definition_is_refused_with_its_place(tmp_path, old, new, words):
    with pytest.raises(StudyError, match=re.escape(words)):
        read_indicators(written(tmp_path, INDICATOR.replace(old, new)))


def test_a_share_needs_its_source(tmp_path):
    share = '[indicator.x.unattributed_share.long_run]\nalpha = 1.0\nbeta = 3.0\nsource = "?"\n'
    words = "indicator.x.unattributed_share.long_run.source: String should have at least 10"
    with pytest.raises(StudyError, match=re.escape(words)):
        read_indicators(written(tmp_path, INDICATOR + share))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("times = { s = 2.0 }", "sensitivity.priors.wide.reason: Field required"),
        ('reason = "as wide again"', "it changes no prior: give `set` or `times`"),
        ('reason = "as wide again"\ntimes = { s = 2.0 }\nset = { s = 1.0 }', "both set and multiplied: s"),
        ('reason = "as wide again"\ntimes = { s = 1.0 }', "multiplied by 1: s"),
        ('reason = "as wide again"\ntimes = { s = 0.0 }', "sensitivity.priors.wide.times.s: Input should be greater"),
        ('reason = "more of it"\nset = { unattributed_share = [1, 9, 1] }', "unattributed_share has its scenarios"),
        ('reason = "as wide again"\ntimes = { s = 2.0 }\nindicators = ["shmi"]',
         "sensitivity.priors.wide is for an indicator not asked for: shmi; there are: ae_4h"),
    ],
)  # fmt: skip
def test_alternative_priors_that_say_nothing_or_too_much_are_refused(tmp_path, table, words):
    assert words in refused(tmp_path, f"{PLAIN}\n[sensitivity.priors.wide]\n{table}\n")
