"""The floor: the central tasks in plain numpy, no checks, no frame. Not to be made slower."""

import numpy as np


def rake(s, tolerance=1e-6, start=None):
    """Cells, levels of each margin per cell, weights; ``start`` (n, R) rakes many at once."""
    cell = (((s.district.astype(np.intp) * 6 + s.age) * 2 + s.sex) * 3 + s.tenure) * 3 + s.birth
    d, a, x, t, b = np.unravel_index(np.arange(1080), (10, 6, 2, 3, 3))
    levels = [(d * 6 + a) * 2 + x, d * 3 + t, d * 3 + b, a * 3 + t]
    columns = (s.start if start is None else start).reshape(len(cell), -1).T
    total = np.array([np.bincount(cell, column, minlength=1080) for column in columns]).T
    g, worst, sums = np.ones_like(total), 1.0, [np.eye(m.max() + 1)[m].T for m in levels]
    while worst >= tolerance:
        worst = 0.0
        for level, onehot, (_, target) in zip(levels, sums, s.margins, strict=True):
            f = target[:, None] / (onehot @ (total * g))
            worst, g = max(worst, np.abs(1 / f - 1).max()), g * f[level]
    return cell, levels, s.start * g[cell, 0] if start is None else start * g[cell]


def shares(s, w, cell, levels=None, d=None):
    """Shares and SE of all categories of all items by district, (180, 10); residual if levels."""
    n_h, w2, out = np.bincount(s.district), w * w, []
    scale = n_h / (n_h - 1)
    if levels is not None:
        x = np.hstack([np.eye(m.max() + 1)[m] for m in levels])
        dx, wx, w2x = (np.bincount(cell, v, minlength=1080) for v in (d, w, w2))
        value, vector = np.linalg.eigh((x.T * dx) @ x)
        keep = value > 1e-11 * value[-1]
        back = x @ ((vector[:, keep] / value[keep]) @ vector[:, keep].T)
        g, aw2x = np.divide(wx, dx, out=np.zeros(1080), where=dx > 0), w2x * np.repeat(scale, 108)
    for item in range(s.items.shape[1]):
        k = int(s.items[:, item].max()) + 1
        index = cell * k + s.items[:, item]
        t = np.bincount(index, w if levels is None else d, minlength=1080 * k).reshape(1080, k)
        q = np.bincount(index, w2, minlength=1080 * k).reshape(10, 108, k) * scale[:, None, None]
        tw = (t if levels is None else t * g[:, None]).reshape(10, 108, k)
        total = tw.sum((1, 2))[:, None]
        p, q1 = tw.sum(1) / total, q.sum(1)
        v = q1 * (1 - p) ** 2 + (q1.sum(1, keepdims=True) - q1) * p**2
        for h in range(10) if levels is not None else ():
            rows = slice(h * 108, h * 108 + 108)
            f = back @ (x[rows].T @ (t[rows] - p[h] * t[rows].sum(1, keepdims=True)))
            cross = (q[h] - p[h] * q[h].sum(1, keepdims=True)) * f[rows]
            z = -(wx[:, None] * f).reshape(10, 108, k).sum(1)
            z[h] += (tw[h] - p[h] * tw[h].sum(1, keepdims=True)).sum(0)
            v[h] += aw2x @ (f * f) - 2 * cross.sum(0) - (scale / n_h) @ (z * z)
        out.append((p.T, np.sqrt(v).T / total.T))
    return tuple(np.vstack(part) for part in zip(*out, strict=True))
