/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine in virtual time, as a QEMU plugin: its virtual CPUs, one host thread each (-accel tcg,thread=multi), are
 * scheduled by the instructions that they execute (machine.h, sched.h, clock.h), and pay for the cache lines that other CPUs
 * hold (lines.h). The profile counts by address (profile.h).
 *
 * Booting only counts instructions. When a program in the guest marks the beginning of a trial (mark.h), all code is translated
 * again, with a callback at each memory access.
 *
 * Options: price=PS (an instruction; 1000), quantum=PS (2000000), miss=PS, upgrade=PS (of a cache line; 0), servers=N (the first
 * N CPUs are a separate side in profiles; all), counts=FILE (written at the end), profile=FILE (written after each window). */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/lab/virtual/arm64.h"
#include "harness/lab/virtual/lines.h"
#include "harness/lab/virtual/machine.h"
#include "harness/lab/virtual/mark.h"
#include "harness/lab/virtual/profile.h"
#include "harness/lab/virtual/qemu_plugin.h"

#define PUBLIC __attribute__((visibility("default")))

PUBLIC extern int qemu_plugin_version;
PUBLIC int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv);

int qemu_plugin_version = QEMU_PLUGIN_VERSION;

/* Of -M virt */
#define MEMORY_BASE UINT64_C(0x40000000)
#define MEMORY_SIZE (UINT64_C(16) << 30)

static uint64_t price = 1000, quantum = 2000000, miss, upgrade, servers;
static const char *counts_file, *profile_file;

static const struct {
    const char *name;
    uint64_t *number; /* 0 to 10^9, or */
    const char **text;
} options[] = {
    {"price", &price, NULL},          {"quantum", &quantum, NULL}, {"miss", &miss, NULL},
    {"upgrade", &upgrade, NULL},      {"servers", &servers, NULL}, {"counts", NULL, &counts_file},
    {"profile", NULL, &profile_file},
};

static struct {
    qemu_plugin_id_t id;
    unsigned cpus;
    bool in_trials, in_window;
    long host_ms;                         /* start, by the clock of the host */
    struct qemu_plugin_scoreboard *used;  /* of each virtual CPU: the counter of its clock */
    struct qemu_plugin_scoreboard *count; /* instructions, by block */
    struct lines lines;
    uint64_t stall[LINE_UPGRADE + 1];  /* cost of an access, in instructions */
    struct qemu_plugin_register *link; /* x30: the return address */
    GByteArray *value;
} plugin;

/* The CPUs of the server, and those of the load */
enum side { SERVER, CLIENT, SIDES };
static const char *const sides[SIDES] = {"server", "client"};

static struct profile profile;
static struct {
    uint32_t number[SIDES][LINE_UPGRADE + 1];
} accesses[PROFILE_BLOCKS];

static struct {
    unsigned number;
    uint64_t began_ps, busy_ps[SCHED_TASKS];
} window;

/* The scoreboard is reallocated while CPUs are created. */
static uint64_t *used_of(unsigned cpu)
{
    return qemu_plugin_scoreboard_find(plugin.used, cpu);
}

static uint64_t *counts_of(unsigned cpu)
{
    return qemu_plugin_scoreboard_find(plugin.count, cpu);
}

static enum side side_of(unsigned cpu)
{
    return cpu < servers ? SERVER : CLIENT;
}

/* ---- windows ---- */

static void begin_window(unsigned cpu)
{
    for (unsigned i = 0; i < plugin.cpus; i++) {
        memset(counts_of(i), 0, PROFILE_BLOCKS * sizeof(uint64_t));
        window.busy_ps[i] = machine_busy_ps(i);
    }
    memset(accesses, 0, sizeof accesses);
    profile_clear_samples(&profile);
    window.number++;
    window.began_ps = machine_ps(cpu);
    plugin.in_window = true;
}

static uint64_t instructions_at(unsigned block, enum side side)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < plugin.cpus; i++)
        sum += side_of(i) == side ? counts_of(i)[block] : 0;
    return sum;
}

static uint64_t asleep_ps(enum side side, uint64_t length_ps)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < plugin.cpus; i++) {
        uint64_t busy_ps = machine_busy_ps(i) - window.busy_ps[i];
        sum += side_of(i) == side && length_ps > busy_ps ? length_ps - busy_ps : 0;
    }
    return sum;
}

static void write_side(FILE *file, enum side side, uint64_t length_ps)
{
    const char *name = sides[side];
    uint64_t cpus = side == SERVER ? servers : plugin.cpus - servers;
    fprintf(file, "window\t%u\t%s\t%" PRIu64 "\n", window.number, name, length_ps * cpus);
    fprintf(file, "asleep\t%u\t%s\t%" PRIu64 "\n", window.number, name, asleep_ps(side, length_ps));
    for (unsigned i = 0; i < profile.blocks; i++) {
        uint64_t n = instructions_at(i, side);
        const uint32_t *of = accesses[i].number[side];
        if (n)
            fprintf(file, "%016" PRIx64 "\t%u\t%s\t%" PRIu64 "\t%" PRIu32 "\t%" PRIu32 "\n",
                    profile.address[i], window.number, name, n, of[LINE_MISS], of[LINE_UPGRADE]);
    }
}

