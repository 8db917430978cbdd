"""Every statement of models/ a second time, in plain NumPy and SciPy, from its docstring alone.

Each function takes the panel's fields, the prior numbers and a point of the unconstrained space (by PyMC's names for
it), and gives the log-density there, with the logarithms of the Jacobians, and the three levels. A statement without
an entry in SECOND is named by tests/test_second_statements.py.
"""

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
from oracles import trajectory_density
from scipy import stats
from scipy.linalg import helmert
from scipy.special import betaln, expit, gammaln, logit


def positive(point, name):
    """A positive parameter from its logarithm, and the log-Jacobian."""
    return np.exp(point[f"{name}_log__"]), np.sum(point[f"{name}_log__"])


def unit(point, name):
    """A parameter between 0 and 1 from its log odds, and the log-Jacobian."""
    value = expit(point[f"{name}_logodds__"])
    return value, np.sum(np.log(value) + np.log1p(-value))


def zero_sum(free):
    """n values that sum to zero from n - 1 free ones, by the reflection that keeps lengths (so its Jacobian is 1)."""
    n = len(free) + 1
    shift = free.sum() / (n + np.sqrt(n))
    return np.append(free - shift, -free.sum() / np.sqrt(n))


def zero_sum_normal(free):
    """Log-density of standard normal values given that they sum to zero: n - 1 free directions of length one each."""
    return -0.5 * np.sum(free**2) - 0.5 * len(free) * np.log(2 * np.pi)


def half_normal(value, sd):
    """Log-density of |Normal(0, sd)|."""
    return np.log(2) + stats.norm.logpdf(value, 0, sd)


def gamma(value, shape, rate):
    """Log-density of Gamma(shape, rate)."""
    return stats.gamma.logpdf(value, shape, scale=1 / rate)


def centre(fields, prior, point):
    """m_i, the adjustment x_i beta, and the log-density of everything that they are made of."""
    adjustment = fields["context"] @ point["beta"]
    log_density = (
        stats.norm.logpdf(point["mu"], *prior["mu"]) + stats.norm.logpdf(point["beta"], 0, prior["beta"]).sum()
    )
    m = point["mu"] + adjustment
    for group, scale in (("region", "omega"), ("icb", "omega_icb")):
        if f"{scale}_log__" in point:
            omega, jacobian = positive(point, scale)
            free = point[f"{group}_effect_zerosum__"]
            m = m + omega * zero_sum(free)[fields[f"{group}_idx"]]
            log_density += half_normal(omega, prior[scale]) + jacobian + zero_sum_normal(free)
    return m, adjustment, log_density


def share_of(prior, point):
    """The unattributed share and its log-density."""
    alpha, beta, upper = prior["unattributed_share"]
    part, jacobian = unit(point, "share_of_upper")
    return upper * part, stats.beta.logpdf(part, alpha, beta) + jacobian


def pooled_normal(fields, prior, point):
    """Levels and their log-density where total_i ~ Normal(m_i, s)."""
    m, adjustment, log_density = centre(fields, prior, point)
    s, jacobian = positive(point, "s")
    share, of_share = share_of(prior, point)
    b, total, z = 1 - share, point["total"], point["z"]
    outcome = m + b * (total - m) + s * np.sqrt(b * (1 - b)) * z
    log_density += half_normal(s, prior["s"]) + jacobian + of_share
    log_density += stats.norm.logpdf(total, m, s).sum() + stats.norm.logpdf(z).sum()
    return log_density, {"total": total, "outcome": outcome, "performance": outcome - adjustment}


def pooled_student(fields, prior, point):
    """Levels and their log-density where total_i ~ StudentT(nu, m_i, s)."""
    m, adjustment, log_density = centre(fields, prior, point)
    s, jacobian = positive(point, "s")
    share, of_share = share_of(prior, point)
    above, of_nu = positive(point, "nu_above_2")
    nu, b, total, t = 2 + above, 1 - share, point["total"], point["t"]
    spread = s * np.sqrt((nu + ((total - m) / s) ** 2) / (nu + 1))
    outcome = m + b * (total - m) + spread * np.sqrt(b * (1 - b)) * t
    shape, rate = prior["nu"]
    log_density += half_normal(s, prior["s"]) + jacobian + of_share
    log_density += stats.gamma.logpdf(above, shape, scale=1 / rate) + of_nu
    log_density += stats.t.logpdf(total, nu, m, s).sum() + stats.t.logpdf(t, nu + 1).sum()
    return log_density, {"total": total, "outcome": outcome, "performance": outcome - adjustment}


