"""Draws for the rank tests."""

import numpy as np
import xarray as xr


def named(values, trusts=None):
    """(chain, draw, trust) draws with names T0, T1, ..."""
    values = np.asarray(values)
    names = [f"T{i}" for i in range(values.shape[-1])] if trusts is None else trusts
    return xr.DataArray(values, dims=("chain", "draw", "trust"), coords={"trust": names})


def normals(mean, sd, *, seed, draws=5000, chains=4):
    generator = np.random.default_rng(seed)
    return named(generator.normal(mean, sd, size=(chains, draws, len(mean))))


def autocorrelated(mean, *, seed, rho, draws=2000, chains=4):
    """Stationary AR(1) with unit variance about `mean`."""
    generator = np.random.default_rng(seed)
    noise = generator.normal(size=(chains, draws, len(mean)))
    for t in range(1, draws):
        noise[:, t] = rho * noise[:, t - 1] + np.sqrt(1 - rho**2) * noise[:, t]
    return named(noise + mean)
