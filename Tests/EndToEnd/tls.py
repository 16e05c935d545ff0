"""Certificates, and a gateway that serves TLS itself."""

import os
import socket
import ssl
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway import Gateway
from processes import free_port
from waiting import eventually

CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]


class Certificate:
    """A certificate of an authority of its own, for `localhost` and 127.0.0.1."""

    def __init__(self, directory: Path, *, days: int = 90, name: str = "localhost") -> None:
        directory.mkdir(exist_ok=True)
        self.chain, self.key = directory / "chain.pem", directory / "key.pem"
        self.make(days, name)

    def make(
        self, days: int = 90, name: str = "localhost", *, not_before: datetime | None = None
    ) -> None:
        """Puts another certificate and key in the place of these; from now on or `not_before`."""
        fresh = [path.with_suffix(".fresh") for path in (self.key, self.chain)]
        subprocess.run(
            ["openssl", "req", "-x509", *CURVE, "-nodes", "-subj", f"/CN={name}"]
            + ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", str(days)]
            + ["-keyout", fresh[0], "-out", fresh[1]],
            check=True,
            capture_output=True,
        )
        if not_before:
            self._sign_again(*fresh, not_before, not_before + timedelta(days=days))
        os.rename(fresh[0], self.key)
        os.rename(fresh[1], self.chain)

    @staticmethod
    def _sign_again(key: Path, chain: Path, start: datetime, end: datetime) -> None:
        """The same certificate, with other times."""
        old = x509.load_pem_x509_certificate(chain.read_bytes())
        signer = serialization.load_pem_private_key(key.read_bytes(), None)
        assert isinstance(signer, ec.EllipticCurvePrivateKey)
        builder = x509.CertificateBuilder(
            old.issuer, old.subject, old.public_key(), old.serial_number, start, end,
            list(old.extensions),
        )
        fresh = builder.sign(signer, hashes.SHA256())
        chain.write_bytes(fresh.public_bytes(serialization.Encoding.PEM))

    def client(self) -> ssl.SSLContext:
        """Trusts this certificate and no other."""
        return ssl.create_default_context(cafile=str(self.chain))

    def issue_by_authority(self) -> Path:
        """Puts a certificate here that an authority of its own has signed; returns the latter's."""
        directory = self.key.parent
        authority, request = directory / "authority.pem", directory / "request.pem"
        names = directory / "names.cnf"
        names.write_text(
            "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=critical,CA:FALSE\n"
            "keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n"
            "authorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n"
        )
        key = directory / "authority-key.pem"
        for command in (
            ["req", "-x509", *CURVE, "-nodes", "-subj", "/CN=Authority of a test", "-days", "90",
             "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", key, "-out", authority],
            ["req", *CURVE, "-nodes", "-subj", "/CN=localhost", "-keyout", self.key,
             "-out", request],
            ["x509", "-req", "-in", request, "-CA", authority, "-CAkey", key, "-CAcreateserial",
             "-days", "90", "-extfile", names, "-out", self.chain],
        ):
            subprocess.run(["openssl", *command], check=True, capture_output=True)
        return authority

    @property
    def der(self) -> bytes:
        return ssl.PEM_cert_to_DER_cert(self.chain.read_text())


class TLSGateway(Gateway):
    """Webhooks over TLS; API, plainly, on a listener of its own."""

    def __init__(
        self, binary: str, directory: Path, certificate: Certificate, **settings: str
    ) -> None:
        self.certificate = certificate
        admin_port = free_port()
        files = {
            "GATEWAY_TLS_CERT": str(certificate.chain),
            "GATEWAY_TLS_KEY": str(certificate.key),
            "GATEWAY_ADMIN_LISTEN": f"127.0.0.1:{admin_port}",
        }
        super().__init__(binary, directory, **(files | settings))
        self.admin_port = admin_port

    def wait_until_ready(self) -> "TLSGateway":
        def is_ready() -> bool:
            self.process.give_up_if_ended()
            try:
                for port in (self.port, self.admin_port):
                    socket.create_connection((self.host, port), timeout=2).close()
                return True
            except OSError:
                return False

        eventually(is_ready, "the gateway takes connections")
        return self

    def connect_tls(
        self, context: ssl.SSLContext | None = None, session: ssl.SSLSession | None = None
    ) -> ssl.SSLSocket:
        """A connection of a client that trusts the certificate, unless `context` says other."""
        plain = socket.create_connection(self.address, timeout=15)
        context = context or self.certificate.client()
        return context.wrap_socket(plain, server_hostname="localhost", session=session)

    def served(self) -> bytes:
        """The certificate that new connections are shown."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with self.connect_tls(context) as channel:
            shown = channel.getpeercert(binary_form=True)
        assert shown
        return shown

    def doctor(self) -> str:
        """What `doctor` says, which asks on the admin listener."""
        own = {
            "GATEWAY_URL": f"http://127.0.0.1:{self.admin_port}",
            "GATEWAY_ADMIN_TOKEN": self.token,
        }
        return subprocess.run(
            [self.binary, "doctor"], env=self.settings | own, cwd=self.directory,
            capture_output=True, text=True, timeout=60,
        ).stdout