static void write_samples(FILE *file)
{
    for (unsigned i = 0; i < PROFILE_SAMPLES; i++)
        for (enum side side = 0; side < SIDES; side++) {
            const struct profile_sample *s = &profile.sample[i];
            if (s->number[side])
                fprintf(file, "sample\t%u\t%s\t%016" PRIx64 "\t%016" PRIx64 "\t%" PRIu32 "\n",
                        window.number, sides[side], s->address, s->caller, s->number[side]);
        }
}

/* Errors are ignored here: the reader detects a truncated file. */
static void end_window(unsigned cpu)
{
    FILE *file = plugin.in_window && profile_file ? fopen(profile_file, "a") : NULL;
    plugin.in_window = false;
    if (!file)
        return;
    for (enum side side = 0; side < SIDES; side++)
        write_side(file, side, machine_ps(cpu) - window.began_ps);
    write_samples(file);
    fclose(file);
}

/* ---- callbacks from translated code ---- */

/* The caller of the running function, if that has not called another one itself */
static uint64_t caller(void)
{
    uint64_t address = 0;
    g_byte_array_set_size(plugin.value, 0);
    if (qemu_plugin_read_register(plugin.link, plugin.value) == sizeof address)
        memcpy(&address, plugin.value->data, sizeof address);
    return address;
}

/* The argument of a callback points into this array: it encodes the block, and whether the instruction is atomic. */
static char sites[PROFILE_BLOCKS][2];

static unsigned block_of(const void *site)
{
    return (unsigned)(((const char *)site - sites[0]) / 2);
}

static bool is_atomic(const void *site)
{
    return ((const char *)site - sites[0]) % 2;
}

static void on_slice_end(unsigned n, void *site)
{
    if (plugin.in_window && plugin.link)
        profile_add_sample(&profile, profile.address[block_of(site)], caller(), side_of(n));
    machine_slice_ends(n);
}

static void on_access(unsigned n, qemu_plugin_meminfo_t info, uint64_t address, void *site)
{
    const struct qemu_plugin_hwaddr *physical = qemu_plugin_get_hwaddr(info, address);
    if (!physical || qemu_plugin_hwaddr_is_io(physical))
        return;
    enum line_access access = lines_access(&plugin.lines, qemu_plugin_hwaddr_phys_addr(physical), n,
                                           is_atomic(site) || qemu_plugin_mem_is_store(info));
    if (access == LINE_HIT)
        return;
    machine_stall(n, plugin.stall[access]);
    accesses[block_of(site)].number[side_of(n)][access]++;
}

static void register_callbacks(qemu_plugin_id_t id);

static int marks[] = {MARK_TRIAL, MARK_WINDOW, MARK_WINDOW_ENDED}; /* in turn */

static void on_mark(unsigned n, void *mark)
{
    switch (*(const int *)mark) {
    case MARK_TRIAL:
        if (!plugin.in_trials)
            qemu_plugin_reset(plugin.id, register_callbacks);
        plugin.in_trials = true;
        break;
    case MARK_WINDOW:
        begin_window(n);
        break;
    case MARK_WINDOW_ENDED:
        end_window(n);
        break;
    }
}

/* ---- translation ---- */

static bool has_coherence(void)
{
    return miss || upgrade;
}

static void look_at(struct qemu_plugin_insn *instruction, unsigned block)
{
    uint32_t code = 0;
    qemu_plugin_insn_data(instruction, &code, sizeof code);
    int hint = arm64_hint(code);
    if (hint >= MARK_TRIAL && hint <= MARK_WINDOW_ENDED)
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_mark, QEMU_PLUGIN_CB_NO_REGS,
                                               &marks[hint - MARK_TRIAL]);
    if (plugin.in_trials && has_coherence())
        qemu_plugin_register_vcpu_mem_cb(instruction, on_access, QEMU_PLUGIN_CB_NO_REGS,
                                         QEMU_PLUGIN_MEM_RW, &sites[block][arm64_is_atomic(code)]);
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    const size_t instructions = qemu_plugin_tb_n_insns(tb);
    const qemu_plugin_u64 used = {plugin.used, 0};
    unsigned block = plugin.in_trials ? profile_block(&profile, qemu_plugin_tb_vaddr(tb)) : 0;
    qemu_plugin_register_vcpu_tb_exec_cond_cb(tb, on_slice_end, QEMU_PLUGIN_CB_R_REGS,
                                              QEMU_PLUGIN_COND_GE, used, CLOCK_CALL,
                                              &sites[block][0]);
    qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, QEMU_PLUGIN_INLINE_ADD_U64, used,
                                                      instructions);
    if (plugin.in_trials && profile_file) {
        const qemu_plugin_u64 count = {plugin.count, block * sizeof(uint64_t)};
        qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, QEMU_PLUGIN_INLINE_ADD_U64, count,
                                                          instructions);
    }
    for (size_t i = 0; i < instructions; i++)
        look_at(qemu_plugin_tb_get_insn(tb, i), block);
}

