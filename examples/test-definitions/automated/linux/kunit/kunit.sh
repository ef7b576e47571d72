#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kunit.sh [-m "NAME ..."]: each is a module, or the end of the files of several: test.ko. Linaro's definition of this name
# calls its script so, and with -s, which changes nothing.
. ../../lib/sh-test-lib
names=
while getopts m:s: option; do
    case $option in
        m) names=$OPTARG ;;
        s) ;;
        *) die "usage: kunit.sh [-m NAMES]" ;;
    esac
done

create_out_dir
modules=/lib/modules/$(uname -r)
for name in $names; do
    case $name in
        *.ko) found=$(find "$modules" -name "*$name*" 2> /dev/null | sort) ;;
        *) found='' ;;
    esac
    for file in ${found:-$name}; do
        module=$(basename "$file")
        module=${module%%.ko*}
        check "modprobe_$module" modprobe "$module"
    done
done
dmesg > "$OUTPUT/dmesg.txt" || die "the kernel's log cannot be read"
../../utils/ktap-to-results.py "$OUTPUT/dmesg.txt" >> "$RESULT_FILE"
