"""Text from files as HTML: data, never markup, and numbers that aren't broken over two lines."""

from __future__ import annotations

import re
from html import escape

# what has no place in a label and would break an SVG or turn the direction of the rest of a line:
# control characters and bidirectional overrides
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")

# a range ("34–41") or an interval with "till" ("−3 till 5"), which a line could break inside
_TOGETHER = re.compile(r"[−\d][\d,]*–\d[\d,]*|[−\d][\d,]* till −?\d[\d,]*(?=\)|$)")


def visible(text: str) -> str:
    """The text without characters that can't be seen but change how the rest is shown."""
    return _UNSEEN.sub("", text)


def plain(text: str) -> str:
    """The text as HTML, for content and for attributes in double quotes.

    >>> plain('<b>"&')
    '&lt;b&gt;&quot;&amp;'
    """
    return escape(visible(text))


def typeset(text: str) -> str:
    """As :func:`plain`, ranges of numbers kept on one line.

    >>> typeset("Färre <än> 34–41")
    'Färre &lt;än&gt; <span class="together">34–41</span>'
    """
    return _TOGETHER.sub(r'<span class="together">\g<0></span>', plain(text))
