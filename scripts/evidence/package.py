"""Check both distributions as their users get them: `python -m scripts.evidence.package`.

It builds the client and the suite twice, compares the bytes and checks the files in the wheels. Then it
installs each wheel in an empty environment outside the repository. There the client calls the mock of the
installed suite, and the suite tests that mock.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from readme_renderer import markdown

from conformance.contract.document import REPOSITORY, load

DIST = REPOSITORY / "dist"
KEY = "cc_package"
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


class PackageError(Exception):
    """A distribution has a defect. The message describes it."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """One of the two distributions."""

    folder: Path
    readme: Path
    """The page of the distribution on PyPI."""
    package: str
    lacks: tuple[str, ...] = ()
    """Paths that the wheel must not have."""
    contains: tuple[str, ...] = ()
    """Files that the wheel must have."""


CLIENT = Distribution(
    REPOSITORY,
    REPOSITORY / "generated_client" / "README.md",
    "carecycle_client",
    contains=("carecycle_client/py.typed",),
)
SUITE = Distribution(
    REPOSITORY / "conformance",
    REPOSITORY / "conformance" / "README.md",
    "carecycle_conformance",
    lacks=("carecycle_conformance/selftest/", "carecycle_conformance/suite/test_client.py"),
    contains=("carecycle_conformance/carecycle.yaml", "carecycle_conformance/LICENSE"),
)


def main() -> int:
    """Build both distributions, compare the builds, check the files, install the wheels and use them."""
    try:
        for each in (CLIENT, SUITE):
            _render(each.readme)
        wheels = [_build(each) for each in (CLIENT, SUITE)]
        with tempfile.TemporaryDirectory() as directory:
            client, suite = (_install(wheel, Path(directory)) for wheel in wheels)
            _use(client, suite, Path(directory))
    except PackageError as error:
        print(error, file=sys.stderr)
        return 1
    for wheel in wheels:
        print(f"{wheel.relative_to(REPOSITORY)}: {wheel.stat().st_size // 1024} KiB, installs and runs")
    return 0


def _render(readme: Path) -> None:
    """Render a README with the renderer of PyPI."""
    if markdown.render(readme.read_text(encoding="utf-8")) is None:
        raise PackageError(f"{readme} does not render on PyPI")


def _build(distribution: Distribution) -> Path:
    """The wheel, built twice from its sdist with the same bytes."""
    found: list[dict[str, str]] = []
    for directory in (DIST / "again", DIST):
        for old in directory.glob(f"{distribution.package}-*"):
            old.unlink()
        command = ["-m", "build", "--no-isolation", "--outdir", str(directory), str(distribution.folder)]
        _run(sys.executable, *command)
        files = sorted(directory.glob(f"{distribution.package}-*"))
        found.append({path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files})
    if found[0] != found[1]:
        raise PackageError(f"two builds of {distribution.package} differ: {found}")
    (wheel,) = DIST.glob(f"{distribution.package}-*.whl")
    _look_inside(wheel, distribution)
    _check_addresses(distribution)
    return wheel


def _check_addresses(distribution: Distribution) -> None:
    """Build a wheel as GitHub does, and look for the addresses of the repository in its metadata."""
    github = {"GITHUB_SERVER_URL": "https://git.example", "GITHUB_REPOSITORY": "owner/kit"}
    with tempfile.TemporaryDirectory() as directory:
        command = ("-m", "build", "--wheel", "--no-isolation", "--outdir", directory)
        _run(sys.executable, *command, str(distribution.folder), more=github)
        (wheel,) = (zipfile.ZipFile(path) for path in Path(directory).glob("*.whl"))
        (name,) = (each for each in wheel.namelist() if each.endswith(".dist-info/METADATA"))
        if "Project-URL: Source, https://git.example/owner/kit\n" not in wheel.read(name).decode():
            raise PackageError(
                f"a build of {distribution.package} on GitHub has no address of its repository"
            )


def _look_inside(wheel: Path, distribution: Distribution) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    allowed = (f"{distribution.package}/", f"{distribution.package}-")
    lacks = distribution.lacks
    unexpected = [name for name in names if not name.startswith(allowed) or name.startswith(lacks)]
    missing = [name for name in distribution.contains if name not in names]
    if unexpected or missing or load().version not in wheel.name:
        raise PackageError(f"{wheel.name}: has {unexpected}, lacks {missing}, or has another version")


def _install(wheel: Path, directory: Path) -> Path:
    """Install a wheel in an environment of its own. Returns the folder of its commands."""
    place = directory / wheel.name.partition("-")[0]
    _run(sys.executable, "-m", "venv", str(place))
    pins = ("--constraint", str(REPOSITORY / "constraints.txt"))
    pip = (str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    _run(*pip, *pins, str(wheel))
    return place / "bin"


def _use(client: Path, suite: Path, directory: Path) -> None:
    """Call the mock of the installed suite with the installed client, and run the installed suite."""
    customer_id, campaign_id = load().schema("Uuid")["examples"] * 2
    with _mock(suite, f"{customer_id}:{campaign_id}", directory) as url:
        python = str(client / "python")
        arguments = (url, customer_id, campaign_id, _other(customer_id))
        print(_run(python, "-I", "-c", EXAMPLE, *arguments, cwd=directory))
    with _mock(suite, f"{customer_id}:{campaign_id}", directory) as url:
        target = ["--target", url, "--enrollment", f"{customer_id}:{campaign_id}"]
        command = [str(suite / "carecycle-conformance"), *target, "--rule", "STATUS-01", "--profile", "quick"]
        print(_run(*command, cwd=directory).splitlines()[-2])
    command = [str(suite / "carecycle-conformance"), "--profile", "quick"]
    print(_run(*command, cwd=directory).splitlines()[-2])
    if not (directory / "conformance-report" / "report.json").is_file():
        raise PackageError("the installed suite wrote no report")
    report = json.loads((directory / "conformance-report" / "report.json").read_text(encoding="utf-8"))
    replays = [rule["counterexample"]["replay"] for rule in report["rules"] if rule["counterexample"]]
    if not all(replay.startswith("carecycle-conformance ") for replay in replays):
        raise PackageError("a replay line does not name the command of the installed suite")
    for name in ("conformance", "mock", "judge", "compare"):
        if not _run(str(suite / f"carecycle-{name}"), "--help", cwd=directory).startswith(
            f"usage: carecycle-{name} "
        ):
            raise PackageError(f"the help of carecycle-{name} names another command")
    judged = _run(str(suite / "carecycle-judge"), "conformance-report/traffic.har", cwd=directory)
    print(judged.splitlines()[-3])
    report_file = "conformance-report/report.json"
    _run(str(suite / "carecycle-compare"), report_file, report_file, "--format", "html", cwd=directory)


def _other(id_: str) -> str:
    return ("0" if id_[0] != "0" else "1") + id_[1:]


def _environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    left_out = ("PYTHON", "SOURCE_DATE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return {
        **kept,
        "CARECYCLE_API_KEY": KEY,
        "PYTHONIOENCODING": "utf-8",
        "PYTHONUNBUFFERED": "1",
        **(more or {}),
    }


def _run(*command: str, cwd: Path = REPOSITORY, more: Mapping[str, str] | None = None) -> str:
    """The output of a command.

    Raises:
        PackageError: the command failed. The message has its output.

    """
    done = subprocess.run(  # noqa: S603 - commands of this module
        command,
        cwd=cwd,
        env=_environment(more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise PackageError(f"{' '.join(command[:6])} … ended with {done.returncode}:\n{done.stdout}")
    return done.stdout.strip()


@contextmanager
def _mock(suite: Path, enrollment: str, directory: Path) -> Iterator[str]:
    """The mock of the installed suite, on loopback, with one enrollment."""
    command = [str(suite / "carecycle-mock"), "--port", "0", "--enrollment", enrollment]
    with subprocess.Popen(  # noqa: S603 - as above
        command, cwd=directory, env=_environment(), stdout=subprocess.PIPE, text=True
    ) as mock:
        try:
            assert mock.stdout is not None
            yield mock.stdout.readline().split()[-1]
        finally:
            mock.terminate()


if __name__ == "__main__":
    sys.exit(main())
