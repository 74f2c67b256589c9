"""Whatever comes in wrong gets a clear answer and changes nothing."""

import json
import socket
import sqlite3
import subprocess
import time

import pytest

from blueprints import OK, one_call, services, waiting
from machine import BINARY, Node, free_port, troupe

STRICT = {
    "stateMachineId": "strict",
    "data": {"schema": {"type": "object", "additionalProperties": False,
                        "properties": {"amount": {"type": "number", "minimum": 0.01}, "currency": {"enum": ["USD", "EUR"]}, "account": {"type": "string", "pattern": "^[A-Z0-9]{8,}$"}},
                        "required": ["amount", "currency", "account"]}},
    "states": [{"stateId": "asked", "baseStateType": "initial"}, {"stateId": "done", "baseStateType": "final"}],
    "transitions": [{"transitionId": "go", "from": "asked", "to": "done", "trigger": "manual"}],
}
GOOD = {"amount": 1, "currency": "USD", "account": "ACCT1234"}


@pytest.fixture
def strict(api):
    api.publish(STRICT)
    return api


def refused(reply, status, code):
    assert reply.status == status, reply
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.body["type"] == f"urn:troupe:problem:{code}", reply
    return reply.body


def nothing_changed(api):
    assert api.all("/v1/orders") == []


def test_an_unknown_workflow(api):
    assert "nowhere" in refused(api.post("/v1/orders", {"workflow": "nowhere"}), 404, "unknown_workflow")["detail"]
    refused(api.post("/v1/orders", {}), 422, "invalid_data")
    nothing_changed(api)


def test_every_violation_of_the_data_is_listed_with_its_pointer(strict):
    problem = refused(strict.post("/v1/orders", {"workflow": "strict", "data": {"amount": 0, "currency": "usd", "account": "x", "more": 1}}), 422, "invalid_data")
    assert {one["pointer"] for one in problem["errors"]} == {"/data/amount", "/data/currency", "/data/account", "/data/more"}
    assert all(one["expected"] and one["found"] for one in problem["errors"])
    missing = refused(strict.post("/v1/orders", {"workflow": "strict"}), 422, "invalid_data")
    assert len(missing["errors"]) == 3
    nothing_changed(strict)


@pytest.mark.parametrize("field, value", [("order_id", "has space"), ("order_id", 7), ("order_id", "x" * 129), ("priority", 1.5), ("priority", "high"), ("not_before", "tomorrow"),
                                          ("labels", {"a": 1}), ("labels", []), ("metadata", 1), ("version", 0), ("version", "new"), ("surprise", 1), ("data", [])])
def test_a_field_of_the_submission_that_cannot_be(strict, field, value):
    problem = refused(strict.post("/v1/orders", {"workflow": "strict", "data": GOOD, field: value}), 422, "invalid_data")
    assert any(one["pointer"].startswith(f"/{field}") for one in problem["errors"]), problem
    nothing_changed(strict)


@pytest.mark.parametrize("text", ["", "{", "[1,", '{"workflow" "strict"}', "nul", '{"a":1}}', "\ufeff{}", "{'a': 1}", '{"a":01}', '{"workflow": "strict", "workflow": "strict"}',
                                  '{"data": {"a": {"b": 1, "b": 2}}}', "[" * 100 + "]" * 100, '{"a":' * 70 + "1" + "}" * 70, "[" * 200_000], ids=range(14))
def test_json_that_cannot_be_read(strict, text):
    refused(strict.post("/v1/orders", text), 400, "malformed_json")
    nothing_changed(strict)


@pytest.mark.parametrize("bytes_", [b'{"workflow":"\xff"}', b'{"workflow":"\xc0\xaf"}', b'{"workflow":"\xed\xa0\x80"}', b"\x00", b'{"a":"\x01"}'])
def test_broken_utf_8_and_control_characters(strict, bytes_):
    refused(strict.post("/v1/orders", bytes_), 400, "malformed_json")


@pytest.mark.parametrize("number", ["123456789012345678901234567890", "0.1000000000000000055511151231257827", "1e400", "18446744073709551616", "-9223372036854775809"])
def test_a_number_that_would_lose_its_value(strict, number):
    problem = refused(strict.post("/v1/orders", '{"workflow":"strict","data":{"amount":%s}}' % number), 422, "invalid_data")
    assert problem["errors"][0]["pointer"] == "/data/amount"


def test_numbers_that_keep_their_value_come_out_as_they_went_in(api):
    api.publish(waiting("approval"))
    text = '{"workflow":"approval","data":{"big":9223372036854775807,"bigger":18446744073709551615,"decimal":0.1,"whole":1.0,"exponent":1e2}}'
    order = api.order(api.post("/v1/orders", text).body["order_id"])
    assert order["data"] == {"big": 9223372036854775807, "bigger": 18446744073709551615, "decimal": 0.1, "whole": 1.0, "exponent": 100}


