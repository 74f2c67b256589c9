"""What moves orders besides events: time, pauses, answers to escalations, rollbacks; over HTTP, the command line and a kill -9."""

import time

import pytest

from blueprints import OK, chain, final, one_call, services, waiting, webhook


@pytest.fixture
def mock(start):
    return start.mock(services(
        ("POST", "/ok", [OK]),
        ("POST", "/undo", [OK]),
        ("POST", "/slow", [{"delay": "PT1S", **OK}]),
        ("POST", "/refuse", [{"count": 1, "status": 422}, OK]),
        ("POST", "/broken", [{"status": 422}])))


def expiring(name, after):
    blueprint = waiting(name)
    blueprint["states"].append(final("expired", "partial"))
    blueprint["transitions"].append({"transitionId": "expire", "from": "asked", "to": "expired", "trigger": {"type": "time", "after": after}})
    return blueprint


def types(api, order_id):
    return [one["type"] for one in api.history(order_id)]


def test_time_moves_a_waiting_order_once(api):
    api.publish(expiring("expiring", "PT0.5S"))
    order = api.submit("expiring", wait="PT5S")
    ended = api.await_status(order["order_id"], "completed")
    assert (ended["state"], ended["outcome"]) == ("expired", "partial")
    assert types(api, order["order_id"]).count("timer_fired") == 1


def test_a_time_that_passed_while_nothing_ran_counts_after_the_start(node):
    node.api.publish(expiring("expiring", "PT2S"))
    ids = [node.api.submit("expiring", wait="PT5S")["order_id"] for _ in range(5)]
    node.kill()
    time.sleep(2.2)
    node.restart()
    for order_id in ids:
        assert node.api.await_status(order_id, "completed")["state"] == "expired"
        assert types(node.api, order_id).count("timer_fired") == 1


def test_a_stay_and_an_order_that_take_too_long_fail(api, mock):
    blueprint = waiting("bounded")
    blueprint["states"][0]["timeout"] = "PT0.5S"
    blueprint["transitions"].append({"transitionId": "late", "from": "asked", "to": "rejected", "trigger": {"type": "error", "errors": ["timeout"]}})
    api.publish(blueprint)
    assert api.await_status(api.submit("bounded")["order_id"], "failed")["error"]["code"] == "state_timeout"
    api.publish({**one_call("hurried", mock.url + "/slow"), "timeout": "PT0.3S"})
    hurried = api.submit("hurried", wait="PT10S")
    assert hurried["status"] == "failed" and hurried["error"]["code"] == "order_timeout", hurried


def test_no_time_passes_for_a_paused_order_and_its_events_wait(api):
    api.publish(expiring("expiring", "PT2S"))
    first, second = (api.submit("expiring", wait="PT5S")["order_id"] for _ in range(2))
    for one in (first, second):
        assert api.post(f"/v1/orders/{one}/pause").body["status"] == "paused"
    assert api.post(f"/v1/orders/{first}/pause").status == 409
    assert api.post(f"/v1/orders/{first}/events", {"event": "approve"}).body["deferred"] is True
    time.sleep(2.5)
    assert api.order(first)["status"] == api.order(second)["status"] == "paused"
    for one in (first, second):
        assert api.post(f"/v1/orders/{one}/resume").status == 200
    assert api.await_status(first, "completed")["state"] == "approved"
    assert api.await_status(second, "completed")["state"] == "expired"
    assert api.post(f"/v1/orders/{first}/resume").status == 409


def test_pausing_awaits_the_call_that_is_under_way(node, mock):
    api = node.api
    api.publish(chain("two", [webhook(mock.url + "/slow"), webhook(mock.url + "/ok")]))
    order_id = api.submit("two")["order_id"]
    time.sleep(0.4)
    assert api.post(f"/v1/orders/{order_id}/pause").status == 200
    api.await_status(order_id, "paused")
    assert "action_completed" in types(api, order_id)
    assert node.cli("resume", order_id).returncode == 0
    assert api.order(order_id, wait="PT10S")["status"] == "completed"
    assert len(mock.calls()) == 2


def test_an_escalated_order_is_answered(node, mock):
    api = node.api
    api.publish(one_call("doubtful", mock.url + "/refuse", onError="escalate"))
    order_id = api.submit("doubtful", wait="PT10S")["order_id"]
    assert api.order(order_id)["status"] == "escalated"
    refused = api.post(f"/v1/orders/{order_id}/resolve", {"decision": "retry"})
    assert refused.status == 422 and refused.body["errors"][0]["pointer"] == "/comment"
    assert api.post(f"/v1/orders/{order_id}/resolve", {"decision": "goto", "state": "nowhere", "comment": "x"}).status == 422
    assert node.cli("resolve", order_id, "retry", "--comment", "the bank says try again").returncode == 0
    assert api.order(order_id, wait="PT10S")["status"] == "completed"
    said = [one for one in api.history(order_id) if one["type"] == "resolved"]
    assert [(one["data"]["decision"], one["data"]["comment"], one["by"]) for one in said] == [("retry", "the bank says try again", "anonymous")]
    assert api.post(f"/v1/orders/{order_id}/resolve", {"decision": "retry", "comment": "again"}).status == 409


def undoable(url, undo, action):
    return webhook(url, action=action, compensate={"webhook": {"url": undo, "method": "POST", "payload": {"undo": action}}})


def saga(name, mock, last):
    actions = [undoable(mock.url + "/ok", mock.url + "/undo", action) for action in ("reserve", "charge")]
    return chain(name, [*actions, webhook(mock.url + last, action="ship", onError="rollback")])


def undone(mock):
    return [one["idempotency_key"].split("/", 1)[1] for one in mock.calls() if one["path"] == "/undo"]


def test_a_rollback_undoes_in_reverse_order(api, mock):
    api.publish(saga("saga", mock, "/broken"))
    order = api.submit("saga", wait="PT10S")
    assert order["status"] == "rolled_back" and order["error"]["code"] == "http_422"
    assert undone(mock) == ["2/compensation/charge", "1/compensation/reserve"]
    assert [one["data"]["action"] for one in api.history(order["order_id"]) if one["type"] == "compensated"] == ["charge", "reserve"]


def test_a_cancellation_with_a_rollback_undoes_over_a_kill(node, mock):
    node.api.publish(saga("saga", mock, "/slow"))
    order_id = node.api.submit("saga")["order_id"]
    time.sleep(0.4)
    assert node.api.post(f"/v1/orders/{order_id}/cancel", {"rollback": True}).status == 200
    node.kill()
    node.restart()
    assert node.api.await_status(order_id, "cancelled")["status"] == "cancelled"
    assert undone(mock) == ["2/compensation/charge", "1/compensation/reserve"]
