"""Options are checked where a plugin is built."""

import pytest

from ser_plugins import get_dataset, make_features, make_model
from ser_plugins.core.errors import OptionError


def test_a_misspelt_option_is_refused_with_the_nearest():
    with pytest.raises(OptionError, match="no option 'n_mfc'.*did you mean 'n_mfcc'"):
        make_features("mfcc", n_mfc=20)


def test_a_value_that_the_plugin_refuses_says_which_plugin():
    with pytest.raises(OptionError, match="'cnn_bigru'.*dropout"):
        make_model("cnn_bigru", 40, 8, dropout=7.0)


def test_a_corpus_without_options_takes_none():
    with pytest.raises(OptionError, match="takes no options"):
        get_dataset("ravdess", seed=1)
