"""The node itself: metrics, health, connections, memory, crashes."""

import json
import re
import shutil
import socket
import subprocess
import threading
import time

import pytest

from blueprints import OK, one_call, services, waiting
from machine import free_port

FAMILIES = ["troupe_orders", "troupe_order_duration_seconds", "troupe_state_duration_seconds", "troupe_action_duration_seconds", "troupe_retries_total", "troupe_batch_size",
            "troupe_batch_duration_seconds", "troupe_actors", "troupe_restarts_total", "troupe_commit_size", "troupe_commit_duration_seconds", "troupe_http_requests_total",
            "process_cpu_seconds_total", "process_resident_memory_bytes"]


def metric(text, name, **labels):
    total = 0.0
    for line in text.splitlines():
        found = re.match(rf"^{name}(?:\{{(.*)\}})? (\S+)", line)
        if found and all(f'{key}="{value}"' in (found[1] or "") for key, value in labels.items()):
            total += float(found[2])
    return total


def test_every_family_is_there_from_the_start_and_promtool_is_content(api):
    text = api.get("/metrics").text
    for family in FAMILIES:
        assert f"# TYPE {family} " in text, f"{family} is missing"
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed")
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
    assert checked.returncode == 0 and not checked.stderr.strip(), checked


def test_metrics_count_what_happened(api, start):
    mock = start.mock(services(("POST", "/ok", [OK])))
    api.publish(one_call("single", mock.url + "/ok"))
    for _ in range(5):
        api.submit("single", wait="PT10S")
    text = api.get("/metrics").text
    assert metric(text, "troupe_orders", workflow="single", status="completed") == 5
    assert metric(text, "troupe_order_duration_seconds_count", workflow="single") == 5
    assert metric(text, "troupe_http_requests_total", route="/v1/orders") >= 5


def test_health_and_readiness(api):
    assert api.get("/healthz").body == {"status": "alive"}
    assert api.get("/readyz").body == {"status": "ready"}


