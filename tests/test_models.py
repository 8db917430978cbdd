"""The model contract, asked of every file in models/: a new file is tested the day it lands."""

import ast

import numpy as np
import pymc as pm
import pytest
from panels import panel_for

from ranktrust.assets import list_assets
from ranktrust.fit import compile_key
from ranktrust.model import load_model
from ranktrust.panel import to_natural

NAMES = sorted(list_assets("models"))


@pytest.fixture(scope="module", params=NAMES)
def statement(request):
    model_file = load_model(request.param)
    panel = panel_for(model_file.needs, model_file.name)
    return model_file, panel, model_file.build(panel)


def test_there_are_the_models_that_studies_name():
    assert {"ratio", "proportion", "proportion_half_counts", "estimate", "surgical_bugs"} <= set(NAMES)


def test_levels_have_the_trusts_as_their_coordinate(statement):
    model_file, panel, model = statement
    further = tuple(dim for dim in ("period", "indicator") if f"{dim}_idx" in model_file.needs)
    for name in ("total", "outcome", "performance"):
        assert model.named_vars_to_dims[name] == ("trust", *further)
    assert list(model.coords["trust"]) == list(panel.trusts.index)


def test_every_dimension_has_a_coordinate(statement):
    _, _, model = statement
    used = {dim for dims in model.named_vars_to_dims.values() for dim in dims if dim}
    assert used <= set(model.coords)


def test_observed_is_y_in_long_form(statement):
    _, panel, model = statement
    assert [variable.name for variable in model.observed_RVs] == ["y"]
    assert model.named_vars_to_dims["y"] == ("observation",)
    assert len(model.coords["observation"]) == len(panel.observations)


def test_data_and_prior_numbers_enter_through_data(statement):
    model_file, _, model = statement
    names = {variable.name for variable in model.data_vars}
    fields = {name for name in model_file.needs if name != "region_idx" or "region_idx" in names}
    assert fields <= names
    assert {f"prior_{name}" for name in model_file.priors} <= names


def test_builds_are_pure_and_equal(statement):
    model_file, panel, model = statement
    again = model_file.build(panel)
    point = model.initial_point()
    assert model.compile_logp()(point) == again.compile_logp()(point)


def test_another_prior_changes_the_density_but_not_what_is_compiled(statement):
    model_file, panel, model = statement
    doubled = {
        name: tuple(2 * np.atleast_1d(numbers)) if isinstance(numbers, tuple) else 2 * numbers
        for name, numbers in model_file.priors.items()
    }
    other = model_file.build(panel, doubled)
    assert compile_key(other, model_file) == compile_key(model, model_file)
    point = model.initial_point()
    assert other.compile_logp()(point) != pytest.approx(model.compile_logp()(point))


def test_simulated_values_have_the_support_of_observed_ones(statement):
    model_file, panel, model = statement
    y = pm.draw(model["y"], draws=200, random_seed=1)
    assert np.isfinite(y).all()
    if "numerator" in model_file.needs:
        halves = model_file.name == "proportion_half_counts"
        step = 0.5 if halves else 1.0
        assert (y >= 0).all()
        assert (y <= panel["denominator"]).all()
        assert np.array_equal(y, np.round(y / step) * step)
        assert (y % 1 == 0.5).any() == halves
    if "observed" in model_file.needs:
        assert (y >= 0).all()
        assert np.array_equal(y, np.round(y))


def test_prior_predictive_means_follow_the_levels(statement):
    _, panel, model = statement
    total, y = pm.draw([model["total"], model["y"]], draws=1, random_seed=2)
    cells = tuple(panel[f"{dim}_idx"] for dim in model.named_vars_to_dims["total"])
    natural = to_natural(panel.only.kind, total[cells])
    if panel.only.kind == "ratio":
        mean, sd = panel["expected"] * natural, np.sqrt(panel["expected"] * natural)
    elif panel.only.kind == "proportion":
        mean = panel["denominator"] * natural
        sd = np.sqrt(panel["denominator"] * natural * (1 - natural))
    else:
        mean, sd = natural, panel["standard_error"]
    assert (np.abs(y - mean) <= 5 * sd + 1).all()


def test_a_model_file_imports_nothing_of_ours_and_reads_like_a_page(statement):
    model_file, _, _ = statement
    tree = ast.parse(model_file.path.read_text(encoding="utf-8"))
    plain = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    imported = {alias.name.split(".")[0] for node in plain for alias in node.names}
    imported |= {str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= {"numpy", "pymc", "pytensor"}
    assert "~" in model_file.statement
    assert "Parametrisation" in model_file.statement


def test_without_covariates_or_regions_the_same_statement_builds(statement):
    model_file, panel, model = statement
    if "context" not in model_file.needs:
        assert "beta" not in model.named_vars
        return
    bare = panel.derive(context=panel.context[[]])
    alone = model_file.build(type(panel)(bare.indicators, (), bare._frames))
    assert alone["beta"].eval().shape == (0,)
    assert "omega" not in alone.named_vars
    assert ("omega" in model.named_vars) == ("region_idx" in model_file.needs)
