"""Shared by the tests of plugins: checkpoints to be opened, made once."""

import pytest
import tiny_ssl


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory):
    """Folders of tiny checkpoints by name, such as wavlm-group; to be read, not changed."""
    root = tmp_path_factory.mktemp("checkpoints")
    return {name: str(tiny_ssl.write(root / name, name)) for name in tiny_ssl.NAMES}