def test_pipelined_requests_are_answered_in_order(node):
    with socket.create_connection(("127.0.0.1", node.port)) as connection:
        paths = [f"/v1/orders/nobody-{n}" for n in range(100)]
        connection.sendall("".join(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n" for path in paths).encode())
        connection.settimeout(20)
        seen = b""
        while seen.count(b'"instance"') < 100:
            seen += connection.recv(65536)
    assert re.findall(rb'"instance":"([^"]+)"', seen) == [path.encode() for path in paths]


def test_a_thousand_connections_at_once(node):
    open_ones = [socket.create_connection(("127.0.0.1", node.port)) for _ in range(1000)]
    for one in open_ones:
        one.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    for one in open_ones:
        one.settimeout(20)
        assert one.recv(4096).startswith(b"HTTP/1.1 200")
    for one in open_ones:
        one.close()


def bulk(node, count, make):
    """Submits `count` orders in streamed pieces."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=300)
    body = "".join(json.dumps(make(n)) + "\n" for n in range(count))
    connection.request("POST", "/v1/orders/bulk", body.encode())
    answer = connection.getresponse()
    results = [json.loads(line)["status"] for line in answer]
    assert results == [201] * count, [one for one in results if one != 201][:3]


def test_two_hundred_thousand_orders_at_once_take_less_than_400_megabytes(start):
    mock = start.mock(services(("POST", "/ok", [OK])))
    node = start.node()
    node.api.publish(one_call("single", mock.url + "/ok"))
    most = [0]
    watching = [True]

    def watch():
        while watching[0]:
            most[0] = max(most[0], node.resident_bytes())
            time.sleep(0.05)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        bulk(node, 200_000, lambda n: {"order_id": f"o-{n}", "workflow": "single", "data": {"customer": f"customer {n}", "amount": n}})
        time.sleep(5)
    finally:
        watching[0] = False
        watcher.join()
    print(f"resident at most {most[0] / 1e6:.0f} MB")
    assert most[0] < 400_000_000


def test_a_hundred_thousand_orders_that_wait_have_no_actor(start):
    node = start.node()
    node.api.publish(waiting("approval"))
    bulk(node, 100_000, lambda n: {"order_id": f"w-{n}", "workflow": "approval"})
    deadline = time.monotonic() + 240
    while metric(node.api.get("/metrics").text, "troupe_orders", workflow="approval", status="waiting") < 100_000:
        assert time.monotonic() < deadline, node.api.get("/metrics").text
        time.sleep(0.5)
    time.sleep(1)
    text = node.api.get("/metrics").text
    assert metric(text, "troupe_actors", kind="order") == 0
    assert node.api.post("/v1/orders/w-77777/events", {"event": "approve"}).status == 200
    assert node.api.order("w-77777", wait="PT10S")["status"] == "completed"


def test_an_order_that_takes_the_process_down_each_time_is_escalated_and_the_others_go_on(start):
    """A service kills the server whenever this one order calls it."""
    import http.server

    victims = []

    class Deadly(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if body["order"] == "deadly":
                victims.append(body)
                node.process.kill()
                return
            time.sleep(0.3)
            try:
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")
            except BrokenPipeError:
                pass  # the server was killed meanwhile

        def log_message(self, *_):
            pass

    service = http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), Deadly)
    threading.Thread(target=service.serve_forever, daemon=True).start()
    node = start.node()
    node.api.publish(one_call("call", f"http://127.0.0.1:{service.server_port}/"))
    for n in range(20):
        node.api.submit("call", order_id=f"fine-{n}")
    node.api.post("/v1/orders", {"order_id": "deadly", "workflow": "call"})
    starts = 0
    for _ in range(20):
        try:
            node.process.wait(timeout=6)
        except subprocess.TimeoutExpired:
            break
        starts += 1
        node.spawn(node.arguments())
        deadline = time.monotonic() + 20
        while node.is_alive() and not node.api.is_ready() and time.monotonic() < deadline:
            time.sleep(0.05)
    service.shutdown()
    assert node.is_alive()
    assert 5 <= starts <= 9, starts
    assert node.api.order("deadly")["status"] == "escalated"
    assert node.api.order("deadly")["error"]["code"] == "crashed"
    for n in range(20):
        assert node.api.order(f"fine-{n}", wait="PT10S")["status"] == "completed"


def test_a_full_disk_refuses_submissions_and_corrupts_nothing(start, folder):
    disk = folder / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk], capture_output=True).returncode != 0:
        pytest.skip("mounting a tmpfs is refused here")
    try:
        mock = start.mock(services(("POST", "/ok", [OK])))
        node = start.node(store=f"sqlite:{disk}/orders.db")
        node.api.publish(one_call("single", mock.url + "/ok", payload={}))
        acknowledged = []
        filler = disk / "filler"
        for number in range(3000):
            reply = node.api.post("/v1/orders", {"order_id": f"o-{number}", "workflow": "single", "data": {"filler": "x" * 4000}})
            assert reply.status in (201, 503), reply
            if reply.status == 503:
                assert "retry-after" in reply.headers
                break
            acknowledged.append(f"o-{number}")
        else:
            raise AssertionError("the disk never became full")
        try:
            with open(filler, "wb") as rest:
                while rest.write(b"x" * 65536):
                    rest.flush()
        except OSError:
            pass
        assert node.api.post("/v1/orders", {"workflow": "single"}).status == 503
        time.sleep(2)
        filler.unlink()
        subprocess.run(["mount", "-o", "remount,size=200m", disk], check=True)
        deadline = time.monotonic() + 30
        while (reply := node.api.post("/v1/orders", {"order_id": "after", "workflow": "single"})).status == 503 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert reply.status == 201
        for order_id in [*acknowledged, "after"]:
            assert node.api.order(order_id, wait="PT30S")["status"] == "completed"
        assert len(node.api.all("/v1/orders", limit=1000)) == len(acknowledged) + 1
        assert node.stop() == 0
        assert node.verify().returncode == 0
    finally:
        for process in (node,) if "node" in locals() else ():
            process.end()
        subprocess.run(["umount", "-l", disk], check=True)
