"""A certificate authority of the test's own, made with openssl: what brokers show, good and bad."""
import os
import subprocess

CONFIG = """[ca]
default_ca = own
[own]
database = {folder}/index.txt
serial = {folder}/serial
new_certs_dir = {folder}
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
"""


class Authority:
    """Signs certificates. `ca` is the file that clients trust; all files are PEM, below `folder`."""

    def __init__(self, folder, name="feedcast tests"):
        self.folder = str(folder)
        os.makedirs(self.folder, exist_ok=True)
        self.ca = self._path("ca.pem")
        self._write("openssl.cnf", CONFIG.format(folder=self.folder))
        self._write("index.txt", "")
        self._write("serial", "1000\n")
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                      "-keyout", self._path("ca.key"), "-out", self.ca, "-subj", f"/CN={name}",
                      "-extensions", "authority")

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _write(self, name, text):
        with open(self._path(name), "w", encoding="ascii") as f:
            f.write(text)

    def _openssl(self, *arguments):
        done = subprocess.run(["openssl", arguments[0], "-config", self._path("openssl.cnf"), *arguments[1:]],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def issue(self, name, hosts=("DNS:localhost", "IP:127.0.0.1"), start=None, end=None):
        """A file with private key, certificate and chain, as Kafka's PEM key stores want it. `start` and `end` are
        YYYYMMDDHHMMSSZ; without them it is valid now."""
        key, request, certificate, extensions = (self._path(f"{name}.{e}") for e in ("key", "csr", "crt", "ext"))
        self._write(f"{name}.ext", f"subjectAltName = {','.join(hosts)}\nextendedKeyUsage = serverAuth,clientAuth\n")
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                      "-out", request, "-subj", f"/CN={name}")
        self._openssl("ca", "-batch", "-notext", "-in", request, "-out", certificate, "-extfile", extensions,
                      "-cert", self.ca, "-keyfile", self._path("ca.key"),
                      *(["-startdate", start] if start else []), *(["-enddate", end] if end else ["-days", "2"]))
        both = self._path(f"{name}.pem")
        with open(both, "w", encoding="ascii") as out:
            for part in (key, certificate, self.ca):
                with open(part, encoding="ascii") as f:
                    out.write(f.read())
        return both
