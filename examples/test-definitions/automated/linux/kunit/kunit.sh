#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kunit.sh [-m "MODULE ..."]
. ../../lib/sh-test-lib
modules=
while getopts m: option; do
    case $option in
        m) modules=$OPTARG ;;
        *) die "usage: kunit.sh [-m MODULES]" ;;
    esac
done

create_out_dir
for module in $modules; do check "modprobe_$module" modprobe "$module"; done
dmesg > "$OUTPUT/dmesg.txt" || die "the kernel's log cannot be read"
../../utils/ktap-to-results.py "$OUTPUT/dmesg.txt" >> "$RESULT_FILE"
