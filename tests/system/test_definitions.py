"""Blueprints, API calls and functions: published, versioned, read, checked."""

import json

import pytest

from blueprints import OK, one_call, services, waiting
from machine import SOURCE, troupe

CALL = {"api_call_id": "greet", "url": "http://127.0.0.1:1/greet", "method": "POST", "data": {"name": "{{data.name}}"}}
RECIPE = {"workflow": "greeting", "steps": [{"api_call_id": "greet", "save": {"answer": "response.body"}}]}


def test_a_version_is_published_once_and_never_changes(api):
    first = api.put("/v1/blueprints/approval?comment=first", waiting("approval"))
    assert first.status == 201 and first.body["version"] == 1 and first.body["comment"] == "first"
    assert api.put("/v1/blueprints/approval", waiting("approval")).status == 200
    changed = {**waiting("approval"), "name": "Approval"}
    assert api.put("/v1/blueprints/approval", changed).body["version"] == 2
    assert api.put("/v1/blueprints/approval", {**changed, "version": 2}).status == 200
    assert api.put("/v1/blueprints/approval", {**changed, "version": 2, "name": "Other"}).status == 409
    assert api.put("/v1/blueprints/approval", {**changed, "version": 9}).status == 409
    assert [one["version"] for one in api.all("/v1/blueprints/approval/versions")] == [2, 1]
    assert api.get("/v1/blueprints/approval").body["definition"]["name"] == "Approval"
    assert "name" not in api.get("/v1/blueprints/approval/versions/1").body["definition"]
    assert api.get("/v1/blueprints/approval/versions/3").status == 404


def test_a_key_gives_the_first_publication_again(api):
    key = {"Idempotency-Key": "publish-1"}
    first = api.put("/v1/blueprints/approval", waiting("approval"), headers=key)
    changed = {**waiting("approval"), "name": "Approval"}
    assert api.put("/v1/blueprints/approval", changed).body["version"] == 2
    again = api.put("/v1/blueprints/approval", waiting("approval"), headers=key)
    assert first.status == again.status == 201 and first.body == again.body
    assert api.put("/v1/blueprints/approval", changed, headers=key).status == 422
    assert api.get("/v1/blueprints/approval").body["version"] == 2


def test_the_normalised_form_is_itself(api):
    api.put("/v1/api-calls/greet", CALL)
    form = api.put("/v1/blueprints/greeting", RECIPE).body["definition"]
    again = api.post("/v1/blueprints/validate", form)
    assert [one for one in again.body["findings"] if one["severity"] == "error"] == []
    form.pop("version", None)
    assert api.put("/v1/blueprints/greeting", form).body["definition"]["states"] == form["states"]


def test_all_findings_come_at_once_and_nothing_is_published(api):
    broken = waiting("broken")
    broken["states"][0]["surprise"] = 1
    broken["transitions"][0]["to"] = "nowhere"
    broken["transitions"][1]["condition"] = "data.amount >"
    reply = api.put("/v1/blueprints/broken", broken)
    assert reply.status == 422 and reply.body["type"].endswith(":invalid_blueprint")
    pointers = {one["pointer"] for one in reply.body["errors"]}
    assert {"/states/0/surprise", "/transitions/0/to", "/transitions/1/condition"} <= pointers
    assert all(one["message"] for one in reply.body["errors"])
    assert api.get("/v1/blueprints/broken").status == 404
    found = api.post("/v1/blueprints/validate", broken)
    assert found.status == 200 and {one["pointer"] for one in found.body["findings"]} >= pointers
    assert api.put("/v1/blueprints/other", waiting("broken")).status == 422


@pytest.mark.parametrize("change", [
    {"sensitive": ["card"]},
])
def test_what_is_not_built_yet_is_refused_clearly(api, change):
    blueprint = {**waiting("later"), **change}
    reply = api.put("/v1/blueprints/later", blueprint)
    assert reply.status == 422 and any("not built" in one["message"] for one in reply.body["errors"]), reply


