"""The live view in a terminal: bars of the emotions, the level, and what is going on."""

from collections.abc import Sequence
from types import TracebackType

from rich.bar import Bar
from rich.box import ROUNDED
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ..prediction import Prediction
from ..recordings import TOO_QUIET
from ..words import percent
from .condition import ADVICE, CLIPPING, LISTENING, NO_SPEECH, SPEECH, Condition
from .decisions import parts

QUIETEST = -70.0  # dBFS at the left end of the level
WIDTH = 72  # characters at most
COLOURS = {
    LISTENING: "cyan",
    SPEECH: "bold green",
    NO_SPEECH: "yellow",
    TOO_QUIET: "bold yellow",
    CLIPPING: "bold red",
}
STYLES = {"stretch": "dim", "label": "bold", "score": "", "note": "yellow", "error": "red"}
LOUD, HOT = -12.0, -1.0  # dBFS of a level that is yellow, and of a peak that makes it red
REFRESH = 12  # times a second


class Meters:
    """What is heard, as it is heard; a context that holds a part of the terminal.

    Args:
        labels: the emotions, in the order of their bars.
        title: what is listened to.
        console: where to draw; the terminal by default.
    """

    def __init__(self, labels: Sequence[str], title: str, console: Console | None = None):
        self.labels, self.title = labels, title
        self.shown: Prediction | None = None
        self.ended = True
        self.overruns = self.decisions = 0
        self.condition: Condition | None = None
        self.console = console or Console()
        self.live = Live(
            console=self.console, get_renderable=self.picture, refresh_per_second=REFRESH,
            transient=True,
        )  # fmt: skip

    def __enter__(self) -> "Meters":
        self.live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the terminal back."""
        self.live.stop()

    def hear(self, condition: Condition, overruns: int) -> None:
        """Show the sound of now."""
        self.condition, self.overruns = condition, overruns

    def decide(self, prediction: Prediction, ended: bool) -> None:
        """Show a decision; one whose speech has ended stays above."""
        self.shown, self.ended = prediction, ended
        if ended:
            self.decisions += 1
            self.console.print(past(prediction))

    def picture(self) -> Panel:
        """Draw the whole."""
        decided: list[RenderableType] = []
        if self.labels:
            decided = [Text(), self._decision(), Text(), self._bars()]
        return Panel(
            Group(self._state(), Text(), self._level(), *decided),
            box=ROUNDED,
            title=Text(self.title, "bold not dim"),
            title_align="left",
            subtitle=self._footer(),
            subtitle_align="left",
            border_style="dim",
            padding=(1, 2),
            width=min(WIDTH, self.console.width),
        )

    def _state(self) -> Table:
        word, advice, seconds = "opening", "the microphone wakes up", ""
        if self.condition:
            word = self.condition.word
            advice, seconds = ADVICE[word], f"{self.condition.seconds:.1f} s"
        said = Text.assemble((f"● {word}", COLOURS.get(word, "dim")), (f"  {advice}", "dim"))
        row = Table.grid(expand=True)
        row.add_column(ratio=1)
        row.add_column(justify="right", no_wrap=True)
        row.add_row(said, Text(seconds, "dim"))
        return row

    def _level(self) -> Table:
        level, number, colour = QUIETEST, "", "green"
        if self.condition:
            level, peak = max(self.condition.level, -99.0), self.condition.peak
            number = f"{level:.0f} dBFS"
            colour = "red" if peak > HOT else "yellow" if level > LOUD else "green"
        grid = make_grid()
        grid.add_row("level", Bar(1, 0, max(0.0, 1 - level / QUIETEST), color=colour), number)
        return grid

    def _decision(self) -> Text:
        if not self.shown:
            return Text("no decision yet", "dim")
        if self.shown.error:
            return Text(self.shown.error, "red")
        about = f"  {self.shown.seconds:.1f} s" + ("" if self.ended else ", going on")
        note = f"  {self.shown.note}" if self.shown.note else ""
        return Text.assemble((self.shown.label, "bold"), (about, "dim"), (note, "bold yellow"))

    def _bars(self) -> Table:
        grid = make_grid()
        for label in self.labels:
            if not self.shown or not self.shown.scores:
                grid.add_row(Text(label, "dim"), Text(), "")
                continue
            score, chosen = self.shown.scores[label], label == self.shown.label
            colour = "cyan" if chosen else "grey50"
            name = Text(label, f"bold {colour}" if chosen else "")
            grid.add_row(name, Bar(1, 0, score, color=colour), percent(score))
        return grid

    def _footer(self) -> Text:
        parts = [(f"decisions: {self.decisions} · ", "dim")] if self.labels else []
        lost = "bold not dim red" if self.overruns else "dim"
        return Text.assemble(
            *parts, (f"overruns: {self.overruns}", lost), (" · Ctrl-C ends", "dim")
        )


def make_grid() -> Table:
    """Return a table of name, bar and number."""
    grid = Table.grid(padding=(0, 2), expand=True)
    grid.add_column(min_width=9, no_wrap=True)
    grid.add_column(ratio=1)
    grid.add_column(justify="right", min_width=8, no_wrap=True)
    return grid


def past(prediction: Prediction) -> Text:
    """Return a decision that is over, in one line."""
    return Text.assemble(*((text, STYLES[part]) for part, text in parts(prediction).items()))
