"""Says in words what the Hub, the network or the disk refuses, and what to do about it."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import InputError

LOGIN = "log in with `hf auth login`"
TOKEN = re.compile(r"hf_\w+")


class HubError(InputError):
    """What the Hub, or the way to it, refuses."""


@contextmanager
def in_words(id: str, what: str) -> Iterator[None]:
    """Turn the errors of `huggingface_hub` into a `HubError`.

    Args:
        id: `owner/name`.
        what: what has not been done, to begin the message with.
    """
    from huggingface_hub.errors import HTTPError

    try:
        yield
    except InputError:
        raise
    # The network's errors have had three bases in three major versions of the library; what
    # transfers large files raises RuntimeError.
    except (OSError, HTTPError, ValueError, RuntimeError) as error:
        raise HubError(f"{what}: {TOKEN.sub('hf_…', explain(error, id))}") from error


def explain(error: BaseException, id: str) -> str:
    """Return why, and what to do."""
    return _explain_named(error, id) or _explain_status(error, id) or _explain_other(error)


# By the names of the library's errors; where one derives from another, that goes first.
NAMED = {
    "GatedRepoError": f"its owner lets in those who ask: ask at {{page}}, then {LOGIN}",
    "DisabledRepoError": "the Hub has shut it; see {page}",
    "RevisionNotFoundError": "it has no such branch, tag or commit; {page}/tree/main shows those "
    "that there are",
    "RepositoryNotFoundError": "there is none of that name that you may see: check the spelling "
    f"or, where it is private, {LOGIN} as somebody who may",
    "LocalEntryNotFoundError": "the Hub cannot be reached, and it is not in the cache; check the "
    "network and try again",
    "OfflineModeIsEnabled": "HF_HUB_OFFLINE is set: unset it to use the network",
    "EntryNotFoundError": "it lacks a file that a model of ser_plugins has; see {page}/tree/main",
    "LocalTokenNotFoundError": f"you are not logged in: {LOGIN}",
    "HFValidationError": "that cannot be its name; give owner/name",
}


def _explain_named(error: BaseException, id: str) -> str:
    """Explain what the library has a class for."""
    from huggingface_hub import errors

    found = (text for name, text in NAMED.items() if isinstance(error, getattr(errors, name)))
    return next(found, "").format(page=page_of(id))


def _explain_status(error: BaseException, id: str) -> str:
    status = getattr(getattr(error, "response", None), "status_code", 0)
    owner, page = id.partition("/")[0], page_of(id)
    known = {
        401: f"the Hub does not accept your token; it may have expired: {LOGIN} again",
        403: f"your login may not write there: take a name of your own, or {LOGIN} with a token "
        f"that has the right to write for {owner!r}",
        404: "there is none of that name that you may see",
        409: f"the name is taken; look at {page}, and take another name, or give --update",
        412: f"somebody has changed it at the same time; look at {page}, then try again",
        413: "a file is larger than the Hub takes",
        429: "the Hub has had too many requests from you; wait some minutes, then try again",
    }
    if status >= 500:
        return f"the Hub has trouble of its own (HTTP {status}); try again later"
    said = getattr(error, "server_message", None)
    return known.get(status) or (f"HTTP {status}: {said or 'no reason given'}" if status else "")


def _explain_other(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            "the disk is full: free some space, or name another place for the Hub's cache in "
            "HF_HUB_CACHE, then try again"
        )
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    text = str(error).strip().partition("\n")[0] or type(error).__name__
    if isinstance(error, ValueError | RuntimeError):
        return text
    return f"the Hub cannot be reached ({text}); check the network and try again"


def page_of(id: str) -> str:
    """Return the address of a model."""
    from huggingface_hub import constants

    return f"{constants.ENDPOINT}/{id}"
