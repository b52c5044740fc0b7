"""The floor of the two wide tasks: a full covariance with units, and re-raked replicates."""

import numpy as np
from floor import rake


def covariance(s, w, items):
    """Covariance of the first category of items × districts, units nested in districts."""
    unit, first = np.unique(s.psu, return_inverse=True)
    area, result = unit // 10_000, np.zeros((len(items), 10, len(items), 10))
    total, t = np.bincount(s.district, w), np.empty((len(unit), len(items)))
    for k in items:
        y = s.items[:, k] == 0
        p = np.bincount(s.district, w * y) / total
        t[:, k] = np.bincount(first, w * (y - p[s.district]) / total[s.district])
    for h in range(10):
        z = t[area == h]
        result[:, h, :, h] = np.cov(z.T) * len(z)
    return result.reshape(10 * len(items), -1)


def bootstrap(s, replicates):
    """SE of all categories by district from re-raked Rao–Wu replicates."""
    rng, n_h, parts = np.random.default_rng(1), np.bincount(s.district), []
    times = [rng.multinomial(n - 1, np.full(n, 1 / n), replicates).T * (n / (n - 1)) for n in n_h]
    w = rake(s, 1e-10, s.start[:, None] * np.vstack(times))[2]
    for h in range(10):
        rows = s.district == h
        y = np.hstack([item[rows, None] == np.arange(item.max() + 1) for item in s.items.T])
        parts.append(((w[rows].T @ y.astype(float)) / w[rows].sum(0)[:, None]).std(0, ddof=1))
    return np.column_stack(parts)
