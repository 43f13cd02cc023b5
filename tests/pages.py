"""The code of the documentation's pages: what each block is, and what comes of running it.

`python` runs in one namespace a page, `sh` in bash, both in the page's own folder. A `{code-block}`
with a `:caption:` is a file of the reader's, and is written there. `text` is output. A comment
before a block, `<!-- not run: needs the network -->`, says why it cannot run in a test.
"""

import re
import subprocess
import sys
import traceback
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt

NEEDS = ("the network", "a microphone", "an account")
NOT_RUN = re.compile(r"<!-- not run: (?:needs )?(.+?) -->")
DIRECTIVE = re.compile(r"\{([\w-]+)\} *(\S*)")
OPTION = re.compile(r":([\w-]+): *(.*)\n")
MARKDOWN = MarkdownIt()
LONGEST = 1800  # seconds that a block may take


class PageError(AssertionError):
    """A block that is not what it should be, or does not run; names page and line."""


class Block(NamedTuple):
    """A block of a page: `line` is that of its first line of text, from 1."""

    page: Path
    line: int
    language: str
    text: str
    file: str = ""
    needs: str = ""

    def refuse(self, what, ahead=0):
        """Say what is wrong with a line of the block."""
        raise PageError(f"{self.page}:{self.line + ahead}: {what}") from None


def read(page):
    """Return the blocks of a page, those within notes, tabs and cards too."""
    return list(blocks(page, page.read_text(encoding="utf-8"), 1))


def blocks(page, text, line):
    """Yield the blocks of a text that begins at a line of a page."""
    needs = ""
    for token in MARKDOWN.parse(text):
        if token.type == "html_block":
            needs = "".join(NOT_RUN.findall(token.content))
        if token.type == "fence":
            yield from fence(page, token, line + token.map[0] + 1, needs)
        if token.type != "html_block":
            needs = ""


def fence(page, token, line, needs):
    """Yield the block of a fence, or the blocks within that of a directive."""
    language, text, file = token.info.strip(), token.content, ""
    if directive := DIRECTIVE.match(language):
        options = {}
        while option := OPTION.match(text):
            options[option[1]] = option[2]
            text, line = text[option.end() :], line + 1
        if directive[1] != "code-block":
            yield from blocks(page, text, line)
            return
        language, file = directive[2], options.get("caption", "")
        blank = len(text) - len(text.lstrip("\n"))
        text, line = text[blank:], line + blank
    yield check(Block(page, line, language, text, file, needs))


def check(block):
    """Return a block that a test knows what to do with."""
    if block.needs and block.needs not in NEEDS:
        block.refuse(f"not run for {block.needs!r}; what a test has not is {', '.join(NEEDS)}")
    if not block.file and block.language not in ("python", "sh", "text"):
        block.refuse(
            f"{block.language or 'no language'!r}: a block is python, sh or text (output), or a "
            "file, {code-block} with a :caption:"
        )
    if block.language == "python":
        try:
            compile(block.text, str(block.page), "exec")
        except SyntaxError as error:
            block.refuse(error.msg, (error.lineno or 1) - 1)
    return block


def commands(page):
    """Return the commands of a page that run, those of several lines in one."""
    lines = [block.text for block in read(page) if block.language == "sh" and not block.needs]
    return [c for text in lines for c in text.replace("\\\n", " ").splitlines() if c.strip()]


def write_files(page, folder):
    """Write the files of the reader's."""
    for block in read(page):
        write_file(block, folder)


def write_file(block, folder):
    """Write a block that is a file."""
    if block.file:
        path = folder / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")


def run(page, folder, environment, stand_ins=()):
    """Run the blocks of a page in order, in a folder that is the current one.

    Args:
        page: the page.
        folder: where its files are written and its commands run.
        environment: variables of its commands.
        stand_ins: pairs of a text and what takes its place.

    Raises:
        PageError: for the first block that fails.
    """
    namespace = {"__name__": "__main__"}
    for block in read(page):
        for old, new in stand_ins:
            block = block._replace(text=block.text.replace(old, new))
        if block.file:
            write_file(block, folder)
        elif block.language == "python" and not block.needs:
            run_python(block, namespace)
        elif block.language == "sh" and not block.needs:
            run_shell(block, folder, environment)


def run_python(block, namespace):
    """Run a block here, so that what it imports is loaded once for all pages."""
    source = "\n" * (block.line - 1) + block.text
    try:
        exec(compile(source, str(block.page), "exec"), namespace)
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == str(block.page)]
        block.refuse(f"{type(error).__name__}: {error}", lines[-1] - block.line)


def run_shell(block, folder, environment):
    """Run a block in bash, up to the first command that fails."""
    trap = "trap 'echo \"<$LINENO>\" >&2' ERR; "
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", trap + block.text],
        cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=LONGEST,
    )  # fmt: skip
    if done.returncode:
        said = (done.stdout + done.stderr)[-2000:]
        failed = re.findall(r"^<(\d+)>$", done.stderr, re.MULTILINE)
        block.refuse(f"exit code {done.returncode}\n{said}", int(failed[0]) - 1 if failed else 0)


def forget_modules(folder):
    """Let the next page import files of the same names anew."""
    for name, module in list(sys.modules.items()):
        # Not by getattr, at which a module that is to be imported later would be imported.
        if str(vars(module).get("__file__")).startswith(str(folder)):
            del sys.modules[name]
