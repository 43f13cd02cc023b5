"""Downloads a bundle from the Hugging Face Hub into the Hub's own cache."""

from pathlib import Path

from ..bundle import CONFIG, WEIGHTS
from ..config import LARGEST_CONFIG
from .errors import HubError, in_words
from .names import COMMIT

TOO_MANY = 429  # HTTP


def fetch(id: str, revision: str | None = None) -> Path:
    """Return the folder of a model of the Hub, both its files of one commit.

    Only these two are asked for, with the user's own login where there is one. Without a network
    what was downloaded before is taken.

    Args:
        id: `owner/name`.
        revision: a branch, tag or commit; None for the newest. A commit that is in the cache is
            not asked for.

    Raises:
        HubError: in words.
    """
    from huggingface_hub import hf_hub_download

    with in_words(id, f"{id} is no folder here, nor a model on the Hub that can be had"):
        away = _is_cached(id, revision) or not _answers(id, revision)
        config = Path(hf_hub_download(id, CONFIG, revision=revision, local_files_only=away))
        commit = config.parent.name
        hf_hub_download(id, WEIGHTS, revision=commit, local_files_only=away)
    return config.parent


def _is_cached(id: str, revision: str | None) -> bool:
    from huggingface_hub import try_to_load_from_cache

    if not revision or not COMMIT.fullmatch(revision):
        return False
    found = [try_to_load_from_cache(id, name, revision=revision) for name in (CONFIG, WEIGHTS)]
    return all(isinstance(path, str) for path in found)


def _answers(id: str, revision: str | None) -> bool:
    """Tell whether the Hub can be reached; refuse a config that is too large to be one."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.errors import HfHubHTTPError, HTTPError

    try:
        found = get_hf_file_metadata(hf_hub_url(id, CONFIG, revision=revision))
    except HfHubHTTPError as error:
        if error.response.status_code < 500 and error.response.status_code != TOO_MANY:
            raise
        return False
    except (OSError, HTTPError):
        return False
    if found.size is None:
        raise HubError(f"{id}: the Hub does not say how large its {CONFIG} is; try again later")
    if found.size > LARGEST_CONFIG:
        raise HubError(f"{id}: its {CONFIG} is larger than a config can be: it is no bundle")
    return True
