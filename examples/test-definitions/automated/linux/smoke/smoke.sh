#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# smoke.sh [-t "COMMAND, COMMAND, ..."]: each command is a case, named after its first word.
. ../../lib/sh-test-lib
tests="pwd, uname -a"
while getopts t: option; do
    case $option in
        t) tests=$OPTARG ;;
        *) die "usage: smoke.sh [-t COMMANDS]" ;;
    esac
done

create_out_dir
echo "$tests" | tr ',' '\n' | while read -r command; do
    [ -n "$command" ] || continue
    name=${command%% *}
    if has "$name"; then check "$name" sh -c "$command"; else report_skip "$name"; fi
done
memory=$(awk '/^MemTotal:/ { print $2 }' /proc/meminfo)
add_metric memory-total pass "$memory" KiB
