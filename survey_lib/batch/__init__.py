"""Notebooks run for many areas: the runs, the pages, the index.

==========================  ==================================================================
:mod:`.notebook_parameters` the parameters a notebook declares, held against what it is given
:mod:`.execution`           one notebook run by papermill and made into a page
:mod:`.workers`             many jobs in processes that may fail, die or be stopped
:mod:`.progress`            what a person sees meanwhile
:mod:`.plan`                which notebook for whom, under which names
:mod:`.index_rows`          what stands on a wave's front page
:mod:`.reports`             all of it: ``make_reports``
:mod:`.checking`            what ``trygg check`` looks at
==========================  ==================================================================
"""
