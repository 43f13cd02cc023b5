"""Audit a finished run, or a corpus and its protocol before training.

ser-audit results/cnn_bigru/ravdess/ravdess-luna5/fold1/seed1
ser-audit --dataset ravdess --data_folder /data/RAVDESS --protocol ravdess-luna5 --fold 1

Looks for what is on two sides of a fold (speakers, groups, sentences, equal audio, altered
copies), for statistics or epochs that heard more than they may, for undeclared labels and for
faults of the corpus. Without --fold every fold is audited. Exit code 1: something must not be.
Of a source checkout: python tools/audit.py …
"""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ser_plugins.core import audit as audits
from ser_plugins.core import protocols
from ser_plugins.core.audit import Audit
from ser_plugins.core.command import Parser, run_command
from ser_plugins.core.errors import OptionError
from ser_plugins.core.keys import CORPUS_DEFAULTS
from ser_plugins.core.outcomes import read_scores
from ser_plugins.core.prepare import choose_protocol, open_source
from ser_plugins.core.registry import use_plugins
from ser_plugins.core.run import RunFolder
from ser_plugins.core.writing import check_file, check_writable

log = logging.getLogger("ser_plugins.audit")

KEYS = ("dataset", *CORPUS_DEFAULTS)
RUN_KEYS = ("data_folder", "plugins", "cache_folder")


def main(arguments: Sequence[str]) -> int:
    """Audit what the command line names; return 1 if something must not be."""
    parser = Parser(__doc__, KEYS)
    parser.add_argument("run", type=Path, nargs="?", help="a run folder; else name a --dataset")
    parser.add_argument("--output", type=Path, help="where to write the findings as JSON")
    found, given = parser.read(arguments)
    if (found.run is None) == ("dataset" not in given):
        raise OptionError("name a run folder, or a corpus with --dataset and --data_folder")
    if found.output:
        check_file(found.output, "--output")
    else:
        check_writable(found.run or Path("results"), "--output")
    audit = audit_run(found.run, given) if found.run else audit_corpus(given)
    say(audit)
    write(audit, found.output or default_output(found.run, audit))
    return 1 if audit.verdict == audits.FAILED else 0


def write(audit: Audit, place: Path) -> None:
    """Write the findings.

    Raises:
        OptionError: if that cannot be done.
    """
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        audit.write(place)
    except OSError as error:
        raise OptionError(f"{place} cannot be written: {error.strerror}; see --output") from error
    log.info("written to %s", place)


def run() -> None:
    """Run as a command."""
    run_command(main)


def default_output(run: Path | None, audit: Audit) -> Path:
    """Return `audit.json` of the run, or of a folder for the corpus and protocol."""
    if run:
        return RunFolder(run).audit
    return Path("results", "audits", audit.dataset, audit.protocol.name, "audit.json")


def audit_corpus(given: Mapping[str, Any]) -> Audit:
    """Audit a corpus and protocol: the fold that is given, or every one."""
    hparams = {**CORPUS_DEFAULTS, **given}
    use_plugins(*hparams["plugins"])
    source = open_source(hparams)
    protocol = choose_protocol(hparams, source.folder)
    folds = [given["fold"]] if "fold" in given else range(1, len(protocol.folds) + 1)
    findings = {
        fold: audits.examine_fold({**hparams, "fold": fold}, source, protocol) for fold in folds
    }
    return Audit(source.folder.dataset, protocol, findings)


def audit_run(path: Path, given: Mapping[str, Any]) -> Audit:
    """Audit a run folder against its corpus, which may have moved."""
    from ser_plugins.core.evaluation import read_hparams  # imports torch
    from ser_plugins.core.run_audit import audit_folder

    if strange := sorted(set(given) - set(RUN_KEYS)):
        raise OptionError(
            f"--{strange[0]} is the run's own; of a run only {', '.join(RUN_KEYS)} can be given"
        )
    folder = RunFolder(path)
    hparams = read_hparams(folder, given)
    use_plugins(*hparams["plugins"])
    return audit_folder(folder, hparams, read_scores(folder.scores))


def say(audit: Audit) -> None:
    """Log the table and the verdict."""
    folds = ", ".join(map(str, audit.findings))
    digest = protocols.definition_hash(audit.protocol)
    leaky = protocols.mark(audit.protocol.name)
    what = "%s%s, protocol %s (%s), fold %s of %d"
    total = len(audit.protocol.folds)
    log.info(what, leaky, audit.dataset, audit.protocol.name, digest, folds, total)
    for line in audits.describe(audit):
        log.info("%s", line)
