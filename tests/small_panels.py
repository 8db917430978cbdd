"""Panels small enough to check by hand: trusts A, B, C, ... and one indicator a kind."""

import string

import pandas as pd

from ranktrust.panel import Indicator, check_panel
from ranktrust.vocabulary import KIND_COLUMNS

JAN, FEB, MAR = (f"2025-{month:02d}-01/2025-{month:02d}-{last}" for month, last in ((1, 31), (2, 28), (3, 31)))


def indicator(kind="proportion", name="x", **declared):
    given = {"title": f"Title of {name}", "best": "highest", "unit": "of patients", "domain": "care"}
    return Indicator(name=name, kind=kind, **{**given, "comparability": "direct", **declared})


def trust_table(n, **columns):
    codes = pd.Index(list(string.ascii_uppercase[:n]), name="trust")
    given = {"name": [f"Trust {code}" for code in codes], "region": ["North", "South", "East"] * n}
    given = {**given, "icb": [""] * n, "type": [""] * n, "subtype": [""] * n, **columns}
    return pd.DataFrame({name: values[:n] for name, values in given.items()}, index=codes)


def observation_table(kind, first, second, *, period=JAN, name="x"):
    """One row a trust, for one period, in the order A, B, C, ..."""
    columns = dict(zip(KIND_COLUMNS[kind], (first, second), strict=True))
    trusts = list(string.ascii_uppercase[: len(first)])
    return pd.DataFrame({"trust": trusts, "indicator": name, "period": period, **columns})


def small_panel(first=(1.0, 2.0, 3.0), second=(10.0, 20.0, 30.0), kind="proportion", **parts):
    """A panel of one period, unless `observations` is given."""
    observations = parts.pop("observations", observation_table(kind, first, second))
    trusts = parts.pop("trusts", trust_table(len(first)))
    indicators = parts.pop("indicators", {"x": indicator(kind)})
    return check_panel(observations=observations, trusts=trusts, indicators=indicators, **parts)
