"""How a target proves who it is, and how the suite proves it in return."""

import functools
import os
import ssl
from dataclasses import dataclass, field

import httpcore2


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """The files of `--ca-bundle`, `--client-certificate` and `--client-key`.

    Without a CA bundle, the certificates of the system count, or those of SSL_CERT_FILE or SSL_CERT_DIR.
    """

    ca_bundle: str | None = None
    certificate: str | None = None
    key: str | None = None
    password: str = field(default="", repr=False)
    """Decrypts the client key. OpenSSL would ask the terminal if there were none."""

    def context(self) -> ssl.SSLContext:
        """What connections are made with.

        Raises:
            OSError: a file cannot be read, or is not what it should be; ssl.SSLError is an OSError.

        """
        return _context(self, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@functools.lru_cache
def _context(tls: Tls, *_: str | None) -> ssl.SSLContext:
    """The context of these settings and of the variables that httpcore2 reads."""
    if tls.ca_bundle is None:
        context = httpcore2.default_ssl_context()
    else:
        context = ssl.create_default_context(cafile=tls.ca_bundle)
    if tls.certificate is not None:
        context.load_cert_chain(tls.certificate, tls.key, tls.password)
    context.set_alpn_protocols(["http/1.1"])
    return context
