#!/usr/bin/env bats
# The version in reports, and the files of the project itself.
# Measures nothing.

load support
load runs

# ---- the version ----

@test "reports name the version that a run was measured with" {
    built "$build/bin/runs"
    small_copy "$BATS_TEST_TMPDIR/run"
    cd "$BATS_TEST_TMPDIR"
    jq '.wakeone.version = "9.1"' "$top/tests/data/run/env.json" >run/env.json
    BUILT=1 "$top/run.sh" report run 2>/dev/null
    grep -qx -- '- wakeone: 9\.1' run/report.md
    tr -d '\n' <run/report.html | grep -q '<td>wakeone</td> *<td>9\.1</td>'
    jq -e '.facts[] | select(.name == "wakeone") | .value == "9.1"' run/report.json
}
