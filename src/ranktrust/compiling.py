"""A statement compiled for nutpie, its machine code kept on disk: a second process loads it instead of compiling it.

nutpie hands its sampler two functions of C: log density with gradient, and all variables of a draw from the free ones.
PyTensor writes both for Numba and keeps each on disk under a digest of its graph. nutpie's own wrapping of them, which
passes the data in, is of each process's own and is compiled anew every time; it takes most of the time. The wrapping
here is a few plain lines, kept beside them under the digest of the graph, of these lines and of the versions. The
numbers that they return are nutpie's own: 0 done, -1 another length, 1 and -2 the statement raised, 3 and 4 not finite.
"""

import threading
import warnings
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from typing import Any, Final

import numba
import numpy as np
import pymc as pm
from numba import carray  # type: ignore[attr-defined]
from numba.core import types
from nutpie import compile_pymc as of_nutpie
from pymc.initial_point import make_initial_point_fn
from pytensor.link.numba.cache import CACHED_SRC_FUNCTIONS, compile_numba_function_src

_DOUBLES: Final = types.CPointer(types.double)  # type: ignore[no-untyped-call]
_DENSITY: Final = types.int64(types.uint64, _DOUBLES, _DOUBLES, _DOUBLES, types.voidptr)
_EXPANSION: Final = types.int64(types.uint64, types.uint64, _DOUBLES, _DOUBLES, types.voidptr)
_WORD: Final = 8
_DENSITY_TEXT: Final = """
def density_of(dim, x_, gradient_, value_, data_):
    if dim != {n_dim}:
        return -1
    try:
        table = carray(data_, ({words},), uintp)
        value, gradient = inner(carray(x_, ({n_dim},)), {arrays})
        value_[0] = value[()]
        finite = True
        for place in range({n_dim}):
            gradient_[place] = gradient[place]
            finite &= isfinite(gradient[place])
        if not finite:
            return 3
        if not isfinite(value[()]):
            return 4
    except Exception:
        return 1
    return 0
"""
_EXPANSION_TEXT: Final = """
def expansion_of(dim, expanded, x_, values_, data_):
    if dim != {n_dim} or expanded != {n_expanded}:
        return -1
    try:
        table = carray(data_, ({words},), uintp)
        (values,) = inner(carray(x_, ({n_dim},)), {arrays})
        for place in range({n_expanded}):
            values_[place] = values[place]
    except Exception:
        return -2
    return 0
"""
_UNCACHED: Final = "(?s).*Cannot cache compiled function .* as it uses dynamic globals"
"""What Numba warns of where a graph holds an address of this process; it is then compiled for this process alone."""


def compile_model(model: pm.Model) -> Any:
    """The model as nutpie samples it, equal to `nutpie.compile_pymc_model(model)` to the bit.

    What is compiled is kept in PyTensor's folder for compiled code and loaded by whichever process asks for the same
    graph of the same shape next. Functions that PyTensor does not keep, as a statement's own Python, are compiled anew.
    """
    start = make_initial_point_fn(
        model=model, default_strategy="support_point", jitter_rvs=set(model.free_RVs), return_transformed=True
    )
    n_dim, n_expanded, density, expansion, first, shapes, renamed = of_nutpie._make_functions(
        model, mode="NUMBA", compute_grad=True, join_expanded=True, pymc_initial_point_fn=_one_at_a_time(start)
    )
    keys = {shared: f"data_{k}" for k, shared in enumerate([*density.get_shared(), *expansion.get_shared()])}
    data = {key: _frozen(shared.get_value()) for shared, key in keys.items()}
    table = of_nutpie.make_user_data(keys, data)
    lengths = {"n_dim": n_dim, "n_expanded": n_expanded, "words": table.nbytes // _WORD}
    dims, coords = of_nutpie._prepare_dims_and_coords(model, shapes, renamed)
    functions = [
        _compiled(text, function, signature, lengths, _arrays_of(function, keys, data, table))
        for text, function, signature in (
            (_DENSITY_TEXT, density, _DENSITY),
            (_EXPANSION_TEXT, expansion, _EXPANSION),
        )
    ]
    return of_nutpie.CompiledPyMCModel(
        _n_dim=n_dim,
        dims=dims,
        _coords=coords,
        _shapes={name: tuple(shape) for name, _, shape in zip(*shapes, strict=True)},
        compiled_logp_func=functions[0],
        compiled_expand_func=functions[1],
        initial_point_func=first,
        shared_data=data,
        shared_var_keys=keys,
        user_data=table,
        n_expanded=n_expanded,
        shape_info=shapes,
        logp_func=density,
        expand_func=expansion,
        reparameterized_names=renamed,
    )


def _one_at_a_time(start: Any) -> Any:
    """The starting points, safe to ask for from several chains at once."""
    lock = threading.Lock()

    def locked(seed: Any) -> Any:
        with lock:
            return start(seed)

    return locked


def _frozen(values: Any) -> np.ndarray[Any, Any]:
    array = np.array(values, order="C", copy=True)
    array.flags.writeable = False
    return array


def _arrays_of(function: Any, keys: dict[Any, str], data: dict[str, Any], table: np.ndarray[Any, Any]) -> list[str]:
    """How each array that `function` reads is found in the table of addresses and lengths, as source text."""
    record, order = table.dtype["shared"], list(data)
    begin = record.fields["shape"][1]
    found = []
    for shared in function.get_shared():
        key, array = keys[shared], data[keys[shared]]
        place = (begin + record["shape"].fields[key][1]) // _WORD
        shape = "".join(f"table[{place + axis}], " for axis in range(array.ndim))
        found.append(f"carray(pointer(table[{order.index(key)}]), ({shape}), {array.dtype.name})")
    return found


def _compiled(text: str, function: Any, signature: Any, lengths: dict[str, int], arrays: Sequence[str]) -> Any:
    """The C function of `text` around one of PyTensor's, taken from disk where it is there."""
    inner = function.vm.jit_fn
    source, graph = text.format(**lengths, arrays=", ".join(arrays)), CACHED_SRC_FUNCTIONS.get(inner.py_func)
    digest = None if graph is None else sha256(f"{graph}\n{source}\n{_versions()}".encode()).hexdigest()
    names = {
        "__name__": __name__,  # where Numba looks for it when it is loaded
        "carray": carray,
        "inner": inner,
        "isfinite": np.isfinite,
        "pointer": of_nutpie.address_as_void_pointer,
        "uintp": np.uintp,
        **{kind.name: kind.type for kind in (shared.get_value(borrow=True).dtype for shared in function.get_shared())},
    }
    name = source.split("(", 1)[0].split()[-1]
    python = compile_numba_function_src(source, name, global_env=names, cache_key=digest)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=_UNCACHED, category=numba.NumbaWarning)
        return numba.cfunc(signature, cache=digest is not None)(python)


@cache
def _versions() -> str:
    return ", ".join(f"{name} {version(name)}" for name in ("nutpie", "numba", "llvmlite", "pytensor", "numpy"))
