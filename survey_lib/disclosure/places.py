"""The door's rules for named places: no mention by 1–4 persons can be read or worked out.

Places are a sensitive theme, counted without weights (domain guide 3.9 and 6.3). With "few" for
``showing.sensitive_numerator_below``:

* an area with too few respondents shows nothing;
* a place with fewer than few mentions goes to *Övriga platser*, which is shown from few mentions,
  so never with a single place in it. What couldn't be coded is a row of its own from few mentions;
* a time, a kind of day or a reason is shown when at least few of those who named the place gave it
  and at least few didn't. That is the whole rule where several answers are allowed, since each
  answer then tells of those who gave it and of those who didn't, and of nobody else;
* where one answer is allowed, the answers that aren't shown, no answer included, are together none
  or at least few persons, and are the same answers in every area.

All of it holds for differences too. Areas lie inside each other and are counted alike, so what can
be worked out of one row's numbers is the count of each part that is left when the shown areas
inside an area are taken from it. Each such part has no mention or at least few, and no respondent
or enough of them; while one doesn't, a number is hidden: that of the area inside with the fewest,
or the area's own when nearly all of it is theirs. *Övriga platser* holds other places in each area
and cuts across this, so there every way to add and subtract what is shown is tried, by linear
programming.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_lib.disclosure.rules import HIDDEN, SHOWN
from survey_lib.perception.places import UNCODED, single_choice
from survey_lib.vocabulary import Areas, Parameters
from survey_lib.vocabulary.tables import Showing

OTHER = "other"
OTHER_LABEL = "Övriga platser"
_KEYS = ["area", "place"]


@dataclass(frozen=True, eq=False)
class Tree:
    """Areas inside each other, (a,).

    ``parent`` is the place of the smallest area that contains each, −1 for none; the areas are in
    such an order that what contains another comes first.
    """

    ids: list[str]
    parent: np.ndarray
    respondents: np.ndarray

    @classmethod
    def of(cls, respondents: pd.Series, areas: Areas) -> Tree:
        """``respondents``: area id -> number of persons; areas without any are left out."""
        known = respondents[respondents > 0]
        ids = sorted(known.index, key=lambda area: (len(areas.ancestors(area)), area))
        parent = []
        for area in ids:
            around = [k for k, other in enumerate(ids) if other in areas.ancestors(area)]
            parent.append(max(around, default=-1))
        return cls(ids, np.array(parent, dtype=int), known[ids].to_numpy(dtype=int))

    def own(self, counts: np.ndarray) -> np.ndarray:
        """What is counted in each area and in none of the areas inside it; (..., a) as given."""
        own = counts.copy()
        for area, parent in enumerate(self.parent):
            if parent >= 0:
                own[..., parent] -= counts[..., area]
        return own

    def inside(self) -> np.ndarray:
        """(a, a) bool: whether the column's area is the row's or lies in it."""
        found = np.eye(len(self.ids), dtype=bool)
        for area, parent in reversed(list(enumerate(self.parent))):
            if parent >= 0:
                found[parent] |= found[area]
        return found

    def parts(self, counts: np.ndarray, shown: np.ndarray) -> np.ndarray:
        """Of each shown area, the count of what no shown area inside it holds; 0 for others."""
        nearest = np.arange(len(self.ids))
        for area, parent in enumerate(self.parent):
            if not shown[area]:
                nearest[area] = nearest[parent] if parent >= 0 else -1
        own, left = self.own(counts), np.zeros_like(counts)
        np.add.at(left, nearest[nearest >= 0], own[nearest >= 0])
        return left


def shown_areas(
    tree: Tree,
    shown: np.ndarray,
    size: np.ndarray,
    counts: Sequence[np.ndarray],
    showing: Showing,
) -> np.ndarray:
    """The areas, of those that could show a number of this ``size``, in which it stays so that no
    part of an area with few of any of the ``counts``, or with too few respondents, can be worked
    out. All (a,)."""
    possible, shown = shown, shown.copy()
    while (bad := _parts_too_small(tree, shown, counts, showing)).any():
        area = np.flatnonzero(bad)[-1]
        within = tree.inside()[area] & shown & (np.arange(len(shown)) != area)
        nearest = np.flatnonzero(_uppermost(tree, within))
        least = min(nearest, key=lambda a: size[a], default=area)
        shown[least if 2 * size[least] < size[area] else area] = False
    for area in sorted(np.flatnonzero(possible & ~shown), key=lambda a: -size[a]):
        shown[area] = True  # what was hidden on the way, and needn't be
        shown[area] = not _parts_too_small(tree, shown, counts, showing).any()
    return shown


def _parts_too_small(
    tree: Tree, shown: np.ndarray, counts: Sequence[np.ndarray], showing: Showing
) -> np.ndarray:
    """(a,) the areas of which a part that is too small follows from what is shown."""
    bad = _between(tree.parts(tree.respondents, shown), showing.hide_below)
    for count in counts:
        bad |= _between(tree.parts(count, shown), showing.sensitive_numerator_below)
    return bad


def _uppermost(tree: Tree, areas: np.ndarray) -> np.ndarray:
    """Those of some areas that lie in no other of them, (a,) bool."""
    return areas & ((tree.inside() & areas[:, None]).sum(axis=0) == 1)


def protect_places(
    places: pd.DataFrame, answers: pd.DataFrame, areas: pd.DataFrame, parameters: Parameters
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What may be shown of :func:`survey_lib.perception.places.place_mentions`.

    Parameters
    ----------
    areas : ``area, n``: the respondents of each area.

    Returns
    -------
    places : ``area, place, label, mentions, mark``; ``place`` is an id of the gazetteer, "other"
        or "98". A place with few mentions has no row; one whose number would give another away
        has the mark and no number, and stands after those that have one.
    answers : ``area, place, question, answer, label, mentions, most, mark`` of the places shown; a
        hidden answer has the mark and no number. ``most``: no other answer to the question was
        given more often; answers share it when all of them are shown.
    """
    respondents = areas[areas["area"].isin(places["area"].unique())].set_index("area")["n"]
    tree, showing = Tree.of(respondents, parameters.areas), parameters.tables.showing
    place_ids = list(dict.fromkeys(places["place"]))
    counts = _counts(places, ["place"], place_ids, tree)
    enough = (tree.respondents >= showing.hide_below) & (
        counts >= showing.sensitive_numerator_below
    )
    shown = np.zeros_like(enough)
    for k, (could, number) in enumerate(zip(enough, counts, strict=True)):
        shown[k] = shown_areas(tree, could, number, [number], showing)
    kept = pd.DataFrame(shown, index=place_ids, columns=tree.ids)
    coded = [k for k, place in enumerate(place_ids) if place != UNCODED]
    others = _others(tree, counts[coded], enough[coded], shown[coded], showing)
    rows = places[_picked(places, pd.DataFrame(enough, index=place_ids, columns=tree.ids))]
    visible = _picked(rows, kept)
    rows = rows.assign(
        mentions=rows["mentions"].astype(float).where(visible),
        mark=np.where(visible, SHOWN, HIDDEN),
    )
    rows = _arranged(rows, dict(zip(tree.ids, others, strict=True)), parameters)
    mine = answers[_picked(answers, kept)]
    visible = _shown_answers(answers, mine, counts, kept, tree, parameters)
    most = mine.groupby([*_KEYS, "question"], sort=False)["mentions"].transform("max")
    top = (mine["mentions"] == most) & (most > 0)
    all_seen = (visible | ~top).groupby([mine[k] for k in (*_KEYS, "question")]).transform("all")
    return rows, mine.assign(
        mentions=mine["mentions"].astype(float).where(visible),
        most=(top & all_seen).astype(bool),
        mark=np.where(visible, SHOWN, HIDDEN),
    ).reset_index(drop=True)