def test_the_compact_form_is_published_as_the_full_form(api):
    compact = {"id": "compact", "states": {"a": {"type": "initial", "transitions": [{"target": "b", "condition": "data.a > 0"}]},
                                           "b": {"type": "final"}}}
    assert api.put("/v1/blueprints/compact", compact).status == 201
    read = api.get("/v1/blueprints/compact").body
    assert read["form"] == "compact" and [one["stateId"] for one in read["definition"]["states"]] == ["a", "b"]
    assert read["definition"]["transitions"][0]["transitionId"] == "a_to_b"


def test_every_built_in_function_is_listed_with_examples(api):
    items = api.get("/v1/functions").body["items"]
    by_name = {one["name"]: one for one in items}
    assert len(by_name) > 70 and by_name["sum"]["signature"] == "sum(list)"
    assert {"expression": "sum([0.1, 0.2])", "result": 0.3} in by_name["sum"]["examples"]


def test_a_blueprint_pins_the_versions_that_it_uses(api, start):
    mock = start.mock(services(("POST", "/one", [{"status": 200, "body": 1}]), ("POST", "/two", [{"status": 200, "body": 2}])))
    api.put("/v1/api-calls/greet", {**CALL, "url": mock.url + "/one"})
    first = api.put("/v1/blueprints/greeting", {**RECIPE, "data": {"schema": {"type": "object"}}})
    assert first.status == 201, first
    assert api.submit("greeting", {"name": "a"}, wait="PT10S")["data"]["answer"] == 1
    assert api.put("/v1/api-calls/greet", {**CALL, "url": mock.url + "/two"}).body["version"] == 2
    assert api.submit("greeting", {"name": "a"}, wait="PT10S")["data"]["answer"] == 1
    assert api.put("/v1/blueprints/greeting", {**RECIPE, "data": {"schema": {"type": "object"}}}).body["version"] == 2
    assert api.submit("greeting", {"name": "a"}, wait="PT10S")["data"]["answer"] == 2
    assert api.submit("greeting", {"name": "a"}, version=1, wait="PT10S")["data"]["answer"] == 1


def test_functions_are_published_and_called(api, start):
    mock = start.mock(services(("POST", "/items", [{"status": 200, "body": {"items": ["x", "y"]}}])))
    module = "export function firstElement(list) { return list[0] }"
    assert api.put("/v1/functions/lists", module, headers={"Content-Type": "text/javascript"}).status == 201
    assert "firstElement" in [one["name"] for one in api.get("/v1/functions").body["items"]]
    assert api.get("/v1/functions/lists").body["definition"]["source"] == module
    assert api.put("/v1/functions/others", module).status == 422
    assert api.put("/v1/functions/broken", "export function (").status == 422
    api.publish(one_call("items", mock.url + "/items", save={"item": "firstElement(response.body.items)"}))
    assert api.submit("items", wait="PT10S")["data"]["item"] == "x"


def test_published_definitions_survive_a_restart(node):
    node.api.put("/v1/api-calls/greet", CALL)
    node.api.put("/v1/functions/lists", "export function lastElement(list) { return list[list.length - 1] }")
    node.api.put("/v1/blueprints/greeting", RECIPE)
    before = [node.api.get(path).body for path in ("/v1/blueprints/greeting", "/v1/api-calls/greet", "/v1/functions/lists")]
    assert node.stop() == 0
    node.restart()
    assert [node.api.get(path).body for path in ("/v1/blueprints/greeting", "/v1/api-calls/greet", "/v1/functions/lists")] == before


@pytest.mark.parametrize("name", sorted(path.name for path in (SOURCE / "blueprints").glob("*.json") if not path.name.endswith(".schema.json")))
def test_every_example_validates_without_a_server(name):
    result = troupe("validate", SOURCE / "blueprints" / name)
    assert result.returncode == 0, result