def counts_of_expected(fields, total):
    """observed_i ~ Poisson(expected_i exp(total_i))."""
    return stats.poisson.logpmf(fields["observed"], fields["expected"] * np.exp(total[fields["trust_idx"]])).sum()


def part_of_whole(fields, total):
    """numerator_i ~ Binomial(denominator_i, logistic(total_i)), counted in halves as gamma functions allow."""
    y, n, level = fields["numerator"], fields["denominator"], total[fields["trust_idx"]]
    ways = gammaln(n + 1) - gammaln(y + 1) - gammaln(n - y + 1)
    return np.sum(ways - y * np.logaddexp(0, -level) - (n - y) * np.logaddexp(0, level))


def known_error(fields, total):
    """estimate_i ~ Normal(total_i, standard_error_i)."""
    return stats.norm.logpdf(fields["estimate"], total[fields["trust_idx"]], fields["standard_error"]).sum()


def pooled(levels, likelihood):
    """A statement of levels and a likelihood given total."""

    def statement(fields, prior, point):
        log_density, found = levels(fields, prior, point)
        return log_density + likelihood(fields, found["total"]), found

    return statement


def alike(total):
    """Three levels that are one."""
    return dict.fromkeys(("total", "outcome", "performance"), total)


def ratio_independent(fields, prior, point):
    """ratio_i ~ Gamma(alpha, rate beta)."""
    ratio, jacobian = positive(point, "ratio")
    shape, rate = prior["ratio"]
    total = np.log(ratio)
    log_density = stats.gamma.logpdf(ratio, shape, scale=1 / rate).sum() + jacobian
    return log_density + counts_of_expected(fields, total), alike(total)


def proportion_independent(fields, prior, point):
    """p_i ~ Beta(alpha, beta)."""
    p, jacobian = unit(point, "p")
    total = logit(p)
    return stats.beta.logpdf(p, *prior["p"]).sum() + jacobian + part_of_whole(fields, total), alike(total)


def estimate_independent(fields, prior, point):
    """total_i ~ Normal(m, v)."""
    total = point["total"]
    return stats.norm.logpdf(total, *prior["total"]).sum() + known_error(fields, total), alike(total)


def surgical_bugs(fields, prior, point):
    """logit(p_i) ~ Normal(mu, sd = precision^-1/2), precision ~ Gamma(shape, rate)."""
    precision, jacobian = positive(point, "precision")
    shape, rate = prior["precision"]
    total = point["mu"] + point["z"] / np.sqrt(precision)
    log_density = stats.norm.logpdf(point["mu"], *prior["mu"]) + stats.norm.logpdf(point["z"]).sum()
    log_density += stats.gamma.logpdf(precision, shape, scale=1 / rate) + jacobian
    return log_density + part_of_whole(fields, total), alike(total)


def trajectory(log_likelihood):
    """A path of the mean over trusts, and distances from it with the covariance of oracles/trajectory_density.py."""

    def statement(fields, prior, point):
        s, of_s = positive(point, "s")
        step, of_step = positive(point, "step")
        moving, of_moving = unit(point, "moving")
        persistence, of_persistence = unit(point, "persistence")
        share, of_share = share_of(prior, point)
        adjustment, total, z = fields["context"] @ point["beta"], point["total"], point["z"]
        cov = trajectory_density.covariance(s, share, moving, persistence, fields["period_time"])
        log_density = half_normal(s, prior["s"]) + of_s + of_share
        log_density += gamma(step, *prior["step"]) + of_step
        log_density += stats.beta.logpdf(moving, *prior["moving"]) + of_moving
        log_density += stats.beta.logpdf(persistence, *prior["persistence"]) + of_persistence
        log_density += stats.norm.logpdf(point["beta"], 0, prior["beta"]).sum() + stats.norm.logpdf(z).sum()
        log_density += trajectory_density.log_total(total, adjustment, cov, (*prior["national"], step))
        outcome = trajectory_density.outcome(total, adjustment, cov, s**2 * share, z)
        levels = {"total": total, "outcome": outcome, "performance": outcome - adjustment[:, None]}
        cell = {**fields, "trust_idx": np.arange(len(fields["trust_idx"]))}
        return log_density + log_likelihood(cell, total[fields["trust_idx"], fields["period_idx"]]), levels

    return statement


def lkj(correlation, concentration):
    """Log-density of a correlation matrix by LKJ (Lewandowski, Kurowicka and Joe 2009, the onion's constant)."""
    d = len(correlation)
    k = np.arange(1, d)
    half = concentration + (d - k - 1) / 2
    constant = np.sum((2 * concentration - 2 + d - k) * (d - k)) * np.log(2) + np.sum((d - k) * betaln(half, half))
    return (concentration - 1) * np.linalg.slogdet(correlation)[1] - constant


