"""Where things are, and what is quick to train."""

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


def on_tones(data, run):
    """Return the flags that train on the tones of `toy`, into a run folder."""
    return [
        f"--plugins={ROOT / 'tests' / 'toy.py'}",
        "--dataset=toy",
        f"--data_folder={data}",
        f"--output_folder={run}",
    ]
