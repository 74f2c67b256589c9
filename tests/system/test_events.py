"""Commands for orders: events, cancel, reprocess one and many."""

import time

import pytest

from blueprints import OK, one_call, services, waiting, webhook


@pytest.fixture
def mock(start):
    return start.mock(services(
        ("POST", "/ok", [OK]),
        ("POST", "/slow", [{"delay": "PT1S", **OK}]),
        ("POST", "/flaky", [{"count": 4, "status": 503}, OK]),
        ("POST", "/mended", [{"when": "request.body.amount < 0", "status": 422}, OK])))


def test_a_manual_event_moves_a_waiting_order(api):
    api.publish(waiting("approval"))
    order = api.submit("approval", wait="PT10S")
    assert order["status"] == "waiting"
    after = api.post(f"/v1/orders/{order['order_id']}/events", {"event": "approve", "comment": "fine", "metadata": {"ticket": "T-1"}})
    assert after.status == 200
    assert api.order(order["order_id"], wait="PT5S")["status"] == "completed"
    received = [one for one in api.history(order["order_id"]) if one["type"] == "event_received"]
    assert received[0]["data"]["event"] == "approve" and received[0]["data"]["comment"] == "fine"


def test_an_event_that_is_not_possible_says_what_is(api):
    api.publish(waiting("approval"))
    order = api.submit("approval", wait="PT10S")
    reply = api.post(f"/v1/orders/{order['order_id']}/events", {"event": "ship"})
    assert reply.status == 409 and "approve" in reply.body["detail"] and "reject" in reply.body["detail"]


def test_invalid_event_data_is_refused_and_changes_nothing(api):
    api.publish(waiting("approval"))
    order = api.submit("approval", wait="PT10S")
    reply = api.post(f"/v1/orders/{order['order_id']}/events", {"event": "reject", "data": {"reason": ""}})
    assert reply.status == 422 and reply.body["errors"][0]["pointer"] == "/data/reason"
    assert api.order(order["order_id"])["sequence"] == order["sequence"]
    assert api.post(f"/v1/orders/{order['order_id']}/events", {"event": "reject", "data": {"reason": "no"}}).status == 200
    assert api.order(order["order_id"], wait="PT5S")["outcome"] == "error"


def test_an_event_for_an_order_whose_actions_run_is_deferred_and_taken_after_them(api, mock):
    blueprint = waiting("busy")
    blueprint["states"][0]["entryActions"] = [webhook(mock.url + "/slow")]
    api.publish(blueprint)
    order = api.submit("busy")
    api.await_status(order["order_id"], "active")
    reply = api.post(f"/v1/orders/{order['order_id']}/events", {"event": "approve"})
    assert reply.status == 200 and reply.body["deferred"] is True
    assert api.order(order["order_id"], wait="PT10S")["status"] == "completed"


def test_a_waiting_order_can_be_cancelled_and_a_cancelled_one_can_not(api):
    api.publish(waiting("approval"))
    order = api.submit("approval", wait="PT10S")
    assert api.post(f"/v1/orders/{order['order_id']}/cancel").body["status"] == "cancelled"
    assert api.post(f"/v1/orders/{order['order_id']}/cancel").status == 409


def test_cancelling_awaits_the_call_that_is_under_way(api, mock):
    api.publish({**one_call("slow", mock.url + "/slow")})
    order = api.submit("slow")
    time.sleep(0.4)
    assert api.post(f"/v1/orders/{order['order_id']}/cancel").status == 200
    ended = api.order(order["order_id"], wait="PT10S")
    assert ended["status"] == "cancelled"
    assert "action_completed" in [one["type"] for one in api.history(order["order_id"])]


def test_a_failed_order_is_reprocessed_from_its_failure_with_other_data(api, mock):
    blueprint = one_call("mended", mock.url + "/mended", payload={"amount": "{{data.amount}}"})
    api.publish(blueprint)
    order = api.submit("mended", {"amount": -1}, wait="PT10S")
    assert order["status"] == "failed"
    reply = api.post(f"/v1/orders/{order['order_id']}/reprocess",
                     {"from": "failure", "data_patch": [{"op": "replace", "path": "/amount", "value": 5}]})
    assert reply.status == 200 and reply.body["run"] == 2, reply
    assert api.order(order["order_id"], wait="PT10S")["status"] == "completed"
    assert len({one["idempotency_key"] for one in mock.calls()}) == 1


