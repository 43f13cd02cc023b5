"""Downloads, from a server on the loopback: checked, gone on with, and never half-written."""

import functools
import hashlib
import http.server
import threading
import zipfile

import pytest

from ser_plugins.core.fetch import DownloadError, fetch, fetch_all

CONTENT = bytes(range(256)) * 4096  # 1 MiB


class Server(http.server.SimpleHTTPRequestHandler):
    """Serves a folder; understands Range; breaks off after `most` bytes of a body, once."""

    most = None
    asked: list = []

    def do_GET(self):
        Server.asked.append((self.path, self.headers.get("Range")))
        path = self.translate_path(self.path)
        try:
            with open(path, "rb") as file:  # noqa: PTH123
                content = file.read()
        except OSError:
            self.send_error(404)
            return
        first = int(self.headers.get("Range", "bytes=0-")[6:-1])
        if first >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(content) - first))
        self.end_headers()
        body, Server.most = content[first:][: Server.most], None
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(tmp_path):
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "a.bin").write_bytes(CONTENT)
    with zipfile.ZipFile(tmp_path / "www" / "corpus.zip", "w") as archive:
        archive.writestr("wav/one.wav", b"one")
    handler = functools.partial(Server, directory=str(tmp_path / "www"))
    Server.asked, Server.most = [], None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def md5(content=CONTENT):
    return f"md5:{hashlib.md5(content).hexdigest()}"


def test_a_file_comes_whole_and_is_not_asked_for_again(server, tmp_path):
    for _ in range(2):
        path = fetch(f"{server}/a.bin", tmp_path / "new" / "corpus", md5())
    assert path.read_bytes() == CONTENT and len(Server.asked) == 1
    assert [p.name for p in path.parent.iterdir()] == ["a.bin"]


def test_a_broken_connection_goes_on_where_it_was(server, tmp_path):
    Server.most = 700_000
    assert fetch(f"{server}/a.bin", tmp_path / "c", md5()).read_bytes() == CONTENT
    (_, first), (_, second) = Server.asked
    assert first is None and 0 < int(second[6:-1]) <= 700_000


def test_a_killed_download_goes_on_at_the_next_call(server, tmp_path):
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "a.bin.part").write_bytes(CONTENT[:500_000])
    assert fetch(f"{server}/a.bin", tmp_path / "c", md5()).read_bytes() == CONTENT
    assert Server.asked == [("/a.bin", "bytes=500000-")]


def test_content_that_is_not_as_it_should_be_is_refused_and_removed(server, tmp_path):
    with pytest.raises(DownloadError, match="hash"):
        fetch(f"{server}/a.bin", tmp_path / "c", md5(b"other"))
    assert not list((tmp_path / "c").iterdir())


def test_a_missing_file_and_a_dead_server_are_said_in_words(server, tmp_path):
    with pytest.raises(DownloadError, match="404.*same command again"):
        fetch(f"{server}/b.bin", tmp_path / "c", md5())
    with pytest.raises(DownloadError, match="check the network"):
        fetch("http://127.0.0.1:9/a.bin", tmp_path / "c", md5())


def test_an_archive_is_unpacked(server, tmp_path):
    fetch(f"{server}/corpus.zip", tmp_path / "c", unpack=True)
    assert (tmp_path / "c" / "wav" / "one.wav").read_bytes() == b"one"


def test_without_a_checksum_a_warning_says_so(server, tmp_path, caplog):
    fetch(f"{server}/a.bin", tmp_path / "c")
    assert "not verified" in caplog.text


def test_of_many_files_those_that_are_there_are_left_alone(server, tmp_path):
    fetch(f"{server}/a.bin", tmp_path / "c", md5())
    fetch_all([f"{server}/a.bin", f"{server}/corpus.zip"], tmp_path / "c")
    assert [path for path, _ in Server.asked] == ["/a.bin", "/corpus.zip"]


def test_an_address_that_gives_a_page_and_no_archive_is_said_and_can_be_tried_again(
    server, tmp_path
):
    (tmp_path / "www" / "login.zip").write_text("<html>Please log in</html>")
    for _ in range(2):
        with pytest.raises(DownloadError, match="gave no archive"):
            fetch(f"{server}/login.zip", tmp_path / "c", unpack=True)
    assert not list((tmp_path / "c").iterdir())


@pytest.mark.parametrize("more", [0, 999])
def test_a_part_that_is_whole_is_taken_and_a_longer_one_is_of_another_file(server, tmp_path, more):
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "a.bin.part").write_bytes(CONTENT + bytes(more))
    assert fetch(f"{server}/a.bin", tmp_path / "c").read_bytes() == CONTENT
    assert len(Server.asked) == (2 if more else 1)
