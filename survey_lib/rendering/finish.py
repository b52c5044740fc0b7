"""One pass over the HTML that notebook cells gave, so that the whole page holds together.

Sections made by ``survey_lib.presentation`` arrive finished; this pass does what can only be known
for a whole page (heading order, unique ids, numbering, contents) and mends what came from elsewhere
(a data frame shown by hand).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from survey_lib.presentation.swedish import slug
from survey_lib.rendering.page import Entry

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

FORBIDDEN = ["script", "style", "link", "iframe", "object", "embed", "base", "meta", "form"]


class MissingAlternative(ValueError):
    """A picture on the page has no text alternative. A report isn't made without one."""


def finish(html: str) -> tuple[str, list[Entry]]:
    """The body ready for its page, and its table of contents.

    Raises MissingAlternative when a picture has no ``alt`` attribute, or an empty one that isn't
    declared decorative (``role="presentation"``).
    """
    from bs4 import BeautifulSoup
    from bs4.dammit import EntitySubstitution
    from bs4.formatter import HTMLFormatter

    soup = BeautifulSoup(html, "html.parser")
    _remove_active(soup)
    _check_alternatives(soup)
    _without_empty_sections(soup)
    _unique_ids(soup)
    contents = _headings(soup)
    _tables(soup)
    _number(soup, "table > caption", "Tabell")
    _number(soup, "figure > figcaption", "Diagram")
    as_html = HTMLFormatter(EntitySubstitution.substitute_xml, void_element_close_prefix="")
    return soup.decode(formatter=as_html), contents


def _remove_active(soup: BeautifulSoup) -> None:
    for tag in soup(FORBIDDEN):
        tag.decompose()
    for tag in soup(True):
        for name in [name for name in tag.attrs if name.startswith("on")]:
            del tag[name]


def _check_alternatives(soup: BeautifulSoup) -> None:
    for number, image in enumerate(soup("img"), start=1):
        decorative = image.get("role") == "presentation"
        if not decorative and not str(image.get("alt", "")).strip():
            raise MissingAlternative(f"picture {number} on the page has no text alternative")


def _without_empty_sections(soup: BeautifulSoup) -> None:
    """A section that shows nothing goes, and so does the heading that stands alone above it."""
    for section in soup.select("div.section:empty"):
        above = section.find_previous_sibling(True)
        content = above.find_all(True, recursive=False) if above else []
        if above and above.get("class") == ["prose"] and [tag.name for tag in content] == ["h2"]:
            above.decompose()
        section.decompose()


def _unique_ids(soup: BeautifulSoup) -> None:
    """A second section with the same title gets new ids, and what points at them follows."""
    taken: set[str] = set()
    for block in soup.find_all(True, recursive=False):
        renamed: dict[str, str] = {}
        for tag in [block, *block(True)]:
            if "id" not in tag.attrs:
                continue
            old = str(tag["id"])
            new = _free(old, taken)
            taken.add(new)
            if new != old:
                renamed[old] = tag["id"] = new
        for tag in [block, *block(True)] if renamed else []:
            for name in ("aria-labelledby", "aria-describedby", "for", "headers"):
                if name in tag.attrs:
                    tag[name] = " ".join(renamed.get(word, word) for word in str(tag[name]).split())
            target = str(tag.get("href", ""))
            if target.startswith("#"):
                tag["href"] = "#" + renamed.get(target[1:], target[1:])


def _free(identity: str, taken: set[str]) -> str:
    if identity not in taken:
        return identity
    number = 2
    while f"{identity}-{number}" in taken:
        number += 1
    return f"{identity}-{number}"


def _headings(soup: BeautifulSoup) -> list[Entry]:
    """The page's own h1 stands outside the body: a leading h1 is the notebook's working title and
    goes away, later ones become h2; no level is skipped; every heading has an id of its words. The
    headings inside a section aren't in the contents."""
    headings = soup(re.compile("^h[1-6]$"))
    if headings and headings[0].name == "h1":
        headings.pop(0).decompose()
    taken = {str(tag["id"]) for tag in soup(id=True)} | {"innehall"}
    contents: list[Entry] = []
    previous = 1
    for heading in headings:
        level = max(2, min(int(heading.name[1]), previous + 1))
        heading.name = f"h{level}"
        for link in heading("a", class_="anchor-link"):
            link.decompose()
        text = heading.get_text(" ", strip=True)
        taken.discard(str(heading.get("id", "")))
        identity = _free(slug(text), taken)
        heading["id"] = identity
        taken.add(identity)
        entry = Entry(text, identity)
        if level == 2:
            contents.append(entry)
        elif level == 3 and contents and not heading.find_parent(class_="section"):
            contents[-1].children.append(entry)
        previous = level
    return contents


def _tables(soup: BeautifulSoup) -> None:
    """Tables that didn't come from a section: scopes, no layout, a frame that scrolls."""
    for table in soup("table"):
        if table.find_parent(class_="scroll"):
            continue
        for name in ("border", "class", "style"):
            table.attrs.pop(name, None)
        for cell in table("th"):
            if not cell.get_text(strip=True):
                cell.name = "td"
            elif "scope" not in cell.attrs:
                cell["scope"] = "col" if cell.find_parent("thead") else "row"
        frame = soup.new_tag("div", attrs={"class": "scroll", "role": "region", "tabindex": "0"})
        frame["aria-label"] = table.caption.get_text(strip=True) if table.caption else "Tabell"
        table.wrap(frame)


def _number(soup: BeautifulSoup, selector: str, word: str) -> None:
    for number, caption in enumerate(soup.select(selector), start=1):
        tag: Tag = soup.new_tag("span", attrs={"class": "no"})
        tag.string = f"{word} {number}."
        (caption.find(class_="title") or caption).insert(0, tag)
        tag.insert_after(" ")
