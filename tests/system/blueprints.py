"""Small blueprints for the tests."""


def final(state, outcome=None):
    return {"stateId": state, "baseStateType": "final", **({"outcome": outcome} if outcome else {})}


def webhook(url, action="call", method="POST", **fields):
    body = {"url": url, "method": method, "payload": fields.pop("payload", {"order": "{{order.order_id}}"})}
    if "expectedResponse" in fields:
        body["expectedResponse"] = fields.pop("expectedResponse")
    return {"actionId": action, "type": "webhook", "webhook": body, **fields}


def one_call(name, url, **fields):
    """One webhook, then the end; a failure leads to `error`."""
    return chain(name, [webhook(url, **fields)])


def chain(name, actions, **fields):
    """A state for each action, one after the other; any failure leads to `error`."""
    states, transitions = [], []
    for number, action in enumerate(actions):
        states.append({"stateId": f"step{number + 1}", "baseStateType": "intermediate" if number else "initial", "entryActions": [action]})
        target = f"step{number + 2}" if number + 1 < len(actions) else "done"
        transitions.append({"transitionId": f"go{number + 1}", "from": f"step{number + 1}", "to": target, "trigger": "automatic"})
    states += [final("done"), final("error", "error")]
    transitions.append({"transitionId": "fail", "from": [f"step{n + 1}" for n in range(len(actions))], "to": "error",
                        "trigger": {"type": "error", "errors": ["*"]}})
    return {"stateMachineId": name, "data": {"schema": {"type": "object", "additionalProperties": True}}, "states": states,
            "transitions": transitions, **fields}


def waiting(name):
    """Waits for the manual event `approve`, or `reject` with a reason."""
    return {"stateMachineId": name,
            "data": {"schema": {"type": "object", "additionalProperties": True}},
            "states": [{"stateId": "asked", "baseStateType": "initial"}, final("approved"), final("rejected", "error")],
            "transitions": [
                {"transitionId": "approve", "from": "asked", "to": "approved", "trigger": "manual"},
                {"transitionId": "reject", "from": "asked", "to": "rejected",
                 "trigger": {"type": "manual", "event": "reject",
                             "schema": {"type": "object", "properties": {"reason": {"type": "string", "minLength": 1}}, "required": ["reason"]}}}]}


OK = {"status": 200, "body": {"ok": True}}


def services(*routes):
    """A mock script: `("POST", "/path", [answers])`..."""
    return {"routes": [{"method": method, "path": path, "answers": answers} for method, path, answers in routes]}
