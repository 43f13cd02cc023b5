"""An upload is one commit of named files, or none; what is refused is said in words."""

import hub_server
import pytest
from hub_server import READER, TOKEN, login

from ser_plugins.core.hub.errors import HubError
from ser_plugins.core.hub.upload import Target, upload

LARGE = bytes(range(256)) * 1024


@pytest.fixture(autouse=True)
def impatient(home, monkeypatch):
    from huggingface_hub.utils import _http

    monkeypatch.setattr(_http.time, "sleep", lambda _: None)  # the client waits between attempts


@pytest.fixture
def files(tmp_path):
    contents = {"README.md": b"# A model", "config.json": b"{}", "model.safetensors": LARGE}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return {name: tmp_path / name for name in contents}


def refused(files, **options):
    with pytest.raises(HubError) as caught:
        upload(files, Target(options.pop("id", "me/model"), **options))
    assert "hf_w" not in str(caught.value) and "hf_r" not in str(caught.value)
    return str(caught.value)


def test_all_comes_in_one_commit_the_large_file_whole(hub, files):
    files["model.safetensors"].write_bytes(LARGE * 64)  # 16 MiB
    done = upload(files, Target("me/model", message="First"))
    repo = hub.repos["me/model"]
    assert repo.files == {**{n: p.read_bytes() for n, p in files.items()},
                          ".gitattributes": repo.files[".gitattributes"]}  # fmt: skip
    assert repo.messages == ["by hand", "First"] and not repo.private
    assert done.commit == repo.branches["main"] and set(done.changed) == set(files)
    assert done.url == f"{hub.url}/me/model"
    assert len(hub.of("PUT")) == 1


def test_the_same_again_sends_and_commits_nothing(hub, files):
    first = upload(files, Target("me/model"))
    hub.asked.clear()
    again = upload(files, Target("me/model"))
    assert again.commit == first.commit and again.changed == ()
    assert not hub.of("PUT") and not [path for path in hub.of("POST") if "/commit/" in path]


def test_another_version_needs_leave_and_sends_only_what_differs(hub, files):
    upload(files, Target("me/model"))
    files["README.md"].write_bytes(b"# A better text")
    assert "other content (README.md)" in refused(files) and "--update" in refused(files)
    hub.asked.clear()
    assert upload(files, Target("me/model", update=True)).changed == ("README.md",)
    assert not hub.of("PUT")


def test_files_of_others_stay(hub, files):
    hub.put("me/model", {"LICENSE": b"free", "README.md": b"old"})
    assert "README.md" in refused(files)
    upload(files, Target("me/model", update=True))
    assert hub.repos["me/model"].files["LICENSE"] == b"free"


def test_a_branch_leaves_main_as_it_was(hub, files):
    first = upload(files, Target("me/model"))
    files["README.md"].write_bytes(b"# Try")
    done = upload(files, Target("me/model", revision="try", update=True))
    repo = hub.repos["me/model"]
    assert repo.branches == {"main": first.commit, "try": done.commit}
    assert done.url.endswith(f"/tree/{done.commit}")
    assert "give the name of a branch" in refused(files, revision=first.commit)


def test_private_is_private_from_the_first_moment(hub, files):
    upload(files, Target("me/model", private=True))
    assert hub.repos["me/model"].private


def test_what_is_public_is_not_taken_for_private(hub, files):
    hub.put("me/model", {".gitattributes": b""})
    assert "/settings" in refused(files, private=True)
    assert not hub.of("PUT")


def test_without_a_login_nothing_is_asked(hub, files, home):
    login(home, "")
    assert "not logged in" in refused(files) and "hf auth login" in refused(files)
    assert not hub.asked


def test_there_must_be_something_to_update(files):
    assert "leave out --update" in refused(files, update=True)


def test_a_token_that_may_only_read_or_is_of_long_ago_is_said(hub, files, home):
    hub.put("me/model", {".gitattributes": b""})
    login(home, READER)
    assert "may not write" in refused(files) and "'me'" in refused(files)
    login(home, "hf_wrong")
    assert "does not accept your token" in refused(files)
    assert set(hub.repos["me/model"].files) == {".gitattributes"}


def test_the_name_of_somebody_else_is_said(files):
    assert "may not write there" in refused(files, id="them/model")


@pytest.mark.parametrize(
    ("route", "status", "words"),
    [
        (("POST", "/repos/create"), 409, "name is taken"),
        (("POST", "/commit/"), 412, "at the same time"),
        (("POST", "/commit/"), 403, "may not write"),
        (("POST", "/commit/"), 404, "none of that name"),
        (("POST", "/commit/"), 401, "hf auth login"),
        (("POST", "/commit/"), 413, "larger than the Hub takes"),
        (("POST", "/commit/"), 429, "wait some minutes"),
        (("POST", "/commit/"), 500, "try again later"),
        (("POST", "/paths-info/"), 418, "HTTP 418"),
        (("POST", "/objects/batch"), 403, "may not write"),
    ],
)
def test_what_the_hub_refuses_is_said_in_words(hub, files, route, status, words):
    hub.refuse = {route: (status, "")}
    assert words in refused(files)
    assert "config.json" not in getattr(hub.repos.get("me/model"), "files", {})


def test_a_commit_of_somebody_else_in_between_is_not_overwritten(hub, files, monkeypatch):
    upload(files, Target("me/model"))
    files["model.safetensors"].write_bytes(LARGE[::-1])
    take = hub_server.Handler.take

    def meanwhile(handler, oid):
        hub.put("me/model", {"README.md": b"by somebody else"})
        take(handler, oid)

    routes = [(p, meanwhile if act is take else act) for p, act in hub_server.ROUTES]
    monkeypatch.setattr(hub_server, "ROUTES", routes)
    assert "at the same time" in refused(files, update=True)
    assert hub.repos["me/model"].files["model.safetensors"] == LARGE


def test_a_server_that_breaks_off_leaves_the_version_before_whole(hub, files):
    first = upload(files, Target("me/model"))
    before = dict(hub.repos["me/model"].files)
    files["README.md"].write_bytes(b"# Second")
    files["model.safetensors"].write_bytes(LARGE[::-1])
    hub.cut_after = 1 << 16
    assert "was not published" in refused(files, update=True)
    assert hub.repos["me/model"].files == before
    hub.cut_after = None
    again = upload(files, Target("me/model", update=True))
    assert again.commit != first.commit
    assert hub.repos["me/model"].files["model.safetensors"] == LARGE[::-1]


def test_an_upload_that_broke_off_at_first_goes_on_without_being_told_to(hub, files):
    hub.cut_after = 1 << 16
    refused(files)
    assert set(hub.repos["me/model"].files) == {".gitattributes"}
    hub.cut_after = None
    assert upload(files, Target("me/model")).changed


def test_without_a_network_it_says_so(files, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    assert "cannot be reached" in refused(files) and "check the network" in refused(files)


def test_the_login_of_the_library_is_used(hub, files, home, monkeypatch):
    login(home, "")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert upload(files, Target("me/model")).changed
