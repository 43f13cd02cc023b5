"""Show a trained model as a web page on this machine: record or choose a file, see what it hears.

ser-demo results/cnn_bigru/ravdess/ravdess-luna5/fold1/seed1
ser-demo results/…/seed1 --examples /data/clips --port 0 --open
ser-demo model.onnx

The page is for this machine alone (127.0.0.1), unless --host names another address; nothing is
sent elsewhere. It ends with Ctrl-C. Needs Gradio: pip install '.[demo]'. Of a source
checkout: python tools/demo.py …
"""

import ipaddress
import logging
import random
import socket
import threading
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ser_plugins.core.answers.sound_paths import find_sounds
from ser_plugins.core.command import Parser, run_command
from ser_plugins.core.errors import OptionError
from ser_plugins.core.extras import need
from ser_plugins.core.registry import use_plugins

if TYPE_CHECKING:
    from ser_plugins.core.page.layout import Page

log = logging.getLogger("ser_plugins.demo")

HOST, PORT = "127.0.0.1", 7860
OFFERED = 8  # examples at most


def main(arguments: Sequence[str]) -> int:
    """Serve the page until it is interrupted."""
    found, given = make_parser().read(arguments)
    need("gradio", "demo", "the page")
    if not 0 < found.most_mb < float("inf"):
        raise OptionError(f"--most_mb must be above 0, not {found.most_mb!r}")
    port = free_port(found.host, found.port)
    examples = choose_examples(found.examples) if found.examples else []
    use_plugins(*given.get("plugins", ()))

    from ser_plugins.core.inference import EmotionClassifier
    from ser_plugins.core.page.card import check
    from ser_plugins.core.page.desk import Desk
    from ser_plugins.core.page.layout import Page
    from ser_plugins.core.past import past_of
    from ser_plugins.core.windows import choose_windows

    classifier = EmotionClassifier.from_pretrained(
        found.system, device=found.run_on, unsure_below=found.unsure_below
    )
    desk = Desk(classifier, found.longest, *choose_windows(found.window, found.hop))
    past = past_of(classifier.system.config, found.system)
    check(past, found.system)
    page = Page(desk, past, examples, found.most_mb)
    with served(page, found.host, port) as address:
        warn_of(found.host)
        log.info("the page is at %s (Ctrl-C ends it)", address)
        if found.open:
            webbrowser.open(address)
        threading.Event().wait()
    return 0


def run() -> None:
    """Run as a command."""
    run_command(main, "the page is closed")


def make_parser() -> Parser:
    """Return the parser of the command."""
    parser = Parser(__doc__, ("plugins",))
    parser.add_model()
    add = parser.add_argument
    add("--examples", type=Path, metavar="FOLDER", help="offer clips of this folder")
    add("--host", default=HOST, help="address to bind to; %(default)s by default: this machine")
    add("--port", type=int, default=PORT, help="%(default)s by default; 0 takes a free one")
    add("--open", action="store_true", help="open the page in a browser")
    add("--most_mb", type=float, default=50, help="largest file in MB; %(default)s by default")
    add("--longest", type=float, default=600, help="seconds, up to 600; %(default)s by default")
    add("--window", type=float, help="seconds that a timeline hears at a time; 3 by default")
    add("--hop", type=float, help="seconds from window to window; 1 by default")
    return parser


def free_port(host: str, port: int) -> int:
    """Return a port that can be bound; 0 becomes one that is free.

    Raises:
        OptionError: if it is taken, or the address is not one of this machine.
    """
    if not 0 <= port < 2**16:
        raise OptionError(f"--port must be 0 to 65535, not {port}")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
            return int(trial.getsockname()[1])
    except socket.gaierror as error:
        raise OptionError(f"--host {host} is no address: {error.strerror}") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise OptionError(
            f"{host}, port {port} cannot be bound: {reason}; --port 0 takes a free port"
        ) from error


def choose_examples(folder: Path) -> list[Path]:
    """Return a few clips from all over a folder, the same each time.

    Raises:
        OptionError: if it is none, or has none.
    """
    root = folder.expanduser().resolve()
    if not root.is_dir():
        raise OptionError(f"--examples {folder} is no folder")
    clips = find_sounds([str(root)]).paths
    if len(clips) <= OFFERED:
        return clips
    log.info("examples: %d of %d clips", OFFERED, len(clips))
    # At random: evenly spaced ones of a regular corpus are all of one sentence and emotion.
    return sorted(random.Random(0).sample(clips, OFFERED))


@contextmanager
def served(page: "Page", host: str, port: int) -> Iterator[str]:
    """Serve a page; give its address. What was recorded on it is deleted at the end."""
    with TemporaryDirectory(prefix="ser-demo-") as folder:
        try:
            blocks, address = page.open(host, port, Path(folder))
        except OSError as error:
            raise OptionError(f"the page cannot be served: {error}") from error
        try:
            yield address
        finally:
            blocks.close(verbose=False)


def is_local(host: str) -> bool:
    """Tell whether an address is for its own machine alone.

    >>> is_local("::1"), is_local("127.0.0.2"), is_local("localhost"), is_local("0.0.0.0")
    (True, True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # it is a name
        return host == "localhost"


def warn_of(host: str) -> None:
    """Say what it means to serve other machines."""
    if not is_local(host):
        log.warning(
            "--host %s: whoever reaches this machine can use the page, without a password or "
            "encryption; browsers give a microphone to pages of their own machine or https only",
            host,
        )
