#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# send-to-lava.sh FILE: a test case for each line of FILE.
#   NAME RESULT                        RESULT: pass, fail, skip or unknown
#   NAME RESULT MEASUREMENT [UNITS]
#   lava-test-set start NAME, lava-test-set stop
# Where no LAVA is, the lines are shown.
file=${1:?the file with results is missing}
[ -r "$file" ] || { echo "send-to-lava.sh: $file: cannot be read" >&2; exit 1; }
if ! command -v lava-test-case > /dev/null 2>&1; then exec cat "$file"; fi

# On a descriptor of its own: the programs below may read the console.
while read -r name result measurement units <&3; do
    case $name in
        '' | \#*) continue ;;
        lava-test-set) lava-test-set "$result" ${measurement:+"$measurement"} ;;
        *)
            if [ -z "$result" ]; then
                echo "send-to-lava.sh: '$name' has no result" >&2
            elif [ -z "$measurement" ]; then
                lava-test-case "$name" --result "$result"
            else
                lava-test-case "$name" --result "$result" --measurement "$measurement" ${units:+--units "$units"}
            fi
            ;;
    esac
done 3< "$file"
