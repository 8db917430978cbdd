"""Compiled statements: the functions that the sampler calls are PyMC's own, and a second process only loads them."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import nutpie
import pytest
from panels import make_panel

from ranktrust.compiling import compile_model
from ranktrust.model import load_model

HERE = Path(__file__).parent
CALL = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p] * 4)
KINDS = {"ratio": "ratio", "proportion_half_counts": "proportion", "estimate": "estimate"}
AGAIN = """
from test_compiling import build, compile_model
compiled = compile_model(build("estimate"))
print(compiled.compiled_logp_func.cache_hits, compiled.compiled_expand_func.cache_hits)
"""


def build(name):
    return load_model(name).build(make_panel(KINDS[name]))


def density_and_gradient(compiled, point, *, length=None):
    """What the sampler gets at `point`: the number returned, the log density and its gradient."""
    gradient, value = np.zeros(compiled.n_dim), np.zeros(1)
    call = CALL(compiled.compiled_logp_func.address)
    places = (array.ctypes.data for array in (point, gradient, value, compiled.user_data))
    return call(compiled.n_dim if length is None else length, *places), value[0], gradient


@pytest.mark.parametrize("name", KINDS)
def test_the_density_is_pymcs_own(name):
    model = build(name)
    compiled = compile_model(model)
    names = [variable.name for variable in model.value_vars]
    dictionary = model.initial_point()
    point = np.concatenate([np.ravel(dictionary[each]) for each in names]).astype(float)
    point += np.random.default_rng(3).normal(0, 0.1, point.size)
    pieces = np.split(point, np.cumsum([np.size(dictionary[each]) for each in names])[:-1])
    there = {each: piece.reshape(np.shape(dictionary[each])) for each, piece in zip(names, pieces, strict=True)}
    said, value, gradient = density_and_gradient(compiled, point)
    assert said == 0
    assert value == pytest.approx(float(model.compile_logp()(there)), rel=1e-10)
    assert gradient == pytest.approx(model.compile_dlogp()(there), rel=1e-8, abs=1e-8)
    assert density_and_gradient(compiled, point, length=point.size - 1)[0] == -1
    assert density_and_gradient(compiled, np.full_like(point, np.nan))[0] in {1, 3}


def test_draws_are_those_of_nutpies_own_compiling_to_the_bit():
    model = build("ratio")
    settings = {"draws": 50, "tune": 100, "chains": 2, "seed": 5, "progress_bar": False}
    ours, theirs = (nutpie.sample(make(model), **settings) for make in (compile_model, nutpie.compile_pymc_model))
    assert set(ours["posterior"]) == set(theirs["posterior"])
    for name, values in theirs["posterior"].data_vars.items():
        assert np.array_equal(ours["posterior"][name], values), name


def test_other_data_enter_what_is_compiled():
    model = build("ratio")
    compiled = compile_model(model)
    point = np.zeros(compiled.n_dim)
    before = density_and_gradient(compiled, point)[1]
    model["expected"].set_value(model["expected"].get_value() * 2)
    after = density_and_gradient(compiled.with_data(expected=model["expected"].get_value()), point)[1]
    assert after != before
    assert after == pytest.approx(density_and_gradient(compile_model(model), point)[1], rel=1e-12)


def test_another_process_loads_what_this_one_compiled():
    compile_model(build("estimate"))
    there = {**os.environ, "PYTHONPATH": str(HERE)}
    asked = {"env": there, "cwd": HERE.parent, "capture_output": True, "text": True}
    done = subprocess.run([sys.executable, "-c", AGAIN], check=True, **asked)
    assert done.stdout.split() == ["1", "1"]
