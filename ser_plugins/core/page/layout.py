"""The web page: a recording is brought, and what the model makes of it is shown."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from ..panels import BLUE
from ..past import Past
from ..words import duration
from .answer import EMPTY
from .card import card, warning
from .desk import Desk
from .style import CSS, FONTS, MONO

KEPT = 900  # seconds that a recording is kept after it was brought
SWEPT = 60  # seconds from one look for old ones to the next
WAITING = 16  # visitors that may wait for their answer; one is heard at a time


@dataclass(frozen=True)
class Page:
    """What the page is made of.

    Args:
        desk: that answers.
        past: what is known of the model's training and test.
        examples: clips that a visitor can try.
        most_mb: the largest file that is taken, in MB.
    """

    desk: Desk
    past: Past
    examples: Sequence[Path] = ()
    most_mb: float = 50

    def build(self) -> Any:
        """Return the page as Gradio's Blocks."""
        import gradio as gr

        # Recordings are private: those that were brought are swept away.
        with gr.Blocks(
            title=TITLE, analytics_enabled=False, delete_cache=(SWEPT, KEPT), fill_width=True
        ) as page:
            self._head(gr)
            with gr.Row(equal_height=False):
                with gr.Column(min_width=320):
                    sound, button = self._controls(gr)
                with gr.Column(min_width=320):
                    answer = gr.HTML(EMPTY, html_template=SPOKEN, elem_id="answer")
            if self.examples:
                self._offer(gr, sound)
            drawn = gr.HTML("", elem_classes="ser", elem_id="pictures")
            self._foot(gr)
            told = {
                "inputs": sound,
                "outputs": [answer, drawn],
                "concurrency_limit": 1,
                "concurrency_id": "model",
                "api_visibility": "private",
                "show_progress": "minimal",
                "show_progress_on": answer,
            }
            sound.change(self.desk.look, trigger_mode="always_last", **told)
            button.click(self.desk.look, **told)
        return page

    def _head(self, gr: Any) -> None:
        labels = escape(", ".join(self.desk.classifier.labels))
        gr.HTML(
            f"<div class='ser-head'><h1>{TITLE}</h1><p>Which emotion does a voice sound like: "
            f"{labels}?</p>{warning(self.past)}</div>"
        )

    def _controls(self, gr: Any) -> tuple[Any, Any]:
        sound = gr.Audio(
            sources=["upload", "microphone"],  # the first is opened at once, and a microphone asks
            type="filepath",
            label="Recording",
            elem_id="recording",
            buttons=[],  # one of them would share the recording with a stranger's server
            waveform_options=gr.WaveformOptions(
                waveform_color="#8a949e", waveform_progress_color=BLUE
            ),
        )
        button = gr.Button("Analyse", variant="primary")
        gr.HTML(
            f"<p class='ser-small'>A sentence of a few seconds is best. Files up to "
            f"{self.most_mb:g} MB and {duration(self.desk.longest)}: WAV, FLAC, OGG, MP3, AIFF.</p>"
        )
        return sound, button

    def _offer(self, gr: Any, sound: Any) -> None:
        stems = Counter(path.stem for path in self.examples)
        names = [
            [path.stem if stems[path.stem] == 1 else f"{path.parent.name}/{path.stem}"]
            for path in self.examples
        ]
        choice = gr.Dataset(
            label="Examples",
            elem_id="examples",
            components=["textbox"],
            samples=names,
            type="index",
            samples_per_page=len(names),
        )
        choice.click(self.example, choice, sound, api_visibility="private")

    def example(self, number: int) -> str:
        """Return the path of an example."""
        return str(self.examples[number])

    def _foot(self, gr: Any) -> None:
        with gr.Accordion("About this model", open=bool(warning(self.past))):
            gr.HTML(card(self.desk.classifier.system.config, self.past), elem_classes="ser")
        gr.HTML(
            "<p class='ser-foot'>What you record or choose goes to the machine that runs this "
            f"page, and nowhere else. It is deleted there after {duration(KEPT)}, or when the page "
            "is closed down.</p>"
        )

    def open(self, host: str, port: int, folder: Path) -> tuple[Any, str]:
        """Serve the page; return it, for `close`, and its address.

        Args:
            host: the address to bind to.
            port: a free one.
            folder: where recordings lie while they are kept.
        """
        os.environ.update(OFFLINE, GRADIO_TEMP_DIR=str(folder))
        for name in ("no_proxy", "NO_PROXY"):  # it looks whether it is up, which is no proxy's job
            known = os.environ.get(name, "")
            os.environ[name] = ",".join(filter(None, (known, "localhost", host)))
        import gradio as gr

        page = self.build().queue(max_size=WAITING, default_concurrency_limit=1)
        theme = gr.themes.Default(primary_hue="blue", font=FONTS, font_mono=MONO)
        theme.set(
            button_primary_background_fill=BLUE,
            button_primary_background_fill_dark=BLUE,
            body_text_color_subdued="*neutral_600",
            body_text_color_subdued_dark="*neutral_300",
        )
        _, address, _ = page.launch(
            server_name=f"[{host}]" if ":" in host else host,  # as an address has it
            server_port=port,
            max_file_size=round(self.most_mb * 2**20),
            allowed_paths=[str(path) for path in self.examples],
            theme=theme,
            css=CSS,
            **ALONE,
        )
        return page, address


TITLE = "Emotion in speech"
SPOKEN = "<div class='ser' role='status'>${value}</div>"  # screen readers say what changes
OFFLINE = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}
ALONE = {
    "share": False,
    "quiet": True,
    "prevent_thread_lock": True,
    "footer_links": [],
    "run_history": False,
    "ssr_mode": False,
    "mcp_server": False,
    "pwa": False,
    "enable_monitoring": False,
}
