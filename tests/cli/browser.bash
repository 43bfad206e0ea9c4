# A headless browser, controlled through chromedriver with curl and jq: for tests of pages.

# SPDX-License-Identifier: BSD-2-Clause

# start_browser: sets browser (the URL of the session) and driver_pid; ended by stop_browser in teardown
start_browser() {
    export HOME=$BATS_TEST_TMPDIR # files of Chromium, also those that it leaves in TMPDIR
    TMPDIR=$BATS_TEST_TMPDIR setsid chromedriver --port=0 >"$BATS_TEST_TMPDIR/driver" 2>&1 3>&- &
    driver_pid=$!
    wait_until grep -q 'started successfully on port' "$BATS_TEST_TMPDIR/driver"
    local address session
    address=http://127.0.0.1:$(sed -n 's/.*successfully on port \([0-9]*\).*/\1/p' "$BATS_TEST_TMPDIR/driver")
    session=$(curl -sS "$address/session" -d '{"capabilities": {"alwaysMatch": {
        "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        "goog:chromeOptions": {"args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-dev-shm-usage", "--disable-background-networking", "--hide-scrollbars"]}}}}')
    jq -e .value.sessionId <<<"$session" >/dev/null || { echo "no browser: $(head -c 300 <<<"$session")"; return 1; }
    browser=$address/session/$(jq -r .value.sessionId <<<"$session")
}

# The driver has a process session of its own, which includes Chromium.
stop_browser() {
    [ -n "${driver_pid:-}" ] || return 0
    [ -z "${browser:-}" ] || curl -s -X DELETE "$browser" >/dev/null || true
    kill -TERM -- "-$driver_pid" 2>/dev/null
    wait "$driver_pid" 2>/dev/null
    driver_pid=
}

# of_browser PATH JSON: its reply
of_browser() {
    curl -sS --max-time 30 "$browser/$1" -d "$2" | jq -c .value
}

# cdp COMMAND JSON: a command of the DevTools protocol
cdp() {
    of_browser goog/cdp/execute "{\"cmd\": \"$1\", \"params\": $2}"
}

# open_page FILE
open_page() {
    of_browser url "{\"url\": \"file://$1\"}" >/dev/null
}

# set_view WIDTH HEIGHT light|dark
set_view() {
    cdp Emulation.setDeviceMetricsOverride "{\"width\": $1, \"height\": $2, \"deviceScaleFactor\": 1, \"mobile\": false}" >/dev/null
    cdp Emulation.setEmulatedMedia "{\"features\": [{\"name\": \"prefers-color-scheme\", \"value\": \"$3\"}]}" >/dev/null
}

# run_in_page FILE: the return value of the script in that file
run_in_page() {
    of_browser execute/sync "$(jq -Rs '{script: ., args: []}' "$1")"
}

# picture_of_page FILE: all of it, as PNG
picture_of_page() {
    cdp Page.captureScreenshot '{"captureBeyondViewport": true}' | jq -r .data | base64 -d >"$1"
}

# log_of browser|performance: the messages since the last call, one a line
log_of() {
    of_browser se/log "{\"type\": \"$1\"}" | jq -c '.[]'
}
