/* SPDX-License-Identifier: BSD-2-Clause */
/* Arguments that wire refuses, by its own main(): each row is one call. */

int wire_main(int argc, char **argv);
#define main wire_main
#include "harness/wire/main.c"
#undef main

#include "support.h" /* cmocka has a macro fail() */

static const struct usage_error usage_errors[] = {
    {"", "--port"},
    {"-i lo", "--port"},
    {"-r x.pcap", "--port"},
    {"--port 80", "-i INTERFACE and -r FILE"},
    {"--port 80 -i", "--interface"},
    {"--port 80 -r", "--read"},
    {"-i lo -r x.pcap --port 80", "-i INTERFACE and -r FILE"},
    {"-r x.pcap --port 18080 --duration 1s", "--duration is for -i"},
    {"-r x.pcap --port 18080 --json --connections -", "standard output"},
    {"-r x.pcap --port 18080 --json=- --write -", "standard output"},
    {"-r x.pcap --port 80 --write x.pcap", "--read and --write are the same file, 'x.pcap'"},
    {"-r x.pcap --port 80 --json=x.pcap", "--read and --json are the same file"},
    {"-r x.pcap --port 80 --connections x.pcap", "--read and --connections are the same file"},
    {"-i lo --port 80 --json=x --connections x", "--json and --connections are the same file"},
    {"-i lo --port 80 --write x --json=x", "--write and --json are the same file"},
    {"-r tests/data/capture/lo.pcap --port 80 --write tests/../tests/data/capture/lo.pcap",
     "--read and --write are the same file"},
    {"-i lo --port 0", "'0'"},
    {"-i lo --port 65536", "'65536'"},
    {"-i lo --port -1", "'-1'"},
    {"-i lo --port x", "'x'"},
    {"-i lo --port 80,81", "'80,81'"},
    {"-i lo --port", "--port"},
    {"-i lo --port 80 --duration 0", "--duration"},
    {"-i lo --port 80 --duration -1s", "'-1s'"},
    {"-i lo --port 80 --duration x", "'x'"},
    {"-i lo --port 80 --duration 2d", "'2d'"},
    {"-i lo --port 80 --ring 0", "--ring"},
    {"-i lo --port 80 --ring 2001", "'2001'"},
    {"-i lo --port 80 --ring x", "'x'"},
    {"-r x.pcap --port 18080 --max-connections 0", "--max-connections"},
    {"-r x.pcap --port 18080 --max-connections 1.5", "'1.5'"},
    {"-r x.pcap --port 18080 --idle 0", "--idle"},
    {"-r x.pcap --port 18080 --idle x", "'x'"},
    {"-r x.pcap --port 18080 --nonsense", "--nonsense"},
    {"-r x.pcap --port 18080 operand", "'operand'"},
};

TEST(usage_error)
{
    assert_usage_error(wire_main, "wire", *state);
}

int main(void)
{
    ADD_ROWS(usage_error, usage_errors);
    return run_added(NULL, NULL);
}
