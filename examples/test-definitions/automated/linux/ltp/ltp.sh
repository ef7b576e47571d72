#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ltp.sh [-i FOLDER] [-T FILE[,FILE...]] [-d TMPDIR] [-S SKIPFILE] [-M TIMES] [-w WORKERS] [-k "ARGUMENT ..."] [-n SHARDS -c SHARD]
# by kirk, LTP's runner of today, or by runltp where that is all there is. The options are those that Linaro's definition of
# this name calls its script with, so that it can call this one too; what only says which LTP to build (-s, -v, -R, -b, -g,
# -e, -p, -u, -t) changes nothing.
. ../../lib/sh-test-lib
folder=/opt/ltp files=smoketest scratch='' skip_file='' times='' workers='' extra='' shards=1 shard=1
while getopts i:T:d:S:M:w:k:n:c:s:v:R:b:g:e:p:u:t: option; do
    case $option in
        i) folder=$OPTARG ;;
        T) files=$OPTARG ;;
        d) scratch=$OPTARG ;;
        S) skip_file=$OPTARG ;;
        M) times=$OPTARG ;;
        w) workers=$OPTARG ;;
        k) extra=$OPTARG ;;
        n) shards=$OPTARG ;;
        c) shard=$OPTARG ;;
        [svRbgeput]) ;;
        *) die "usage: ltp.sh [-i FOLDER] [-T FILES] [-d TMPDIR] [-S SKIPFILE] [-M TIMES] [-w WORKERS] [-k ARGUMENTS] [-n SHARDS -c SHARD]" ;;
    esac
done

create_out_dir
parser=$PWD/../../utils/ltp-to-results.py
if [ -x "$folder/kirk" ]; then
    runner=kirk
elif [ -x "$folder/runltp" ]; then
    runner=runltp
else
    die "$folder has no kirk and no runltp; LTP_INSTALL_PATH names where LTP is"
fi
if [ -n "$skip_file" ] && [ ! -r "$skip_file" ]; then
    warn "no list of tests to skip at $skip_file; all run"
    skip_file=
fi
[ -z "$scratch" ] || mkdir -p "$scratch" || die "cannot make $scratch"
[ -z "$times" ] || export LTP_TIMEOUT_MUL="$times"
cd "$folder" || exit 1
for file in $(echo "$files" | tr ',' ' '); do
    suite=$file
    if [ "$shards" -gt 1 ]; then
        suite=$file.$shard
        split -n "l/$shard/$shards" "runtest/$file" > "runtest/$suite"
    fi
    # Their end says whether a test failed; that is in the results.
    # shellcheck disable=SC2086  # a list of arguments
    if [ "$runner" = kirk ]; then
        results=$OUTPUT/$file.json
        ./kirk --run-suite "$suite" --json-report "$results" ${scratch:+--tmp-dir "$scratch"} ${skip_file:+--skip-file "$skip_file"} \
            ${workers:+--workers "$workers"} $extra || true
    else
        results=$OUTPUT/$file.log
        ./runltp -p -q -f "$suite" -l "$results" -o "$OUTPUT/$file.out" ${scratch:+-d "$scratch"} ${skip_file:+-S "$skip_file"} || true
    fi
    "$parser" "$results" >> "$RESULT_FILE" || echo "run_$file fail" >> "$RESULT_FILE"
done
