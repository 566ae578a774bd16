"""TLS settings: which certificates are trusted, and which one is presented to the provider."""

from pathlib import Path
from typing import TYPE_CHECKING

from tally.errors import UsageError
from tally.values import dataclass

if TYPE_CHECKING:  # slow to load, and most providers are asked without TLS
    import ssl


@dataclass(frozen=True, kw_only=True)
class Tls:
    """PEM files. *ca_file* replaces the certificates that the system trusts; *skip* disables verification."""

    ca_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    skip: bool = False

    def context(self) -> "ssl.SSLContext":
        """Return the context for connections; raises UsageError, naming the option whose file is unusable."""
        import ssl  # noqa: PLC0415 - see above

        context = _trusting(self.ca_file)
        if self.skip:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self.certificate:
            try:
                context.load_cert_chain(self.certificate, self.key, password="")
            except OSError as error:
                names = f"--client-certificate {self.certificate}, --client-key {self.key or '(none)'}"
                raise UsageError(
                    f"{names}: they hold no certificate with its key in PEM format: {error}."
                ) from error
        return context


def tls_problem(error: OSError) -> str | None:
    """Return why TLS failed, or None when *error* is not about TLS."""
    import ssl  # noqa: PLC0415 - see above

    if not isinstance(error, ssl.SSLError):
        return None
    return getattr(error, "verify_message", "") or error.reason or "the server does not use TLS"


def _trusting(ca_file: Path | None) -> "ssl.SSLContext":
    import ssl  # noqa: PLC0415 - see above

    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise UsageError(f"--ca-file {ca_file}: it holds no certificates in PEM format: {error}.") from error