def test_a_body_that_is_too_large(strict):
    refused(strict.post("/v1/orders", b'{"workflow":"' + b"x" * (2 << 20) + b'"}'), 413, "body_too_large")
    assert strict.get("/healthz").status == 200


@pytest.mark.parametrize("path", ["/v1/orders?colour=red", "/v1/orders?status=great", "/v1/orders?limit=0", "/v1/orders?limit=1001", "/v1/orders?limit=ten", "/v1/orders?cursor=!!",
                                  "/v1/orders?created_after=yesterday", "/v1/orders?label=nocolon", "/v1/orders?order=up", "/v1/orders/x?wait=5", "/v1/orders/x?view=all", "/v1/batches?x=1", "/v1/orders?version=one", "/v1/orders?group=", "/v1/orders?error=", "/v1/orders?workflow=", "/v1/orders?state=", "/v1/orders?status=", "/v1/orders?cursor="])
def test_a_query_parameter_that_is_not_known_or_cannot_be(api, path):
    refused(api.get(path), 400, "invalid_request")


@pytest.mark.parametrize("filter", [{"group": ""}, {"group": None}, {"error": ""}, {"status": []}, {"label": []}, {"workflow": {"a": 1}}, {"state": None}, {"colour": "red"}])
def test_a_filter_that_says_nothing_does_not_mean_all(api, filter):
    refused(api.post("/v1/orders/reprocess", {"filter": filter, "dry_run": True}), 422, "invalid_data")


def test_a_version_that_cannot_be_is_refused_for_many_as_for_one(api):
    problem = refused(api.post("/v1/orders/reprocess", {"order_ids": ["one"], "version": "newest"}), 422, "invalid_data")
    assert problem["errors"][0]["pointer"] == "/version"


def test_what_is_not_there(api):
    refused(api.get("/v1/orders/nobody"), 404, "unknown_order")
    refused(api.get("/v1/orders/nobody?wait=PT1S"), 404, "unknown_order")
    refused(api.get("/v1/orders/nobody/history"), 404, "unknown_order")
    refused(api.post("/v1/orders/nobody/cancel"), 404, "unknown_order")
    refused(api.post("/v1/orders/nobody/events", {"event": "x"}), 404, "unknown_order")
    refused(api.post("/v1/orders/nobody/reprocess"), 404, "unknown_order")
    refused(api.get("/v1/blueprints/nothing"), 404, "unknown_blueprint")
    refused(api.get("/v1/batches/nothing"), 404, "unknown_batch")
    refused(api.get("/v1/operations/nothing"), 404, "unknown_operation")
    refused(api.get("/nowhere"), 404, "unknown_route")
    wrong = api.call("DELETE", "/v1/orders")
    assert wrong.status == 405 and {"GET", "POST"} <= set(wrong.headers["allow"].replace(" ", "").split(","))


@pytest.mark.parametrize("path, body", [("events", {}), ("events", {"event": 1}), ("events", {"event": "go", "surprise": 1}), ("cancel", {"rollback": "yes"}), ("cancel", []),
                                        ("reprocess", {"from": 1}), ("reprocess", {"version": "best"}), ("reprocess", {"surprise": True})])
def test_a_command_whose_body_cannot_be(strict, path, body):
    order = strict.submit("strict", GOOD, wait="PT5S")
    refused(strict.post(f"/v1/orders/{order['order_id']}/{path}", body), 422, "invalid_data")
    assert strict.order(order["order_id"])["sequence"] == order["sequence"]


def test_a_full_queue_says_when_to_try_again(start):
    mock = start.mock(services(("POST", "/hang", [{"hang": True}])))
    node = start.node(settings=["orders.pending_limit=5", "batch.size=2", "batch.lanes=1"])
    node.api.publish(one_call("hang", mock.url + "/hang"))
    replies = [node.api.post("/v1/orders", {"workflow": "hang"}) for _ in range(20)]
    assert {one.status for one in replies} == {201, 429}
    full = next(one for one in replies if one.status == 429)
    assert int(full.headers["retry-after"]) >= 1 and full.body["type"].endswith(":queue_full")
    assert len(node.api.all("/v1/orders")) == sum(one.status == 201 for one in replies)


def test_a_slow_client_is_closed_and_others_are_served(start):
    node = start.node(settings=["http.header_timeout=PT1S"])
    with socket.create_connection(("127.0.0.1", node.port)) as slow:
        slow.sendall(b"POST /v1/orders HTTP/1.1\r\nHost: x\r\n")
        began = time.monotonic()
        slow.settimeout(10)
        assert node.api.get("/healthz").status == 200
        while slow.recv(4096):
            pass
        assert time.monotonic() - began < 5


