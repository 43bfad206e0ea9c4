/* SPDX-License-Identifier: BSD-2-Clause */
/* Arguments that load refuses, by its own main(): each row is one call. */

int load_main(int argc, char **argv);
#define main load_main
#include "harness/load/main.c"
#undef main

#include "support.h" /* cmocka has a macro fail() */

#define AT      "http://127.0.0.1:1/"
#define TEN     "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct usage_error usage_errors[] = {
    {"", "one URL"},
    {"one two", "one URL"},
    {"--nosuch " AT, "--nosuch"},
    {"ftp://127.0.0.1/", "http://"},
    {"http:///x", "missing host"},
    {"http://me:x@/", "missing host"},
    {"http://me:secret@127.0.0.1:x/@", "URL '127.0.0.1:x/@': the port"},
    {"http://me:s@e@192.0.2.1/", "load: 192.0.2.1/ is on another machine"},
    {"http://me:%4@127.0.0.1/", "hexadecimal"},
    {"http://0.0.0.0:x/", "from 1 to 65535"},
    {"http://[::ffff:192.0.2.1]/", "--allow-remote"},
    {AT " --nosuch", "--nosuch"},
    {AT " --connections 0", "--connections"},
    {AT " " AT, "one URL"},
    {"http://[::1", "brackets"},
    {"http://127.0.0.1:0/", "from 1 to 65535"},
    {"http://127.0.0.1:65536/", "from 1 to 65535"},
    {"http://127.0.0.1:x/", "from 1 to 65535"},
    {"'http://127.0.0.1:1/a b'", "spaces or control characters"},
    {"'http://127.0.0.1:1/a\\r\\nX: y'", "a??X: y"},
    {"http://192.0.2.1/", "--allow-remote"},
    {"http://[2001:db8::1]/", "--allow-remote"},
    {"--connections 0 " AT, "--connections"},
    {"--connections many " AT, "'many'"},
    {"--duration 5 " AT, "--duration"},
    {"--duration -1s " AT, "'-1s'"},
    {"--duration nans " AT, "'nans'"},
    {"--duration 1s --count 5 " AT, "--duration and --count"},
    {"--count 0 " AT, "--count"},
    {"--timeout 0s " AT, "--timeout"},
    {"--rate 0 " AT, "--rate"},
    {"--rate -5 " AT, "'-5'"},
    {"--rate 5.. " AT, "'5..'"},
    {"--rate 9..5 --ramp 1s " AT, "'9..5'"},
    {"--rate 5..9..11 --ramp 1s " AT, "range of them"},
    {"--rate 5..9 " AT, "--ramp"},
    {"--rate 5 --ramp 1s " AT, "A..B"},
    {"--ramp 1s " AT, "A..B"},
    {"--rate 5..9 --ramp 1s --duration 1s " AT, "length of the window"},
    {"--rate 5..9 --ramp 1s --count 10 " AT, "length of the window"},
    {"--rate 10 --burst 5 --every 1s " AT, "--rate and --burst"},
    {"--rate 10 --connections 5 " AT, "--connections is for a closed loop"},
    {"--rate 10 --think 1ms " AT, "--think is for a closed loop"},
    {"--burst 5 --every 1s --connections 5 " AT, "--connections is for a closed loop"},
    {"--burst 5 " AT, "--every"},
    {"--every 1s " AT, "--burst"},
    {"--arrivals poisson " AT, "--rate"},
    {"--arrivals nosuch --rate 5 " AT, "constant|poisson"},
    {"--max-open 5 " AT, "--max-open is for an open loop"},
    {"--max-open 0 --rate 5 " AT, "--max-open"},
    {"--think 5 " AT, "--think"},
    {"--mix short:1 --requests-per-connection 2 " AT, "--requests-per-connection"},
    {"--mix short " AT, ":WEIGHT"},
    {"--mix short:0 " AT, ":WEIGHT"},
    {"--mix short:1:x " AT, "REQUESTS must be a number"},
    {"--mix short:1:1:1 " AT, "HOLD must be a duration"},
    {"--mix short:1:1:1s:1 " AT, "unexpected text"},
    {"--mix nosuch:1 " AT, "other than short and long"},
    {"--mix short:1,short:2 " AT, "twice"},
    {"--mix short:1, " AT, "letters"},
    {"--mix :1:1 " AT, "letters"},
    {"--mix a:1:1,b:1:1,c:1:1,d:1:1,e:1:1,f:1:1,g:1:1,h:1:1,i:1:1 " AT, "more than 8"},
    {"--threads 0 " AT, "--threads"},
    {"--threads 257 " AT, "'257'"},
    {"--threads 2 --connections 1 " AT, "the 1 connections"},
    {"--threads 2 --count 1 " AT, "the 1 requests"},
    {"--cpus 9999 " AT, "'9999'"},
    {"--cpus x " AT, "--cpus"},
    {"--sources nosuch " AT, "nosuch"},
    {"--sources 127.0.0.0/33 " AT, "prefix"},
    {"--sources 127.0.0.0/x " AT, "prefix"},
    {"--sources 192.0.2.1 " AT, "cannot bind to 192.0.2.1"},
    {"--sources 127.0.0.1 --unix-socket /nosuch " AT, "--unix-socket"},
    {"--close nosuch " AT, "fin|rst"},
    {"--insecure " AT, "https://"},
    {"--cacert x " AT, "https://"},
    {"--tls-resume on " AT, "https://"},
    {"--tls-resume yes https://127.0.0.1:1/", "off|on"},
    {"--insecure --cacert x https://127.0.0.1:1/", "--cacert"},
    {"--urls /dev/null " AT, "no URL in the file"},
    {"--urls /dev/zero " AT, "longer than"},
    {"--seed x " AT, "--seed"},
    {"--method 'G T' " AT, "method"},
    {"--method 'GET\\r\\nX:' " AT, "method"},
    {"--method '' " AT, "--method"},
    {"--header NoColon " AT, "Name: value"},
    {"--header ': value' " AT, "Name: value"},
    {"--header 'Connection: close' " AT, "set by other options"},
    {"--header 'content-length: 5' " AT, "set by other options"},
    {"--header 'Transfer-Encoding: chunked' " AT, "set by other options"},
    {"--header 'A: b\\r\\nC: d' " AT, "control characters"},
    {"--expect '' " AT, "--expect"},
    {"--expect " HUNDRED HUNDRED HUNDRED " " AT, "256 bytes"},
    {"--expect-length -1 " AT, "'-1'"},
    {"--expect-status 2xx,4 " AT, "2xx,404"},
    {"--expect-status '' " AT, "--expect-status"},
    {"--unix-socket /" HUNDRED HUNDRED " " AT, "107 bytes"},
    {"--percentiles 101 " AT, "between 0 and 100"},
    {"--percentiles 0,x " AT, "between 0 and 100"},
    {"--percentiles -1 " AT, "'-1'"},
    {"--percentiles '' " AT, "--percentiles"},
    {"--percentiles 50, " AT, "'50,'"},
    {"--count 50 --percentiles 99 " AT, "at least 100 requests"},
};

TEST(usage_error)
{
    assert_usage_error(load_main, "load", *state);
}

int main(void)
{
    ADD_ROWS(usage_error, usage_errors);
    return run_added(NULL, NULL);
}
