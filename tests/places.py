"""Where things are, and a model that is quick to train."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
YAML = ROOT / "hparams" / "cnn_bigru.yaml"
YAMLS = sorted((ROOT / "hparams").glob("*.yaml"))
RAVDESS = ROOT.parent / "shared" / "data" / "ravdess"
SMALL = (
    "--model_options.channels=[4,8,8]",
    "--model_options.hidden=8",
    "--number_of_epochs=2",
    "--device=cpu",
)