def correlation_of(free, d):
    """A correlation matrix from free values, and the log-Jacobian, which is found by differences.

    The lower root has rows of length one in the directions (free, 1); free values fill the rows in PyMC's order.
    """
    root = pm.distributions.transforms.CholeskyCorrTransform(d).backward
    variable = pt.dvector()
    to_root = pytensor.function([variable], root(variable), mode="FAST_COMPILE")
    below = np.tril_indices(d, -1)
    at = lambda values: (to_root(values) @ to_root(values).T)[below]  # noqa: E731 - a function of one line
    step = 1e-4 * np.eye(len(free))
    eighth = [8 * (at(free + h) - at(free - h)) - (at(free + 2 * h) - at(free - 2 * h)) for h in step]
    return to_root(free) @ to_root(free).T, np.linalg.slogdet(np.array(eighth) / 12e-4)[1]


def profile(fields, prior, point, correlation, power):
    """The profile's levels and density given the correlation of outcomes, without the density of that.

    `power`: that of b which the prior of the correlation brings in, and the prior of the share takes out.
    """
    kind, indicators = fields["kind_idx"], len(correlation)
    mean = np.array([prior["mu_ratio"], prior["mu_proportion"], prior["mu_estimate"]])[kind]
    s, of_s = positive(point, "s")
    alpha, beta, upper = np.broadcast_to(np.reshape(prior["unattributed_share"], (-1, 3)), (indicators, 3)).T
    part, of_part = unit(point, "share_of_upper")
    b, noise = 1 - upper * part, s**2 * upper * part
    covariance = np.diag(s * np.sqrt(b)) @ correlation @ np.diag(s * np.sqrt(b)) + np.diag(noise)
    adjustment = fields["context"] @ point["beta"].T
    distance = point["total"] - point["mu"] - adjustment
    log_density = stats.norm.logpdf(point["mu"], mean[:, 0], mean[:, 1]).sum()
    log_density += half_normal(s, np.array(prior["s"])[kind]).sum() + of_s
    log_density += stats.beta.logpdf(part, alpha, beta + upper * power).sum() + of_part
    log_density += stats.norm.logpdf(point["beta"], 0, np.array(prior["beta"])[kind][:, None]).sum()
    log_density += stats.multivariate_normal(np.zeros(indicators), covariance).logpdf(distance).sum()
    log_density += stats.norm.logpdf(point["z"]).sum()
    gain = np.diag(noise) @ np.linalg.inv(covariance)
    scale = np.sqrt(noise)
    left = np.eye(indicators) - np.diag(scale) @ np.linalg.inv(covariance) @ np.diag(scale)
    outcome = point["total"] - distance @ gain.T - point["z"] @ np.linalg.cholesky(left).T @ np.diag(scale)
    levels = {"total": point["total"], "outcome": outcome, "performance": outcome - adjustment}
    return log_density + mixed(fields, point["total"][fields["trust_idx"], fields["indicator_idx"]]), levels


def mixed(fields, level):
    """The likelihood of each observation by its indicator's kind."""
    likelihoods = (
        (counts_of_expected, ("observed", "expected")),
        (part_of_whole, ("numerator", "denominator")),
        (known_error, ("estimate", "standard_error")),
    )
    kind, log_density = fields["kind_idx"][fields["indicator_idx"]], 0.0
    for place, (likelihood, names) in enumerate(likelihoods):
        rows = np.flatnonzero(kind == place)
        own = {name: fields["panel"][name][rows] for name in names} | {"trust_idx": np.arange(len(rows))}
        log_density += likelihood(own, level[rows])
    return log_density


def profile_lkj(fields, prior, point):
    """R ~ LKJ(concentration)."""
    d = len(fields["kind_idx"])
    correlation, jacobian = correlation_of(point["correlation_root_cholesky_corr__"], d)
    log_density, levels = profile(fields, prior, point, correlation, (d - 1) / 2)
    return log_density + lkj(correlation, prior["concentration"]) + jacobian, levels


def profile_factor(fields, prior, point):
    """R_jk = loading_j loading_k, the first loading positive."""
    part, jacobian = unit(point, "loading_part")
    loading = np.append(part[:1], 2 * part[1:] - 1)
    correlation = np.outer(loading, loading)
    np.fill_diagonal(correlation, 1)
    log_density, levels = profile(fields, prior, point, correlation, 0.5 if len(part) > 1 else 0)
    return log_density + stats.beta.logpdf(part, *prior["loading"]).sum() + jacobian, levels


