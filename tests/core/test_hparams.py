"""The command line is strict, and a value arrives as it was typed."""

import pytest
from places import YAML

from ser_plugins.core.errors import OptionError
from ser_plugins.core.hparams import Experiment, parse_arguments, plain


def loaded(*overrides):
    return Experiment(YAML, overrides).load()


@pytest.mark.parametrize(
    "text", ["/a=b", "/a b/c", "/a: b", "007", "#1", "C:\\x", "/{x}", "ünï", "[x]", "1e3"]
)
def test_a_path_arrives_as_typed(text):
    _, overrides = parse_arguments(["x.yaml", f"--data_folder={text}"])
    assert loaded(*overrides)["data_folder"] == text


def test_numbers_lists_and_mappings_are_read_as_yaml():
    found = loaded(
        ("lr", "1e-4"), ("labels", "[a, b]"), ("merge", "{x: y}"), ("tensorboard", "True")
    )
    assert found["lr"] == 1e-4 and found["labels"] == ["a", "b"]
    assert found["merge"] == {"x": "y"} and found["tensorboard"] is True
    assert loaded(("labels", "a, b"))["labels"] == ["a", "b"]


def test_references_follow_an_override():
    found = loaded(("lr", "0.5"), ("number_of_epochs", "7"))
    assert found["opt_class"].keywords["lr"] == 0.5
    assert found["lr_schedule"].keywords


def test_dotted_keys_reach_what_lies_below():
    found = loaded(("model_options.hidden", "64"), ("augment_options.spec_mask.n_time", "5"))
    assert found["model_options"]["hidden"] == 64 and found["model_options"]["dropout"] is not None
    assert found["augment_options"]["spec_mask"]["n_time"] == 5


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("lrr", "1", "did you mean 'lr'"),
        ("opt_class.weight_decy", "1", "did you mean 'weight_decay'"),
        ("lr.x", "1", "has no keys below"),
        ("fold", "x", "a whole number from 1, not 'x'"),
        ("fold", "0", "a whole number from 1"),
        ("lr", "-1", "above 0"),
        ("lr", ".nan", "above 0"),
        ("tensorboard", "1", "True or False"),
        ("max_grad_norm", "much", "a number from 0"),
        ("opt_class.weight_decay", "much", "another type"),
        ("lr", "[1", "not a value in YAML"),
        ("merge", "{a: 1}", "label to label"),
        ("precision", "fp8", "auto, fp32, bf16 or fp16"),
    ],
)
def test_what_is_wrong_is_said(key, text, words):
    with pytest.raises(OptionError) as caught:
        loaded((key, text))
    assert key.split(".")[-1] in str(caught.value) and words in str(caught.value)


def test_tags_on_a_command_line_run_nothing(tmp_path):
    with pytest.raises(OptionError):
        loaded(("merge", f"!apply:os.mkdir ['{tmp_path / 'made'}']"))
    assert not (tmp_path / "made").exists()


def test_another_plugin_drops_the_options_of_the_first_and_says_so():
    experiment = Experiment(YAML, [("model_options.width", "3"), ("model", "other")])
    assert plain(experiment.tree["model_options"]) == {"width": 3}
    assert "of cnn_bigru dropped for other" in experiment.notes[0]
    assert not Experiment(YAML, [("model", "cnn_bigru")]).notes


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give one YAML file"),
        (["a.yaml", "b.yaml"], "give one YAML file"),
        (["a.yaml", "--tensorboard"], "--tensorboard needs a value"),
        (["a.yaml", "--tensorboard", "--lr", "1"], "--tensorboard needs a value"),
        (["a.yaml", "--seed", "1", "2"], "give one YAML file"),
    ],
)
def test_a_command_line_that_makes_no_sense_is_refused(arguments, words):
    with pytest.raises(OptionError, match=words):
        parse_arguments(arguments)


def test_files_that_are_not_experiments_are_refused(tmp_path):
    with pytest.raises(OptionError, match="No such file"):
        Experiment(tmp_path / "x.yaml")
    (tmp_path / "x.yaml").write_text("a: [1")
    with pytest.raises(OptionError, match="is not YAML"):
        Experiment(tmp_path / "x.yaml")
    (tmp_path / "x.yaml").write_text("seed: 1\n")
    with pytest.raises(OptionError, match="lacks plugins, dataset"):
        Experiment(tmp_path / "x.yaml").load()


def test_a_key_that_nothing_reads_is_refused_and_a_helper_is_not(tmp_path):
    text = (
        YAML.read_text()
        .replace("include: [", f"include: [{YAML.parent}/")
        .replace(", fragments", f", {YAML.parent}/fragments")
    )
    (tmp_path / "a.yaml").write_text(text + "weight_averag: 0.9\n")
    with pytest.raises(OptionError, match="did you mean 'weight_average'"):
        Experiment(tmp_path / "a.yaml")
    (tmp_path / "c.yaml").write_text(text + "5: 1\n")
    with pytest.raises(OptionError, match="a key must be a word, not 5"):
        Experiment(tmp_path / "c.yaml")
    (tmp_path / "b.yaml").write_text(text.replace("lr: 0.0015", "top: 0.0015\nlr: !ref <top>"))
    assert Experiment(tmp_path / "b.yaml").load()["lr"] == 0.0015
