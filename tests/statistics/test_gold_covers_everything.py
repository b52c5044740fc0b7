"""Every public estimand, variance, interval and test has gold values, with units, in a domain."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import gold_cases as cases
import pandas as pd

from survey_lib import statistics

WITHOUT_GOLD = {
    # plumbing: no number of their own
    "answers.Answers": "holds coded answers",
    "answers.Division": "sums that the kernels and their property test stand on",
    "codes.cross": "bookkeeping",
    "codes.encode": "bookkeeping",
    "codes.squeeze": "bookkeeping",
    "codes.sum_sorted": "bookkeeping",
    "comparison.Side": "holds one side of a comparison",
    "design.Calibration": "holds what was calibrated to",
    "design.checked_weights": "refuses bad weights",
    "estimation.checked_groups": "refuses bad groups",
    "margins.Cross": "sums over the cells of a cross",
    "margins.as_margins": "bookkeeping",
    "margins.check_targets": "refuses margins that cannot be met",
    "shares.Shares": "holds shares",
    "sums.Sums": "sums that covariances and comparisons with the rest stand on",
    "sums.sums_by": "bookkeeping",
    "sums.unit_totals": "bookkeeping",
    "margins.Margin": "holds a margin",
    "raking.Raked": "holds weights",
    "association.RaoScott": "holds a test",
    "association.Wald": "holds a test",
    "regression.Regression": "holds a model",
    "small_areas.FayHerriot": "holds a model",
    "errors": "exceptions",
    # parts of something that has gold rows
    "design.Design": "every gold row; lonely units under design.lonely_psu",
    "variance.Linearised": "every gold row of estimands, covariance and regression",
    "variance.Projection": "every gold row of a calibrated design",
    "variance.UnitVariables": "every gold row of a calibrated, clustered design",
    "variance.covariance_of_totals": "every gold row of a covariance",
    "variance.stratum_sums": "every gold row of a covariance",
    "shares.share_of": "every gold row of an estimate",
    "shares.shares_in_groups": "every gold row of estimation.estimate_shares",
    "estimation.estimate_answers": "what estimate_shares calls",
    "estimation.share_frame": "every gold row of estimation.estimate_shares",
    "estimation.share_influence": "every gold row of estimation.covariance_of_shares",
    "estimands.mean_influence": "every gold row of estimands.estimate_means",
    "estimands.total_influence": "every gold row of estimands.estimate_totals",
    "estimands.ratio_influence": "every gold row of estimands.estimate_ratios",
    "by_part.PartSums": "equal to estimation, covariance and rest; test_by_part",
    "by_part.divide": "equal to estimation, covariance and rest; test_by_part",
    "by_part.sums_of_part": "equal to estimation, covariance and rest; test_by_part",
    "intervals.t_quantile": "every interval",
    "intervals.effective_size": "gold rows of estimation.estimate_shares, n_effective",
    "intervals.share_limits": "chooses between two intervals that have gold rows",
    "intervals.uses_korn_graubard": "the rule that chooses",
    "comparison.difference_limits": "gold rows of comparison.compare_groups, low and high",
    "changes.compare_changes": "svycontrast, in gold_changes.csv; test_changes",
    "comparison.mover": "gold rows of comparison.compare_groups, low and high",
    "comparison.correlation_of": "gold rows of comparison.compare_groups, low and high",
    "comparison.side_of": "gold rows of comparison.compare_groups",
    "comparison.difference_frame": "every gold row of comparison.compare_groups",
    "comparison.difference_p": "gold rows of comparison.compare_groups, p",
    "power.power": "power.prop.test, in gold_power.csv; test_power",
    "power.detectable_change": "power.power turned round; test_power",
    "power.needed_size": "power.prop.test, in gold_power.csv; test_power",
    "rolling.window_weights": "identities in test_rolling",
    "rolling.change_weights": "identities in test_rolling",
    "rolling.rolling_shares": "identities in test_rolling",
    "rolling.watched_changes": "simulation in test_rolling",
    "ranking.rank_sets": "csranks, in gold/rank_sets",
    "ranking.with_floor": "a rule of ours; test_ranking",
    "replicates.bootstrap": "random; its factors' variance is held to the textbook's in simulation",
    "replicates.estimate_replicated_shares": "gold rows of replicates.jackknife and .Replicates",
    # weights, checked by identities: the margins hold and the factors are of the right form
    "raking.trim": "R does not rake again; identities in test_calibration",
    "raking.rake_and_trim": "rake, then trim",
    "raking.rake_replicates": "raking.rake column by column; replicates.jackknife",
    "raking.declared": "R's calibrate.formula is younger than 4.1-1; test_calibration",
    "nonresponse.nonresponse_weights": "one division; test_calibration",
    "diagnostics.weight_summary": "description",
    "diagnostics.margin_table": "description",
    "covariance.stack": "identities in test_covariance",
    "small_areas.pool": "identities in test_small_areas",
}


def public_names() -> set[str]:
    """module.name of every public function and class that the floor defines."""
    names = set()
    for module in pkgutil.iter_modules(statistics.__path__):
        loaded = importlib.import_module(f"survey_lib.statistics.{module.name}")
        for name, value in vars(loaded).items():
            own = getattr(value, "__module__", None) == loaded.__name__
            if (
                own
                and not name.startswith("_")
                and (inspect.isfunction(value) or inspect.isclass(value))
            ):
                names.add(f"{module.name}.{name}")
    return names


def test_every_public_number_has_three_gold_rows_with_units_and_a_domain():
    ensu = pd.read_csv(cases.GOLD / "gold_ensu.csv", encoding="utf-8").fillna({"domain": ""})
    gold = pd.concat([cases.gold(), ensu])
    expected = {
        name
        for name in public_names()
        if name not in WITHOUT_GOLD and name.partition(".")[0] not in WITHOUT_GOLD
    }
    poor = []
    for name in sorted(expected | {"design.lonely_psu"}):
        rows = gold[gold["subject"] == name]
        enough = len(rows) >= 3 and (rows["psu"] == 1).any() and (rows["domain"] != "").any()
        if not enough:
            poor.append(f"{name}: {len(rows)} rows, {(rows['psu'] == 1).sum()} with units, "
                        f"{(rows['domain'] != '').sum()} in a domain")  # fmt: skip
    assert not poor, "\n".join(poor)


def test_the_list_of_exceptions_names_only_what_exists():
    known = public_names() | {"errors"}
    assert set(WITHOUT_GOLD) <= known, set(WITHOUT_GOLD) - known


def test_every_gold_row_says_its_rule():
    assert cases.gold()["rule"].notna().all()
