"""A client of the HTTP API that holds every answer against the server's own description."""

import functools
import http.client
import json
import re
import time
import uuid

import jsonschema
from urllib.parse import urlencode, urlsplit


class Reply:
    def __init__(self, status, headers, text):
        self.status = status
        self.headers = headers
        self.text = text
        kind = headers.get("content-type", "")
        self.body = json.loads(text) if "json" in kind and "ndjson" not in kind and text else None

    def __repr__(self):
        return f"<{self.status} {self.text[:500]}>"


class Description:
    """openapi.json as a judge: is this answer one that the description allows?"""

    def __init__(self, document):
        self.document = document
        self.routes = []
        for path, methods in document["paths"].items():
            pattern = re.compile("^" + re.sub(r"\{[^}]+\}", "[^/]+", path) + "$")
            self.routes.append((path.count("{"), pattern, methods))
        self.routes.sort(key=lambda route: route[0])
        self.resolver = jsonschema.RefResolver.from_schema(document)

    def resolve(self, value):
        while isinstance(value, dict) and "$ref" in value:
            value = self.resolver.resolve(value["$ref"])[1]
        return value

    def operation(self, method, path):
        for _, pattern, methods in self.routes:
            if pattern.match(path) and method.lower() in methods:
                return methods[method.lower()]
        return None

    def check(self, method, path, reply):
        operation = self.operation(method, path)
        if operation is None:
            assert reply.status in (404, 405, 501), f"{method} {path} is not described, but answered {reply}"
            return
        described = operation["responses"]
        wanted = self.resolve(described.get(str(reply.status)) or described["default"])
        for name in wanted.get("headers", {}):
            assert name.lower() in reply.headers, f"{method} {path}: expected the header {name}, but found {reply.headers}"
        kind = reply.headers.get("content-type", "").split(";")[0]
        assert kind in wanted["content"], f"{method} {path}: expected {list(wanted['content'])}, but found {kind}: {reply}"
        if reply.body is not None:
            self.judge(wanted["content"][kind]["schema"]).validate(reply.body)
        if kind == "application/x-ndjson" and path.endswith("/bulk"):
            judge = self.judge({"$ref": "#/components/schemas/bulk_line"})
            for line in reply.text.splitlines():
                judge.validate(json.loads(line))

    @functools.lru_cache(maxsize=None)
    def _judge(self, text):
        return jsonschema.Draft202012Validator(json.loads(text), resolver=self.resolver, format_checker=jsonschema.FormatChecker())

    def judge(self, schema):
        return self._judge(json.dumps(schema, sort_keys=True))


class Api:
    """One keep-alive connection; opened anew where the server has closed it."""

    def __init__(self, url, check=True, timeout=60):
        parts = urlsplit(url)
        self.host, self.port = parts.hostname, parts.port
        self.timeout = timeout
        self.connection = None
        self.description = None
        self.is_checking = check

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def is_ready(self):
        try:
            return self.raw("GET", "/readyz").status == 200
        except OSError:
            return False
        except http.client.HTTPException:
            return False

    def raw(self, method, path, body=None, headers=None):
        """One request; the answer is held against nothing."""
        for is_last in (False, True):
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
                is_last = True
            try:
                self.connection.request(method, path, body=body, headers=headers or {})
                answer = self.connection.getresponse()
                text = answer.read().decode("utf-8")
                reply = Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, text)
                if answer.will_close:
                    self.close()
                return reply
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self.close()
                if is_last or method != "GET":
                    raise
            except Exception:
                self.close()
                raise
        raise AssertionError("unreachable")

    def call(self, method, path, body=None, headers=None, query=None):
        if query:
            path += "?" + urlencode(query, doseq=True)
        given = dict(headers or {})
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        if body is not None:
            given.setdefault("Content-Type", "application/json")
        reply = self.raw(method, path, body, given)
        if self.is_checking:
            if self.description is None:
                self.description = Description(json.loads(self.raw("GET", "/openapi.json").text))
            self.description.check(method, path.split("?")[0], reply)
        return reply

    def get(self, path, **query):
        return self.call("GET", path, query=query)

    def post(self, path, body=None, **options):
        return self.call("POST", path, body, **options)

    def put(self, path, body, **options):
        return self.call("PUT", path, body, **options)

    def publish(self, blueprint):
        reply = self.put(f"/v1/blueprints/{blueprint.get('stateMachineId') or blueprint['workflow']}", blueprint)
        assert reply.status in (200, 201), reply
        return reply.body

    def submit(self, workflow, data=None, wait=None, **fields):
        reply = self.post("/v1/orders" + (f"?wait={wait}" if wait else ""), {"workflow": workflow, "data": data or {}, **fields})
        assert reply.status == 201, reply
        return reply.body

    def order(self, order_id, **query):
        reply = self.get(f"/v1/orders/{order_id}", **query)
        assert reply.status == 200, reply
        return reply.body

    def all(self, path, **query):
        """Every item of a list, page by page."""
        items, cursor = [], None
        while True:
            reply = self.get(path, **query, **({"cursor": cursor} if cursor else {}))
            assert reply.status == 200, reply
            items += reply.body["items"]
            cursor = reply.body["next"]
            if cursor is None:
                return items

    def history(self, order_id):
        return self.all(f"/v1/orders/{order_id}/history")

    def await_status(self, order_id, *statuses, timeout=30):
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            order = self.order(order_id)
            if order["status"] in statuses:
                return order
            time.sleep(0.05)
        raise AssertionError(f"expected {order_id} to be {statuses} within {timeout} s, but found {order}")


def new_id():
    return str(uuid.uuid4())
