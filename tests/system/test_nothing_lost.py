"""The server is killed while it works, again and again; nothing that was acknowledged is lost."""

import collections
import http.client
import json
import os
import random
import threading
import time

import pytest

from api import Api
from blueprints import chain, services, webhook

ORDERS = 5000
KILLS = 20


def unreliable(name):
    """Mostly fine; sometimes fails, hangs or drops."""
    return ("POST", name, [{"rate": 0.03, "status": 503}, {"rate": 0.003, "hang": True}, {"rate": 0.01, "drop": True},
                           {"when": "request.body.fate == '" + name[1:] + "'", "status": 422},
                           {"status": 200, "body": {"done": name}}])


STEPS = ["reserve", "charge", "ship"]


def blueprint(url):
    return chain("parcel", [webhook(f"{url}/{step}", step, payload={"order": "{{order.order_id}}", "fate": "{{data.fate}}"}, timeout="PT1S",
                                    retryCount=12, retryDelay="PT0.1S", save={step: "response.body.done"}) for step in STEPS])


class Client(threading.Thread):
    """Submits its share; remembers what was acknowledged, what was refused, and what it does not know."""

    def __init__(self, url, orders):
        super().__init__(daemon=True)
        self.url, self.orders = url, orders
        self.acknowledged, self.refused, self.unknown = {}, set(), set()

    def run(self):
        api = Api(self.url, check=False, timeout=10)
        for order_id, fate in self.orders:
            request = {"order_id": order_id, "workflow": "parcel" if fate != "nowhere" else "nowhere", "data": {"fate": fate}}
            for _ in range(400):
                try:
                    reply = api.raw("POST", "/v1/orders", json.dumps(request), {"Content-Type": "application/json"})
                except (OSError, http.client.HTTPException):
                    self.unknown.add(order_id)
                    time.sleep(0.05)
                    continue
                if reply.status in (200, 201):
                    self.acknowledged[order_id] = fate
                    self.unknown.discard(order_id)
                    break
                if reply.status in (404, 422):
                    self.refused.add(order_id)
                    self.unknown.discard(order_id)
                    break
                time.sleep(0.05)


def test_nothing_acknowledged_is_lost_over_twenty_kills(start, folder):
    seed = int(os.environ.get("TROUPE_SEED", random.randrange(1 << 32)))
    print("seed", seed)
    chance = random.Random(seed)
    mock = start.mock(services(*(unreliable(f"/{step}") for step in STEPS)))
    node = start.node()
    node.api.publish(blueprint(mock.url))
    fates = ["fine"] * 90 + STEPS + ["nowhere"]
    orders = [(f"order-{n}", chance.choice(fates)) for n in range(ORDERS)]
    clients = [Client(node.url, orders[n::16]) for n in range(16)]
    for one in clients:
        one.start()
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.1, 1.2))
        node.kill()
        node.restart()
    for one in clients:
        one.join(timeout=300)
        assert not one.is_alive()
    acknowledged = {order: fate for one in clients for order, fate in one.acknowledged.items()}
    refused = set().union(*(one.refused for one in clients))
    assert len(acknowledged) + len(refused) == ORDERS

    ended = await_all(node, len(acknowledged))
    by_id = {one["order_id"]: one for one in ended}
    assert set(by_id) == set(acknowledged), "an order was lost, or one that was refused exists"
    for order_id, fate in acknowledged.items():
        order = by_id[order_id]
        if fate == "fine":
            assert order["status"] == "completed" or order["error"]["code"] in ("timeout", "connection_failed", "http_503"), order
        else:
            assert order["status"] == "failed" and order["error"]["code"] in ("http_422", "timeout", "connection_failed", "http_503"), order
    assert sum(one["status"] == "completed" for one in ended) > 0.85 * len(ended)

    check_calls(mock.calls(), by_id)
    assert node.stop() == 0
    verified = node.verify()
    assert verified.returncode == 0 and "clean" in verified.stdout, verified


def await_all(node, count, timeout=240):
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        ended = [one for one in node.api.all("/v1/orders", limit=1000) if one["ended_at"]]
        if len(ended) == count:
            return ended
        time.sleep(1)
    left = [one for one in node.api.all("/v1/orders", limit=1000) if not one["ended_at"]]
    raise AssertionError(f"{len(left)} orders have not ended, such as {left[:3]}")


def check_calls(calls, orders):
    """Every call was seen at least once; a repeat has the same key and the same body."""
    seen = collections.defaultdict(set)
    bodies = {}
    for call in calls:
        key = call["idempotency_key"]
        order_id, visit, action = key.rsplit("/", 2)
        assert order_id in orders and call["path"] == "/" + action
        seen[order_id].add((visit, action))
        assert bodies.setdefault(key, call["body_sha256"]) == call["body_sha256"]
    for order_id, order in orders.items():
        wanted = STEPS if order["status"] == "completed" else STEPS[: STEPS.index(order["error"]["action"]) + 1]
        assert seen[order_id] == {(str(n + 1), step) for n, step in enumerate(wanted)}, (order, seen[order_id])


@pytest.mark.parametrize("load", [300])
def test_an_orderly_end_under_load_takes_less_than_ten_seconds(start, load):
    mock = start.mock(services(("POST", "/slow", [{"delay": "PT3S", "status": 200}]), ("POST", "/hang", [{"hang": True}])))
    node = start.node()
    node.api.publish(chain("slow", [webhook(mock.url + "/slow")]))
    node.api.publish(chain("hang", [webhook(mock.url + "/hang", timeout="PT60S")]))
    for number in range(load):
        node.api.submit("slow" if number % 2 else "hang")
    began = time.monotonic()
    assert node.stop() == 0
    assert time.monotonic() - began < 10
    assert node.verify().returncode == 0
    node.restart()
    assert len(node.api.all("/v1/orders")) == load
