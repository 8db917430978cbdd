"""The same statement in other programs: python benchmarks/other_programs.py [ratio|proportion], after set-up.

SHMI and A&E of the study acute without covariates or regions, trusts' levels normal on the link scale: nutpie and
PyMC's own sampler on models/ratio.py or models/proportion.py, JAGS on the same law and priors, and rstanarm with its
own prior on the spread (decov). Each runs 4 chains; JAGS takes 10,000 iterations a chain after 1,000, the others 1,000
after 1,000. Seconds include compiling, except where a row says compiled before; rstanarm's models come compiled. JAGS
and rstanarm are Debian's packages jags and r-cran-rstanarm; a line says when one is absent.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from arviz_stats.base.array import array_stats

from ranktrust.assemble import assemble
from ranktrust.assets import find_asset
from ranktrust.fit import Sampling, fit
from ranktrust.model import load_model
from ranktrust.study import read_study

SEED = 20261123
CASES = {"ratio": ("shmi", "observed", "expected"), "proportion": ("ae_4h", "numerator", "denominator")}
NOTHING = {"unattributed_share": (1.0, 9.0, 0.0)}
LAW = {"ratio": "dpois(n[i] * exp(total[i]))", "proportion": "dbin(ilogit(total[i]), n[i])"}
BUGS = """
model {{
  for (i in 1:N) {{ y[i] ~ {law}; total[i] ~ dnorm(mu, pow(s, -2)) }}
  mu ~ dnorm({centre}, {precision})
  s ~ dnorm(0, {spread}) T(0,)
}}
"""
JAGS = """
model in "m.bug"
data in "d.R"
compile, nchains(4)
initialize
update 1000
monitor set mu
monitor set s
monitor set total
update 10000
coda *, stem("out")
"""
STAN_FORMULA = {
    "ratio": "stan_glmer(y ~ 1 + (1 | trust), offset = log(n), family = poisson, data = d,",
    "proportion": "stan_glmer(cbind(y, n - y) ~ 1 + (1 | trust), family = binomial, data = d,",
}
RSTANARM = """
suppressPackageStartupMessages(library(rstanarm))
d <- read.csv("d.csv")
took <- system.time(f <- {formula}
  prior_intercept = normal({centre}, {sd}, autoscale = FALSE), chains = 4, iter = 2000, cores = 2, refresh = 0,
  seed = {seed}))
