"""Certificates that openssl makes for a test."""

import subprocess
from pathlib import Path


def openssl(directory: Path, *words: str) -> None:
    """Run openssl in a directory."""
    subprocess.run(["openssl", *words], cwd=directory, check=True, capture_output=True)


def make_certificates(directory: Path) -> None:
    """Make an authority, and certificates of a server and of a client that it has signed."""
    new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    usage = "keyUsage=critical,keyCertSign"
    openssl(
        directory, *new, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=authority", "-addext", usage
    )
    for name in ("server", "client"):
        names = "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:api.localhost"
        signed = [
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-addext",
            names,
            "-addext",
            "basicConstraints=CA:FALSE",
        ]
        files = ["-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}"]
        openssl(directory, *new, *signed, *files)
