"""Notebooks run for many areas: the runs, the pages, the index.

==========================  ==================================================================
:mod:`.notebook_parameters` the parameters a notebook declares, held against what it is given
:mod:`.pages`               the kinds of pages, and which notebook makes each
:mod:`.plan`                which pages for whom, under which names, made from what
:mod:`.execution`           one notebook run by papermill and made into a page
:mod:`.kernels`             the loaded kernels that it runs in
:mod:`.loaded`              what workers and kernels are copies of, with all that they use
:mod:`.workers`             many jobs in processes that may fail, die or be stopped
:mod:`.cluster`             the same jobs on many machines
:mod:`.progress`            what a person sees meanwhile
:mod:`.made`                a record of every page, by which a run goes on where one was killed
:mod:`.index_rows`          what stands on a wave's front page
:mod:`.from_store`          what a run writes without a notebook: files beside, messages, index
:mod:`.reports`             all of it: ``make_reports``
:mod:`.reproduce`           one finished page made again and compared
:mod:`.held`                the files of a page, or of a wave, held against the published store
:mod:`.storage`             the wave's folder copied to storage
:mod:`.checking`            what ``trygg check`` looks at
==========================  ==================================================================
"""