def _between(counts: np.ndarray, few: int) -> np.ndarray:
    return (counts > 0) & (counts < few)


def _counts(rows: pd.DataFrame, keys: list[str], order: Sequence[str], tree: Tree) -> np.ndarray:
    """(rows' kinds, a) mentions; 0 where there is no row."""
    if not order:
        return np.zeros((0, len(tree.ids)), dtype=int)
    wide = rows.pivot(index=keys, columns="area", values="mentions")
    return wide.reindex(index=order, columns=tree.ids).fillna(0).to_numpy(dtype=int)


def _picked(rows: pd.DataFrame, kept: pd.DataFrame) -> np.ndarray:
    """Which rows are of a place in an area where it is kept."""
    if not len(rows) or not kept.size:
        return np.zeros(len(rows), dtype=bool)
    place, area = kept.index.get_indexer(rows["place"]), kept.columns.get_indexer(rows["area"])
    return (place >= 0) & (area >= 0) & kept.to_numpy()[place, area]


# -- the answers about a place ---------------------------------------------------------------------


def _shown_answers(
    answers: pd.DataFrame,
    mine: pd.DataFrame,
    counts: np.ndarray,
    kept: pd.DataFrame,
    tree: Tree,
    parameters: Parameters,
) -> np.ndarray:
    """Which of the rows ``mine`` may show their number."""
    single = single_choice(parameters.questionnaire) if len(answers) else []
    showing = parameters.tables.showing
    keys: list[tuple[str, str, str]] = []
    found: list[np.ndarray] = []
    for (place, question), part in answers.groupby(["place", "question"], sort=False):
        codes = list(dict.fromkeys(part["answer"]))
        given = _counts(part, ["answer"], codes, tree)
        named = counts[kept.index.get_loc(place)]
        where = kept.loc[place].to_numpy()
        one = _one_answer if question in single else _several_answers
        found += list(one(tree, given, named, where, showing))
        keys += [(place, question, code) for code in codes]
    if not keys:
        return np.zeros(len(mine), dtype=bool)
    index = pd.MultiIndex.from_tuples(keys)
    row = index.get_indexer(pd.MultiIndex.from_frame(mine[["place", "question", "answer"]]))
    return np.array(found)[row, kept.columns.get_indexer(mine["area"])]


