# SPDX-License-Identifier: Apache-2.0
"""Boards that boot over a network, on a bench of this machine's or on the rig's: docs/maintainers/rig.md."""

from .bench import Bench, Console
from .lan import Lan
from .nfs import NfsServer
from .parts import can_serve_nfs, parts, why_missing
from .tftp import StallingTftp, TftpServer
from .usb_serial_port import UsbSerialPort

__all__ = ["Bench", "Console", "Lan", "NfsServer", "StallingTftp", "TftpServer", "UsbSerialPort", "can_serve_nfs", "parts", "why_missing"]
