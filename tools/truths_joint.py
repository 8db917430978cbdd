"""Simulated panels of several periods or indicators whose truth is known: python tools/truths_joint.py.

Writes tests/truths/joint/<statement>.json, each drawn as the docstring of its file in models/ says it, in plain NumPy:
the parts of a distance from the national path one by one (what lasts, what moves, the noise of one period), made
to sum to zero over trusts, then the figures.
"""

import json
import sys
from pathlib import Path

import numpy as np
from truths import SEED

TRUSTS = 24
FOLDER = Path(__file__).resolve().parent.parent / "tests" / "truths" / "joint"
KINDS = ("ratio", "proportion", "estimate")
START = {"ratio": 0.05, "proportion": 1.0, "estimate": 6.5}
STEP = {"ratio": 0.05, "proportion": 0.2, "estimate": 0.1}
SPREAD = {"ratio": 0.2, "proportion": 0.5, "estimate": 0.4}
SLOPE = {"ratio": 0.1, "proportion": -0.2, "estimate": 0.15}
PERIODS = {"trajectory": 6, "profile": 1, "profile_trajectory": 5}
CORRELATION = np.array([[1.0, 0.5, -0.3], [0.5, 1.0, 0.2], [-0.3, 0.2, 1.0]])
LOADING = np.array([0.8, 0.6, -0.5])
SHARE = {"trajectory": 0.2, "profile": 0.15, "profile_trajectory": 0.2}
MOVING, PERSISTENCE = 0.4, 0.8
STATEMENTS = (*(f"trajectory_{kind}" for kind in KINDS), "profile", "profile_factor", "profile_trajectory")


def shape_of(name):
    """The form of a statement, and the kinds of its indicators."""
    if name.startswith("trajectory_"):
        return "trajectory", (name.removeprefix("trajectory_"),)
    return ("profile" if name == "profile_factor" else name), KINDS


def correlation_of(name, indicators):
    """The true correlation of outcomes across indicators."""
    if indicators == 1:
        return np.eye(1)
    return np.outer(LOADING, LOADING) + np.diag(1 - LOADING**2) if name == "profile_factor" else CORRELATION


def zero_sum(values, form):
    """Distances that sum to zero over trusts; a profile of one period has no path, and keeps them as they are."""
    return values if form == "profile" else values - values.mean(axis=0)


def distances(rng, name):
    """Outcome's and the noise's distance from the national path: trust by period by indicator."""
    form, kinds = shape_of(name)
    periods, s = PERIODS[form], np.array([SPREAD[kind] for kind in kinds])
    root = np.linalg.cholesky(correlation_of(name, len(kinds)))
    share, size = SHARE[form], (TRUSTS, periods, len(kinds))
    lasting = np.repeat(rng.normal(size=(TRUSTS, 1, len(kinds))), periods, axis=1)
    moving, innovation = np.zeros(size), rng.normal(size=size)
    moving[:, 0] = innovation[:, 0]
    for t in range(1, periods):
        moving[:, t] = PERSISTENCE * moving[:, t - 1] + np.sqrt(1 - PERSISTENCE**2) * innovation[:, t]
    part = 0.0 if periods == 1 else MOVING
    own = (np.sqrt(1 - part) * lasting + np.sqrt(part) * moving) @ root.T * s * np.sqrt(1 - share)
    noise = rng.normal(size=size) * s * np.sqrt(share)
    return zero_sum(own, form), zero_sum(noise, form)


def figures_of(rng, kind, total):
    """The two columns of a kind for trusts at these levels, trust by period."""
    size = rng.integers(300, 2000, total.shape).astype(float)
    if kind == "ratio":
        return rng.poisson(size * np.exp(total)).astype(float), size
    if kind == "estimate":
        error = 1.5 / np.sqrt(size)
        return rng.normal(total, error), error
    return rng.binomial(size.astype(int), 1 / (1 + np.exp(-total))).astype(float), size


def parameters_of(name, path):
    """The true value of every parameter, as the statement names them."""
    form, kinds = shape_of(name)
    several = form != "trajectory"
    each = lambda table: [table[kind] for kind in kinds] if several else table[kinds[0]]  # noqa: E731 - one line
    found = {"s": each(SPREAD), "beta": each(SLOPE)}
    if form == "profile":
        correlation = correlation_of(name, len(kinds))
        more = {"loading": LOADING.tolist()} if name == "profile_factor" else {}
        return {**found, **more, "mu": each(START), "correlation": correlation.tolist()}
    found |= {
        "moving": MOVING,
        "persistence": PERSISTENCE,
        "step": each(STEP),
        "national": path.tolist() if several else path[:, 0].tolist(),
    }
    found["unattributed_share"] = [SHARE[form]] * len(kinds) if several else SHARE[form]
    return found | ({"correlation": CORRELATION.tolist()} if several else {})


def truth_of(name):
    """The seed, the parameters, the levels and the figures of one statement, as they go into its file."""
    place = [SEED, 1, STATEMENTS.index(name)]
    rng, (form, kinds) = np.random.default_rng(place), shape_of(name)
    x = rng.normal(size=TRUSTS)
    x = (x - x.mean()) / x.std()
    steps = rng.normal(size=(PERIODS[form], len(kinds))) * np.array([STEP[kind] for kind in kinds])
    steps[0] = [START[kind] for kind in kinds]
    path, (own, noise) = steps.cumsum(axis=0), distances(rng, name)
    adjustment = x[:, None, None] * np.array([SLOPE[kind] for kind in kinds])
    outcome = path + adjustment + own
    columns = [figures_of(rng, kind, (outcome + noise)[..., j]) for j, kind in enumerate(kinds)]
    levels = {"total": outcome + noise, "outcome": outcome, "performance": outcome - adjustment}
    return {
        "schema_version": 1,
        "model": name,
        "kinds": list(kinds),
        "seed": place,
        "truth": parameters_of(name, path),
        "x": x.tolist(),
        "levels": {level: values.tolist() for level, values in levels.items()},
        "figures": [[column.tolist() for column in pair] for pair in columns],
    }


def main():
    """Write the files of the statements named on the command line, or of all."""
    FOLDER.mkdir(exist_ok=True, parents=True)
    for name in sys.argv[1:] or STATEMENTS:
        (FOLDER / f"{name}.json").write_text(json.dumps(truth_of(name)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
