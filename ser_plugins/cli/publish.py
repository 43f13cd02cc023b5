"""Publish a finished run on the Hugging Face Hub.

ser-publish results/cnn_bigru/ravdess/ravdess-luna5/fold1/seed1 me/ravdess-cnn --dry_run
ser-publish results/cnn_bigru/ravdess/ravdess-luna5/fold1/seed1 me/ravdess-cnn --private

Looks first whether the run is complete, what its audit says, and whether the model's licence
agrees with that of the corpus. Then it shows what is uploaded: the bundle, a card that is written
from the run, its pictures and scores, and a file for SpeechBrain's users; no path, log, recording
or name of a speaker. All goes up in one commit, as whoever `hf auth login` has logged in; what is
there already is not sent. Without --update, a model that is there is not changed.
Of a source checkout: python tools/publish.py …
"""

import logging
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ser_plugins.core.command import Parser, run_command
from ser_plugins.core.errors import OptionError
from ser_plugins.core.hub.names import is_name
from ser_plugins.core.run import RunFolder
from ser_plugins.core.writing import as_json

if TYPE_CHECKING:
    from ser_plugins.core.hub.publication import Publication
    from ser_plugins.core.hub.upload import Published, Target

log = logging.getLogger("ser_plugins.publish")

CARD, SCORES = "README.md", "scores.json"


def main(arguments: Sequence[str]) -> int:
    """Publish what the command line names."""
    found, _ = make_parser().read(arguments)
    if not is_name(found.id):
        raise OptionError(f"{found.id} cannot be a name on the Hub; give owner/name")
    from ser_plugins.core.hub.upload import Target, check_login, upload

    if not found.dry_run:
        check_login()
    from ser_plugins.core.hub import publication as publications  # imports torch

    publication = publications.gather(RunFolder(found.run), found.id, found.licence)
    check_terms(publication, found.despite_licence)
    say_audit(publication)
    with tempfile.TemporaryDirectory() as folder:
        files = stage(publication, RunFolder(found.run), Path(folder))
        show(files, publication, with_card=found.dry_run)
        if found.dry_run:
            log.info("nothing was uploaded: this was a dry run")
            return 0
        target = Target(found.id, found.revision, found.private, found.update, found.message)
        say_done(upload(files, target), target)
    return 0


def make_parser() -> Parser:
    """Return what reads the command line."""
    parser = Parser(__doc__)
    parser.add_argument("run", type=Path, help="the folder of a finished run")
    parser.add_argument("id", help="owner/name on the Hub; the owner is you, or your organisation")
    parser.add_argument(
        "--licence",
        help="of the model: one of the Hub's identifiers, such as cc-by-4.0, or the https:// "
        "address of another; without it that of the corpus",
    )
    parser.add_argument(
        "--despite_licence", action="store_true",
        help="publish although the terms of the corpus speak against the licence; the card says so",
    )  # fmt: skip
    parser.add_argument("--private", action="store_true", help="make a repository for you alone")
    parser.add_argument("--update", action="store_true", help="a new version of a model there")
    parser.add_argument("--revision", default="main", help="a branch; %(default)s by default")
    parser.add_argument("--message", default="Publish the model", help="of the commit")
    parser.add_argument("--dry_run", action="store_true", help="show what would go up, and stop")
    return parser


def run() -> None:
    """Run as a command."""
    run_command(main, interrupted="interrupted; what was published before is as it was")


def check_terms(publication: "Publication", is_told: bool) -> None:
    """Refuse a licence that the terms of the corpus speak against, unless told."""
    if not publication.conflicts:
        return
    reasons = "; ".join(publication.conflicts)
    if not is_told:
        raise OptionError(
            f"the model's licence {publication.licence} does not agree with its corpus: {reasons}. "
            "Choose another with --licence; or, if you have the owners' leave, give "
            "--despite_licence, which the card will say"
        )
    log.warning("published as %s, although %s", publication.licence, reasons)


def say_audit(publication: "Publication") -> None:
    """Log what the audit found, where that is not that all is well; the card says it, too."""
    if publication.verdict == "none":
        log.warning("this run has no audit; ser-audit makes one. The card says so")
    elif publication.verdict != "passed":
        log.warning("the audit of this run: %s. The card says so at its top", publication.verdict)
    for source in publication.strangers:
        log.warning("whoever loads it needs %s; the card says so", source)


def stage(publication: "Publication", run: RunFolder, folder: Path) -> dict[str, Path]:
    """Write what is made for publishing into a folder; return all files by their public names.

    Raises:
        InputError: if one of them would name a path of this machine.
    """
    from ser_plugins.core import bundle
    from ser_plugins.core.hub import card, speechbrain_page
    from ser_plugins.core.hub.publication import check_public

    try:
        page = card.write(publication)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise OptionError(f"{run.scores} is damaged: {error!r}; train again") from None
    texts = {
        CARD: page,
        bundle.CONFIG: as_json(publication.config),
        SCORES: as_json(publication.scores),
        speechbrain_page.FILE: speechbrain_page.YAML,
    }
    for name, text in texts.items():
        check_public(name, text)
        (folder / name).write_text(text, encoding="utf-8", newline="")
    made = {name: folder / name for name in texts}
    return {**made, bundle.WEIGHTS: run.bundle / bundle.WEIGHTS, **publication.pictures}


def show(files: Mapping[str, Path], publication: "Publication", with_card: bool) -> None:
    """Log what goes up: names, sizes and, if asked for, the card."""
    log.info("for %s, licensed as %s:", publication.id, publication.licence)
    for name, path in files.items():
        log.info("%20s  %s", f"{path.stat().st_size:,} bytes", name)
    if with_card:
        log.info("\n%s:\n\n%s", CARD, files[CARD].read_text(encoding="utf-8"))


def say_done(done: "Published", target: "Target") -> None:
    """Log where the model is, and how it is loaded."""
    what = ", ".join(done.changed)
    log.info("uploaded: %s", what) if what else log.info("nothing has changed: nothing uploaded")
    log.info("\n%s\n", done.url)
    log.info("from ser_plugins import EmotionClassifier")
    log.info(
        'classifier = EmotionClassifier.from_pretrained("%s", revision="%s")',
        target.id,
        done.commit,
    )
    log.info('print(classifier.predict("clip.wav").label)')
