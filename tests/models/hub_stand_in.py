"""A stand-in for the Hugging Face Hub on this machine: what plmkit asks of it, and how it fails; needs no package."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TOKEN = "hf_" + "standInForATokenThatMustNotBeSeen"


@dataclass
class Hub:
    """What the stand-in serves, what it does wrong, and what it was asked.

    large: ends of names of files that are known by SHA-256, as weights are. gated: only with the token. cut: after so
    many bytes of a file the connection breaks, once. wrong: files whose checksum it gives wrongly. status: of answers.
    """

    name: str
    files: Mapping[str, bytes]
    address: str = ""
    large: tuple[str, ...] = (".safetensors", ".bin")
    gated: bool = False
    cut: dict[str, int] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)
    status: int = 200
    asked: list[tuple[str, str, str]] = field(default_factory=list)  # method, path, range

    def ranges_of(self, file: str) -> list[str]:
        """Return the ranges, "" for none, in which a file was asked for."""
        return [range_ for method, path, range_ in self.asked if method == "GET" and path.endswith(f"/{file}")]

    def described(self) -> dict[str, object]:
        """Return what the Hub says of the model."""
        siblings = []
        for name, content in self.files.items():
            blob = hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()
            entry: dict[str, object] = {"rfilename": name, "size": len(content), "blobId": blob}
            if name.endswith(self.large):
                sha256 = "0" * 64 if name in self.wrong else hashlib.sha256(content).hexdigest()
                entry["lfs"] = {"sha256": sha256, "size": len(content), "pointerSize": 130}
            siblings.append(entry)
        gated = "manual" if self.gated else False
        return {"id": self.name, "sha": COMMIT, "siblings": siblings, "gated": gated, "private": False}


class Answers(BaseHTTPRequestHandler):
    """Answers one request; `hub` is set by `serving`."""

    protocol_version = "HTTP/1.1"
    hub: Hub

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.asked.append((self.command, path, self.headers.get("Range", "")))
        if self.hub.status != 200:
            self.refuse(self.hub.status, "", "")
        elif path.startswith("/api/models/"):
            self.describe(path.removeprefix("/api/models/"))
        else:
            self.give(path)

    def describe(self, asked: str) -> None:
        name, _, revision = asked.partition("/revision/")
        if name != self.hub.name:
            self.refuse(401, "RepoNotFound", "Repository not found")
        elif self.has_bad_token():
            self.refuse(401, "", "Invalid credentials in Authorization header")
        elif revision not in ("main", COMMIT):
            self.refuse(404, "RevisionNotFound", "Invalid rev id")
        else:
            self.answer(200, json.dumps(self.hub.described()).encode(), {"Content-Type": "application/json"})

    def give(self, path: str) -> None:
        name, _, rest = path.removeprefix("/").partition("/resolve/")
        file = rest.partition("/")[2]
        if self.hub.gated and self.headers.get("Authorization") != f"Bearer {TOKEN}":
            status = 403 if self.headers.get("Authorization") else 401
            self.refuse(status, "GatedRepo", f"Access to model {name} is restricted")
            return
        content = self.hub.files[file]
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")[0])
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        end = self.hub.cut.pop(file, len(content))
        self.wfile.write(content[start:end])
        if end < len(content):
            self.close_connection = True
            self.wfile.flush()
            self.connection.close()

    def has_bad_token(self) -> bool:
        return self.headers.get("Authorization", f"Bearer {TOKEN}") != f"Bearer {TOKEN}" and not self.hub.gated

    def refuse(self, status: int, code: str, message: str) -> None:
        self.answer(status, b"", {"X-Error-Code": code, "X-Error-Message": message})

    def answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Serve a model on a free port of this machine for as long as the block lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("AnswersOfOne", (Answers,), {"hub": hub}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hub.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
