# SPDX-License-Identifier: Apache-2.0
"""A certificate authority of a test."""

import os
import subprocess


class Authority:
    """Signs certificates for localhost into one folder."""

    def __init__(self, folder):
        self.folder = folder
        self.file = folder / "authority.pem"
        self.openssl("req", "-x509", *self.new_key("authority.key"), "-out", self.file, "-days", "2", "-subj", "/CN=Test CA")

    def openssl(self, *words):
        subprocess.run(["openssl", *map(str, words)], cwd=self.folder, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    @staticmethod
    def new_key(name):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", name]

    def sign(self, serial):
        """lab.pem and lab.key appear by a rename, as tools for certificates do it."""
        self.openssl("req", *self.new_key("new.key"), "-out", "new.csr", "-subj", "/CN=localhost")
        (self.folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        self.openssl("x509", "-req", "-in", "new.csr", "-CA", self.file, "-CAkey", "authority.key", "-set_serial", serial,
                     "-days", "2", "-extfile", "names", "-out", "new.pem")
        for end in ("key", "pem"):
            os.rename(self.folder / f"new.{end}", self.folder / f"lab.{end}")
