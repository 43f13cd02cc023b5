"""The few forms of Markdown that the pages are written in."""

from collections.abc import Iterable, Mapping, Sequence


def fenced(language: str, text: str) -> str:
    """Return a block of Markdown."""
    return f"````{language}\n{text.strip()}\n````"


def table(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table of Markdown; a heading that ends in `:` is of numbers, on the right."""
    line = "|".join("--:" if word.endswith(":") else "---" for word in heading)
    lines = ["|".join(word.rstrip(":") for word in heading), line]
    lines += ["|".join(str(cell).replace("|", "\\|") for cell in row) for row in rows]
    return "\n".join(f"|{line}|" for line in lines)


def facts(found: Mapping[str, object]) -> str:
    """Return a table of two columns: what is known of a thing; what is empty is left out."""
    return table(("", ""), ((f"**{fact}**", text) for fact, text in found.items() if text))


def joined(*parts: str) -> str:
    """Return paragraphs, or sections; what is empty is left out."""
    return "\n\n".join(filter(None, parts))
