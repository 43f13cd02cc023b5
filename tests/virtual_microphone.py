"""A microphone without hardware: PortAudio hears through ALSA what is played into PulseAudio.

Debian: libportaudio2 pulseaudio pulseaudio-utils libasound2-plugins. It needs no system service,
no session bus and no sound card, and runs as root.
"""

import os
import shutil
import subprocess
import time
from pathlib import Path

ALSA = """
</usr/share/alsa/alsa.conf>
pcm.!default { type pulse hint { show on description "PulseAudio" } }
ctl.!default { type pulse }
"""
FEED, SOURCE = "feed", "virtual"  # what is played into, and what is heard
RATE = 16000
ALONE = 60  # seconds without a client after which the server ends, should its test be killed


def missing() -> str:
    """Say what is not installed, or nothing."""
    try:
        import sounddevice  # noqa: F401
    except (ImportError, OSError) as error:
        return f"needs sounddevice and PortAudio: {error}"
    if lacking := [name for name in ("pulseaudio", "pactl", "paplay") if not shutil.which(name)]:
        return f"needs {', '.join(lacking)}: apt-get install pulseaudio pulseaudio-utils"
    if not list(Path("/usr/lib").glob("*/alsa-lib/libasound_module_pcm_pulse.so")):
        return "needs ALSA's way to PulseAudio: apt-get install libasound2-plugins"
    return ""


class VirtualMicrophone:
    """A PulseAudio server of its own whose only source is what `play` plays.

    Args:
        folder: where its files go; a short path, since it holds a socket.
    """

    def __init__(self, folder: Path):
        self.folder, socket = folder, folder / "native"
        (folder / "alsa.conf").write_text(ALSA)
        self.environment = {
            **os.environ,
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_RUNTIME_PATH": str(folder),
            "PULSE_SERVER": f"unix:{socket}",
            "ALSA_CONFIG_PATH": str(folder / "alsa.conf"),
        }
        modules = (
            f"module-native-protocol-unix auth-anonymous=1 socket={socket}",
            f"module-null-sink sink_name={FEED} rate={RATE} channels=1 format=s16le",
            f"module-remap-source master={FEED}.monitor source_name={SOURCE}",
        )
        self.command = [
            "pulseaudio", "-n", "--daemonize=no", "--fail=yes", f"--exit-idle-time={ALONE}",
            *(part for module in modules for part in ("-L", module)),
        ]  # fmt: skip

    def __enter__(self):
        with (self.folder / "log").open("wb") as log:
            self.server = subprocess.Popen(
                self.command, env=self.environment, stdout=log, stderr=log
            )
        while self._pactl("info", check=False):
            if self.server.poll() is not None:
                raise RuntimeError((self.folder / "log").read_text())
            time.sleep(0.05)
        self._pactl("set-default-source", SOURCE)
        self._pactl("set-default-sink", FEED)
        return self

    def __exit__(self, *_):
        self.unplug()

    def play(self, path: Path) -> None:
        """Speak a file into it; returns when it is over."""
        command = ["paplay", f"--device={FEED}", str(path)]
        subprocess.run(command, env=self.environment, check=True)

    def unplug(self) -> None:
        """End the server, as if the device were gone."""
        self.server.kill()
        self.server.wait()

    def _pactl(self, *arguments, check=True):
        command = ["pactl", *arguments]
        return subprocess.run(
            command, env=self.environment, capture_output=True, check=check
        ).returncode
