"""The model contract, asked of every file in models/, a new one on the day it lands; and each check seen to fail."""

import pytest

from ranktrust.assets import find_asset, list_assets
from ranktrust.contract import CHECKS, build_small, check_contract, panel_for
from ranktrust.errors import ModelFileError, UsageError
from ranktrust.model import FIRST_LINE, load_model, new_model, read_model

NAMES = sorted(list_assets("models"))
CROSS_SECTION = {
    f"{kind}{form}" for kind in ("ratio", "proportion", "estimate") for form in ("", "_student", "_independent")
}


@pytest.fixture(scope="module", params=NAMES)
def built(request):
    return build_small(load_model(request.param))


@pytest.mark.parametrize("check", CHECKS)
def test_the_contract_is_kept(built, check):
    assert CHECKS[check](built) == []


def test_there_are_the_models_that_studies_name():
    assert {*CROSS_SECTION, "proportion_half_counts", "surgical_bugs"} <= set(NAMES)


def test_groups_and_covariates_have_parameters_where_they_are_read(built):
    read = {"context": "beta", "region_idx": "omega", "icb_idx": "omega_icb"}
    for field, name in read.items():
        assert (name in built.model.named_vars) == (field in built.model_file.needs), name


def test_only_the_half_count_statement_is_built_on_half_counts(built):
    counts = built.panel["numerator"] if "numerator" in built.model_file.needs else [0.0]
    assert any(count % 1 for count in counts) == (built.model_file.name == "proportion_half_counts")


TEXT = find_asset("models", "proportion").read_text(encoding="utf-8")
LEVELS, NAMED, LONG, DATA, PURE, READ, ONCE, SUPPORT, FOLLOWS, PAGE, BARE, TWICE = CHECKS
Y = 'pm.Binomial("y", denominator, logit_p=total[trust], observed=numerator, dims="observation")'
BREACHES = [
    (LEVELS, 'pm.Deterministic("outcome", outcome, dims="trust")', "pass", "outcome: is not in the model. Add pm.Det"),
    (LEVELS, 'outcome - adjustment, dims="trust")', "outcome - adjustment)", "performance: has dimensions None. Give"),
    (NAMED, "coords=panel.coords", 'coords=panel.coords | {"trust": range(8)}', "trust: has not the panel's names"),
    (
        LONG,
        Y,
        f'pm.Potential("none", {Y.replace(", observed=numerator", "").replace("y", "yy", 1)}.sum())',
        "are none.",
    ),
    (LONG, 'observed=numerator, dims="observation"', "observed=numerator", "y: is not in long form. Give it dims"),
    (DATA, 'pm.Data("trust_idx", panel["trust_idx"], dims="observation")', 'panel["trust_idx"]', "trust_idx: does not"),
    (PURE, 'prior["mu"][0], prior["mu"][1])', "np.random.default_rng().normal(), 1.0)", "gives another model when"),
    (PURE, "logit_p=total[trust]", "p=2 + total[trust] ** 2", "has log-density -inf at its starting point"),
    (READ, 'pm.HalfNormal("s", prior["s"])', 'pm.HalfNormal("s", 1.0)', "prior s: changes nothing. Use it in build"),
    (ONCE, 'pm.HalfNormal("s", prior["s"])', 'pm.HalfNormal("s", priors["s"])', "PRIORS: has numbers that are comp"),
    (SUPPORT, Y, 'pm.Poisson("y", denominator, observed=numerator, dims="observation")', "y: is simulated outside its"),
    (FOLLOWS, "logit_p=total[trust]", "logit_p=-total[trust]", "standard errors away from what total says. Let total"),
    (FOLLOWS, "logit_p=total[trust]", "p=pm.math.invprobit(total[trust])", "standard errors away from what total says"),
    (
        PAGE,
        "import numpy as np",
        "import json\nimport numpy as np",
        "imports: it imports json. Import only numpy, pymc",
    ),
    (PAGE, "Parametrisation", "Form", "docstring: has no 'Parametrisation'. Say which, and why"),
    (BARE, 'if panel.coords["region"]:', "if True:", "own.py, build: raised IndexError: index -1 is out of bounds"),
    (TWICE, "total[trust]", "total", "raised ValueError"),
]


@pytest.mark.parametrize(("check", "old", "new", "words"), BREACHES)
def test_a_breach_is_seen(tmp_path, check, old, new, words):
    assert TEXT.count(old) >= 1
    (tmp_path / "own.py").write_text(TEXT.replace(old, new), encoding="utf-8")
    (judged,) = check_contract(read_model(tmp_path / "own.py"), only=[check])
    said = [str(fault) for fault in judged.faults]
    assert judged.name == check
    assert any(words in fault for fault in said), said


def test_whole_counts_simulated_for_half_ones_are_seen(tmp_path):
    text = find_asset("models", "proportion_half_counts").read_text(encoding="utf-8")
    (tmp_path / "own.py").write_text(
        text.replace("rng.binomial(halves, p, size=size) / 2", "0 * halves"), encoding="utf-8"
    )
    (judged,) = check_contract(read_model(tmp_path / "own.py"), only=[SUPPORT])
    assert [fault.problem for fault in judged.faults] == ["takes half counts as observed and simulates whole ones"]


def test_a_file_that_reads_no_figures_is_refused():
    with pytest.raises(ModelFileError, match="NEEDS names no figures; a statement reads those of one kind: observed"):
        panel_for(("trust_idx",))


def test_a_skeleton_is_the_model_it_is_like_and_only_its_first_line_is_a_fault(tmp_path):
    path = new_model("own", like="estimate", folder=tmp_path / "models")
    assert path == tmp_path / "models" / "own.py"
    text = path.read_text(encoding="utf-8")
    assert text.count("\n# ") == 3
    assert "(Begun as estimate: An estimate with a known standard error" in text
    faults = [str(fault) for each in check_contract(read_model(path)) for fault in each.faults]
    assert faults == ["own.py, docstring: begins as the skeleton does. Say what is modelled, and for which data"]
    path.write_text(text.replace(FIRST_LINE, "Scores of wards."), encoding="utf-8")
    assert not CHECKS[PAGE](build_small(read_model(path)))


def test_a_skeleton_never_takes_the_place_of_a_file(tmp_path):
    new_model("own", like="ratio", folder=tmp_path)
    before = (tmp_path / "own.py").read_bytes()
    with pytest.raises(UsageError, match=r"own\.py is there already and is left as it is"):
        new_model("own", like="estimate", folder=tmp_path)
    assert (tmp_path / "own.py").read_bytes() == before
    with pytest.raises(UsageError, match="there is a model 'ratio' already"):
        new_model("ratio", like="estimate", folder=tmp_path)
    with pytest.raises(ModelFileError, match="no model 'nothing'; there are:"):
        new_model("other", like="nothing", folder=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["own.py"]


@pytest.mark.parametrize("name", ["Own", "1own", "own-model", "own.py", "", "../own", "class"])
def test_a_name_that_is_no_name_is_refused(tmp_path, name):
    with pytest.raises(UsageError, match="cannot name a model: use a-z, 0-9 and _"):
        new_model(name, like="ratio", folder=tmp_path)