a <- as.array(f)
out <- data.frame(chain = rep(seq_len(dim(a)[2]), each = dim(a)[1]))
for (k in seq_len(dim(a)[3])) out[[paste0("v", k)]] <- as.vector(a[, , k])
write.csv(out, "draws.csv", row.names = FALSE)
cat(took["elapsed"])
"""


def bare(kind):
    """The panel of the case without context, as the other programs have none."""
    indicator, *_ = CASES[kind]
    return assemble(read_study(find_asset("studies", "acute")))[indicator].derive(context=None)


def least(draws):
    """Smallest bulk ESS of (series, chain, draw)."""
    return float(min(array_stats.ess(each, chain_axis=0, draw_axis=1) for each in draws if each.std() > 0))


def ours(panel, kind, sampler, cache):
    """Seconds, the smallest ESS of mu, s and every total, and the posterior mean of s."""
    started = time.perf_counter()
    tree = fit(
        panel,
        load_model(kind),
        seed=np.random.SeedSequence(SEED),
        sampling=Sampling(sampler=sampler),
        priors=NOTHING,
        cache=cache,
        predictive=False,
    )
    seconds, posterior = time.perf_counter() - started, tree["posterior"]
    total = posterior["total"].transpose("trust", "chain", "draw").to_numpy()
    spread = posterior["s"].to_numpy()
    return seconds, least([posterior["mu"].to_numpy(), spread, *total]), spread.mean()


def jags(panel, kind, folder):
    """Seconds of the program, the smallest ESS and the mean of s, as in `ours`."""
    _, y, n = CASES[kind]
    prior = load_model(kind).priors
    centre, sd = prior["mu"]
    text = BUGS.format(law=LAW[kind], centre=centre, precision=1 / sd**2, spread=1 / np.ravel(prior["s"])[0] ** 2)
    (folder / "m.bug").write_text(text, encoding="utf-8")
    columns = {"y": panel[y], "n": panel[n]}
    data = [f"{name} <- c({', '.join(f'{value:.10g}' for value in values)})" for name, values in columns.items()]
    (folder / "d.R").write_text("\n".join([f"N <- {len(panel[y])}", *data]) + "\n", encoding="utf-8")
    (folder / "run.jags").write_text(JAGS, encoding="utf-8")
    started = time.perf_counter()
    subprocess.run([shutil.which("jags"), "run.jags"], cwd=folder, check=True, capture_output=True)
    seconds = time.perf_counter() - started
    index = pd.read_csv(folder / "outindex.txt", sep=r"\s+", names=["name", "first", "last"])
    chains = [pd.read_csv(folder / f"outchain{k}.txt", sep=r"\s+", names=["iteration", "value"])["value"].to_numpy()
              for k in range(1, 5)]  # fmt: skip
    draws = {row.name: np.stack([chain[row.first - 1 : row.last] for chain in chains]) for row in index.itertuples()}
    return seconds, least(draws.values()), draws["s"].mean()


def rstanarm(panel, kind, folder):
    """Seconds of stan_glmer alone, without loading R, the smallest ESS and the mean of the spread, as in `ours`."""
    _, y, n = CASES[kind]
    centre, sd = load_model(kind).priors["mu"]
    pd.DataFrame({"trust": range(len(panel[y])), "y": panel[y], "n": panel[n]}).to_csv(folder / "d.csv", index=False)
    script = RSTANARM.format(formula=STAN_FORMULA[kind], centre=centre, sd=sd, seed=SEED)
    (folder / "run.R").write_text(script, encoding="utf-8")
    ran = subprocess.run([shutil.which("Rscript"), "run.R"], cwd=folder, check=True, capture_output=True, text=True)
    table = pd.read_csv(folder / "draws.csv")
    values = np.array(table.drop(columns="chain")).reshape(4, -1, table.shape[1] - 1)
    values[..., 1:-1] += values[..., :1]
    return float(ran.stdout.split()[-1]), least(np.moveaxis(values, -1, 0)), np.sqrt(values[..., -1]).mean()


def has_rstanarm():
    """Whether R has the package."""
    program = shutil.which("Rscript")
    asked = [program or "", "-e", "quit(status = !requireNamespace('rstanarm', quietly = TRUE))"]
    return bool(program) and subprocess.run(asked, check=False, capture_output=True).returncode == 0


def row(kind, program, seconds, ess, spread):
    numbers = f"{seconds:.1f} | {ess:,.0f} | {1000 * seconds / ess:.2f} | {spread:.4f}"
    print(f"| {kind} | {program} | {numbers} |", flush=True)


def main():
    print("| statement | program | seconds | least bulk ESS of mu, s, totals | seconds per 1,000 of it | mean of s |")
    print("|---|---|--:|--:|--:|--:|")
    for kind in sys.argv[1:] or CASES:
        panel, cache = bare(kind), {}
        row(kind, "nutpie, compiling included", *ours(panel, kind, "nutpie", cache))
        row(kind, "nutpie, compiled before", *ours(panel, kind, "nutpie", cache))
        row(kind, "PyMC's own sampler", *ours(panel, kind, "pymc", None))
        for name, there, run in (("JAGS", bool(shutil.which("jags")), jags), ("rstanarm", has_rstanarm(), rstanarm)):
            with tempfile.TemporaryDirectory() as folder:
                if there:
                    row(kind, name, *run(panel, kind, Path(folder)))
                else:
                    print(f"| {kind} | {name} | not installed | | | |")


if __name__ == "__main__":
    main()