static void find_link_register(void)
{
    const qemu_plugin_reg_array *all = qemu_plugin_get_registers();
    for (unsigned i = 0; all && i < all->len; i++)
        if (strcmp(all->data[i].name, "x30") == 0)
            plugin.link = all->data[i].handle;
}

static void on_cpu(qemu_plugin_id_t id, unsigned n)
{
    (void)id;
    machine_is_cpu(n);
    if (n == 0)
        find_link_register();
}

static void on_idle(qemu_plugin_id_t id, unsigned n)
{
    (void)id;
    (void)n;
    machine_idles();
}

/* ---- beginning and end ---- */

static void write_counts(qemu_plugin_id_t id, void *unused)
{
    (void)id;
    (void)unused;
    FILE *file = fopen(counts_file, "w");
    if (!file)
        return;
    const struct sched_counts *c = machine_counts();
    struct timespec host;
    clock_gettime(CLOCK_MONOTONIC_RAW, &host);
    fprintf(file, "host_ms\t%ld\n", host.tv_sec * 1000 + host.tv_nsec / 1000000 - plugin.host_ms);
    const struct {
        const char *name;
        uint64_t value;
    } counts[] = {
        {"virtual_ps", machine_shown_ps() - MACHINE_BEGINS_PS},
        {"instructions", machine_instructions()},
        {"slices", c->slices},
        {"switches", c->switches},
        {"wakes", c->wakes},
        {"blocks", c->blocks},
        {"windows", window.number},
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        fprintf(file, "%s\t%" PRIu64 "\n", counts[i].name, counts[i].value);
    fclose(file);
}

static void register_callbacks(qemu_plugin_id_t id)
{
    qemu_plugin_register_vcpu_init_cb(id, on_cpu);
    qemu_plugin_register_vcpu_idle_cb(id, on_idle);
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    if (counts_file)
        qemu_plugin_register_atexit_cb(id, write_counts, NULL);
}

/* Whether it is a whole number from 0 to 10^9 */
static bool read_number(const char *text, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0' && *text >= '0' && *text <= '9' && *number <= 1000000000;
}

static bool read_option(const char *text)
{
    const char *value = strchr(text, '=');
    for (size_t i = 0; value && i < sizeof options / sizeof *options; i++) {
        if (strlen(options[i].name) != (size_t)(value - text) ||
            strncmp(text, options[i].name, (size_t)(value - text)) != 0)
            continue;
        if (options[i].number)
            return read_number(value + 1, options[i].number);
        *options[i].text = strdup(value + 1);
        return true;
    }
    return false;
}

static int fail(const char *what, const char *value)
{
    fprintf(stderr, "virtual: %s%s\n", what, value);
    return -1;
}

static int check(const qemu_info_t *info)
{
    if (price == 0 || quantum == 0)
        return fail("price and quantum must be at least 1", "");
    if (!info->system_emulation || strcmp(info->target_name, "aarch64") != 0)
        return fail(
            "requires qemu-system-aarch64, since other targets have clocks that are not virtual: ",
            info->target_name);
    if (info->system.max_vcpus >= SCHED_TASKS)
        return fail("supports at most 256 CPUs", "");
    if (has_coherence() && info->system.max_vcpus > LINES_CPUS)
        return fail("with costs of cache lines it supports at most 64 CPUs", "");
    return 0;
}

/* Rounded up, like a time slice */
static uint64_t in_instructions(uint64_t ps)
{
    return (ps + price - 1) / price;
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        if (!read_option(argv[i]))
            return fail("not an option, or not a number from 0 to 1000000000: ", argv[i]);
    if (check(info) != 0)
        return -1;
    plugin.id = id;
    plugin.cpus = (unsigned)info->system.max_vcpus;
    if (servers == 0 || servers > plugin.cpus)
        servers = plugin.cpus;
    plugin.stall[LINE_MISS] = in_instructions(miss);
    plugin.stall[LINE_UPGRADE] = in_instructions(upgrade);
    if (has_coherence() && !lines_init(&plugin.lines, MEMORY_BASE, MEMORY_SIZE))
        return fail("out of memory for the directory of cache lines", "");
    profile_init(&profile);
    plugin.value = g_byte_array_new();

    struct timespec start;
    clock_gettime(CLOCK_MONOTONIC_RAW, &start);
    plugin.host_ms = start.tv_sec * 1000 + start.tv_nsec / 1000000;
    /* One cache line of the host per CPU, to avoid false sharing */
    plugin.used = qemu_plugin_scoreboard_new(64);
    plugin.count = qemu_plugin_scoreboard_new(PROFILE_BLOCKS * sizeof(uint64_t));
    register_callbacks(id);
    machine_begin(plugin.cpus, price, quantum, used_of);
    return 0;
}
