"""Orders over HTTP: submitted, performed, read."""

import threading
import time

import pytest

from blueprints import OK, chain, one_call, services, waiting, webhook
from api import new_id


@pytest.fixture
def mock(start):
    return start.mock(services(("POST", "/ok", [OK]), ("POST", "/slow", [{"delay": "PT0.5S", **OK}]), ("POST", "/broken", [{"status": 400}])))


def test_an_order_is_performed_to_its_end(api, mock):
    api.publish(one_call("single", mock.url + "/ok"))
    order = api.submit("single", {"amount": 7}, wait="PT10S")
    assert (order["status"], order["outcome"], order["state"]) == ("completed", "success", "done")
    assert order["data"] == {"amount": 7}
    assert order["run"] == 1 and order["by"] == "anonymous"
    assert mock.calls()[0]["idempotency_key"] == f"{order['order_id']}/1/call"


def test_the_history_holds_every_event_without_gaps(api, mock):
    api.publish(chain("two", [webhook(mock.url + "/ok"), webhook(mock.url + "/ok", "again")]))
    order = api.submit("two", wait="PT10S")
    events = api.history(order["order_id"])
    assert [one["sequence"] for one in events] == list(range(1, len(events) + 1))
    assert events[0]["type"] == "order_submitted" and events[-1]["type"] == "order_ended"
    assert [one["data"]["state"] for one in events if one["type"] == "state_entered"] == ["step1", "step2", "done"]
    assert all(one["by"] for one in events)
    assert order["sequence"] == len(events)


def test_the_instance_view_tells_the_way_it_took(api, mock):
    api.publish(one_call("single", mock.url + "/ok"))
    order = api.submit("single", wait="PT10S")
    instance = api.order(order["order_id"], view="instance")
    assert instance["instanceId"] == order["order_id"] and instance["status"] == "completed"
    assert [one["state"] for one in instance["history"]] == ["step1", "done"]
    assert instance["history"][0]["actions"][0]["status"] == "completed"
    assert instance["history"][0]["exitedAt"]


def test_a_failure_leads_to_the_error_state_with_its_data(api, mock):
    api.publish(one_call("single", mock.url + "/broken"))
    order = api.submit("single", wait="PT10S")
    assert (order["status"], order["outcome"], order["state"]) == ("failed", "error", "error")
    assert order["error"]["code"] == "http_400" and order["error"]["state"] == "step1"


def test_the_same_request_again_is_the_same_order_and_another_is_refused(api, mock):
    api.publish(one_call("single", mock.url + "/ok"))
    request = {"order_id": new_id(), "workflow": "single", "data": {"a": 1, "b": 2}}
    assert api.post("/v1/orders", request).status == 201
    again = api.post("/v1/orders", '{"workflow":"single",  "data":{"b":2,"a":1}, "order_id":"' + request["order_id"] + '"}')
    assert again.status == 200 and again.body["order_id"] == request["order_id"]
    other = api.post("/v1/orders", {**request, "data": {"a": 2}})
    assert other.status == 409 and other.body["type"].endswith(":duplicate_order")


def test_workflow_may_be_written_as_the_source_document_does(api, mock):
    api.publish(one_call("single", mock.url + "/ok"))
    assert api.post("/v1/orders", {"Workflow": "single"}).status == 201


def test_waiting_answers_when_the_order_has_settled_or_the_time_is_up(api, mock):
    api.publish(one_call("slow", mock.url + "/slow"))
    order = api.submit("slow", wait="PT0.05S")
    assert order["status"] in ("pending", "active")
    began = time.monotonic()
    assert api.order(order["order_id"], wait="PT20S")["status"] == "completed"
    assert time.monotonic() - began < 5
    assert api.order(order["order_id"], wait="PT20S")["status"] == "completed"


def test_an_order_not_before_its_time_waits_for_it(api, mock):
    api.publish(one_call("single", mock.url + "/ok"))
    soon = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() + 2))
    order = api.submit("single", not_before=soon)
    time.sleep(0.5)
    assert api.order(order["order_id"])["status"] == "pending"
    done = api.await_status(order["order_id"], "completed", timeout=10)
    assert done["started_at"] >= soon


def test_lists_are_filtered_and_paged(api, mock):
    api.publish(one_call("single", mock.url + "/ok"))
    api.publish(waiting("approval"))
    for number in range(25):
        api.submit("single", labels={"shop": "a" if number % 2 else "b", "number": str(number)})
    asked = [api.submit("approval", wait="PT10S")["order_id"] for _ in range(3)]
    first = api.get("/v1/orders", limit=10).body
    assert len(first["items"]) == 10 and first["next"] and "data" not in first["items"][0]
    everything = api.all("/v1/orders", limit=7)
    assert len({one["order_id"] for one in everything}) == 28
    assert [one["order_id"] for one in everything] == [one["order_id"] for one in reversed(api.all("/v1/orders", limit=9, order="asc"))]
    assert len(api.all("/v1/orders", label="shop:a")) == 12
    assert len(api.all("/v1/orders", label=["shop:a", "number:3"])) == 1
    assert {one["order_id"] for one in api.all("/v1/orders", status="waiting")} == set(asked)
    assert len(api.all("/v1/orders", workflow="approval", state="asked")) == 3
    assert api.all("/v1/orders", created_before="2020-01-01T00:00:00Z") == []
    assert len(api.all("/v1/orders", created_after="2020-01-01T00:00:00Z")) == 28


