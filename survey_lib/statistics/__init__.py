"""Design-based estimation from arrays: designs, calibration, estimates, intervals, comparisons.

This floor knows no questionnaire and no language: arrays in, arrays and tidy frames out. It could
be lifted out as a library. Modules, in reading order:

=================  =======================================================================
``design``         how persons were drawn; what the weights were calibrated to
``calibration``    raking, trimming, post-stratification, non-response; margin tables
``generalised``    linear, raking, logit and bounded calibration, also to continuous totals
``variance``       linearised variance as the textbook writes it
``answers``        coded answers, indicators, sums over cells in one pass
``shares``         the two fast kernels for shares of many indicators in many groups
``intervals``      Wilson and Korn–Graubard, and the rule that chooses
``estimation``     shares as one tidy frame
``estimands``      means, totals, ratios, quantiles, index scores
``covariance``     of any set of estimates; contrasts; samples stacked
``comparison``     differences of shares: MOVER intervals, p-values, families of tests
``association``    Rao–Scott tests, the joint Wald test
``replicates``     bootstrap, jackknife and delivered replicate weights
``regression``     linear and logistic regression, average marginal effects
``small_areas``    Fay–Herriot; waves pooled
=================  =======================================================================
"""
