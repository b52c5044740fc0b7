"""Published rows as words, pictures and tables: one published row, the same numbers three times.

===========  ====================================================================================
swedish      numbers, ranges, dates and lists as Swedish is written
phrases      the fixed phrases, and the words that a survey puts into them
verdicts     which fixed phrase a comparison earns
sentences    published rows -> running text
charts       published rows -> pictures with their text alternative
tables       published rows -> accessible HTML tables
section      the three together, as a notebook cell shows them
===========  ====================================================================================

Nothing here computes a statistic: every number comes from a published row and is only rounded.
"""
