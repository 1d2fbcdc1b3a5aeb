"""Real brokers for the tests of this folder. Whoever has no Java or Maven skips them (see `require`)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.make import kafka

BrokerOf = Callable[..., kafka.Broker]


@pytest.fixture(scope="module", params=kafka.VERSIONS)
def version(request) -> str:
    """Each Kafka in turn."""
    return request.param


@pytest.fixture(scope="session")
def new_broker(require, tmp_path_factory) -> BrokerOf:
    """Makes a broker that was not started yet: `with new_broker("4.3.0") as broker`."""
    reason = kafka.available()
    if reason:
        require("kafka", reason)

    def make(version: str, **settings: object) -> kafka.Broker:
        # Not in a folder named after the version: what kinspect prints would then contain it.
        workdir: Path = tmp_path_factory.mktemp("broker")
        return kafka.Broker(version, workdir, settings)

    return make
