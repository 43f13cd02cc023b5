"""Sound files as corpora really have them: one second of tone, in unusual dress."""

import io
import struct

import numpy as np
import soundfile

HERTZ = 440


def tone(rate, loud=0.3):
    return loud * np.sin(2 * np.pi * HERTZ * np.arange(rate) / rate)


def write(path, inside):
    """Write a file; return what it should give at 16 kHz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    expected = tone(16000)
    if inside == "lfs":
        path.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    elif inside == "silence":
        expected = 0 * expected
        soundfile.write(path, expected, 16000, format="WAV")
    elif inside == "clipped":
        expected = np.clip(tone(16000, 2), -0.5, 0.5)
        soundfile.write(path, expected, 16000, format="WAV")
    elif inside == "aiff":
        soundfile.write(path, tone(24414), 24414, format="AIFF")
    elif inside == "stereo":
        both = np.stack([1.5 * tone(48000), 0.5 * tone(48000)], axis=1)
        soundfile.write(path, both, 48000, format="WAV")
    elif inside == "PAD chunk":
        path.write_bytes(padded(expected))
    else:
        rate = int(inside.split()[0]) if inside.endswith("Hz") else 16000
        soundfile.write(path, tone(rate), rate, format="WAV")
    return expected


def padded(wav):
    """Return a WAV with a chunk of padding before its data, as in four files of EMO-DB."""
    stream = io.BytesIO()
    soundfile.write(stream, wav, 16000, format="WAV")
    content = stream.getvalue()
    at = content.index(b"data")
    content = content[:at] + b"PAD " + struct.pack("<I", 100) + bytes(100) + content[at:]
    return b"RIFF" + struct.pack("<I", len(content) - 8) + content[8:]
