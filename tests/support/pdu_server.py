# SPDX-License-Identifier: Apache-2.0
"""Network power switches of a test: what they say, and what may be wrong with them.

usage: pdu_server.py DIALECT FOLDER     prints "port N"
FOLDER/outlets holds a character for each outlet, 0 or 1. FOLDER/fault, when it is there, is one of
  stuck      takes orders, and nothing happens
  broken     does what it was told, and then answers with an error (Kasa: takes no order)
  silent     takes connections, and says nothing
  refuses    Netio: says that it may not switch
  echo       Kshell: repeats what it was told, and does nothing
  slow       takes 0.6 s for each request
  once       refuses one request, and then is gone
FOLDER/asked has a line for each request.
"""

import base64
import hashlib
import http.server
import json
import pathlib
import re
import socketserver
import sys
import threading
import urllib.parse

FOLDER = pathlib.Path(sys.argv[2])
LOCK = threading.Lock()


def outlets():
    return (FOLDER / "outlets").read_text()


def fault():
    file = FOLDER / "fault"
    found = file.read_text() if file.exists() else ""
    if found == "once":
        file.unlink()
    return found


def switch(number, on):
    if fault() == "stuck":
        return
    with LOCK:
        text = outlets()
        (FOLDER / "outlets").write_text(text[:number - 1] + ("1" if on else "0") + text[number:])


class Web(http.server.BaseHTTPRequestHandler):
    """A dialect has reply(): a body, or (status, body, headers)."""

    protocol_version = "HTTP/1.1"
    logged_in = False  # of the whole device

    def log_message(self, *_):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        url = urllib.parse.urlsplit(self.path)
        with open(FOLDER / "asked", "a", encoding="utf-8") as file:
            file.write(f"{self.command} {self.path} {body}\n")
        wrong = fault()
        if wrong == "silent":
            self.close_connection = True
            threading.Event().wait(30)
            return
        if wrong == "slow":
            threading.Event().wait(0.6)
        if wrong == "once":
            result = (503, "busy", {})
        else:
            result = self.reply(url.path, dict(urllib.parse.parse_qsl(url.query)), body)
            if wrong == "broken":
                result = (500, "broken", {})
        status, text, headers = result if isinstance(result, tuple) else (200, result, {})
        data = text.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = answer


class Gude8031(Web):
    def reply(self, path, query, _body):
        if path != "/status.json":
            return 404, "", {}
        if query.get("cmd") == "1":
            switch(int(query["p"]), query["s"] == "1")
        return json.dumps({"outputs": [{"state": int(state)} for state in outlets()]})


class ShellyGen2(Web):
    """Digest, user admin, password secret."""

    def reply(self, path, _query, body):
        if path != "/rpc":
            return 404, "", {}
        given = dict(re.findall(r'(\w+)="?([^",]*)"?', self.headers.get("Authorization", "")))
        def digest(text):
            return hashlib.md5(text.encode()).hexdigest()
        wanted = digest(":".join((digest("admin:shelly:secret"), "n1", digest(f"{self.command}:{self.path}"))))
        if given.get("response") != wanted:
            return 401, "", {"WWW-Authenticate": 'Digest realm="shelly", nonce="n1"'}
        call = json.loads(body)
        if call["method"] == "Switch.Set":
            switch(call["params"]["id"] + 1, call["params"]["on"] is True)
        return json.dumps({"id": 1, "result": {"output": outlets()[call["params"]["id"]] == "1"}})


class EgPms2(Web):
    """One user at a time, who logs in and out."""

    def reply(self, path, _query, body):
        if path == "/login.html" and self.command == "GET":
            Web.logged_in = False
            return "bye"
        if path == "/login.html":
            Web.logged_in = body == "pw=1"
            return "hello"
        if not Web.logged_in:
            return 403, "log in", {}
        for number, state in re.findall(r"cte(\d)=([01])", body):
            switch(int(number), state == "1")
        return f"<script>var sockstates = [{','.join(outlets())}];</script>"


class Mfi(Web):
    """The log-in belongs to a cookie."""

    def reply(self, path, _query, body):
        if path == "/":
            return 200, "", {"Set-Cookie": "AIROS=42; Path=/"}
        if "AIROS=42" not in self.headers.get("Cookie", ""):
            return 403, "", {}
        if path == "/login.cgi":
            Web.logged_in = body == "username=ubnt&password=ubnt"
            return 302, "", {"Location": "/"}
        if not Web.logged_in:
            return 403, "", {}
        if path == "/mfi/sensors.cgi":
            return json.dumps({"sensors": [{"port": i + 1, "output": int(state)} for i, state in enumerate(outlets())]})
        switch(int(path.split("/")[2]), body == "output=1")
        return json.dumps({"status": "success"})