def test_orders_of_higher_priority_come_first(start, mock):
    node = start.node(settings=["batch.lanes=1", "batch.size=1"])
    node.api.publish(one_call("slow", mock.url + "/slow"))
    first = node.api.submit("slow")
    low = [node.api.submit("slow", priority=-1)["order_id"] for _ in range(2)]
    high = [node.api.submit("slow", priority=5)["order_id"] for _ in range(2)]
    ends = {one: node.api.order(one, wait="PT20S")["ended_at"] for one in [first["order_id"], *low, *high]}
    assert sorted(low + high, key=ends.get) == high + low


def test_bulk_takes_lines_and_arrays_and_one_bad_line_refuses_itself_alone(api, mock):
    import json

    api.publish(one_call("single", mock.url + "/ok"))
    lines = [json.dumps({"order_id": f"bulk-{n}", "workflow": "single"}) for n in range(50)]
    lines[7] = '{"workflow": "single", '
    lines[9] = '{"workflow": "nowhere"}'
    lines[11] = '{"workflow": "single", "data": {"a": 1, "a": 2}}'
    reply = api.post("/v1/orders/bulk?group=first", "\n".join(lines))
    results = [json.loads(line) for line in reply.text.splitlines()]
    assert [one["line"] for one in results] == list(range(1, 51))
    assert {one["line"]: one["status"] for one in results if one["status"] != 201} == {8: 400, 10: 404, 12: 400}
    again = api.post("/v1/orders/bulk", "[" + ",".join(lines[:7]) + "]")
    assert [json.loads(line)["status"] for line in again.text.splitlines()] == [200] * 7
    assert len(api.all("/v1/orders", group="first")) == 47


def test_bulk_of_a_client_that_writes_everything_before_it_reads(node, mock):
    import http.client
    import json

    node.api.publish(one_call("single", mock.url + "/ok"))
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=120)
    body = "".join(json.dumps({"workflow": "single", "data": {"filler": "x" * 400, "n": n}}) + "\n" for n in range(20_000))
    connection.request("POST", "/v1/orders/bulk", body)
    answer = connection.getresponse()
    assert sum(json.loads(line)["status"] == 201 for line in answer) == 20_000


def test_batches_tell_how_each_order_settled(api, mock):
    api.publish(one_call("single", mock.url + "/ok"))
    api.publish(waiting("approval"))
    api.submit("single", wait="PT10S")
    api.submit("approval", wait="PT10S")
    deadline = time.monotonic() + 10
    while any(one["status"] == "running" for one in api.all("/v1/batches")) and time.monotonic() < deadline:
        time.sleep(0.05)
    batches = api.all("/v1/batches")
    assert all(one["status"] == "settled" and one["ended_at"] for one in batches)
    settled = {}
    for one in batches:
        for status, count in one["settled"].items():
            settled[status] = settled.get(status, 0) + count
    assert settled == {"completed": 1, "waiting": 1}
    assert api.get(f"/v1/batches/{batches[0]['batch_id']}").body == batches[0]


def test_a_key_gives_the_first_answer_again(api, mock):
    api.publish(one_call("single", mock.url + "/ok"))
    key = {"Idempotency-Key": new_id()}
    first = api.post("/v1/orders", {"workflow": "single"}, headers=key)
    again = api.post("/v1/orders", {"workflow": "single"}, headers=key)
    assert first.status == again.status == 201 and first.body == again.body
    assert api.post("/v1/orders", {"workflow": "single", "data": {"a": 1}}, headers=key).status == 422
    assert len(api.all("/v1/orders")) == 1


def test_the_same_key_at_once_makes_one_order(node, mock):
    from machine import Api

    node.api.publish(one_call("single", mock.url + "/ok"))
    key = {"Idempotency-Key": new_id()}
    found = []

    def submit():
        found.append(Api(node.url).post("/v1/orders", {"workflow": "single"}, headers=key))

    threads = [threading.Thread(target=submit) for _ in range(12)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    assert {one.status for one in found} == {201}, found
    assert len({one.body["order_id"] for one in found}) == 1
    assert len(node.api.all("/v1/orders")) == 1


def test_an_order_may_bring_its_own_blueprint(api, mock):
    own = one_call("own", mock.url + "/ok")
    reply = api.post("/v1/orders?wait=PT10S", {"blueprint": own, "data": {"a": 1}})
    assert reply.status == 201 and reply.body["status"] == "completed", reply
    broken = api.post("/v1/orders", {"blueprint": {**own, "states": own["states"][:1]}})
    assert broken.status == 422 and all(one["pointer"].startswith("/blueprint") for one in broken.body["errors"])
