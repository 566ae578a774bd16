"""nginx and Caddy before a broker, with the files of docs/deploy for other addresses and certificates."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from support.platform_programs import platform_program
from support.serving import PATIENCE, free_port

FILES = Path(__file__).parents[2] / "docs" / "deploy"
CERTIFICATE, KEY = "/etc/ssl/certs/example.org.pem", "/etc/ssl/private/example.org.key"
BROKER = "127.0.0.1:9292"
NGINX_MAIN = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/tallystick.conf;
}}
"""
CADDY_MAIN = """
{
	admin off
	auto_https disable_redirects
}
"""


@dataclass(frozen=True)
class Proxy:
    """Where a proxy has the broker, where it redirects from, and what signs its certificate."""

    url: str
    plain: str
    certificate: Path
    log: Path


@contextmanager
def nginx(broker: str, folder: Path) -> Iterator[Proxy]:
    """Yield nginx in front of the broker at *broker* ("127.0.0.1:1234")."""
    program = platform_program("nginx")
    port, plain = free_port(), free_port()
    certificate = _certificate(folder)
    _adapt(
        "nginx.conf",
        folder / "tallystick.conf",
        {
            BROKER: broker,
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "listen [::]:80;": "",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
            "listen [::]:443 ssl http2;": "",
            "server_name example.org;": "server_name localhost;",
            CERTIFICATE: str(certificate),
            KEY: str(folder / "key.pem"),
        },
    )
    main = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    main.write_text(NGINX_MAIN.format(folder=folder, user=user), encoding="utf-8")
    command = [program, "-p", folder, "-e", "stderr", "-c", main]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    proxy = Proxy(
        f"https://localhost:{port}/contracts", f"http://localhost:{plain}", certificate, folder / "log"
    )
    with _running(command, proxy):
        yield proxy


@contextmanager
def caddy(broker: str, folder: Path) -> Iterator[Proxy]:
    """Yield Caddy in front of the broker at *broker* ("127.0.0.1:1234")."""
    program = platform_program("caddy")
    port = free_port()
    certificate = _certificate(folder)
    file = folder / "Caddyfile"
    _adapt(
        "Caddyfile",
        file,
        {
            BROKER: broker,
            "example.org {": f"{CADDY_MAIN}\nhttps://localhost:{port} {{",
            CERTIFICATE: str(certificate),
            KEY: str(folder / "key.pem"),
        },
    )
    proxy = Proxy(f"https://localhost:{port}/contracts", "", certificate, folder / "log")
    with _running([program, "run", "--adapter", "caddyfile", "--config", file], proxy):
        yield proxy


def _adapt(name: str, target: Path, changes: dict[str, str]) -> None:
    """Write the file for this machine. Each change has to be for something that is there."""
    text = (FILES / name).read_text(encoding="utf-8")
    comment, _, settings = text.partition("\n\n")
    for old, new in changes.items():
        assert old in settings, f"{name} has no {old!r}"
        settings = settings.replace(old, new)
    target.write_text(f"{comment}\n\n{settings}", encoding="utf-8")


@contextmanager
def _running(command: list[str | Path], proxy: Proxy) -> Iterator[None]:
    folder = proxy.log.parent
    homes = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with proxy.log.open("w") as log:
        process = subprocess.Popen(
            command, env={**os.environ, **homes}, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        _wait(process, proxy)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait(process: subprocess.Popen[bytes], proxy: Proxy) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            answer = requests.get(f"{proxy.url}/health/ready", verify=proxy.certificate, timeout=PATIENCE)
        except requests.ConnectionError:
            time.sleep(0.02)
            continue
        if answer.status_code < requests.codes.internal_server_error:
            return
        time.sleep(0.05)  # it has not asked yet whether the broker is ready
    raise AssertionError(f"the proxy gave no answer:\n{proxy.log.read_text()}")


def _certificate(folder: Path) -> Path:
    """Make a certificate for localhost and its key; return the file of the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    file = folder / "certificate.pem"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return file
