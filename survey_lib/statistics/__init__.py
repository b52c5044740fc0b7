"""Design-based estimation from arrays: designs, calibration, estimates, intervals, comparisons.

This floor knows no questionnaire and no language: arrays in, arrays and tidy frames out. It could be
lifted out as a library. Modules, in reading order:

=================  =======================================================================
``design``         how persons were drawn; what the weights were calibrated to
``calibration``    raking and trimming
``variance``       linearised variance as the textbook writes it
``answers``        coded answers, indicators, sums over cells in one pass
``shares``         the two fast kernels for shares of many indicators in many groups
``intervals``      Wilson and Korn–Graubard, and the rule that chooses
``estimation``     estimates as one tidy frame
``comparison``     differences: contrasts, intervals by MOVER, p-values, families of tests
=================  =======================================================================
"""
