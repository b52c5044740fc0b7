"""Design-based estimation from arrays: designs, calibration, estimates, intervals, comparisons.

This floor knows no questionnaire and no language: arrays in, arrays and tidy frames out. It could
be lifted out as a library. Modules, in reading order:

=================  =======================================================================
``design``         how persons were drawn; what the weights were calibrated to
``nonresponse``    weights by response classes
``margins``        known totals of the population
``raking``         raking, trimming, post-stratification
``generalised``    linear, raking, logit and bounded calibration, also to continuous totals
``diagnostics``    weights described; respondents beside the population
``variance``       linearised variance as the textbook writes it
``answers``        coded answers, indicators, sums over cells in one pass
``shares``         the two fast kernels for shares of many indicators in many groups
``intervals``      Wilson and Korn–Graubard, and the rule that chooses
``estimation``     shares as one tidy frame
``estimands``      means, totals, ratios, quantiles, index scores
``sums``           linearised sums, group by group
``covariance``     of any set of estimates; contrasts; samples stacked
``comparison``     differences of shares: MOVER intervals, p-values, families of tests
``rest``           every group against the rest of its kind, at once
``parts``          every part of a whole against all others in it, at once
``by_part``        shares of a sample that no machine holds whole, from sums of its parts
``changes``        a change in one group beside the change in another
``power``          what change two samples can show, and the size needed for one
``association``    Rao–Scott tests, the joint Wald test
``replicates``     bootstrap, jackknife and delivered replicate weights
``regression``     linear and logistic regression, average marginal effects
``small_areas``    Fay–Herriot; waves pooled
=================  =======================================================================
"""
