"""An HTTP Archive is read as other programs write it: what it lacks is named, what is wrong has its place."""

import math
from pathlib import Path
from typing import Any

import pytest

from conformance.judge import archive
from conformance.judge.archive import ArchiveError, read_archive
from conformance.selftest.judge.recordings import entry, updated, write


def read(directory: Path, **request: Any) -> archive.Recorded:  # noqa: ANN401 - JSON of an archive
    """The one exchange of an archive in which the request has these properties too, and no `postData`."""
    found = entry(returned=updated("pending"))
    del found["request"]["postData"]
    found["request"] |= request
    (recorded,) = read_archive(write(directory, found)).exchanges
    return recorded


def test_body_in_parameters_is_a_form(tmp_path: Path) -> None:
    """Parameters without a text are a body in the form that browsers send."""
    params = [{"name": "status", "value": "a b"}, {"name": "empty"}]
    recorded = read(tmp_path, postData={"mimeType": "text/plain", "params": params})
    assert (b"status=a+b&empty=", "") == (recorded.request.content, recorded.missing)


def test_body_in_base64_is_decoded(tmp_path: Path) -> None:
    """A body that is no text is in base64, and the entry says so."""
    recorded = read(tmp_path, postData={"encoding": "base64", "text": "e30="})
    assert b"{}" == recorded.request.content


def test_body_without_text_is_empty(tmp_path: Path) -> None:
    """A body that has neither a text nor parameters is empty."""
    assert b"" == read(tmp_path, postData={}).request.content


def test_body_of_a_request_may_be_left_out(tmp_path: Path) -> None:
    """A request with a size and without a body lacks its body."""
    assert "the body of the request" == read(tmp_path, bodySize=40).missing
    assert "" == read(tmp_path, bodySize=-1).missing


@pytest.mark.parametrize("part", ["request", "response"])
def test_media_type_of_a_body_is_a_header(tmp_path: Path, part: str) -> None:
    """Where the headers were left out, the media type is the one that the body has."""
    found = entry(returned=updated("pending"))
    found[part]["headers"] = []
    (recorded,) = read_archive(write(tmp_path, found)).exchanges
    assert recorded.response is not None
    header = recorded.request.header if part == "request" else recorded.response.header
    assert "application/json" == header("content-type")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"comment": "connection refused"}, "connection refused"),
        ({"response": {"status": 0, "_error": "net::ERR_ABORTED"}}, "net::ERR_ABORTED"),
        ({"response": {"status": 0}}, "no response"),
    ],
)
def test_request_without_a_response_has_a_reason(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    """A status of 0 is no response: the reason is the program's, if it wrote one."""
    found = entry()
    found["response"] = {"status": 0}
    (recorded,) = read_archive(write(tmp_path, found | changes)).exchanges
    assert (None, reason) == (recorded.response, recorded.no_response)


@pytest.mark.parametrize("started", ["2026-11-28T09:30:01", "2026-11-28T10:30:01+01:00"])
def test_exchanges_are_in_the_order_of_time(tmp_path: Path, started: str) -> None:
    """Exchanges are sorted by their start; a time without a zone is in UTC."""
    later, earlier = entry(second=2), entry() | {"startedDateTime": started}
    assert [2, 1] == [each.number for each in read_archive(write(tmp_path, later, earlier)).exchanges]


def test_exchanges_without_a_time_are_in_the_order_of_the_file(tmp_path: Path) -> None:
    """Where no time was recorded, the order of the file counts."""
    first, second = entry(), entry()
    del first["startedDateTime"], second["startedDateTime"]
    assert [1, 2] == [each.number for each in read_archive(write(tmp_path, first, second)).exchanges]


@pytest.mark.parametrize(
    ("milliseconds", "seconds"),
    [(1500, 1.5), ("12", 0.012), (None, 0), (-5, 0), (1e300, 0), (10**400, 0), (math.inf, 0), (math.nan, 0)],
    ids=lambda value: repr(value)[:10],
)
def test_time_that_cannot_be_is_unknown(tmp_path: Path, milliseconds: object, seconds: float) -> None:
    """No rule depends on how long an exchange took, so any number is read."""
    found = entry(returned=updated("pending")) | {"time": milliseconds}
    (recorded,) = read_archive(write(tmp_path, found)).exchanges
    assert seconds == recorded.seconds


def test_time_that_python_does_not_read_is_an_error(tmp_path: Path) -> None:
    """A number with thousands of digits, and a start that is in no year of UTC, are no error of the suite."""
    path = write(tmp_path, entry(seconds=0.1))
    path.write_text(path.read_text("utf-8-sig").replace("100.0", "1" * 5000), "utf-8")
    with pytest.raises(ArchiveError, match="is no HTTP Archive"):
        read_archive(path)
    with pytest.raises(ArchiveError, match=r"log\.entries\[0\] is no exchange"):
        read_archive(write(tmp_path, entry() | {"startedDateTime": "9999-12-31T23:59:59-23:00"}))


def test_status_that_is_no_number_is_an_error(tmp_path: Path) -> None:
    """The place of a status that is no number is named."""
    found = entry()
    found["response"]["status"] = "200"
    with pytest.raises(ArchiveError, match=r"log\.entries\[0\] is no exchange: the status '200'"):
        read_archive(write(tmp_path, found))


def test_archive_that_is_too_large_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file over the limit is not read."""
    monkeypatch.setattr(archive, "LARGEST", 10)
    with pytest.raises(ArchiveError, match="export fewer exchanges"):
        read_archive(write(tmp_path, entry()))


def test_archive_that_is_not_utf_8_is_an_error(tmp_path: Path) -> None:
    """The first byte that is not UTF-8 is named."""
    path = tmp_path / "recorded.har"
    path.write_bytes(b'{"log": "\xff"}')
    with pytest.raises(ArchiveError, match="it is not UTF-8 at byte 9"):
        read_archive(path)
