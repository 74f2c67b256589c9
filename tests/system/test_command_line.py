"""The command line, as a person or a script uses it."""

import json
import subprocess

import pytest

from blueprints import OK, one_call, services, waiting
from machine import BINARY, troupe

COMMANDS = ["serve", "submit", "orders", "order", "history", "event", "cancel", "reprocess", "publish", "blueprints", "batches", "validate", "verify", "mock", "bench"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command):
    result = troupe(command, "--help")
    assert result.returncode == 0 and command in result.stdout.lower()


def test_wrong_usage_ends_with_2():
    assert troupe().returncode == 2
    assert troupe("dance").returncode == 2
    assert troupe("order").returncode == 2
    assert troupe("submit", "/nowhere/at/all").returncode == 2


def test_no_server_ends_with_3():
    result = troupe("orders", server="http://127.0.0.1:1")
    assert result.returncode == 3 and "127.0.0.1:1" in result.stderr


def test_a_refusal_ends_with_1_and_prints_the_problem(node):
    result = node.cli("order", "nobody")
    assert result.returncode == 1 and "nobody" in result.stderr and "Traceback" not in result.stderr


def test_submit_wait_and_read(node, start, folder):
    mock = start.mock(services(("POST", "/ok", [OK]), ("POST", "/broken", [{"status": 400}])))
    (folder / "good.json").write_text(json.dumps(one_call("good", mock.url + "/ok")))
    (folder / "bad.json").write_text(json.dumps(one_call("bad", mock.url + "/broken")))
    published = node.cli("publish", folder / "good.json", folder / "bad.json")
    assert published.returncode == 0 and "good version 1" in published.stdout
    (folder / "order.json").write_text(json.dumps({"order_id": "a-1", "workflow": "good"}))
    assert node.cli("submit", folder / "order.json", "--wait").returncode == 0
    failed = node.cli("submit", "-", "--wait", input=json.dumps({"order_id": "b-1", "workflow": "bad"}))
    assert failed.returncode == 4 and "failed" in failed.stdout
    many = node.cli("submit", "-", "--group", "g", input="\n".join(json.dumps({"workflow": "good"}) for _ in range(5)))
    assert many.returncode == 0 and len(many.stdout.split()) == 5
    assert len(node.cli("orders", "--group", "g").stdout.splitlines()) == 5
    assert node.cli("orders", "--status", "failed").stdout.split("\t")[0] == "b-1"
    assert json.loads(node.cli("--json", "order", "a-1").stdout)["status"] == "completed"
    assert json.loads(node.cli("order", "a-1", "--instance").stdout)["instanceId"] == "a-1"
    history = node.cli("history", "a-1").stdout.splitlines()
    assert "order_submitted" in history[0] and "order_ended" in history[-1]
    assert "good" in node.cli("blueprints").stdout
    assert node.cli("batches").stdout
    again = node.cli("reprocess", "b-1")
    assert again.returncode == 0
    waited = node.cli("reprocess", "--filter", "workflow=good", "--wait")
    assert waited.returncode == 0 and "6 done" in waited.stdout, waited


def test_events_and_cancelling(node):
    node.api.publish(waiting("approval"))
    for order_id in ("a", "b"):
        node.api.submit("approval", order_id=order_id, wait="PT5S")
    assert node.cli("event", "a", "reject", "--data", '{"reason": "no"}', "--comment", "late").returncode == 0
    assert node.cli("event", "b", "dance").returncode == 1
    assert "cancelled" in node.cli("cancel", "b").stdout


def test_validate_needs_no_server(folder):
    good = folder / "good.json"
    good.write_text(json.dumps(waiting("approval")))
    assert troupe("validate", good).returncode == 0
    bad = folder / "bad.json"
    bad.write_text(json.dumps({**waiting("approval"), "surprise": 1}))
    result = troupe("validate", bad)
    assert result.returncode == 1 and "/surprise" in result.stdout
    assert json.loads(troupe("--json", "validate", bad).stdout)["findings"][0]["pointer"] == "/surprise"


def test_verify_finds_a_state_that_is_not_the_fold_of_its_events(node, folder):
    import sqlite3

    node.api.publish(waiting("approval"))
    node.api.submit("approval", order_id="a", wait="PT5S")
    assert "1 orders" in node.verify().stdout
    node.stop()
    database = sqlite3.connect(folder / "orders.db")
    columns = [row[1] for row in database.execute("PRAGMA table_info(orders)")]
    folded = next(name for name in columns if name in ("folded", "state_json", "body", "value"))
    database.execute(f"UPDATE orders SET {folded} = replace({folded}, 'waiting', 'active')")
    database.commit()
    database.close()
    result = node.verify()
    assert result.returncode == 1 and "a" in result.stderr


def test_a_folder_is_no_file(tmp_path):
    for command in ("submit", "validate"):
        run = troupe(command, tmp_path)
        assert run.returncode == 2 and "expected a file that can be read" in run.stderr, run
