"""Download a corpus that may be downloaded, or say how to ask for one that may not.

ser-download --list
ser-download ravdess /data/RAVDESS

The licence is shown first. What has come is kept: the same command goes on where it broke off.
Of a source checkout: python tools/download.py …
"""

import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from ser_plugins.core import registry
from ser_plugins.core.build import get_dataset
from ser_plugins.core.command import Parser, run_command
from ser_plugins.core.errors import OptionError
from ser_plugins.core.survey import survey
from ser_plugins.core.types import Corpus
from ser_plugins.core.writing import check_writable

log = logging.getLogger("ser_plugins.download")


def main(arguments: Sequence[str]) -> int:
    """Download what the command line names; return 1 if it is not complete then."""
    parser = Parser(__doc__, ("plugins",))
    parser.add_argument("corpus", nargs="?", help="name of the corpus")
    parser.add_argument("folder", nargs="?", type=Path, help="where to put it; not beside others")
    parser.add_argument("--list", action="store_true", help="list the corpora and their terms")
    parser.add_argument("--yes", action="store_true", help="accept the licence without being asked")
    found, given = parser.read(arguments)
    registry.use_plugins(*given.get("plugins", ()))
    if found.list:
        say_corpora()
        return 0
    if not (found.corpus and found.folder):
        raise OptionError("name a corpus and a folder; --list shows the corpora")
    return download(found.corpus, get_dataset(found.corpus), found.folder.expanduser(), found.yes)


def run() -> None:
    """Run as a command."""
    run_command(main, "interrupted; the same command goes on from here")


def say_corpora() -> None:
    """Log each published corpus, whether it can be downloaded, and its terms."""
    for name in registry.default().names("datasets"):
        corpus = get_dataset(name)
        if corpus.url or corpus.embedded:
            how = "download" if corpus.obtain else "ask for"
            log.info("%-10s %-9s %-52s %s", name, how, corpus.licence, corpus.url)

    log.info("No address was tried by the toolkit's tests, which never touch the network.")


def download(name: str, corpus: Corpus, folder: Path, accepted: bool) -> int:
    """Show the terms, download and count; return the exit code."""
    log.info("%s: %s\n%s", name, corpus.licence, corpus.url)
    if not corpus.obtain:
        how = corpus.request or "It is your own."
        raise OptionError(f"{name!r} is not downloaded by this command. {how} {corpus.url}".strip())
    check_writable(folder, "the second argument")
    if not (accepted or agreed()):
        log.info("nothing was downloaded")
        return 1
    corpus.obtain(folder)
    rows, findings = survey(name, corpus, folder)
    for finding in findings:
        log.warning("%s", finding.text)
    log.info("%d recordings of %s in %s", len(rows), name, folder)
    return 1 if any(finding.must_not_be for finding in findings) else 0


def agreed() -> bool:
    """Ask whether the licence is accepted; without a terminal nobody can say so."""
    if not sys.stdin.isatty():
        raise OptionError("accept the licence above with --yes")
    return input("Do you accept these terms? [y/N] ").strip().lower() in ("y", "yes")
