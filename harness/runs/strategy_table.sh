#!/bin/sh
# strategy_table.sh "STRATEGY..." FILE...: the table of harness/runs/strategies.c from servers/*.c: a line for each strategy and
# variant, in the order of the files. STRATEGY: one that is also built on kqueue.

# SPDX-License-Identifier: BSD-2-Clause

set -eu

on_kqueue=$1
shift
echo "/* name, workers at most (0 = any number), built on epoll, built on kqueue; generated from servers */"
for file; do
    case " $on_kqueue " in
    *" $(basename "$file" .c) "*) kqueue=true ;;
    *) kqueue=false ;;
    esac
    most=$(sed -n 's/^ *\.workers_max = \([0-9]*\),.*/\1/p' "$file")
    sed -n "s/^ *VARIANT(\"\([^\"]*\)\".*/{\"\1\", ${most:-0}, true, $kqueue},/p
        s/^ *VARIANT_KQUEUE(\"\([^\"]*\)\".*/{\"\1\", ${most:-0}, false, $kqueue},/p" "$file"
done
