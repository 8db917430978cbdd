"""Coordinates for sampling in which no spread between trusts, however small, is hard to sample.

A statement is written with its levels as free parameters, `total ~ Normal(m, s)`. Sampled so, every level must shrink
with s, and where s may be near zero no step size fits: a funnel. Written as m + s z instead, well measured trusts are
as hard. Both are ends of one family (Papaspiliopoulos, Roberts and Skoeld 2007, Statistical Science 22:59), and the
figures say where between them each level belongs: with level y and precision q of the trust's figures alone,

    total = y + k (m - y) + s sqrt(k) v,     k = 1 / (1 + q s^2),

which is the law of total given its figures, m and s, were they normal: v is then a standard normal that depends on
nothing. The model is the same one in other coordinates, its density that of the statement times s sqrt(k) for each
level, so that it is exact whatever the figures; only how well it mixes rests on y and q.
"""

from typing import Any, Final

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from numpy.typing import NDArray
from pymc.model.fgraph import clone_model, fgraph_from_model, model_deterministic, model_from_fgraph, model_potential
from pymc.pytensorf import toposort_replace
from pytensor.graph.traversal import ancestors

from ranktrust.panel import Panel, levels_alone

TOTAL: Final = "total"
COORDINATE: Final = "total_coordinate"
"""The free parameter in place of `total`: v of the module's head."""
LEVEL, PRECISION = "level_alone", "precision_alone"
_LAW: Final = "total_law"


def can_be_moved(model: pm.Model) -> bool:
    """Whether `total` is free with a normal, Student-t or multivariate normal law whose numbers are parameters too.

    Where they are numbers of the prior nothing shrinks with them, and the statement is sampled as it is written.
    """
    for variable in model.free_RVs:
        parts = _mean_and_variance(variable) if variable.name == TOTAL else None
        if parts is not None:
            return bool(set(ancestors(list(parts))) & set(model.free_RVs))
    return False


def move_total(model: pm.Model, panel: Panel) -> pm.Model:
    """The same model with `total` in the coordinates of this module's head; `model` itself stays as it is.

    Free parameter `total_coordinate` takes the place of `total`, which becomes a Deterministic of the same name and
    dimensions; all other names stay. The figures enter through `pm.Data`, as `figures_of` gives them. Raises
    ValueError where `can_be_moved` is False.
    """
    dims = model.named_vars_to_dims[TOTAL]
    moved = clone_model(model)
    with moved:
        data = {name: pm.Data(name, values, dims=dims) for name, values in figures_of(model, panel).items()}
        v = pm.Flat(COORDINATE, dims=dims)
    graph, place = fgraph_from_model(moved)
    written = place[moved[TOTAL]]
    law = written.owner.inputs[0]
    parts = _mean_and_variance(law)
    if parts is None:
        raise ValueError(f"{TOTAL} has none of the laws whose coordinates can be moved")
    m, variance = parts
    y, q = place[data[LEVEL]], place[data[PRECISION]]
    k = 1 / (1 + q * variance)
    width = pt.sqrt(variance * k)
    total = model_deterministic(y + k * (m - y) + width * place[v], TOTAL, *dims)
    density = pm.logp(law, total, warn_rvs=False).sum() + pt.log(pt.broadcast_to(width, total.shape)).sum()
    for output in (total, model_potential(density, _LAW)):
        graph.add_output(output)
    toposort_replace(graph, ((written, total),), reverse=True)
    graph.remove_output(graph.outputs.index(total))  # it stood twice: in place of what was written, and as added
    return model_from_fgraph(graph, mutate_fgraph=True)


def figures_of(model: pm.Model, panel: Panel) -> dict[str, NDArray[np.float64]]:
    """Level and precision of the figures alone, with the dimensions of `total`.

    Several figures of one place are pooled by their precision; a place without any has precision 0.
    """
    dims = model.named_vars_to_dims[TOTAL]
    shape = tuple(len(model.coords[dim]) for dim in dims)
    cells = tuple(panel[f"{dim}_idx"] for dim in dims)
    alone = levels_alone(panel)
    level, precision = np.zeros(shape), np.zeros(shape)
    np.add.at(precision, cells, alone["precision"].to_numpy())
    np.add.at(level, cells, (alone["level"] * alone["precision"]).to_numpy())
    np.divide(level, precision, out=level, where=precision > 0)
    return {LEVEL: level, PRECISION: precision}


def _mean_and_variance(law: Any) -> tuple[Any, Any] | None:
    """Location and squared scale of each element under the law, as graphs; None for a law of another family."""
    if law.owner is None:
        return None
    operation = law.owner.op
    if isinstance(operation, pm.MvNormal.rv_type):
        m, covariance = operation.dist_params(law.owner)
        return m, pt.diagonal(covariance, axis1=-2, axis2=-1)  # type: ignore[no-untyped-call]
    if isinstance(operation, (pm.Normal.rv_type, pm.StudentT.rv_type)):
        *_, m, s = operation.dist_params(law.owner)
        return m, s**2
    return None
