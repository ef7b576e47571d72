#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A console server by pyserial: one port of a board that echoes, RTS wired to CTS and DTR to DSR (pyserial's loop://).

Prints its TCP port, then each setting that a client makes, as `name value`. The line `drop` on the standard input ends
the client's connection, `stop` also those to come: they are accepted and closed."""

import socket
import sys
import threading

import serial
import serial.rfc2217

SETTINGS = {"baudrate", "bytesize", "parity", "stopbits", "xonxoff", "rtscts", "dtr", "rts", "break_condition"}


def say(*words):
    print(*words, flush=True)


class Observed:
    """A serial port that tells what is set."""

    def __init__(self, port):
        object.__setattr__(self, "port", port)

    def __getattr__(self, name):
        return getattr(self.port, name)

    def __setattr__(self, name, value):
        setattr(self.port, name, value)
        if name in SETTINGS:
            say(name, value)


class Connection:
    def __init__(self, client):
        self.client = client
        self.lock = threading.Lock()

    def write(self, data):
        with self.lock:
            self.client.sendall(data)


def send_what_the_board_says(port, manager, connection, ended):
    while not ended.is_set():
        data = port.read(port.in_waiting or 1)
        try:
            if data:
                connection.write(b"".join(manager.escape(data)))
        except OSError:
            return


def serve(client):
    port = serial.serial_for_url("loop://", timeout=0.05)
    connection = Connection(client)
    manager = serial.rfc2217.PortManager(Observed(port), connection)
    ended = threading.Event()
    thread = threading.Thread(target=send_what_the_board_says, args=(port, manager, connection, ended))
    thread.start()
    try:
        while data := client.recv(4096):
            port.write(b"".join(manager.filter(data)))
            manager.check_modem_lines()
    except OSError:
        pass
    ended.set()
    thread.join()
    client.close()


def take_orders(clients, stopped):
    for line in sys.stdin:
        if line.strip() == "stop":
            stopped.set()
        for client in list(clients):
            client.shutdown(socket.SHUT_RDWR)
            clients.remove(client)


def main():
    listener = socket.create_server(("127.0.0.1", 0))
    say(listener.getsockname()[1])
    clients, stopped = [], threading.Event()
    threading.Thread(target=take_orders, args=(clients, stopped), daemon=True).start()
    while True:
        client, _ = listener.accept()
        if stopped.is_set():
            client.close()
            continue
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        clients.append(client)
        threading.Thread(target=serve, args=(client,), daemon=True).start()


if __name__ == "__main__":
    main()
