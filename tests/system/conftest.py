"""What every system test starts from: real processes on loopback, in folders of their own, ended whatever happens."""

import pytest

from machine import Mock, Node


@pytest.fixture
def folder(tmp_path):
    return tmp_path


@pytest.fixture
def start(folder):
    """Starts nodes and mocks: `start.node(...)`, `start.mock(script)`; all of them are ended after the test."""
    started = []

    class Starter:
        @staticmethod
        def node(**options):
            node = Node(folder, **options)
            started.append(node)
            return node.start()

        @staticmethod
        def mock(script):
            mock = Mock(folder, script)
            started.append(mock)
            return mock.start()

    yield Starter
    for process in started:
        process.end()


@pytest.fixture
def node(start):
    return start.node()


@pytest.fixture
def api(node):
    return node.api
