"""Small panels with known shapes, for tests of models and fits."""

import numpy as np
import pandas as pd

from ranktrust.panel import NO_SHARE, Indicator, Panel, Share, check_panel
from ranktrust.vocabulary import Kind

PERIOD = "2025-01-01/2025-12-31"


def make_panel(
    kind: Kind,
    *,
    trusts: int = 8,
    covariates: int = 0,
    nested: tuple[str, ...] = (),
    halves: bool = False,
    seed: int = 1,
) -> Panel:
    """A one-indicator panel of simulated figures for trusts T00, T01, ... in three regions."""
    rng = np.random.default_rng(seed)
    codes = [f"T{place:02d}" for place in range(trusts)]
    level = rng.normal(0, 0.2, trusts)
    size = rng.integers(80, 400, trusts).astype(float)
    match kind:
        case "ratio":
            figures = {"observed": rng.poisson(size * np.exp(level)).astype(float), "expected": size}
        case "proportion":
            counts = rng.binomial(size.astype(int), 1 / (1 + np.exp(-level)))
            figures = {"numerator": counts + (0.5 if halves else 0.0), "denominator": size + (0.5 if halves else 0.0)}
        case "estimate":
            error = 1 / np.sqrt(size)
            figures = {"estimate": 6 + level + rng.normal(0, error), "standard_error": error}
    names = pd.DataFrame(
        {"name": codes, "region": [f"R{place % 3}" for place in range(trusts)], "icb": "", "type": "", "subtype": ""},
        index=pd.Index(codes, name="trust"),
    )
    context = pd.DataFrame({f"x{k}": rng.normal(size=trusts) for k in range(covariates)}, index=names.index)
    return check_panel(
        observations=pd.DataFrame({"trust": codes, "indicator": "made", "period": PERIOD, **figures}),
        trusts=names,
        indicators={"made": made_indicator(kind)},
        context=context,
        nested=nested,
    )


def made_indicator(kind: Kind) -> Indicator:
    """An indicator of a kind, with a share in the headline scenario."""
    return Indicator(
        name="made", title="Made up", kind=kind, best="highest", unit="units", domain="tests", comparability="direct",
        shares={"none": NO_SHARE, "this_period": Share(2.0, 8.0, 1.0, "made up for tests")},
    )  # fmt: skip


def make_trajectory(kind: Kind, *, trusts: int = 8, months: int = 4, covariates: int = 1) -> Panel:
    """A panel of several months: the figures of `make_panel` drawn again each month, with a gap and a late starter."""
    panels = [make_panel(kind, trusts=trusts, covariates=covariates, seed=seed) for seed in range(1, months + 1)]
    labels = [f"2025-{month:02d}-01/2025-{month:02d}-28" for month in range(1, months + 1)]
    rows = pd.concat([panel.observations.assign(period=label) for panel, label in zip(panels, labels, strict=True)])
    gap = (rows["trust"] == "T01") & rows["period"].isin(labels[1:-1][-1:])
    late = (rows["trust"] == "T02") & (rows["period"] == labels[0])
    return panels[0].derive(observations=rows[~gap & ~(late & (months > 1))])


PANEL_OF_MODEL = {
    "ratio": {"kind": "ratio", "covariates": 1, "nested": ("region",)},
    "proportion": {"kind": "proportion", "covariates": 1, "nested": ("region",)},
    "proportion_half_counts": {"kind": "proportion", "covariates": 1, "nested": ("region",), "halves": True},
    "estimate": {"kind": "estimate", "covariates": 1, "nested": ("region",)},
}


def panel_for(needs: tuple[str, ...], name: str) -> Panel:
    """A panel that a statement can be built on: the one above by name, otherwise the first kind with its fields."""
    if name in PANEL_OF_MODEL:
        return make_panel(**PANEL_OF_MODEL[name])
    kinds: dict[str, Kind] = {"observed": "ratio", "numerator": "proportion", "estimate": "estimate"}
    kind = next(kind for field, kind in kinds.items() if field in needs)
    if "period_idx" in needs:
        return make_trajectory(kind)
    return make_panel(kind, covariates=1, nested=("region",))
