"""The block `{from_registry} models` of a page: stands for what `writers` says of models."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from writers import WRITERS


class FromRegistry(SphinxDirective):
    """Puts what a writer returns into the page, anew in each build."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the nodes of the Markdown, with its headings."""
        self.env.note_reread()
        text = WRITERS[self.arguments[0]]()
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive."""
    app.add_directive("from_registry", FromRegistry)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
