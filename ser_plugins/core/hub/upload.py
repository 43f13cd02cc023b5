"""Puts named files into a model repository on the Hugging Face Hub, in one commit or not at all."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import errors as hub_errors
from .errors import HubError, in_words
from .names import COMMIT

MAIN = "main"


@dataclass(frozen=True)
class Target:
    """Where to publish, and how.

    Args:
        id: `owner/name`.
        revision: the branch; made from the newest version where there is none.
        private: show a repository that is made to its owner alone.
        update: whether a model that is there may get a new version.
        message: of the commit.
    """

    id: str
    revision: str = MAIN
    private: bool = False
    update: bool = False
    message: str = "Publish the model"


@dataclass(frozen=True)
class Published:
    """What was done.

    Args:
        commit: the version that holds the files.
        changed: names of those that were uploaded; none if the Hub had them all.
        url: of the page.
    """

    commit: str
    changed: tuple[str, ...]
    url: str


def upload(files: Mapping[str, Path], target: Target) -> Published:
    """Publish some files, with the user's own login; those that are there already are not sent.

    The commit is made when all large files have come, and only if nobody else has made one
    since: interrupted or refused, the version before stays as it was.

    Args:
        files: by their names in the repository. No other is touched.
        target: where to.

    Raises:
        HubError: in words.
    """
    from huggingface_hub import HfApi

    check_login()
    api: Any = HfApi(library_name="ser_plugins")
    with in_words(target.id, f"{target.id} was not published"):
        head = _prepare(api, target)
        changed = _find_changed(api, files, target, head)
        if changed:
            head = _commit(api, {name: files[name] for name in changed}, target, head)
    url = hub_errors.page_of(target.id)
    return Published(head, changed, url if target.revision == MAIN else f"{url}/tree/{head}")


def _find_changed(
    api: Any, files: Mapping[str, Path], target: Target, head: str
) -> tuple[str, ...]:
    """Return the names of what the Hub does not have; refuse to change what may not be."""
    stored = {e.path: e for e in api.get_paths_info(target.id, list(files), revision=head)}
    changed = tuple(name for name, path in files.items() if not is_same(path, stored.get(name)))
    if changed and stored and not target.update:
        raise HubError(
            f"{target.id} is there already, with other content ({', '.join(changed)}): give "
            "--update for a new version of it, or take another name"
        )
    return changed


def _commit(api: Any, files: Mapping[str, Path], target: Target, head: str) -> str:
    """Upload some files on top of a commit; return the commit that holds them."""
    from huggingface_hub import CommitOperationAdd

    done = api.create_commit(
        target.id,
        [CommitOperationAdd(name, path) for name, path in files.items()],
        commit_message=target.message,
        revision=target.revision,
        parent_commit=head,
    )
    return str(done.oid)


def check_login() -> None:
    """Refuse to go on for somebody who is not logged in.

    Raises:
        HubError: saying how that is done.
    """
    from huggingface_hub import get_token

    if not get_token():
        raise HubError(
            f"you are not logged in to the Hub: {hub_errors.LOGIN}, with a token that may write "
            "(huggingface.co/settings/tokens)"
        )


def _prepare(api: Any, target: Target) -> str:
    """Make the repository and the branch where they are not there; return the newest commit."""
    from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

    if COMMIT.fullmatch(target.revision):
        raise HubError(f"--revision {target.revision} is a commit; give the name of a branch")
    try:
        found = api.model_info(target.id)
        if target.private and not found.private:
            raise HubError(
                f"{target.id} is there and public; --private cannot change that: do so on "
                f"{hub_errors.page_of(target.id)}/settings"
            )
    except RepositoryNotFoundError:
        if target.update:
            raise HubError(f"there is no {target.id} to update: leave out --update") from None
        api.create_repo(target.id, private=target.private)
    try:
        return str(api.model_info(target.id, revision=target.revision).sha)
    except RevisionNotFoundError:
        api.create_branch(target.id, branch=target.revision)
        return str(api.model_info(target.id, revision=target.revision).sha)


def is_same(path: Path, stored: Any) -> bool:
    """Tell whether a file is what the Hub has, by size and hash: git's own, or that of git LFS."""
    if stored is None or stored.size != path.stat().st_size:
        return False
    large = getattr(stored, "lfs", None)
    digest = hashlib.sha256() if large else hashlib.sha1(usedforsecurity=False)
    if not large:
        digest.update(b"blob %d\0" % stored.size)
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return bool(digest.hexdigest() == (large.sha256 if large else stored.blob_id))
