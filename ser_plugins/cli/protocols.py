"""List the evaluation protocols, show one, and check it against the files of a corpus.

ser-protocols
ser-protocols show ravdess-luna5
ser-protocols show ravdess-luna5 --data_folder /data/RAVDESS
ser-protocols show by_speaker --dataset folders --data_folder /data/mine

Of a source checkout: python tools/protocols.py …
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ser_plugins.core import labels, membership, protocols, registry, splits
from ser_plugins.core.build import get_dataset
from ser_plugins.core.command import Parser, run_command
from ser_plugins.core.errors import OptionError, ProtocolError
from ser_plugins.core.findings import FAULT, Finding
from ser_plugins.core.keys import CORPUS_DEFAULTS
from ser_plugins.core.prepare import Folder, choose_protocol, divide
from ser_plugins.core.survey import survey
from ser_plugins.core.types import Corpus, Protocol

from ._folds import say_head, say_rows, show

log = logging.getLogger("ser_plugins.protocols")

KEYS = ("dataset", "dataset_options", "data_folder", "allow_partial", "labels", "merge", "plugins")


def main(arguments: Sequence[str]) -> int:
    """List or show; return 1 if the files are not what the protocol says."""
    parser = Parser(__doc__, KEYS)
    parser.add_argument("command", nargs="?", choices=("list", "show"), default="list")
    parser.add_argument("name", nargs="?", help="a protocol, or a corpus for its main one")
    found, given = parser.read(arguments)
    hparams = {**CORPUS_DEFAULTS, **given}
    registry.use_plugins(*hparams["plugins"])
    if found.command == "list" and given.keys() - {"plugins"}:
        raise OptionError("to list takes no keys; `show NAME` shows one protocol")
    if found.command == "list":
        say_list()
        return 0
    if not found.name:
        raise OptionError("show needs the name of a protocol or corpus; without it they are listed")
    name, corpus, protocol = find(found.name, hparams)
    if hparams["data_folder"] is None:
        show(name, corpus, named(name, corpus, {**hparams, "protocol": protocol}))
        return 0
    return show_files(name, corpus, {**hparams, "protocol": protocol})


def run() -> None:
    """Run as a command."""
    run_command(main)


def all_protocols() -> Iterator[tuple[str, Protocol]]:
    """Yield every protocol that a registered corpus has, with the corpus's name."""
    for name in registry.default().names("datasets"):
        for protocol in get_dataset(name).protocols:
            yield name, protocol


def say_list() -> None:
    """Log a line a protocol."""
    line = "%-10s %-24s %5s %6s  %-12s  %s"
    log.info(line, "corpus", "protocol", "folds", "labels", "definition", "has on two sides")
    for name, protocol in all_protocols():
        digest, shares = protocols.definition_hash(protocol), membership.two_sides(protocol)
        log.info(
            line, name, protocol.name, len(protocol.folds), len(protocol.labels), digest, shares
        )
    log.info(
        "\nThe first protocol of a corpus is its main one; one called %s… leaks on purpose. "
        "Corpora with none\nare split by what their recordings say: %s.",
        protocols.LEAKY,
        ", ".join(splits.NAMES),
    )


def find(name: str, hparams: Mapping[str, Any]) -> tuple[str, Corpus, str | None]:
    """Return the corpus that a name means, and the protocol; None for the main one."""
    if "dataset" in hparams:
        return (
            hparams["dataset"],
            get_dataset(hparams["dataset"], **hparams["dataset_options"]),
            name,
        )
    for dataset, protocol in all_protocols():
        if protocol.name == name:
            return dataset, get_dataset(dataset, **hparams["dataset_options"]), name
    if name in registry.default().names("datasets"):
        return name, get_dataset(name, **hparams["dataset_options"]), None
    names = ", ".join(protocol.name for _, protocol in all_protocols())
    raise ProtocolError(
        f"no protocol or corpus is called {name!r}; there are: {names}. One that is made from the "
        "recordings needs --dataset and --data_folder"
    )


def named(dataset: str, corpus: Corpus, hparams: Mapping[str, Any]) -> Protocol:
    """Return a protocol that needs no recordings to be made."""
    names = [protocol.name for protocol in corpus.protocols]
    if hparams["protocol"] in (None, *names) and names:
        return choose_protocol(hparams, Folder(dataset, corpus, Path(), [], []))
    has = f"{dataset} has {', '.join(names) or 'no protocol of its own'}"
    raise ProtocolError(f"{has}; folds that are made from the recordings need --data_folder")


def show_files(dataset: str, corpus: Corpus, hparams: Mapping[str, Any]) -> int:
    """Log the folds as the files fill them; return 1 if anything must not be."""
    root = Path(hparams["data_folder"]).expanduser()
    rows, findings = survey(dataset, corpus, root, hparams["allow_partial"])
    folder = Folder(dataset, corpus, root, rows, findings)
    protocol = choose_protocol(hparams, folder)
    say_head(dataset, protocol)
    changes: list[labels.Change] = []
    for number in range(1, len(protocol.folds) + 1):
        try:
            parts, changes, found = divide({**hparams, "fold": number}, folder, protocol)
        except ProtocolError as error:
            findings.append(Finding("split", FAULT, str(error)))
            continue
        findings += found
        for part in ("train", "valid", "test"):
            say_rows(number, part, parts[part], protocol.labels)
        log.info("%19s  rows %s", "", protocols.rows_hash(parts))
    for line in labels.account(changes):
        log.info("  %s", line)
    return verdict(findings, len(rows), protocol)


def verdict(findings: Sequence[Finding], clips: int, protocol: Protocol) -> int:
    """Log what must not be, or that all is as the protocol says; return the exit code."""
    bad = list(dict.fromkeys(finding.text for finding in findings if finding.must_not_be))
    for text in bad:
        log.warning("%s", text)
    if not bad:
        known = " and its published sizes" if protocol.sizes else ""
        log.info("%d recordings fit the protocol%s; nothing undeclared is shared", clips, known)
    return 1 if bad else 0