def test_an_order_that_is_being_performed_is_not_reprocessed(api, mock):
    api.publish(one_call("slow", mock.url + "/slow"))
    order = api.submit("slow")
    assert api.post(f"/v1/orders/{order['order_id']}/reprocess").status == 409


def test_all_failed_orders_are_reprocessed_at_once(api, mock):
    api.publish(one_call("flaky", mock.url + "/flaky"))
    ids = [api.submit("flaky", wait="PT10S")["order_id"] for _ in range(6)]
    assert sorted(api.order(one)["status"] for one in ids) == ["completed"] * 2 + ["failed"] * 4
    dry = api.post("/v1/orders/reprocess", {"filter": {"status": "failed"}, "dry_run": True})
    assert dry.status == 202
    wait_for_operation(api, dry.body["operation_id"])
    assert len(api.all("/v1/orders", status="failed")) == 4
    started = api.post("/v1/orders/reprocess", {"filter": {"status": "failed"}, "from": "start"})
    operation = wait_for_operation(api, started.body["operation_id"])
    assert (operation["status"], operation["total"], operation["done"], operation["refused"]) == ("completed", 4, 4, 0)
    results = api.all(f"/v1/operations/{operation['operation_id']}/results")
    assert {one["result"] for one in results} == {"reprocessed"} and len(results) == 4
    for one in ids:
        assert api.order(one, wait="PT10S")["status"] == "completed"


def test_some_orders_are_reprocessed_by_their_ids(api, mock):
    api.publish(one_call("single", mock.url + "/ok"))
    done = api.submit("single", wait="PT10S")["order_id"]
    started = api.post("/v1/orders/reprocess", {"order_ids": [done, "nobody"]})
    operation = wait_for_operation(api, started.body["operation_id"])
    assert (operation["done"], operation["refused"]) == (1, 1)
    assert api.order(done, wait="PT10S")["run"] == 2


def test_an_operation_does_what_it_was_told_last(api, mock):
    api.publish(one_call("single", mock.url + "/ok"))
    ids = [api.submit("single", wait="PT10S")["order_id"] for _ in range(8)]
    for verbs in (["pause", "resume"] * 4, ["pause", "pause", "resume", "resume"]):
        started = api.post("/v1/orders/reprocess", {"order_ids": ids, "rate": 4, "dry_run": True}).body
        for verb in verbs:
            assert api.post(f"/v1/operations/{started['operation_id']}/{verb}").status == 200
        operation = wait_for_operation(api, started["operation_id"])
        assert (operation["status"], operation["total"], operation["done"]) == ("completed", 8, 8)
    slow = api.post("/v1/orders/reprocess", {"order_ids": ids, "rate": 1, "dry_run": True}).body["operation_id"]
    assert api.post(f"/v1/operations/{slow}/cancel").body["status"] == "cancelled"
    assert api.get(f"/v1/operations/{slow}").body["status"] == "cancelled"
    assert api.post(f"/v1/operations/{slow}/resume").status == 409
    assert api.post("/v1/operations/nothing/pause").status == 404


def test_an_operation_that_was_cancelled_stays_so_over_a_crash(node, mock):
    node.api.publish(one_call("single", mock.url + "/ok"))
    ids = [node.api.submit("single", wait="PT10S")["order_id"] for _ in range(8)]
    path = "/v1/operations/" + node.api.post("/v1/orders/reprocess", {"order_ids": ids, "rate": 2}).body["operation_id"]
    cancelled = node.api.post(path + "/cancel").body
    node.kill()
    node.restart()
    assert node.api.get(path).body == cancelled and cancelled["status"] == "cancelled"


def wait_for_operation(api, operation_id):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        operation = api.get(f"/v1/operations/{operation_id}").body
        if operation["ended_at"]:
            return operation
        time.sleep(0.05)
    raise AssertionError(operation)
