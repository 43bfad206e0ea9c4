/* SPDX-License-Identifier: BSD-2-Clause */
#include "settings.h"

#include "csv.h"
#include "number.h"

#include "harness/lib/message.h"
#include "harness/lib/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define DAY_MS 86400000ULL

enum { DESCRIPTORS_ELSE = 64 }; /* of the load, besides its connections */

static const struct {
    const char *label, *standard;
} known[SETTING_COUNT] = {
    [SETTING_STRATEGIES] = {"strategies", "racing,wakeone,fdpass,mutex"},
    [SETTING_PEERS] = {"peers", ""},
    [SETTING_ALSO] = {"also", ""},
    [SETTING_REFERENCE] = {"reference", ""},
    [SETTING_WORKERS] = {"workers", "2,8,32,64"},
    [SETTING_CPUS] = {"cpus", ""},
    [SETTING_SPLIT] = {"split", ""},
    [SETTING_CONNECTIONS] = {"connections", ""},
    [SETTING_RATE] = {"rate", ""},
    [SETTING_ARRIVALS] = {"arrivals", ""},
    [SETTING_REQUESTS] = {"requests_per_connection", "1"},
    [SETTING_THREADS] = {"threads", "auto"},
    [SETTING_LOAD] = {"load", ""},
    [SETTING_ROUNDS] = {"rounds", "100"},
    [SETTING_PRECISION] = {"precision", ""},
    [SETTING_MAX_TIME] = {"max_time", ""},
    [SETTING_WINDOW] = {"window", "50ms"},
    [SETTING_WARMUP] = {"warmup", "50ms"},
    [SETTING_INSTRUMENT] = {"instrument", "ctxsw"},
    [SETTING_WIRE_ROUNDS] = {"wire_rounds", "0"},
    [SETTING_SEED] = {"seed", "1"},
    [SETTING_CLIENTS] = {"clients", ""},
    [SETTING_SERVER_ADDRESS] = {"server_address", ""},
};

#define CONNECTIONS "16" /* default, without --rate */

void settings_begin(struct settings *settings, const struct setting_default *defaults,
                    unsigned count)
{
    *settings = (struct settings){.precision = 0};
    for (unsigned i = 0; i < SETTING_COUNT; i++)
        settings->text[i] = copy_string(known[i].standard);
    for (unsigned i = 0; i < count; i++)
        settings_set(settings, defaults[i].name, defaults[i].value);
}

void settings_free(struct settings *settings)
{
    for (unsigned i = 0; i < SETTING_COUNT; i++)
        free(settings->text[i]);
    *settings = (struct settings){.precision = 0};
}

void settings_set(struct settings *settings, enum setting_name name, const char *value)
{
    char *copy = copy_string(value);
    free(settings->text[name]);
    settings->text[name] = copy;
}

const char *settings_get(const struct settings *settings, enum setting_name name)
{
    const char *text = settings->text[name];
    return *text ? text : NULL;
}

const char *setting_label(enum setting_name name)
{
    return known[name].label;
}

/* ---- checks ---- */

static void check_contradictions(const struct settings *s)
{
    const char *split = settings_get(s, SETTING_SPLIT);
    if (settings_get(s, SETTING_RATE) && settings_get(s, SETTING_CONNECTIONS))
        fail_usage("--rate (open loop) and --connections (closed loop) are mutually exclusive");
    if (settings_get(s, SETTING_ARRIVALS) && !settings_get(s, SETTING_RATE))
        fail_usage("--arrivals requires --rate");
    if (settings_get(s, SETTING_CPUS) && split && strchr(split, ':'))
        fail_usage("--split %s and --cpus are mutually exclusive", split);
}

/* Which hosts and addresses there are only the trial finds out. */
static void check_clients(const struct settings *s)
{
    const char *clients = settings_get(s, SETTING_CLIENTS),
               *address = settings_get(s, SETTING_SERVER_ADDRESS);
    const struct {
        bool given;
        const char *option, *why;
    } refused[] = {
        {settings_get(s, SETTING_PEERS) != NULL, "peers", "third-party servers listen on loopback"},
        {strcmp(s->text[SETTING_WIRE_ROUNDS], "0") != 0, "wire",
         "it looks at this host's loopback"},
        {settings_get(s, SETTING_SPLIT) != NULL, "split", "clients are on other hosts"},
    };
    if (clients && !address)
        fail_usage("--clients takes --server-address as well: where they reach the server");
    for (size_t i = 0; clients && i < sizeof refused / sizeof *refused; i++)
        if (refused[i].given)
            fail_usage("--clients does not go with --%s: %s", refused[i].option, refused[i].why);
    if ((clients && strpbrk(clients, " \t\n" NOT_IN_LOAD)) ||
        (address && strpbrk(address, " \t\n" NOT_IN_LOAD)))
        fail_usage("--clients and --server-address take no spaces and none of " NOT_IN_LOAD);
}

