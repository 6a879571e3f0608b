"""The client as its users get it: `python -m scripts.evidence.package`.

Builds the wheel, checks that it holds the client and nothing else, installs it in an empty environment, and
runs an example from there against the mock.
"""

import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conformance.contract.document import REPOSITORY, load

DIST = REPOSITORY / "dist"
KEY = "cc_package"
PARTS = ("carecycle_client/", "carecycle_client-")
EXAMPLE = """
import sys
from carecycle_client import AuthenticatedClient
from carecycle_client.api.customers import update_customer_campaign_status
from carecycle_client.errors import NotFoundError, RateLimitError
from carecycle_client.models import CampaignStatusUpdate, TerminalCampaignStatus

url, customer_id, campaign_id, unknown = sys.argv[1:]
with AuthenticatedClient(url) as client:
    body = CampaignStatusUpdate(
        customer_id=customer_id, campaign_id=campaign_id, status=TerminalCampaignStatus.COMPLETED
    )
    done = update_customer_campaign_status.sync(client=client, body=body)
    print(done.previous_status, "→", done.new_status)
    body.customer_id = unknown
    try:
        update_customer_campaign_status.sync(client=client, body=body)
    except NotFoundError as error:
        print(error)
"""


def main() -> int:
    """Build, look inside, install, run."""
    wheel = _build()
    strange = [name for name in zipfile.ZipFile(wheel).namelist() if not name.startswith(PARTS)]
    if strange or load().version not in wheel.name:
        print(f"{wheel.name} is not the client alone, or of another version: {strange}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as directory:
        python = Path(directory) / "bin" / "python"
        _run(sys.executable, "-m", "venv", directory)
        _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel))
        customer_id, campaign_id = load().schema("Uuid")["examples"] * 2
        with _mock(f"{customer_id}:{campaign_id}") as url:
            print(_run(str(python), "-I", "-c", EXAMPLE, url, customer_id, campaign_id, _other(customer_id)))
        print(_run(str(python), "-m", "pip", "list", "--disable-pip-version-check"))
    print(f"{wheel.relative_to(REPOSITORY)}: {wheel.stat().st_size // 1024} KiB, installs and runs")
    return 0


def _build() -> Path:
    for old in DIST.glob("*.whl"):
        old.unlink()
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(DIST))
    (wheel,) = DIST.glob("*.whl")
    return wheel


def _other(id_: str) -> str:
    return ("0" if id_[0] != "0" else "1") + id_[1:]


def _run(*command: str) -> str:
    """What a command prints; it says why if it fails."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(  # noqa: S603 - commands of this module
        command,
        cwd=REPOSITORY,
        env={**environment, "CARECYCLE_API_KEY": KEY, "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@contextmanager
def _mock(enrollment: str) -> Iterator[str]:
    """A mock on loopback that knows one enrollment."""
    command = [sys.executable, "-m", "conformance.mock", "--port", "0", "--enrollment", enrollment]
    environment = {**os.environ, "CARECYCLE_API_KEY": KEY, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(  # noqa: S603 - as above
        command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True
    ) as mock:
        try:
            assert mock.stdout is not None
            yield mock.stdout.readline().split()[-1]
        finally:
            mock.terminate()


if __name__ == "__main__":
    sys.exit(main())
