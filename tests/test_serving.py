"""What `manage.py serve` does around the application: limits, silence, one at a time, a clean end."""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from checking import startup
from tests.servers import PROJECT, LiveHeadsup, ServerError, environment, free_port

pytestmark = pytest.mark.servers

MB = 1024 * 1024
JSON_PATH, BULK_PATH = "/api/v1/samples/", "/api/v1/samples/bulk/"
KEY = {"Authorization": "Api-Key abcdefgh.not-a-key-of-ours"}


@pytest.fixture
def headsup(live_headsup) -> LiveHeadsup:
    return live_headsup()


@pytest.fixture(scope="module")
def standing(databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHeadsup]:
    """One server for all tests that do it no harm."""
    server = LiveHeadsup(tmp_path_factory.mktemp("standing"), databases.fresh()).start()
    yield server
    server.stop()


@contextlib.contextmanager
def connected(server: LiveHeadsup) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        yield client


def head(method: str, path: str, **headers: str) -> bytes:
    lines = {"Host": "127.0.0.1", "Content-Type": "application/json", **headers}
    return (f"{method} {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items()) + "\r\n").encode()


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def send_until_answered(client: socket.socket, pieces: Iterator[bytes]) -> int:
    """How many bytes were sent before the server said something."""
    sent = 0
    for piece in pieces:
        if select.select([client], [], [], 0)[0]:
            break
        client.sendall(piece)
        sent += len(piece)
    return sent


def answer(client: socket.socket) -> tuple[int, dict[str, str], bytes]:
    response = b""
    while b"\r\n\r\n" not in response:
        response += client.recv(65536) or pytest.fail(f"closed after {response!r}")
    first, *lines = response.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    body = response.partition(b"\r\n\r\n")[2]
    while len(body) < int(headers["content-length"]):
        body += client.recv(65536) or pytest.fail(f"closed after {body!r}")
    return int(first.split(" ")[1]), headers, body


def chunks(total: int, size: int = 64 * 1024) -> Iterator[bytes]:
    for _ in range(total // size):
        yield chunk(b" " * size)


# How much may be sent


def test_a_body_without_end_is_refused_before_it_has_all_come(standing):
    with connected(standing) as client:
        client.sendall(head("POST", JSON_PATH, **{"Transfer-Encoding": "chunked"}))
        sent = send_until_answered(client, chunks(50 * MB))
        status, headers, body = answer(client)

    assert status == 413
    assert json.loads(body)["error"]["code"] == "too_large"
    assert headers["content-type"] == "application/json"
    assert sent < 20 * MB  # all that a loopback may hold on its way, far from 50 MB


def test_a_length_over_the_limit_is_refused_before_any_body(standing):
    with connected(standing) as client:
        client.sendall(head("POST", JSON_PATH, **{"Content-Length": str(300 * MB), "Expect": "100-continue"}))
        status, headers, _ = answer(client)

    assert status == 413
    assert headers["connection"] == "close"


def test_whoever_sends_all_before_listening_still_gets_the_answer(standing):
    with connected(standing) as client:
        client.sendall(head("POST", JSON_PATH, **{"Content-Length": str(20 * MB)}))
        for _ in range(20):
            client.sendall(b" " * MB)
        status, _, _ = answer(client)

    assert status == 413


@pytest.mark.parametrize(("size", "is_refused"), [(256 * 1024, False), (256 * 1024 + 1, True)])
def test_the_limit_is_256_kb_to_the_byte(standing, size, is_refused):
    with connected(standing) as client:
        client.sendall(head("POST", JSON_PATH, **{"Content-Length": str(size)}) + b" " * size)
        status, _, _ = answer(client)

    assert (status == 413) == is_refused


def test_a_form_nobody_can_read_is_answered_by_us(standing):
    body = b"{}"
    with connected(standing) as client:
        kind = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(len(body))}
        client.sendall(head("POST", JSON_PATH, **KEY, **kind) + body)

        status, _, said = answer(client)

    assert status == 401
    assert json.loads(said)["error"]["code"] == "not_authenticated"


def test_bulk_has_a_limit_of_its_own(live_headsup):
    server = live_headsup(env={"BULK_MAX_MB": "1"})
    ndjson = {"Content-Type": "application/x-ndjson", **KEY}

    with connected(server) as client:
        client.sendall(head("POST", BULK_PATH, **ndjson, **{"Content-Length": str(MB)}) + b" " * MB)
        within, _, _ = answer(client)
    with connected(server) as client:
        client.sendall(head("POST", BULK_PATH, **ndjson, **{"Transfer-Encoding": "chunked"}))
        send_until_answered(client, chunks(4 * MB))
        beyond, _, _ = answer(client)

    assert within != 413
    assert beyond == 413


def test_without_a_key_nobody_fills_the_disk(standing):
    with connected(standing) as client:
        client.sendall(head("POST", BULK_PATH, **{"Transfer-Encoding": "chunked"}))
        sent = send_until_answered(client, chunks(50 * MB))
        status, _, _ = answer(client)

    assert status == 413
    assert sent < 20 * MB


def test_a_large_bulk_takes_disk_of_ours_and_hardly_memory(standing):
    size = 64 * MB
    with connected(standing) as client:
        client.sendall(head("POST", BULK_PATH, **KEY, **{"Content-Length": str(size)}))
        Path(f"/proc/{standing.process.pid}/clear_refs").write_text("5")  # the peak counts from here: man 5 proc
        before = peak_memory(standing)
        for _ in range(size // MB - 1):
            client.sendall(b" " * MB)
        wait_until(lambda: open_temporary_files(standing))
        files = open_temporary_files(standing)
        client.sendall(b" " * MB)
        answer(client)

    assert files
    assert all(Path(file).is_relative_to(standing.folder / "spool") for file in files)
    assert peak_memory(standing) - before < 24 * MB
    assert list((standing.folder / "spool").iterdir()) == []


def peak_memory(server: LiveHeadsup) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def open_temporary_files(server: LiveHeadsup) -> list[str]:
    found = []
    for descriptor in Path(f"/proc/{server.process.pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            target = os.readlink(descriptor)
            if target.endswith(" (deleted)") and target.startswith("/"):
                found.append(target.removesuffix(" (deleted)"))
    return found


def wait_until(is_so) -> None:
    deadline = time.monotonic() + 10
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.02)


# What is never said


def test_no_output_holds_a_client_address_or_a_query_string(headsup):
    ports = []
    for path in ("/?token=verysecret", "/no/such/page/?token=verysecret", "/api/v1/samples/?token=verysecret"):
        with connected(headsup) as client:
            ports.append(client.getsockname()[1])
            client.sendall(head("GET", path))
            answer_or_close(client)
    with connected(headsup) as client:
        ports.append(client.getsockname()[1])
        client.sendall(head("GET", "/ws/alerts/?token=verysecret", **WEBSOCKET))
        answer_or_close(client)
    with connected(headsup) as client:
        ports.append(client.getsockname()[1])
        client.sendall(b"\x00nonsense?token=verysecret\r\n\r\n")
        answer_or_close(client)
    with connected(headsup) as client:
        ports.append(client.getsockname()[1])
        form = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": "0"}
        client.sendall(head("POST", "/staff/link/verysecret/", **form))  # no cookie: refused as forged
        answer_or_close(client)
    headsup.stop()

    said = headsup.output
    assert "verysecret" not in said
    assert not [port for port in ports if str(port) in said]
    assert said.replace(headsup.url, "").count("127.0.0.1") == 0


WEBSOCKET = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


def answer_or_close(client: socket.socket) -> bytes:
    client.settimeout(10)
    return client.recv(65536)


def test_no_answer_names_the_server(standing):
    for request in (head("GET", "/"), head("GET", "/ws/alerts/", **WEBSOCKET)):
        with connected(standing) as client:
            client.sendall(request)
            assert b"\r\nserver:" not in answer_or_close(client).lower()


# Starting


@pytest.mark.only_sqlite
def test_a_second_serve_on_the_same_file_is_refused(standing):
    second = standing.manage("serve", "--port", "0", check=False)

    assert second.returncode == 1
    assert "Another `serve` runs on" in second.stderr


@pytest.mark.only_postgres
def test_any_number_of_processes_serve_postgres(standing):
    second = LiveHeadsup(standing.folder, standing.env, "--no-watcher")
    second.log = standing.folder / "second.log"

    second.start()

    assert second.stop() == 0


def test_after_a_kill_the_next_serve_starts(headsup):
    headsup.kill()

    headsup.start()

    with connected(headsup) as client:
        client.sendall(head("GET", "/"))
        assert answer_or_close(client)


def test_a_port_that_is_taken_is_said(standing, live_headsup):
    with pytest.raises(ServerError, match=f"Cannot listen on 127.0.0.1:{standing.port}"):
        live_headsup(arguments=["--port", str(standing.port)])


def test_a_database_that_was_not_migrated_is_said(tmp_path):
    empty = environment({"DATA_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3"})

    with pytest.raises(ServerError, match=r"Run first: python manage\.py migrate"):
        LiveHeadsup(tmp_path, empty).start()


def test_watching_apart_needs_redis(live_headsup, monkeypatch):
    monkeypatch.delenv("CHANNEL_URL", raising=False)

    with pytest.raises(ServerError, match="needs CHANNEL_URL=redis://"):
        live_headsup(arguments=["--no-watcher"])


def test_hints_are_said_once_it_listens_and_then_removed(live_headsup, tmp_path):
    hints = tmp_path / "hints"
    hints.write_text("Look here first.")

    server = live_headsup(arguments=["--say", str(hints)])
    wait_until(lambda: "Look here first." in server.output)

    assert server.output.index("listening on") < server.output.index("Look here first.")
    assert not hints.exists()


@pytest.mark.django_db(transaction=True)
def test_a_forgetful_database_is_refused():
    with connection.cursor() as cursor:
        cursor.execute("pragma synchronous=NORMAL" if connection.vendor == "sqlite" else "set synchronous_commit=off")
    try:
        with pytest.raises(startup.NotReadyError, match=r"synchronous.* could lose what was accepted"):
            startup.refuse_forgetful_database()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("pragma synchronous=FULL" if connection.vendor == "sqlite" else "reset synchronous_commit")
    startup.refuse_forgetful_database()


# Stopping


def test_term_ends_it_cleanly(headsup):
    with connected(headsup) as idle:
        began = time.monotonic()
        code = headsup.stop()
        took = time.monotonic() - began
        assert idle.recv(1) == b""

    assert code == 0
    assert took < 10
    assert "Traceback" not in headsup.output


SLOW = """
    import asyncio, os, sys
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django
    django.setup()
    from config.serving import Server

    LENGTH = 8_000_000  # far more than the system takes in one go

    async def slow(scope, receive, send):
        print("answering", flush=True)
        await asyncio.sleep(1.0)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % LENGTH)]})
        await send({"type": "http.response.body", "body": b"x" * LENGTH})

    def ready(loop, url):
        print("Headsup is listening on", url, flush=True)

    server = Server(slow, host="127.0.0.1", port=int(sys.argv[1]), on_ready=ready)
    server.listen()
    server.run()
"""


def test_what_is_being_answered_is_answered_before_the_end(tmp_path):
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SLOW), str(port)],
        cwd=PROJECT,
        env=environment({"DATA_DIR": str(tmp_path)}),
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert b"listening" in process.stdout.readline()
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(head("GET", "/"))
            assert b"answering" in process.stdout.readline()
            process.send_signal(signal.SIGTERM)
            status, _, body = answer(client)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()

    assert (status, len(body)) == (200, 8_000_000)
