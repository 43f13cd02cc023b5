"""EMOVO: six actors, fourteen sentences, seven acted emotions, Italian.

Costantini G, Iaderola I, Paoloni A, Todisco M (2014), LREC, 3501-3504. From Fondazione Ugo Bordoni,
for research; its page names no licence that others know. The label is the intended emotion.

Names are emotion, actor and sentence, as in f1/dis-f1-b1.wav. Everyone says every sentence in every
emotion; b is a short sentence, l a long one, n one without sense, d a question. Mono, 48 kHz.
"""

import re

from ser_plugins import Corpus, Protocol, Utterance, find_audio, hookimpl, next_validates

EMOTIONS = {"dis": "disgusted", "gio": "happy", "neu": "neutral", "pau": "fearful"}
EMOTIONS |= {"rab": "angry", "sor": "surprised", "tri": "sad"}
SEXES = {"f1": "female", "m1": "male", "f2": "female", "m2": "male", "f3": "female", "m3": "male"}
CLIP = re.compile(rf"({'|'.join(EMOTIONS)})-([fm][123])-(b[1-3]|l[1-4]|n[1-5]|d[12])")


def read(root):
    """Yield the recordings, wherever they lie under `root`."""
    for path in find_audio(root, key=lambda p: p.stem):
        if fields := CLIP.fullmatch(path.stem):
            emotion, actor, text = fields.groups()
            yield Utterance(path.stem, path, EMOTIONS[emotion], actor, sex=SEXES[actor], text=text)


LABELS = tuple(EMOTIONS.values())
LOSO = Protocol(
    "emovo-loso6", next_validates([[actor] for actor in SEXES]), LABELS,
    shares=("text:test", "text:valid"), sizes=((392, 98, 98),) * 6,
    note="leave one actor out; the next one, of the other sex, validates",
)  # fmt: skip
URL = "http://voice.fub.it/activities/corpora/emovo/index.html"
FACTS = {"languages": ("it",), "example": ("f1/dis-f1-b1.wav", "m3/tri-m3-d2.wav")}
EMOVO = Corpus(read, LABELS, 6, 588, URL, "research only", (LOSO,), SEXES, **FACTS)


@hookimpl
def ser_datasets():
    """Register EMOVO."""
    return {"emovo": EMOVO}
