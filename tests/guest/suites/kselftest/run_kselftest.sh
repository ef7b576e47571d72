#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Called as the real one is.
[ "$*" = "-c membarrier -c timers" ] || { echo "Bail out! called with '$*'"; exit 1; }
cat output.txt
exit 1
