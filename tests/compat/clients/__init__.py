# SPDX-License-Identifier: Apache-2.0
"""The clients of a LAVA server that cannot be installed here: each sends the requests of its program, in its order and
its form, and reads the answers as strictly as it does. What they send was read in their sources."""
