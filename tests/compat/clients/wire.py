# SPDX-License-Identifier: Apache-2.0
"""One HTTP request as it is: the target byte for byte, no redirect followed, nothing added but Host."""

import http.client
import json
import urllib.parse


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    @property
    def text(self):
        return self.body.decode("utf-8")


class Wire:
    """`timeout`: the client's own, in seconds; an answer that takes longer is none to it."""

    def __init__(self, lab, token=None, timeout=20, scheme="Token", **headers):
        self.address = ("127.0.0.1", lab.port)
        self.base = lab.url
        self.timeout = timeout
        self.headers = dict(headers)
        if token:
            self.headers["Authorization"] = scheme + " " + token

    def send(self, method, target, body=None, **headers):
        connection = http.client.HTTPConnection(*self.address, timeout=self.timeout)
        try:
            connection.request(method, target, body=body, headers={**self.headers, **headers})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, target, **headers):
        return self.send("GET", target, **headers)

    def post_json(self, target, value):
        return self.send("POST", target, json.dumps(value).encode(), **{"Content-Type": "application/json"})

    def post_form(self, target, value):
        return self.send("POST", target, urllib.parse.urlencode(value).encode(),
                         **{"Content-Type": "application/x-www-form-urlencoded"})

    def follow(self, url, more=""):
        """The absolute `url` of an answer: of this server, or nothing is followed."""
        if not url.startswith(self.base + "/"):
            raise AssertionError("%s is no address of %s" % (url, self.base))
        return self.get(url[len(self.base):] + more)
