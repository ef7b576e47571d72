# SPDX-License-Identifier: Apache-2.0
"""A lab's hardware without hardware: docs/maintainers/rig.md."""

from .board import Board, UefiBoard
from .channel import Completed, Process, RigError
from .folder import why_missing
from .ftdi import CTS, DCD, DSR, RI, FtdiChip
from .gpio import GpioChip
from .hub import Hub
from .relays import AcmRelay, HidRelay, LcusHidRelay, SerialRelay
from .rig import LAB_GROUPS, Rig
from .sd_mux import SdWire, SdWire3, UsbSdMux
from .serial_adapters import CdcAcm, Ch340, Cp2104, Ftdi
from .serial_board import SerialBoard
from .serial_line import SerialLine
from .sound import SoundCard, amplitude_at, tone
from .storage import UsbStick

__all__ = ["AcmRelay", "Board", "CTS", "CdcAcm", "Ch340", "Completed", "Cp2104", "DCD", "DSR", "Ftdi", "FtdiChip", "GpioChip",
           "HidRelay", "Hub", "LAB_GROUPS", "LcusHidRelay", "Process", "RI", "Rig", "RigError", "SdWire", "SdWire3", "SerialBoard",
           "SerialLine", "SerialRelay", "SoundCard", "UefiBoard", "UsbSdMux", "UsbStick", "amplitude_at", "tone", "why_missing"]
