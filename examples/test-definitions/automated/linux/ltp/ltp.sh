#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ltp.sh -i FOLDER -T FILE[,FILE...]: by kirk, LTP's runner of today, or by runltp where that is all there is.
. ../../lib/sh-test-lib
folder=/opt/ltp files=smoketest
while getopts i:T: option; do
    case $option in
        i) folder=$OPTARG ;;
        T) files=$OPTARG ;;
        *) die "usage: ltp.sh -i FOLDER -T FILES" ;;
    esac
done

create_out_dir
parser=$PWD/../../utils/ltp-to-results.py
for file in $(echo "$files" | tr ',' ' '); do
    # Their end says whether a test failed; that is in the results.
    if [ -x "$folder/kirk" ]; then
        results=$OUTPUT/$file.json
        ( cd "$folder" && ./kirk --run-suite "$file" --json-report "$results" ) || true
    elif [ -x "$folder/runltp" ]; then
        results=$OUTPUT/$file.log
        ( cd "$folder" && ./runltp -p -q -f "$file" -l "$results" -o "$OUTPUT/$file.out" ) || true
    else
        die "$folder has no kirk and no runltp; LTP_INSTALL_PATH names where LTP is"
    fi
    "$parser" "$results" >> "$RESULT_FILE" || echo "run_$file fail" >> "$RESULT_FILE"
done