def _several_answers(
    tree: Tree, given: np.ndarray, named: np.ndarray, where: np.ndarray, showing: Showing
) -> np.ndarray:
    """(answers, a) bool where several answers are allowed: each by itself against those who didn't
    give it. ``given`` (answers, a), ``named`` and ``where`` (a,)."""
    few, shown = showing.sensitive_numerator_below, np.zeros(given.shape, dtype=bool)
    for k, yes in enumerate(given):
        possible = where & (yes >= few) & (named - yes >= few)
        shown[k] = shown_areas(tree, possible, yes, [yes, named - yes], showing)
    return shown


def _one_answer(
    tree: Tree, given: np.ndarray, named: np.ndarray, where: np.ndarray, showing: Showing
) -> np.ndarray:
    """(answers, a) bool where one answer is allowed: the same answers in every area, chosen so that
    they can be shown in the largest; those left make a part of their own."""
    few, shown = showing.sensitive_numerator_below, np.zeros(given.shape, dtype=bool)
    largest = _uppermost(tree, where)
    enough = (given >= few) & (named - given >= few)
    chosen = list(np.flatnonzero(enough[:, largest].all(axis=1)))
    while chosen and _between((named - given[chosen].sum(0))[largest], few).any():
        chosen.remove(min(chosen, key=lambda k: given[k, largest].sum()))
    if not chosen:
        return shown
    left = named - given[chosen].sum(0)
    possible = where & enough[chosen].all(axis=0) & ~_between(left, few)
    shown[chosen] = shown_areas(tree, possible, named, [left, *given[chosen]], showing)
    return shown


# -- Övriga platser --------------------------------------------------------------------------------


def _others(
    tree: Tree, counts: np.ndarray, enough: np.ndarray, shown: np.ndarray, showing: Showing
) -> np.ndarray:
    """(a,) mentions of all places with too few in an area, 0 where they aren't shown either.
    ``counts, enough, shown`` (places, a)."""
    few = showing.sensitive_numerator_below
    sums = np.where(enough, 0, counts).sum(axis=0)
    possible = (sums >= few) & (tree.respondents >= showing.hide_below)
    possible = shown_areas(tree, possible, sums, [], showing)
    while possible.any():
        area = _isolated(tree, counts, enough, shown, possible, few)
        if area is None:
            break
        around = np.flatnonzero(possible & tree.inside()[:, area])
        if not len(around):
            around = np.flatnonzero(possible)
        possible[min(around, key=lambda a: sums[a])] = False
    return np.where(possible, sums, 0)


def _isolated(
    tree: Tree,
    counts: np.ndarray,
    enough: np.ndarray,
    shown: np.ndarray,
    others: np.ndarray,
    few: int,
) -> int | None:
    """An area of which 1 to few − 1 mentions can be worked out, or None.

    What is shown is a set of sums over mentions, and what can be worked out of them is a
    combination that counts every mention with a weight between 0 and 1. For each small group of
    mentions the combination is sought that holds it wholly and as little as possible besides.
    """
    from scipy.optimize import linprog

    lived_in = np.flatnonzero(tree.own(tree.respondents))
    inside, places = tree.inside()[:, lived_in], len(counts)
    sums = [np.outer(np.arange(places) == p, inside[a]) for p, a in np.argwhere(shown)]
    sums += [np.outer(~enough[:, a], inside[a]) for a in np.flatnonzero(others)]
    weights = np.array([one.ravel() for one in sums], dtype=float)
    alike, group = np.unique(weights, axis=1, return_inverse=True)
    size = np.bincount(group.ravel(), weights=tree.own(counts)[:, lived_in].ravel())
    first = np.unique(group, return_index=True)[1]
    for k in np.flatnonzero(_between(size, few) & alike.any(axis=0)):
        found = linprog(
            alike @ size,
            A_ub=np.vstack([alike.T, -alike.T]),
            b_ub=np.concatenate([np.ones(len(size)), np.zeros(len(size))]),
            A_eq=alike[:, [k]].T,
            b_eq=[1.0],
            bounds=(None, None),
        )
        if found.status == 0 and found.fun < few - 1e-6:
            return int(lived_in[first[k] % len(lived_in)])
    return None


def _arranged(rows: pd.DataFrame, others: dict[str, int], parameters: Parameters) -> pd.DataFrame:
    """Area by area: places with numbers, places without in Swedish order, *Övriga platser*, and
    what couldn't be coded."""
    extra = pd.DataFrame(
        [(area, OTHER, OTHER_LABEL, float(n), SHOWN) for area, n in others.items() if n],
        columns=rows.columns,
    )
    every = pd.concat([part for part in (rows, extra) if len(part)] or [rows], ignore_index=True)
    names = parameters.swedish_order({label: label for label in every["label"]})
    hidden = every["mark"] == HIDDEN
    keys = pd.DataFrame(
        {
            "area": every["area"].map({one: k for k, one in enumerate(every["area"].unique())}),
            "kind": every["place"].map({OTHER: 2, UNCODED: 3}).fillna(hidden.astype(int)),
            "name": every["label"].map(names.index).where(hidden, 0),
        }
    )
    order = keys.sort_values(["area", "kind", "name"], kind="stable").index
    return every.loc[order].reset_index(drop=True)
