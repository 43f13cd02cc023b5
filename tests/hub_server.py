"""A stand-in for the Hugging Face Hub on the loopback, for the real `huggingface_hub` client.

It keeps repositories with commits, branches and large files (git LFS), knows one token, and can
be told to refuse (`refuse`), to break off an upload (`cut_after`) and to gate a repository.
"""

import base64
import contextlib
import hashlib
import http.server
import json
import re
import threading
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN, READER, USER = "hf_writer", "hf_reader", "me"
ID = "([^/]+/[^/]+)"


@dataclass
class Repo:
    """Files by commit, and commits by branch."""

    private: bool = False
    gated: bool = False
    trees: dict = field(default_factory=dict)
    branches: dict = field(default_factory=dict)
    messages: list = field(default_factory=list)

    def commit(self, tree, message, branch="main"):
        oid = hashlib.sha1(f"{len(self.trees)}{message}".encode()).hexdigest()
        self.trees[oid], self.branches[branch] = tree, oid
        self.messages.append(message)
        return oid

    def find(self, revision):
        return self.branches.get(revision) or (revision if revision in self.trees else None)

    @property
    def files(self):
        return self.trees[self.branches["main"]]


@dataclass
class Hub:
    """The state of the server, and what it was asked."""

    repos: dict = field(default_factory=dict)
    large: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)
    refuse: dict = field(default_factory=dict)  # (method, part of the path) to (status, headers)
    cut_after: int | None = None  # bytes of the next large file
    url: str = ""

    def put(self, id, files, **options):
        repo = self.repos.setdefault(id, Repo(**options))
        return repo.commit({**(repo.files if repo.branches else {}), **files}, "by hand")

    def of(self, method):
        return [path for asked, path in self.asked if asked == method]


