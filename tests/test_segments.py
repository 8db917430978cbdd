"""P(segment) beside the true segment: the rule that is scored, and that a wrong posterior is seen by it."""

from dataclasses import replace
from pathlib import Path

import conjugate
import numpy as np
import pytest
import xarray as xr

from ranktrust.assemble import assemble
from ranktrust.composite import SEGMENTS, place_absent
from ranktrust.evidence import findings_of, segment_reliabilities, simulate_one
from ranktrust.evidence.claims import SEGMENTS as CLAIMED
from ranktrust.evidence.curves import ALL_SEGMENTS
from ranktrust.run.oversight import raw_figures, read_official
from ranktrust.run.segments import segments_of
from ranktrust.study import read_study

STUDIES = Path(__file__).resolve().parents[1] / "studies"


@pytest.fixture(scope="module")
def study():
    return read_study(STUDIES / "acute.toml")


@pytest.fixture(scope="module")
def panels(study):
    return assemble(study)


def as_levels(panel, natural):
    kind = panel.only.kind
    values = np.log(natural / (1 - natural)) if kind == "proportion" else natural
    return xr.DataArray(values, dims="trust", coords={"trust": list(panel.trusts.index)})


@pytest.mark.parametrize("name", ["ae_4h", "cancer_62d", "cancer_28d", "staff_engagement"])
def test_the_figures_themselves_give_every_published_segment(study, panels, name):
    panel = panels[name]
    level = as_levels(panel, raw_figures(panel).reindex(panel.trusts.index).to_numpy(float))
    (found,) = segments_of(study, panel)(level.expand_dims(["chain", "draw"]))[0]
    listed = place_absent(read_official(study)[0], study.official)
    kept = [trust for trust in panel.trusts.index if trust in listed.index]
    assert len(kept) > 100
    assert found.tolist() == listed.loc[kept, "segment"].tolist()


def test_a_trust_that_becomes_the_best_by_a_metric_is_in_no_worse_segment(study, panels):
    panel = panels["ae_4h"]
    level = as_levels(panel, raw_figures(panel).reindex(panel.trusts.index).to_numpy(float))
    trusts, rule = len(level), segments_of(study, panel)
    raised = xr.concat([level] * trusts, "draw")
    raised.values[np.arange(trusts), np.arange(trusts)] = float(level.max()) + 1
    (before,), after = rule(level.expand_dims(["chain", "draw"]))[0], rule(raised.expand_dims("chain"))[0]
    own = after[np.arange(trusts), np.arange(trusts)]
    assert (own <= before).all()
    assert (own < before).sum() > trusts / 20


def test_a_standard_is_met_on_the_scale_of_the_figures(study, panels):
    panel, metrics = panels["ae_4h"], study.official.metric
    met = tuple(each.model_copy(update={"meets": 0.6}) if each.indicator == "ae_4h" else each for each in metrics)
    rule = segments_of(study.model_copy(update={"official": study.official.model_copy(update={"metric": met})}), panel)
    level = as_levels(panel, raw_figures(panel).reindex(panel.trusts.index).to_numpy(float))
    (found,), (plain,) = (each(level.expand_dims(["chain", "draw"]))[0] for each in (rule, segments_of(study, panel)))
    assert found.tolist() == plain.tolist()  # scored as they are, the figures move nobody


def test_what_is_not_scored_has_no_segments(study, panels):
    assert CLAIMED == SEGMENTS
    assert segments_of(study, panels["shmi"]) is None
    assert segments_of(study.model_copy(update={"official": None}), panels["ae_4h"]) is None


def quarters(total):
    """The segment by place among the eight trusts of a draw, two in each."""
    return 1 + np.argsort(np.argsort(-total.to_numpy(), axis=-1), axis=-1) // 2


def found_in(**wrong):
    plain = conjugate.design(count=60, **wrong)
    design = replace(plain, claims=replace(plain.claims, segments=quarters))
    records = [simulate_one(design, index) for index in range(60)]
    return records, {each.name: each for each in findings_of(records, kind="prior", top=2, bottom=2)}


def test_segments_of_the_exact_posterior_come_true_as_often_as_they_say():
    records, findings = found_in()
    assert all(finding.verdict == "passed" for finding in findings.values())
    by_segment = {f"P(segment {segment})" for segment in SEGMENTS}
    assert set(findings["official segments"].table.index) == {*by_segment, ALL_SEGMENTS}
    assert {"P(segment 1)", "P(top)"} <= set(findings["scores"].table["statement"])
    assert np.allclose(np.sum(records[0]["segments"]["p"], axis=0), 1)


def test_segments_of_a_posterior_that_is_too_narrow_are_too_bold():
    _, findings = found_in(narrow=0.4)
    assert findings["official segments"].verdict == "failed"
    assert findings["official segments"].sentence.startswith("P(segment ")


def test_a_few_uncertain_segments_are_judged_together():
    """Two of thirty trusts are uncertain, and said so at 0.3 and 0.7 where 0.05 and 0.95 come true.

    Of twenty panels that is too little by segment, where what is too often and too seldom cancels, and enough together.
    """
    rng, said = np.random.default_rng(1), np.zeros((4, 30))
    said[np.arange(28) % 4, np.arange(28)] = 1
    said[:2, 28], said[:2, 29] = (0.3, 0.7), (0.7, 0.3)
    records = []
    for _ in range(20):
        true = said.argmax(axis=0) + 1
        true[28:] = np.where(rng.random(2) < 0.95, true[28:], 3 - true[28:])
        records.append({"segments": {"p": said.tolist(), "true": true.tolist()}})
    curves = segment_reliabilities(records, prob=0.99)
    together = curves.pop(ALL_SEGMENTS)
    assert [len(curve.at) for curve in curves.values()] == [1] * 4
    assert min(curve.p for curve in curves.values()) > 0.05
    assert len(together.at) == 2
    assert together.p < 0.01


def test_without_scoring_there_is_no_such_finding():
    records = conjugate.records(2)
    assert "segments" not in records[0]
    assert segment_reliabilities(records, prob=0.99) == {}
