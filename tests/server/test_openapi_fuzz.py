"""schemathesis asks the real server whatever its own description allows, and what it forbids: no 500, no answer that is not described.

As somebody with a good token, so that it comes past the door (who is kept out: test_doors).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.transport import requests as by_requests

from sync import wire
from sync.server.openapi import document
from sync.server.sync_routes import MEDIA
from tests.server.premises import Premises, Token, cheap_secrets

EXAMPLES = 300 if os.environ.get("SOAK_STEPS") else 8
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# Not the live channel: its answer has no end.
OPERATIONS = [(m.upper(), p) for p, calls in document()["paths"].items() for m in calls if p != "/v1/live"]
ASKED = [(m, p, GenerationMode.POSITIVE) for m, p in OPERATIONS]
ASKED += [(m, p, GenerationMode.NEGATIVE) for m, p in OPERATIONS if p not in ("/healthz", "/readyz", "/metrics")]

_change = st.builds(
    wire.Change, st.sampled_from(["customer", "quote", "decision", "no such kind", ""]), st.binary(max_size=20),
    st.sampled_from(["create", "set", "delete"]),
    st.dictionaries(st.sampled_from(["name", "id", "state", "x"]), st.none() | st.integers() | st.text() | st.binary(), max_size=3),
)  # fmt: skip
_commit = st.builds(
    wire.Commit, st.binary(min_size=15, max_size=17), st.integers(0, 2**63), st.integers(0, 3), st.integers(0, 2),
    st.lists(_change, max_size=3),
)  # fmt: skip
_OWN = b"the device here!"  # stands for the device that asks, so that most pushes come past the door
_push = st.builds(
    wire.PushRequest, st.sampled_from([1, 1, 1, 0]), st.sampled_from([_OWN, _OWN, _OWN, b"", bytes(16)]),
    st.binary(max_size=16), st.lists(_commit, max_size=3),
)  # fmt: skip
_asking: list[Token] = []


def _encoded(request: wire.PushRequest) -> bytes:
    if request.device == _OWN:
        request.device = _asking[0].device.bytes
    return wire.encode(request)


# What a client sends, and what no client would.
schemathesis.openapi.media_type(MEDIA, st.one_of(_push.map(_encoded), _push.map(_encoded), st.binary(max_size=200)))


@schemathesis.serializer(MEDIA)
def _as_it_is(_context: Any, value: Any) -> bytes:
    return bytes(value) if isinstance(value, (bytes, bytearray)) else str(value).encode()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Premises]:
    """A real server."""
    with pytest.MonkeyPatch.context() as patch, cheap_secrets(patch):
        made = Premises(tmp_path_factory.mktemp("server"))
        # It counts connections in a way that the urllib3 of niquests does not know.
        patch.setattr(by_requests, "_count_opened_connections", lambda session: 0)
        made.start()
        yield made
        made.close()


@pytest.fixture(scope="module")
def schema(site: Premises) -> Any:
    """The description as schemathesis reads it."""
    loaded = schemathesis.openapi.from_dict(document())
    loaded.config.update(base_url=site.url)
    return loaded


@pytest.fixture(scope="module")
def token(site: Premises) -> list[Token]:
    """Who asks; another one when it has logged itself out."""
    _asking[:] = [site.login("王敏")]
    return _asking


@pytest.mark.parametrize(("method", "path", "mode"), ASKED, ids=[f"{m} {p} {g.name}" for m, p, g in ASKED])
def test_fuzz_no_request_brings_the_server_down(
    site: Premises, schema: Any, token: list[Token], method: str, path: str, mode: GenerationMode
) -> None:
    operation = schema[path][method]

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=not os.environ.get("SOAK_STEPS"), database=None,
        phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        response = case.call(headers={"Authorization": f"Bearer {token[0].access}"}, timeout=30)
        if path in ("/v1/logout", "/v1/devices/{no}/revoke"):
            token[0] = site.login("王敏")
        case.validate_response(response, checks=CHECKS)

    ask()
