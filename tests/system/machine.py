"""Processes under test: the node and the mock services, started from the binary that TROUPE_BINARY names."""

import itertools
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from api import Api

BINARY = os.environ.get("TROUPE_BINARY", str(Path(__file__).parents[2] / "build/release/troupe"))
SOURCE = Path(__file__).parents[2]
_numbers = itertools.count(1)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def troupe(*arguments, server=None, **options):
    """The command line, run to its end."""
    environment = {**os.environ, **options.pop("environment", {})}
    if server:
        environment["TROUPE_SERVER"] = server
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, env=environment,
                          timeout=options.pop("timeout", 120), **options)


class Process:
    """One process, its log in a file; `end` is safe at any time and leaves nothing behind."""

    def __init__(self, folder, name):
        self.log = Path(folder) / f"{name}-{next(_numbers)}.log"
        self.process = None

    def spawn(self, arguments, environment=None):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([BINARY, *map(str, arguments)], stdout=log, stderr=log,
                                            env={**os.environ, **(environment or {})}, cwd=self.log.parent)

    @property
    def pid(self):
        return self.process.pid

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """As a machine that loses its power does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, timeout=15):
        """As an operator does; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)

    def end(self):
        if self.is_alive():
            self.process.kill()
            self.process.wait()

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def resident_bytes(self):
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmRSS")


class Node(Process):
    def __init__(self, folder, store=None, port=None, config=None, settings=(), environment=None):
        super().__init__(folder, "node")
        self.folder = Path(folder)
        self.port = port or free_port()
        self.store = store or f"sqlite:{self.folder / 'orders.db'}"
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = list(settings)
        self.environment = environment
        self.config = None
        if config is not None:
            self.config = self.folder / f"config-{self.port}.json"
            self.config.write_text(json.dumps(config))
        self.api = Api(self.url)

    def arguments(self):
        given = ["serve", "--listen", f"127.0.0.1:{self.port}", "--store", self.store]
        if self.config:
            given += ["--config", self.config]
        for setting in self.settings:
            given += ["--set", setting]
        return given

    def start(self, timeout=30):
        self.spawn(self.arguments(), self.environment)
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if not self.is_alive():
                raise AssertionError(f"the node ended with {self.process.returncode}:\n{self.log_text()[-3000:]}")
            if self.api.is_ready():
                return self
            time.sleep(0.05)
        raise AssertionError(f"the node was not ready within {timeout} s:\n{self.log_text()[-3000:]}")

    def restart(self):
        self.api.close()
        return self.start()

    def cli(self, *arguments, **options):
        return troupe(*arguments, server=self.url, **options)

    def verify(self):
        return troupe("verify", "--store", self.store)


class Mock(Process):
    """The scripted services: see deploy/demo/README.md."""

    def __init__(self, folder, script):
        super().__init__(folder, "mock")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.script = Path(folder) / f"mock-{self.port}.json"
        self.script.write_text(json.dumps(script))
        self.api = Api(self.url, check=False)

    def start(self):
        self.spawn(["mock", self.script, "--listen", f"127.0.0.1:{self.port}"])
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if not self.is_alive():
                raise AssertionError(f"the mock ended:\n{self.log_text()}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.05)
        raise AssertionError("the mock does not listen")

    def counts(self):
        """{ 'POST /path': how many requests came }"""
        return {f"{one['method']} {one['path']}": one["count"] for one in self.api.get("/_mock/requests").body["routes"]}

    def calls(self):
        """Every request, in the order of arrival."""
        text = self.api.get("/_mock/calls").text
        return [json.loads(line) for line in text.splitlines() if line]