static unsigned long read_number(const struct settings *s, enum setting_name name,
                                 unsigned long least, unsigned long most)
{
    const char *text = s->text[name];
    struct number_list list;
    if (!number_list_parse(&list, text) || strspn(text, "0123456789") != strlen(text) ||
        list.items[0].number < least || list.items[0].number > most)
        fail_usage("--%s takes a whole number from %lu to %lu, not '%s'", known[name].label, least,
                   most, text);
    return list.items[0].number;
}

/* "2..8x2" becomes "2,4,8". */
static void spell_out(struct settings *s, enum setting_name name, const struct number_list *list)
{
    struct text text = {NULL, 0, 0};
    for (unsigned i = 0; i < list->count; i++) {
        const struct number_item *item = &list->items[i];
        text_add(&text, "%s%lu", i ? "," : "", item->number);
        if (item->per > 1)
            text_add(&text, "/%ucpu", item->per);
        else if (item->per == 1)
            text_add_string(&text, "/cpu");
    }
    settings_set(s, name, text_of(&text));
    text_free(&text);
}

static void check_lists(struct settings *s)
{
    const struct {
        enum setting_name name;
        struct number_list *list;
        const char *option;
        unsigned long least, most;
        bool per_cpu;
    } lists[] = {
        {SETTING_WORKERS, &s->workers, "workers", 1, 4096, true},
        {SETTING_REQUESTS, &s->requests, "requests-per-connection", 0, 1000000000, false},
        {SETTING_RATE, &s->rates, "rate", 1, 10000000, false},
        {SETTING_CONNECTIONS, &s->connections, "connections", 1, 1000000, true},
        {SETTING_CPUS, &s->cpus, "cpus", 1, 4096, false},
    };
    for (unsigned i = 0; i < sizeof lists / sizeof *lists; i++) {
        bool may_be_none = lists[i].name != SETTING_WORKERS && lists[i].name != SETTING_REQUESTS;
        lists[i].list->count = 0;
        if (may_be_none && !settings_get(s, lists[i].name))
            continue;
        number_list_read(lists[i].list, lists[i].option, s->text[lists[i].name], lists[i].least,
                         lists[i].most, lists[i].per_cpu);
        spell_out(s, lists[i].name, lists[i].list);
    }
}

/* Checked here, before the first trial fails for lack of them. */
static void check_descriptors(const struct settings *s)
{
    struct rlimit limit;
    if (settings_get(s, SETTING_CLIENTS))
        return; /* of other hosts */
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max == RLIM_INFINITY)
        return;
    for (unsigned i = 0; i < s->connections.count; i++) {
        unsigned long number = s->connections.items[i].number;
        if (number + DESCRIPTORS_ELSE > limit.rlim_max)
            fail_usage("--connections %lu needs more than the %llu available descriptors: raise "
                       "'ulimit -Hn'",
                       number, (unsigned long long)limit.rlim_max);
    }
}

static bool is_one_of(const char *text, const char *a, const char *b)
{
    return strcmp(text, a) == 0 || strcmp(text, b) == 0;
}

const char *reserved_option(const char *words)
{
    static const char *const reserved[] = {"--out", "--parent", "--ready-fd", "--stats"};
    for (words += strspn(words, " "); *words; words += strspn(words, " ")) {
        size_t length = strcspn(words, " =");
        for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
            if (strlen(reserved[i]) == length && strncmp(words, reserved[i], length) == 0)
                return reserved[i];
        words += strcspn(words, " ");
    }
    return NULL;
}

static void check_words(const struct settings *s)
{
    const char *arrivals = settings_get(s, SETTING_ARRIVALS),
               *split = settings_get(s, SETTING_SPLIT);
    if (arrivals && !is_one_of(arrivals, "constant", "poisson"))
        fail_usage("--arrivals takes constant or poisson, not '%s'", arrivals);
    if (strcmp(s->text[SETTING_THREADS], "auto") != 0)
        read_number(s, SETTING_THREADS, 1, 64);
    if (strpbrk(s->text[SETTING_LOAD], "\t\n" NOT_IN_LOAD))
        fail_usage("--load takes space-separated options of the load, without any of " NOT_IN_LOAD);
    if (reserved_option(s->text[SETTING_LOAD]))
        fail_usage("--load: %s is reserved for bench", reserved_option(s->text[SETTING_LOAD]));
    if (split && !is_one_of(split, "half", "shared") && !strchr(split, ':'))
        fail_usage("--split takes half, shared or SERVER:CLIENT, not '%s'", split);
    if (!is_one_of(s->text[SETTING_INSTRUMENT], "auto", "ctxsw"))
        fail_usage("--instrument takes auto or ctxsw, not '%s'", s->text[SETTING_INSTRUMENT]);
}

