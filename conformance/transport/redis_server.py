"""The one place that connects to a Redis server, for whatever runs on several machines share."""

from typing import Any

TIMEOUT = 5.0
"""Seconds that a Redis server may take to respond."""


class RedisUnusable(ValueError):  # noqa: N818 - the message says what cannot be used
    """There is no Redis server to use. The message does not show the address: it can hold a password."""


def connect(
    url: str,
    given_by: str,
    *,
    password: str | None = None,
    as_text: bool = False,
) -> Any:  # noqa: ANN401 - a redis.Redis, and `redis` need not be installed
    """A client of the Redis server at an address.

    Args:
        url: the address; a password in it comes before `password`.
        given_by: the option or the variable that gave the address.
        password: the password of the server.
        as_text: whether values are read as text, not as bytes.

    Raises:
        RedisUnusable: no server responds there, or the package `redis` is not installed.

    """
    try:
        import redis  # noqa: PLC0415 - it need not be installed
    except ImportError:
        raise RedisUnusable(
            f"{given_by} is set, but there is no package `redis`: install it, or unset {given_by}"
        ) from None
    try:
        client = redis.Redis.from_url(
            url,
            password=password,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            decode_responses=as_text,
        )
        client.ping()
    except (redis.RedisError, OSError, ValueError) as error:  # which may show the URL, and that a password
        raise RedisUnusable(
            f"{given_by}: no Redis server can be used there ({type(error).__name__}); "
            f"write redis://HOST:PORT/0, or unset {given_by}"
        ) from None
    return client


def lost() -> type[Exception]:
    """The error that a client raises when its server is gone, or no longer does what it should."""
    import redis  # noqa: PLC0415 - it need not be installed

    return redis.RedisError