def blob_id(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def is_large(name):
    return name.endswith(".safetensors")


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers one request; `hub` is the state."""

    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, *_):
        pass

    def answer(self, status, content=b"", **headers):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content_Length": len(body), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def deny(self, status, message, code=""):
        headers = {"X_Error_Code": code} if code else {}
        self.answer(status, {"error": message}, X_Error_Message=message, **headers)

    def body(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            whole = b""
            while size := int(self.rfile.readline(), 16):
                whole += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return whole
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    @property
    def token(self):
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    def find(self, id, writes=False):
        """Return a repository that the caller may see; else answer, and return None."""
        repo, known = self.hub.repos.get(id), self.token in (TOKEN, READER)
        if self.token and not known:
            return self.deny(401, "Invalid credentials in Authorization header")
        if repo is None or (repo.private and self.token != TOKEN):
            return self.deny(404 if known else 401, "Repository not found", "RepoNotFound")
        if repo.gated and self.token != TOKEN and not writes:
            return self.deny(403 if known else 401, "Access is restricted", "GatedRepo")
        if writes and self.token != TOKEN:
            return self.deny(403, "You don't have the rights")
        return repo

    def handle_any(self):
        path = unquote(urlsplit(self.path).path)
        self.hub.asked.append((self.command, path))
        for (method, part), (status, code) in self.hub.refuse.items():
            if method == self.command and part in path:
                self.body()
                return self.deny(status, "refused", code)
        for pattern, act in ROUTES:
            if found := re.fullmatch(pattern, f"{self.command} {path}"):
                return act(self, *found.groups())
        self.body()
        return self.deny(404, f"no route {self.command} {path}")

    do_GET = do_HEAD = do_POST = do_PUT = handle_any  # noqa: N815

    def create(self):
        wish = json.loads(self.body())
        id = f"{wish.get('organization') or USER}/{wish['name']}"
        if self.token != TOKEN:
            return self.deny(401, "Invalid credentials in Authorization header")
        if not id.startswith(f"{USER}/"):
            return self.deny(403, "You don't have the rights to create a model there")
        if id in self.hub.repos:
            return self.deny(409, "You already created this model repo")
        private = wish.get("private") or wish.get("visibility") == "private"
        self.hub.put(id, {".gitattributes": b"*.safetensors filter=lfs"}, private=bool(private))
        return self.answer(200, {"url": f"{self.hub.url}/{id}", "name": id, "id": id})

    def validate(self):
        self.body()
        self.answer(200, {"errors": [], "warnings": []})

    def info(self, id, revision):
        if repo := self.find(id):
            if not (oid := repo.find(revision or "main")):
                return self.deny(404, "Invalid rev id", "RevisionNotFound")
            names = [{"rfilename": name} for name in repo.trees[oid]]
            facts = {"id": id, "modelId": id, "sha": oid, "siblings": names, "tags": []}
            self.answer(200, {**facts, "private": repo.private, "gated": False})
        return None

    def branch(self, id, name):
        start = json.loads(self.body() or b"{}").get("startingPoint", "main")
        if repo := self.find(id, writes=True):
            if name in repo.branches:
                return self.deny(409, "Reference already exists")
            repo.branches[name] = repo.find(start)
            self.answer(200, {})
        return None

    def paths(self, id, revision):
        wanted = parse_qs(self.body().decode()).get("paths", [])
        if repo := self.find(id):
            tree = repo.trees[repo.find(revision)]
            self.answer(200, [entry(name, tree[name]) for name in wanted if name in tree])

    def preupload(self, id, revision):
        wishes = json.loads(self.body())["files"]
        if repo := self.find(id, writes=True):
            tree = repo.trees[repo.find(revision)]
            files = []
            for name in (wish["path"] for wish in wishes):
                oid = entry(name, tree[name])["etag"] if name in tree else None
                mode = "lfs" if is_large(name) else "regular"
                files.append({"path": name, "uploadMode": mode, "shouldIgnore": False, "oid": oid})
            self.answer(200, {"files": files})

    def batch(self, id):
        wishes = json.loads(self.body())["objects"]
        if self.find(id, writes=True):
            href = f"{self.hub.url}/lfs"
            actions = {
                wish["oid"]: {
                    "upload": {"href": f"{href}/{wish['oid']}"},
                    "verify": {"href": f"{href}/{wish['oid']}/verify"},
                }
                for wish in wishes
                if wish["oid"] not in self.hub.large
            }
            objects = [{**w, **({"actions": actions[w["oid"]]} if w["oid"] in actions else {})}
                       for w in wishes]  # fmt: skip
            self.answer(200, {"transfer": "basic", "objects": objects})

    def take(self, oid):
        if self.hub.cut_after is not None:
            self.rfile.read(self.hub.cut_after)
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(2)
            return
        content = self.body()
        if hashlib.sha256(content).hexdigest() != oid:
            self.deny(400, "not what was announced")
            return
        self.hub.large[oid] = content
        self.answer(200)

    def verify(self, oid):
        self.body()
        self.answer(200 if oid in self.hub.large else 404, {})

    def commit(self, id, branch):
        lines = [json.loads(line) for line in self.body().splitlines()]
        repo = self.find(id, writes=True)
        if not repo:
            return None
        header = next(line["value"] for line in lines if line["key"] == "header")
        if header.get("parentCommit") not in (None, repo.find(branch)):
            return self.deny(412, "A commit has happened since")
        tree = dict(repo.trees[repo.find(branch)])
        for line in lines:
            value = line["value"]
            if line["key"] == "file":
                tree[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                tree[value["path"]] = self.hub.large[value["oid"]]
        oid = repo.commit(tree, header["summary"], branch)
        url = f"{self.hub.url}/{id}/commit/{oid}"
        return self.answer(200, {"success": True, "commitOid": oid, "commitUrl": url})

    def resolve(self, id, revision, name):
        repo = self.find(id)
        if not repo:
            return None
        if not (oid := repo.find(revision)):
            return self.deny(404, "Invalid rev id", "RevisionNotFound")
        if name not in repo.trees[oid]:
            headers = {"X_Error_Code": "EntryNotFound", "X_Repo_Commit": oid}
            return self.answer(404, {"error": "Entry not found"}, **headers)
        content = repo.trees[oid][name]
        etag = entry(name, content)["etag"]
        return self.answer(200, content, X_Repo_Commit=oid, ETag=f'"{etag}"')


def entry(name, content):
    facts = {"type": "file", "path": name, "size": len(content), "oid": blob_id(content)}
    if is_large(name):
        digest = hashlib.sha256(content).hexdigest()
        facts["lfs"] = {"oid": digest, "size": len(content), "pointerSize": 130}
    return {**facts, "etag": facts["lfs"]["oid"] if is_large(name) else facts["oid"]}


ROUTES = (
    (r"POST /api/repos/create", Handler.create),
    (r"POST /api/validate-yaml", Handler.validate),
    (rf"GET /api/models/{ID}(?:/revision/(.+))?", Handler.info),
    (rf"POST /api/models/{ID}/branch/(.+)", Handler.branch),
    (rf"POST /api/models/{ID}/paths-info/(.+)", Handler.paths),
    (rf"POST /api/models/{ID}/preupload/(.+)", Handler.preupload),
    (rf"POST /api/models/{ID}/commit/(.+)", Handler.commit),
    (rf"POST /{ID}\.git/info/lfs/objects/batch", Handler.batch),
    (r"PUT /lfs/(\w+)", Handler.take),
    (r"POST /lfs/(\w+)/verify", Handler.verify),
    (rf"(?:GET|HEAD) /{ID}/resolve/([^/]+)/(.+)", Handler.resolve),
)


@contextlib.contextmanager
def serve():
    """Run a Hub; give its state."""
    hub = Hub()
    handler = type("Bound", (Handler,), {"hub": hub})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        running.daemon_threads = True
        threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
        hub.url = f"http://127.0.0.1:{running.server_port}"
        yield hub
        running.shutdown()


@contextlib.contextmanager
def client(hub, home, monkeypatch, token=TOKEN):
    """Point `huggingface_hub` at a Hub, with a cache and a login of its own."""
    from huggingface_hub import constants

    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    home.mkdir(exist_ok=True)
    login(home, token)
    places = {
        "ENDPOINT": hub.url,
        "HUGGINGFACE_CO_URL_TEMPLATE": hub.url + "/{repo_id}/resolve/{revision}/{filename}",
        "HF_HUB_CACHE": str(home / "cache"),
        "HF_TOKEN_PATH": str(home / "token"),
        "HF_HUB_DISABLE_XET": True,
        "HF_HUB_OFFLINE": False,
    }
    for name, value in places.items():
        monkeypatch.setattr(constants, name, value)
    yield home


def login(home, token):
    """Log in, or out with an empty token."""
    if token:
        (home / "token").write_text(token)
    else:
        (home / "token").unlink(missing_ok=True)
