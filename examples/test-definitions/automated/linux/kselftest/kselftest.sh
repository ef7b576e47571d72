#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kselftest.sh -p FOLDER [-c "COLLECTION ..."]
. ../../lib/sh-test-lib
folder=/opt/kselftest collections=
while getopts p:c: option; do
    case $option in
        p) folder=$OPTARG ;;
        c) collections=$OPTARG ;;
        *) die "usage: kselftest.sh -p FOLDER [-c COLLECTIONS]" ;;
    esac
done
[ -x "$folder/run_kselftest.sh" ] || die "$folder has no run_kselftest.sh; KSELFTEST_PATH names where kselftest is"

create_out_dir
parser=$PWD/../../utils/ktap-to-results.py
set --
for collection in $collections; do set -- "$@" -c "$collection"; done
# A failed test is a result, no reason to stop.
( cd "$folder" && ./run_kselftest.sh "$@" ) > "$OUTPUT/kselftest.txt" 2>&1 || true
cat "$OUTPUT/kselftest.txt"
"$parser" "$OUTPUT/kselftest.txt" >> "$RESULT_FILE"
