"""What workers and their kernels are copies of: to import this is to load all that they use.

Named to :func:`survey_lib.workers.results` by those who run notebooks. The process that imports it
does nothing else before it is copied, and has one thread.
"""

import importlib
import os
import sys

from survey_lib.workers import ONE_THREAD

FOR_WORKERS = (  # what kernels use is named by their server
    "openpyxl",
    "papermill",
    "survey_lib.batch.held",
    "survey_lib.batch.kernels",
    "survey_lib.rendering.exporter",
)

for name in ONE_THREAD:
    os.environ.setdefault(name, "1")
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # as .execution
for name in FOR_WORKERS:
    importlib.import_module(name)
importlib.import_module("survey_lib.batch.kernel_server").load()