/* ---- time ---- */

/* A plan has durations in ms, s or m. */
static bool read_milliseconds(const char *text, uint64_t *ms)
{
    unsigned long long ns;
    const char *unit = text + strspn(text, "0123456789.");
    if (!duration_parse(text, &ns) || ns < 1000000 ||
        (strcmp(unit, "ms") != 0 && !is_one_of(unit, "s", "m")))
        return false;
    *ms = (ns + 500000) / 1000000;
    return true;
}

static uint64_t read_duration(const struct settings *s, enum setting_name name, const char *option,
                              uint64_t least, uint64_t most)
{
    uint64_t ms;
    if (!read_milliseconds(s->text[name], &ms) || ms < least || ms > most)
        fail_usage("--%s takes a duration such as 500ms, 1s or 2m, from %llums to %llums, not '%s'",
                   option, (unsigned long long)least, (unsigned long long)most, s->text[name]);
    return ms;
}

void settings_read_max_time(struct settings *s)
{
    s->max_time_ms = settings_get(s, SETTING_MAX_TIME)
                         ? read_duration(s, SETTING_MAX_TIME, "max-time", 1000, 365 * DAY_MS)
                         : 0;
}

/* "2.5%" as 0.025: the double nearest to the decimal. */
static bool read_share(const char *text, double *share)
{
    double percent;
    size_t digits = strspn(text, "0123456789.");
    char *number = copy_bytes(text, digits), *scaled = format_string("%se-2", number);
    bool good = digits > 0 && strcmp(text + digits, "%") == 0 && number[digits - 1] != '.' &&
                number_read(number, &percent) && percent >= 0.1 && percent <= 50 &&
                number_read(scaled, share);
    free(number);
    free(scaled);
    return good;
}

static void check_time(struct settings *s)
{
    s->window_ms = read_duration(s, SETTING_WINDOW, "window", 10, DAY_MS);
    s->warmup_ms = read_duration(s, SETTING_WARMUP, "warmup", 1, 3600000);
    settings_read_max_time(s);
    s->precision = 0;
    if (!settings_get(s, SETTING_PRECISION))
        return;
    if (!read_share(s->text[SETTING_PRECISION], &s->precision))
        fail_usage("--precision takes a share such as 2%%, from 0.1%% to 50%%, not '%s'",
                   s->text[SETTING_PRECISION]);
    if (s->rounds < 2)
        fail_usage("--precision requires at least 2 --rounds: one has no interval");
}

void settings_check(struct settings *s)
{
    check_contradictions(s);
    check_clients(s);
    if (!settings_get(s, SETTING_RATE) && !settings_get(s, SETTING_CONNECTIONS))
        settings_set(s, SETTING_CONNECTIONS, CONNECTIONS);
    check_lists(s);
    check_descriptors(s);
    check_words(s);
    s->rounds = read_number(s, SETTING_ROUNDS, 1, 1000000);
    s->seed = read_number(s, SETTING_SEED, 0, 999999999);
    s->wire_rounds = read_number(s, SETTING_WIRE_ROUNDS, 0, 1000000);
    check_time(s);
}

/* ---- settings.tsv ---- */

static void take_line(struct settings *s, char *line, const char *path)
{
    char *value = strchr(line, '\t');
    if (value)
        *value++ = '\0';
    if (!value || strcmp(value, "-") == 0)
        value = line + strlen(line);
    for (unsigned i = 0; i < SETTING_COUNT; i++)
        if (strcmp(line, known[i].label) == 0) {
            settings_set(s, i, value);
            return;
        }
    fail_usage("%s: unknown setting '%s'", path, line);
}

void settings_load(struct settings *s, const char *path)
{
    size_t size;
    char *buffer = file_read(path, &size);
    if (!buffer)
        fail_usage("cannot read %s: %s", path, strerror(errno));
    for (char *line = buffer, *end; line && *line; line = end) {
        end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        take_line(s, line, path);
    }
    free(buffer);
}

void settings_write(const struct settings *s, struct text *to)
{
    for (unsigned i = 0; i < SETTING_COUNT; i++)
        text_add(to, "%s\t%s\n", known[i].label, *s->text[i] ? s->text[i] : "-");
}
