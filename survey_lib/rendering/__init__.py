"""Executed notebook -> one accessible, self-contained HTML page; the index of a wave's reports.

========  =======================================================================================
exporter  a notebook's outputs as a page: ``render(notebook, title=…)``
finish    one pass over the HTML that notebook cells gave: headings, ids, numbering, alternatives
page      the frame around every page: header, contents, footer, style
index     the wave's front page, and short pages that say why there is no report
========  =======================================================================================
"""
