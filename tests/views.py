"""Views of other choices made by hand: bands and ranks by trust, without a fit."""

import numpy as np
import pandas as pd

from ranktrust.evidence import PUBLISHED, VIEW_COLUMNS, Choice, Sensitivity, View, without_numbers
from ranktrust.evidence.agreement import COLUMNS as RELIABILITY
from ranktrust.evidence.power import COLUMNS as POWER

UP, OPEN, DOWN = BANDS = ("upper half", "not separable from the middle", "lower half")
LETTERS = {"u": UP, "o": OPEN, "d": DOWN}


def view(name, bands, *, group="scenario", label=None, poth=0.8, trusts=None, ranked=True, scores=None, **facts):
    """A view whose trusts stand in `bands`, a letter each: u(pper), o(pen), d(own)."""
    n = len(bands)
    places = np.arange(1.0, n + 1) if ranked else np.full(n, np.nan)
    rows = pd.DataFrame(
        {
            "estimate": np.linspace(0.9, 0.1, n), "estimate_lower": np.linspace(0.85, 0.05, n),
            "estimate_upper": np.linspace(0.95, 0.15, n), "expected_rank": places, "expected_rank_mcse": 0.01,
            "rank_lower": np.maximum(places - 1, 1), "rank_upper": np.minimum(places + 1, n),
            "band": [LETTERS[letter] for letter in bands],
            "log_score": np.nan if scores is None else scores,
        },
        index=pd.Index(trusts or [f"T{place}" for place in range(n)], name="trust"),
    )[list(VIEW_COLUMNS)]  # fmt: skip
    choice = Choice(name, group, label or name.capitalize(), f"what {name} changes", "a made-up source")
    numbers = {"poth": poth, "poth_mcse": 0.01, "spearman_low": 0.7, "draws": 4000, "smallest_ess": 900.0, **facts}
    return View(choice, "fitted", "", rows, numbers if ranked else {"draws": 4000, "smallest_ess": 900.0})


def published(bands, **facts):
    return view(PUBLISHED, bands, group="published", label="Published, this period", **facts)


def failed(name, said="largest R-hat 1.2"):
    return without_numbers(Choice(name, "scenario", name.capitalize(), "what it changes"), "failed", said)


def sensitivity(*views, ranked=True, **parts):
    given = {"adjustment": pd.DataFrame(), "reliability": pd.DataFrame(columns=list(RELIABILITY)),
             "power": pd.DataFrame(columns=list(POWER)), "placed": "placed in the upper or the lower half"}  # fmt: skip
    n = len(views[0].rows)
    return Sensitivity("x", "trust", n, ranked, BANDS, views=tuple(views), **{**given, **parts})
