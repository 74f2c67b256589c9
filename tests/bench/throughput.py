#!/usr/bin/env python3
"""How fast are transfers of four webhooks, as a share of the floor in the same run?

usage: tests/bench/throughput.py [--orders 3000] [--rounds 3] [--clients 64] [--profile]

The sink is nginx on loopback; the node has the default configuration, SQLite with synchronous=FULL. Floor and Troupe take turns; the ratios are told pair by pair, and their median.
Needs a release build (deploy/run --build, and the target troupe_bench) and nginx; --profile also perf: it prints where the node's
processor time goes in one more run, which counts for nothing.
"""

import argparse
import contextlib
import functools
import json
import pathlib
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/system"))

from blueprints import chain, webhook  # noqa: E402
from machine import Node, free_port  # noqa: E402

SINK = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr error;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 1000000000; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port} backlog=1024; location / {{ default_type application/json; return 200 '{{"ok":true}}'; }} }}
}}
"""


class Sink:
    def __init__(self, folder):
        self.port = free_port()
        configuration = folder / "nginx.conf"
        configuration.write_text(SINK.format(folder=folder, port=self.port))
        self.process = subprocess.Popen([shutil.which("nginx") or "/usr/sbin/nginx", "-p", str(folder), "-e", "stderr", "-c", str(configuration)])

    def end(self):
        self.process.terminate()
        self.process.wait()


def transfer(url):
    steps = ["verify", "lock", "execute", "notify"]
    payload = {"order": "{{order.order_id}}", "amount": "{{data.amount}}", "from": "{{data.from}}", "to": "{{data.to}}"}
    return chain("transfer", [webhook(f"{url}/{step}", step, payload=payload, save={f"variables.{step}": "response.body.ok"}) for step in steps])


DATA = {"amount": 100.5, "currency": "USD", "from": "ACCT12345678", "to": "ACCT87654321"}


def troupe(folder, sink, orders, clients, while_running=contextlib.nullcontext):
    node = Node(folder, store=f"sqlite:{folder}/orders.db").start()
    try:
        node.api.publish(transfer(f"http://127.0.0.1:{sink.port}"))
        with while_running(node.process.pid):
            run = node.cli("--json", "bench", "--workflow", "transfer", "--orders", orders, "--clients", clients, "--data", json.dumps(DATA), timeout=600)
        assert run.returncode == 0, run.stderr
        assert node.stop() == 0
    finally:
        node.end()
    return json.loads(run.stdout.strip().splitlines()[-1])


@contextlib.contextmanager
def recording(data, process):
    perf = subprocess.Popen(["perf", "record", "--quiet", "--freq", "999", "--output", str(data), "--pid", str(process)])
    try:
        yield
    finally:
        perf.send_signal(signal.SIGINT)
        perf.wait()


def profile(folder, sink, orders, clients):
    """Where the node's processor time goes: by kind of thread, by library, by function."""
    data = folder / "perf.data"
    troupe(folder, sink, orders, clients, functools.partial(recording, data))
    for keys, lines in (("comm", 10), ("dso", 12), ("comm,symbol", 30)):
        report = subprocess.run(["perf", "report", "--input", str(data), "--stdio", "--no-children", "--sort", keys], capture_output=True, text=True, check=True)
        found = [line for line in report.stdout.splitlines() if line.strip() and not line.startswith("#")]
        print(f"\nby {keys}:", *(line[:150] for line in found[:lines]), sep="\n")


def bytes_of_a_commit(folder):
    """What one append of a transfer makes durable, on average."""
    database = sqlite3.connect(folder / "orders.db")
    orders, folded = database.execute("SELECT count(*), avg(length(folded)) FROM orders").fetchone()
    events, = database.execute("SELECT sum(length(history)) FROM events").fetchone()
    return int(folded + events / orders / 6)


def floor(folder, sink, orders, workers, size):
    run = subprocess.run([SOURCE / "build/release/troupe_bench", "--port", str(sink.port), "--transfers", str(orders), "--workers", str(workers),
                          "--bytes", str(size), "--file", str(folder / "floor.log")], capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def one_alone(folder, sink, size):
    """One order awaited at a time, against one worker's bare webhooks and commits."""
    node = Node(folder, store=f"sqlite:{folder}/orders.db").start()
    try:
        node.api.publish(transfer(f"http://127.0.0.1:{sink.port}"))
        taken = []
        for _ in range(300):
            began = time.perf_counter()
            reply = node.api.raw("POST", "/v1/orders?wait=PT10S", json.dumps({"workflow": "transfer", "data": DATA}))
            taken.append(time.perf_counter() - began)
            assert json.loads(reply.text)["status"] == "completed", reply
    finally:
        node.end()
    bare = floor(folder, sink, 300, 1, size)["seconds"] / 300
    return statistics.median(taken) / bare, statistics.median(taken), bare


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    ratios = []
    with tempfile.TemporaryDirectory(dir=SOURCE / "build") as top:
        top = pathlib.Path(top)
        sink = Sink(top)
        try:
            size = 2000
            for number in range(given.rounds):
                folder = top / f"round{number}"
                folder.mkdir()
                ours = troupe(folder, sink, given.orders, given.clients)
                size = bytes_of_a_commit(folder)
                bare = floor(folder, sink, given.orders, given.clients, size)
                ratios.append(ours["orders_per_second"] / bare["per_second"])
                print(f"round {number + 1}: {ours['orders_per_second']:.0f} orders/s (p50 {ours['p50_ms']} ms, p99 {ours['p99_ms']} ms), "
                      f"floor {bare['per_second']:.0f}/s with {size} bytes a commit: ratio {ratios[-1]:.2f}", flush=True)
            alone = top / "alone"
            alone.mkdir()
            times, ours, bare = one_alone(alone, sink, size)
            print(f"one order alone: {ours * 1e3:.2f} ms, bare {bare * 1e3:.2f} ms: {times:.1f} times")
            if given.profile:
                profiled = top / "profiled"
                profiled.mkdir()
                profile(profiled, sink, given.orders, given.clients)
        finally:
            sink.end()
    print(f"ratio (median of {given.rounds}): {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
