"""Text as HTML: escaped, and with numbers that aren't broken over two lines."""

from __future__ import annotations

import re
from html import escape

# a range ("34–41") or an interval with "till" ("−3 till 5"), which a line could break inside
_TOGETHER = re.compile(r"[−\d][\d,]*–\d[\d,]*|[−\d][\d,]* till −?\d[\d,]*(?=\)|$)")


def typeset(text: str) -> str:
    """The escaped text, ranges of numbers kept on one line.

    >>> typeset("Färre <än> 34–41")
    'Färre &lt;än&gt; <span class="together">34–41</span>'
    """
    return _TOGETHER.sub(r'<span class="together">\g<0></span>', escape(text))
