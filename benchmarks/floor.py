"""The floor: the central tasks in plain numpy, no checks, no frame. Not to be made slower."""

import numpy as np


def rake(s, tolerance=1e-6):
    cell = ((s.district.astype(np.intp) * 6 + s.age) * 2 + s.sex) * 3 + s.tenure
    cell = cell * 3 + s.birth
    total = np.bincount(cell, s.start, minlength=1080)
    d, a, x, t, b = np.unravel_index(np.arange(1080), (10, 6, 2, 3, 3))
    levels = [(d * 6 + a) * 2 + x, d * 3 + t, d * 3 + b, a * 3 + t]
    g = np.ones(1080)
    while True:
        worst = 0.0
        for level, (_, target) in zip(levels, s.margins, strict=True):
            sums = np.bincount(level, total * g, minlength=len(target))
            worst = max(worst, np.abs(sums / target - 1).max())
            g *= (target / sums)[level]
        if worst < tolerance:
            return cell, levels, s.start * g[cell]


def shares(s, w, cell, levels=None, d=None):
    """Shares and SE of all categories of all items by district (180, 10); residual if levels."""
    n_h = np.bincount(s.district)
    x = None if levels is None else np.hstack([np.eye(m.max() + 1)[m] for m in levels])
    if x is not None:
        dx = np.bincount(cell, d, minlength=1080)
        value, vector = np.linalg.eigh((x.T * dx) @ x)
        keep = value > 1e-11 * value[-1]
        inverse = (vector[:, keep] / value[keep]) @ vector[:, keep].T
        ww = np.bincount(cell, w * w, minlength=1080)
        sw = np.bincount(cell, w, minlength=1080)
    g = None if x is None else np.divide(sw, dx, out=np.zeros(1080), where=dx > 0)
    share, se = [], []
    for item in range(s.items.shape[1]):
        k = int(s.items[:, item].max()) + 1
        index = cell * k + s.items[:, item]
        first = np.bincount(index, d if x is not None else w, minlength=1080 * k).reshape(1080, k)
        squared = np.bincount(index, w * w if item == 0 else square, minlength=1080 * k)
        square = w * w if item == 0 else square
        squared = squared.reshape(10, 108, k)
        t1 = (first if x is None else first * g[:, None]).reshape(10, 108, k)
        total = t1.sum((1, 2))
        p = t1.sum(1) / total[:, None]
        s2, all2 = squared.sum(1), squared.sum((1, 2))[:, None]
        v = s2 * (1 - p) ** 2 + (all2 - s2) * p**2
        for h in range(10) if x is not None else ():
            rows = slice(h * 108, h * 108 + 108)
            u = first[rows] - p[h] * first[rows].sum(1, keepdims=True)
            f = x @ (inverse @ (x[rows].T @ u))
            mixed = squared[h] - p[h] * squared[h].sum(1, keepdims=True)
            v[h] += ww @ (f * f) - 2 * (mixed * f[rows]).sum(0)
        share.append(p.T)
        se.append(np.sqrt(v * (n_h / (n_h - 1))[:, None]).T / total)
    return np.vstack(share), np.vstack(se)
