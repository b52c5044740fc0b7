"""Every file that leaves the workbook, searched for what must not be in it before it is written.

===========  =====================================================================================
contents     what a file of any kind says: its texts, and its tables row by row
pdf_text     the text of a PDF
patterns     phone numbers, e-mail addresses, personal identity numbers, tokens of respondents
records      tables and lists with a row per respondent
lines        rows, sentences and alternatives with numbers, for files that are to say the same
scanner      all of it held against one survey: :class:`Scanner`
===========  =====================================================================================
"""

from survey_lib.scan.scanner import LABELS, Hit, Scanner, in_swedish

__all__ = ["LABELS", "Hit", "Scanner", "in_swedish"]