def test_an_unknown_option_is_refused_and_the_nearest_is_named(folder):
    wrong = troupe("serve", "--set", "batch.sise=5", "--store", f"sqlite:{folder}/x.db", timeout=20)
    assert wrong.returncode == 2 or wrong.returncode == 1
    assert "batch.sise" in wrong.stderr and "batch.size" in wrong.stderr
    file = folder / "troupe.json"
    file.write_text('{ // comments are fine\n "http": { "listn": "127.0.0.1:1" } }')
    wrong = troupe("serve", "--config", file, timeout=20)
    assert wrong.returncode != 0 and "http.listen" in wrong.stderr
    wrong = troupe("serve", "--set", "batch.size=many", timeout=20)
    assert wrong.returncode != 0 and "batch.size" in wrong.stderr
    wrong = troupe("serve", timeout=20, environment={"TROUPE_BATCH_SIZE": "many"})
    assert wrong.returncode != 0 and "TROUPE_BATCH_SIZE" in wrong.stderr


def test_an_allow_list_that_cannot_be_read_is_refused(folder):
    wrong = troupe("serve", "--set", 'webhook.allow=["foo"]', "--store", f"sqlite:{folder}/x.db", timeout=20)
    assert wrong.returncode != 0 and "webhook.allow" in wrong.stderr and "foo" in wrong.stderr


def test_listening_beyond_loopback_without_authentication_is_refused(folder):
    wrong = troupe("serve", "--listen", "0.0.0.0:0", "--store", f"sqlite:{folder}/x.db", timeout=20)
    assert wrong.returncode != 0 and "authentication" in wrong.stderr


def test_a_port_in_use(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        wrong = troupe("serve", "--listen", f"127.0.0.1:{port}", "--store", f"sqlite:{folder}/x.db", timeout=20)
    assert wrong.returncode != 0 and str(port) in wrong.stderr and "listens there already" in wrong.stderr


def test_a_store_from_a_newer_version(start, folder):
    node = start.node()
    node.stop()
    database = sqlite3.connect(folder / "orders.db")
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    assert "schema_migrations" in tables or database.execute("PRAGMA user_version").fetchone()[0] > 0
    if "schema_migrations" in tables:
        columns = [row[1] for row in database.execute("PRAGMA table_info(schema_migrations)")]
        database.execute(f"INSERT INTO schema_migrations ({columns[0]}) VALUES (9999)") if len(columns) == 1 else database.execute(
            f"INSERT INTO schema_migrations SELECT 9999, {', '.join(columns[1:])} FROM schema_migrations LIMIT 1")
    else:
        database.execute("PRAGMA user_version = 9999")
    database.commit()
    database.close()
    wrong = troupe("serve", "--listen", f"127.0.0.1:{free_port()}", "--store", node.store, timeout=20)
    assert wrong.returncode != 0 and "newer" in wrong.stderr and "orders.db" in wrong.stderr


def test_a_file_that_is_no_store(folder):
    (folder / "notes.txt").write_text("not a database " * 100)
    wrong = troupe("serve", "--listen", f"127.0.0.1:{free_port()}", "--store", f"sqlite:{folder}/notes.txt", timeout=20)
    assert wrong.returncode != 0 and "notes.txt" in wrong.stderr


def test_an_unreadable_blueprint_among_good_ones(node, folder):
    (folder / "good.json").write_text(json.dumps(waiting("good")))
    (folder / "broken.json").write_text('{"stateMachineId": "broken", ')
    (folder / "wrong.json").write_text(json.dumps({**waiting("wrong"), "transitions": [{"transitionId": "t", "from": "asked", "to": "nowhere"}]}))
    result = node.cli("publish", folder)
    assert result.returncode == 1
    assert "broken.json" in result.stderr and "wrong.json" in result.stderr and "nowhere" in result.stderr
    assert [one["id"] for one in node.api.all("/v1/blueprints")] == ["good"]


def test_a_server_with_an_unreadable_record_serves_the_good_ones(start, folder):
    node = start.node()
    node.api.publish(waiting("good"))
    node.api.publish(waiting("spoilt"))
    node.stop()
    database = sqlite3.connect(folder / "orders.db")
    (table,) = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('published', 'blueprints')")]
    database.execute(f"UPDATE {table} SET definition = '{{}}' WHERE id = 'spoilt'")
    database.commit()
    database.close()
    node.restart()
    assert node.api.post("/v1/orders", {"workflow": "good"}).status == 201
    assert node.api.post("/v1/orders", {"workflow": "spoilt"}).status == 404
    assert "definition_unreadable" in node.log_text() and "spoilt" in node.log_text()
