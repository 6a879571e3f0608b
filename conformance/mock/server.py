"""A mock on a port of this machine, served until the end of a `with` block."""

import asyncio
import functools
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from ..contract import document
from ..contract.document import JSON, RateLimit
from . import api, faults, variants
from .app import App, LoggedRequest
from .behaviour import Behaviour
from .limiter import Limiter
from .page import Page
from .store import Store

KEY_VARIABLES = ("CARECYCLE_API_KEY", "CARECYCLE_RESTRICTED_API_KEY")
DEFAULT_KEY = "cc_mock_8Jt2vQx5LmR7"
DEFAULT_RESTRICTED_KEY = "cc_mock_restricted_3Wn9"
DEFAULT_ENROLLMENTS = (
    ("5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f", "0b8f7d2a-91c4-4e63-8a5d-7c6e5f4d3b2a"),
    ("5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f", "c232ab00-9414-11ec-b3c8-9f6bdeced846"),
    ("C2A1F0B9-8E7D-1C6B-A5A4-3F2E1D0C9B8A", "2489e9ad-2ee2-8e00-8ec9-32d5f69181c0"),
    ("000003e8-cbb9-21ea-b201-00045a86c8a1", "1EC9414C-232A-6B00-B3C8-9F6BDECED846"),
    ("5df41881-3aed-3515-88a7-2f4a814cf09e", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"),
    ("2ed6657d-e927-568b-95e1-2665a8aea6a2", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    ("1ec9414c-232a-6b00-a3c8-9f6bdeced846", "00000000-0000-0000-0000-000000000000"),
    ("017F22E2-79B0-7CC3-98C4-DC0C0C07398F", "5DF41881-3AED-3515-B8A7-2F4A814CF09E"),
    ("320c3d4d-cc00-875b-8ec9-32d5f69181c0", "2ed6657d-e927-568b-95e1-2665a8aea6a2"),
    ("00000000-0000-0000-0000-000000000000", "0b8f7d2a-91c4-4e63-8a5d-7c6e5f4d3b2a"),
    ("ffffffff-ffff-ffff-ffff-ffffffffffff", "000003e8-cbb9-21ea-8201-00045a86c8a1"),
)
"""The pairs have every version and variant digit, both letter cases, and the nil and the max UUID.

One customer is in two campaigns, and one campaign has two customers.
"""

STOPPING = 0.1
"""How many seconds a stopping mock waits for the requests that have no response yet."""


@dataclass(frozen=True)
class Settings:
    """What to serve, and where."""

    key: str = field(default=DEFAULT_KEY, repr=False)
    restricted_key: str = field(default=DEFAULT_RESTRICTED_KEY, repr=False)
    enrollments: tuple[tuple[str, str], ...] = DEFAULT_ENROLLMENTS
    rate: RateLimit | None = field(
        default_factory=lambda: api.load(document.DEFAULT_PATH).contract.rate_limit
    )
    faults: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    contract_path: Path = document.DEFAULT_PATH
    host: str = "127.0.0.1"
    port: int = 0
    keeps_log: bool = True
    """Whether the mock logs every request."""

    @property
    def shown_keys(self) -> Mapping[str, str]:
        """The default keys, and for another key the name of its variable."""
        full, restricted = KEY_VARIABLES
        return {
            "full": self.key if self.key == DEFAULT_KEY else f"as in {full}",
            "restricted": self.restricted_key
            if self.restricted_key == DEFAULT_RESTRICTED_KEY
            else f"as in {restricted}",
        }


class Mock:
    """A mock that is served now."""

    # This is not a dataclass. Hypothesis prints all fields of a dataclass: the keys and the whole log too.
    def __init__(self, url: str, settings: Settings, log: list[LoggedRequest], store: Store) -> None:
        self.url = url
        self.settings = settings
        self.log = log
        """The requests that got a response, in their order. It is empty if the settings keep no log."""
        self.store = store

    def __repr__(self) -> str:
        """The URL of the mock, but not its keys."""
        return f"Mock({self.url!r})"


class Protocol(H11Protocol):
    """The HTTP of uvicorn, which rejects bytes that are not HTTP with the documented body."""

    def __init__(self, app: App, config: uvicorn.Config, state: ServerState) -> None:
        super().__init__(config, state, {})
        self._content = app.reject_broken()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's reason is not a documented message
        """Reject the bytes that arrived, and end the connection."""
        headers = [
            ("content-type", JSON),
            ("content-length", str(len(self._content))),
            ("connection", "close"),
        ]
        is_head = self.conn.our_state is h11.SEND_RESPONSE and self.scope["method"] == "HEAD"
        content = b"" if is_head else self._content
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=content),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


@contextmanager
def serve(settings: Settings) -> Iterator[Mock]:
    """Serve a mock in a thread of this process.

    Raises:
        ContractError: the contract cannot be read.
        UnknownNameError: a fault or a variant is not in its catalogue.
        OSError: the port is not available.

    """
    behaviour = build(settings)
    app = App(behaviour, keeps_log=settings.keeps_log, page=Page(behaviour, settings))
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.create_server((settings.host, settings.port), family=family, backlog=128)
    # Connections inherit this option. Without it, half of each response waits 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    thread = threading.Thread(
        target=loop.run_until_complete, args=(_run(app, listener, stop),), name="mock", daemon=True
    )
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    # The socket listens already. A request that arrives before the loop runs waits in the socket's queue.
    thread.start()
    try:
        yield Mock(f"http://{host}:{listener.getsockname()[1]}", settings, app.log, behaviour.store)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def build(settings: Settings) -> Behaviour:
    """The behaviour with the faults and variants of the settings."""
    served = api.load(settings.contract_path)
    behaviour = Behaviour(
        served,
        Store(settings.enrollments, served.initial_statuses),
        Limiter(settings.rate),
        key=settings.key,
        restricted_key=settings.restricted_key,
    )
    for variant in settings.variants:
        variants.find(variant).change(behaviour)
    for fault in settings.faults:
        faults.find(fault).change(behaviour)
    return behaviour


async def _run(app: App, listener: socket.socket, stop: asyncio.Event) -> None:
    # uvicorn's own Server stops only after a pause of up to 0.2 seconds.
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        ws="none",
        proxy_headers=False,
        timeout_keep_alive=60,
        h11_max_incomplete_event_size=1024 * 1024,
    )
    config.load()
    state = ServerState()
    protocol = functools.partial(Protocol, app, config, state)
    server = await asyncio.get_running_loop().create_server(protocol, sock=listener)
    await stop.wait()
    server.close()
    for connection in list(state.connections):
        connection.shutdown()
    await _finished(state)
    for connection in list(state.connections):
        connection.transport.abort()  # the mock does not wait for the rest of a request
    await _finished(state)


async def _finished(state: ServerState) -> None:
    if state.tasks:
        await asyncio.wait(list(state.tasks), timeout=STOPPING)
    # A transport reports in the next turn of the loop that it is closed.
    await asyncio.sleep(0)
