"""Weights of indicators: fixed or drawn, and what becomes of them when some are left out."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
import xarray as xr

from ranktrust.errors import UsageError
from ranktrust.study import Composite
from ranktrust.vocabulary import CHAIN, DRAW, INDICATOR


def domains_of(composite: Composite) -> dict[str, str]:
    """The domain of each indicator, in the order of the study."""
    return {name: domain.name for domain in composite.domain for name in domain.indicators}


def mean_weights(composite: Composite) -> xr.DataArray:
    """Weight of each indicator, domain's weight times its share within it; they sum to 1."""
    pairs = zip(composite.domain_weights, composite.domain, strict=True)
    weights = [weight * share for weight, domain in pairs for share in domain.shares]
    return xr.DataArray(weights, dims=INDICATOR, coords={INDICATOR: list(composite.indicators)})


def draw_weights(composite: Composite, *, chains: int, draws: int, seed: np.random.SeedSequence) -> xr.DataArray:
    """Weights of a composite: fixed, (indicator), or one set a draw, (chain, draw, indicator).

    With a concentration c the domains' weights are Dirichlet(c w), whose mean is w and whose standard deviation is
    sqrt(w (1 - w) / (c + 1)); shares within a domain stay fixed.
    """
    if composite.concentration is None:
        return mean_weights(composite)
    mean = np.array(composite.domain_weights)
    drawn = np.random.default_rng(seed).dirichlet(composite.concentration * mean, size=(chains, draws))
    columns = [
        drawn[..., place] * share for place, domain in enumerate(composite.domain) for share in domain.shares
    ]  # fmt: skip
    coords = {INDICATOR: list(composite.indicators), CHAIN: np.arange(chains), DRAW: np.arange(draws)}
    return xr.DataArray(np.stack(columns, axis=-1), dims=(CHAIN, DRAW, INDICATOR), coords=coords)


def leave_out(weights: xr.DataArray, domains: Mapping[str, str], names: Collection[str]) -> xr.DataArray:
    """Weights without the indicators `names`: their weight goes to the rest of their domain, in proportion.

    The weight of a domain that is left without any goes to the other domains in proportion. Raises UsageError where
    nothing stays.
    """
    order = [str(name) for name in weights[INDICATOR].to_numpy()]
    stay = pd.Series([name not in set(names) for name in order], index=order)
    if not stay.any():
        raise UsageError("a composite without any indicator")
    parts = []
    for domain in dict.fromkeys(domains[name] for name in order):
        members = [name for name in order if domains[name] == domain]
        kept = [name for name in members if stay[name]]
        if kept:
            part = weights.sel({INDICATOR: kept})
            parts.append(part * (weights.sel({INDICATOR: members}).sum(INDICATOR) / part.sum(INDICATOR)))
    left = xr.concat(parts, dim=INDICATOR, join="exact").transpose(..., INDICATOR)
    return left / left.sum(INDICATOR)