class Basic(Web):
    """The model digipower: Basic, and a page of commas."""

    def reply(self, path, query, _body):
        if self.headers.get("Authorization") != "Basic " + base64.b64encode(b"snmp:1234").decode():
            return 401, "", {"WWW-Authenticate": 'Basic realm="pdu"'}
        if path in ("/ons.cgi", "/offs.cgi"):
            switch(query["led"].index("1") + 1, path == "/ons.cgi")
        return "<r>" + "0," * 10 + ",".join(outlets()) + "</r>"


class PduDaemon(Web):
    def reply(self, path, query, _body):
        action = path.removeprefix("/power/control/")
        if query.get("hostname") != "pdu 1" or action not in ("on", "off"):
            return 500, "Invalid request", {}
        switch(int(query["port"]), action == "on")
        return "OK - accepted request"


class Netio(Web):
    """The model netio: what it cannot do it says with status 200."""

    def reply(self, _path, query, _body):
        if query["l"] != "p:admin:admin":
            return "<html>503 INVALID LOGIN</html>"
        if query["p"] == "l":
            return f"<html>{' '.join(outlets()[:4])}</html>"
        if fault() == "refuses":
            return "<html>505 FORBIDDEN</html>"
        for number, state in enumerate(query["p"], 1):
            if state in "01":
                switch(number, state == "1")
        return "<html>250 OK</html>"


class Kshell(socketserver.StreamRequestHandler):
    """The model netio_kshell, behind a telnet server that offers options first."""

    def handle(self):
        if fault() == "silent":
            threading.Event().wait(30)
        self.wfile.write(b"\xff\xfd\x18\xff\xfb\x01100 HELLO E5F6\r\n")
        for line in self.rfile:
            words = line.lstrip(b"\xff\xfc\x18\xfe\x01").decode().split()
            with open(FOLDER / "asked", "a", encoding="utf-8") as file:
                file.write(" ".join(words) + "\n")
            if fault() == "echo":
                self.wfile.write(line)
                continue
            if words[:1] == ["login"]:
                answer = "250 OK" if words[1:] == ["admin", "admin"] else "503 INVALID LOGIN"
            elif words[:1] == ["port"] and len(words) == 3:
                switch(int(words[1]), words[2] == "1")
                if fault() == "broken":
                    return
                answer = "250 OK"
            elif words[:1] == ["port"]:
                answer = f"250 {outlets()[int(words[1]) - 1]}"
            else:
                self.wfile.write(b"110 BYE\r\n")
                return
            self.wfile.write(answer.encode() + b"\r\n")


class Scpi(socketserver.StreamRequestHandler):
    """The model siglent: orders have no answer."""

    def handle(self):
        for line in self.rfile:
            text = line.decode().strip()
            if found := re.fullmatch(r"OUTPUT CH([12]),(ON|OFF)", text):
                switch(int(found[1]), found[2] == "ON")
            elif text == "SYSTEM:STATUS?":
                bits = "".join(outlets()[:2])
                self.wfile.write(f"0x{4 | int(bits[0]) << 4 | int(bits[1]) << 5:x}\n".encode())


class Kasa(socketserver.StreamRequestHandler):
    """The model tplink, a strip of six."""

    @staticmethod
    def cipher(data, back):
        key, result = 171, bytearray()
        for byte in data:
            result.append(byte ^ key)
            key = byte if back else byte ^ key
        return bytes(result)

    def handle(self):
        if fault() == "silent":
            threading.Event().wait(30)
        while len(header := self.rfile.read(4)) == 4:
            call = json.loads(self.cipher(self.rfile.read(int.from_bytes(header, "big")), True))
            if "get_sysinfo" in call["system"]:
                children = [{"id": f"8006E9{i:02}", "state": int(state)} for i, state in enumerate(outlets()[:6])]
                answer = {"system": {"get_sysinfo": {"err_code": 0, "children": children}}}
            else:
                wrong = fault() == "broken"
                if not wrong:
                    switch(int(call["context"]["child_ids"][0][6:]) + 1, call["system"]["set_relay_state"]["state"] == 1)
                answer = {"system": {"set_relay_state": {"err_code": -1 if wrong else 0}}}
            text = self.cipher(json.dumps(answer).encode(), False)
            self.wfile.write(len(text).to_bytes(4, "big") + text)


class WebServer(http.server.ThreadingHTTPServer):
    daemon_threads = True


class ShellServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


def main():
    web = (Gude8031, ShellyGen2, EgPms2, Mfi, Basic, PduDaemon, Netio)
    dialect = {each.__name__: each for each in (*web, Kshell, Scpi, Kasa)}[sys.argv[1]]
    server = (WebServer if dialect in web else ShellServer)(("127.0.0.1", 0), dialect)
    print(f"port {server.server_address[1]}", flush=True)
    server.serve_forever()


main()
