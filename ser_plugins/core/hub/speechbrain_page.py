"""The file by which SpeechBrain's own loader opens a bundle, and what its users should know."""

FILE = "hyperparams.yaml"
# It names our classes, and holds no value: what is loaded is config.json and model.safetensors.
# ser_plugins itself never reads it, here or anywhere.
YAML = """\
# For speechbrain.inference.classifiers.EncoderClassifier; needs ser_plugins. It only names classes
# of that package, which read config.json and model.safetensors, and run nothing of this folder.
system: !new:ser_plugins.speechbrain_interface.LoadedSystem
modules: !ref <system.modules>
label_encoder: !ref <system.label_encoder>
audio_normalizer: !ref <system.audio_normalizer>
pretrainer: !new:ser_plugins.speechbrain_interface.BundleFetcher
  system: !ref <system>
"""


def explain(id: str) -> str:
    """Return a section of the card."""
    return f"""### In SpeechBrain

```python
from speechbrain.inference.classifiers import EncoderClassifier

classifier = EncoderClassifier.from_hparams("{id}")
log_probabilities, score, index, label = classifier.classify_batch(wavs, lengths)
```

The answers are the same. SpeechBrain runs the `{FILE}` of whatever it loads: do that with those
only whom you trust, and with this one after a look at it. Leave out `savedir`, or give each model a
folder of its own: SpeechBrain takes what lies there, be it another model's. `classify_file` of a
file that is not there asks the Hub for it: look first. A private model needs
`fetch_config=FetchConfig(token=True)`."""