def profile_trajectory(fields, prior, point):
    """The covariance of a trust's distances written out whole, over periods and indicators together."""
    kind, time = fields["kind_idx"], fields["period_time"]
    d, periods = len(kind), len(time)
    (s, of_s), (step, of_step) = positive(point, "s"), positive(point, "step")
    (moving, of_moving), (persistence, of_persistence) = unit(point, "moving"), unit(point, "persistence")
    share, of_share = unit(point, "unattributed_share")
    correlation, of_root = correlation_of(point["correlation_root_cholesky_corr__"], d)
    own = np.array([prior["national_ratio"], prior["national_proportion"], prior["national_estimate"]])[kind]
    lasting = np.diag(s * np.sqrt(1 - share)) @ correlation @ np.diag(s * np.sqrt(1 - share))
    over_time = trajectory_density.covariance(1.0, 0.0, moving, persistence, time)
    noise = s**2 * share
    whole = np.kron(over_time, lasting) + np.kron(np.eye(periods), np.diag(noise))

    adjustment = fields["context"] @ point["beta"].T
    level = point["total"] - adjustment[:, None, :]
    n = len(level)
    rows = helmert(n, full=True) @ level.reshape(n, -1)
    path = (rows[0] / np.sqrt(n)).reshape(periods, d)
    log_density = stats.multivariate_normal(np.zeros(periods * d), whole).logpdf(rows[1:]).sum()
    log_density += stats.norm.logpdf(path[0], own[:, 0], own[:, 1]).sum() - periods * d * np.log(n) / 2
    log_density += stats.norm.logpdf(np.diff(path, axis=0), 0, step).sum()
    log_density += gamma(step, prior["step_shape"], np.array(prior["step_rate"])[kind]).sum() + of_step
    log_density += half_normal(s, np.array(prior["s"])[kind]).sum() + of_s + of_share + of_moving + of_persistence
    log_density += stats.beta.logpdf(share, *prior["unattributed_share"]).sum()
    log_density += stats.beta.logpdf(moving, *prior["moving"]) + stats.beta.logpdf(persistence, *prior["persistence"])
    log_density += stats.norm.logpdf(point["beta"], 0, np.array(prior["beta"])[kind][:, None]).sum()
    log_density += lkj(correlation, prior["concentration"]) + of_root + stats.norm.logpdf(point["z"]).sum()

    sd = np.tile(np.sqrt(noise), periods)
    distance, scaled = (level - path).reshape(n, -1), np.linalg.inv(whole / np.outer(sd, sd))
    expected = (distance / sd) @ scaled * sd
    across = np.linalg.eigh(lasting / np.sqrt(np.outer(noise, noise)))
    along = np.linalg.eigh(over_time)
    turned = np.kron(along.eigenvectors, across.eigenvectors)
    spread = np.sqrt(1 - 1 / (1 + np.kron(along.eigenvalues, across.eigenvalues)))
    free = (point["z"] - point["z"].mean(axis=0)).reshape(n, -1)
    drawn = ((free @ turned) * spread) @ turned.T * sd
    outcome = point["total"] - (expected + drawn).reshape(level.shape)
    levels = {"total": point["total"], "outcome": outcome, "performance": outcome - adjustment[:, None, :]}
    return log_density + mixed(
        fields, point["total"][fields["trust_idx"], fields["period_idx"], fields["indicator_idx"]]
    ), levels


SECOND = {
    "ratio": pooled(pooled_normal, counts_of_expected),
    "ratio_student": pooled(pooled_student, counts_of_expected),
    "ratio_independent": ratio_independent,
    "proportion": pooled(pooled_normal, part_of_whole),
    "proportion_half_counts": pooled(pooled_normal, part_of_whole),
    "proportion_student": pooled(pooled_student, part_of_whole),
    "proportion_independent": proportion_independent,
    "estimate": pooled(pooled_normal, known_error),
    "estimate_student": pooled(pooled_student, known_error),
    "estimate_independent": estimate_independent,
    "surgical_bugs": surgical_bugs,
    "profile_trajectory": profile_trajectory,
    "profile": profile_lkj,
    "profile_factor": profile_factor,
    "trajectory_ratio": trajectory(counts_of_expected),
    "trajectory_proportion": trajectory(part_of_whole),
    "trajectory_estimate": trajectory(known_error),
}
"""The second statement of each model file, by its name."""
