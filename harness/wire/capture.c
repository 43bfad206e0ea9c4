/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture.h"

#include "harness/lib/clock.h"
#include "packet.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { AT_A_TIME = 512, WAIT_MS = 100 };

/* The kernel passes on a partly filled block after WAIT_MS. */
static const uint64_t DRAIN_NS = NS_PER_MS * 2 * WAIT_MS;

struct capture {
    pcap_t *pcap;
    pcap_dumper_t *dumper;
    bool is_live, is_past;
    int link_type;
    uint64_t frames, until_ns;
    const char *write_error;
    bool (*take)(void *, const struct capture_frame *);
    void *context;
};

static char error_text[PCAP_ERRBUF_SIZE + 768];

static bool set_filter_text(pcap_t *pcap, const char *text)
{
    struct bpf_program program;
    if (pcap_compile(pcap, &program, text, 1, PCAP_NETMASK_UNKNOWN) != 0)
        return false;
    bool set = pcap_setfilter(pcap, &program) == 0;
    pcap_freecode(&program);
    return set;
}

/* The filter passes everything that may contain TCP of that port, and packet.c decides: a BPF filter cannot follow IPv6's
 * extension headers, nor decode tunnels. */
#define EXTENSIONS "ip6 proto 0 or ip6 proto 43 or ip6 proto 44 or ip6 proto 51 or ip6 proto 60"
#define FRAGMENTS  "(ip proto 6 and ip[6:2] & 0x1fff != 0)"
#define TUNNELS                                                                                  \
    "proto 4 or proto 41 or proto 47 or proto 50 or proto 51 or proto 97 or proto 108 or "       \
    "proto 115 or proto 137 or proto 143 or udp port 4789 or udp port 8472 or udp port 4790 or " \
    "udp port 6081 or udp port 2152 or udp port 1701 or udp port 6635 or udp port 3544 or "      \
    "udp port 4500"
#define FRAMES                                                                                 \
    "ether proto 0x8864 or ether proto 0x8847 or ether proto 0x8848 or ether proto 0x88e5 or " \
    "ether proto 0x88e7 or ether proto 0x892f or ether proto 0x894f or ether proto 0x22f3 or " \
    "ether proto 0x9200 or ether proto 0xf1c1"
#define SNAP "(ether[12:2] < 0x600 and ether[14:2] = 0xaaaa)"
#define TAGS "ether proto 0x8100 or ether proto 0x88a8"

/* "vlan" shifts the offsets of all following expressions by a tag. Some expressions are invalid for some link types: the
 * first valid form of the filter is used, otherwise none. */
static void set_filter(pcap_t *pcap, uint16_t port)
{
    static const char *const frames[] = {" or " FRAMES " or " SNAP, " or " FRAMES};
    char ports[1024], text[8192];
    snprintf(ports, sizeof ports, "tcp port %u or " EXTENSIONS " or " FRAGMENTS " or " TUNNELS,
             port);
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        snprintf(text, sizeof text, "%s%s or (vlan and (%s%s or (vlan and (%s))))", ports,
                 frames[i], ports, frames[i], ports);
        if (set_filter_text(pcap, text))
            return;
    }
    snprintf(text, sizeof text, "%s or " FRAMES " or " TAGS, ports);
    if (!set_filter_text(pcap, text))
        set_filter_text(pcap, ports);
}

static pcap_t *open_live(const struct capture_options *o, bool *is_usage)
{
    char error[PCAP_ERRBUF_SIZE] = "";
    *is_usage = if_nametoindex(o->interface) == 0 && strcmp(o->interface, "any") != 0;
    if (*is_usage) {
        snprintf(error_text, sizeof error_text, "no such interface '%s': see `ip link`",
                 o->interface);
        return NULL;
    }
    pcap_t *pcap = pcap_create(o->interface, error);
    if (!pcap) {
        snprintf(error_text, sizeof error_text, "cannot capture on %s: %s", o->interface, error);
        return NULL;
    }
    pcap_set_snaplen(pcap, CAPTURE_HEADERS);
    pcap_set_promisc(pcap, 0);
    pcap_set_timeout(pcap, WAIT_MS);
    pcap_set_buffer_size(pcap, (int)(o->ring_mib << 20));
    pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
    int status = pcap_activate(pcap);
    if (status >= 0)
        return pcap;
    snprintf(error_text, sizeof error_text, "cannot capture on %s: %s%s", o->interface,
             status == PCAP_ERROR ? pcap_geterr(pcap) : pcap_statustostr(status),
             status == PCAP_ERROR_PERM_DENIED ? "; needs root, or CAP_NET_RAW" : "");
    pcap_close(pcap);
    return NULL;
}

/* Adds advice to some errors of libpcap. */
static const char *explain(const char *error)
{
    static const struct {
        const char *part, *advice;
    } known[] = {
        {"different from the type of the first",
         "its interfaces have different link types, which libpcap does not support: extract them "
         "one "
         "by one with "
         "`tshark -r FILE -Y 'frame.interface_id == 0' -w - | editcap -T ether -F nsecpcap - "
         "0.pcap`"},
        {"different from the snapshot length",
         "its interfaces have different snapshot lengths, "
         "which libpcap does not support: `editcap -F nsecpcap "
         "FILE one.pcap` converts it"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strstr(error, known[i].part))
            return known[i].advice;
    return error;
}

/* The first byte is sufficient: no capture format begins with one of these. */
static const char *decompressor(int first)
{
    switch (first) {
    case 0x1f:
        return "gzip";
    case 'B':
        return "bzip2";
    case 0xfd:
        return "xz";
    case 0x28:
        return "zstd";
    case 0x04:
        return "lz4";
    default:
        return NULL;
    }
}

/* NULL, with a message in `error_text`. */
static FILE *open_stream(const char *path)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "rb");
    if (!file) {
        snprintf(error_text, sizeof error_text, "cannot read %s: %s", path, strerror(errno));
        return NULL;
    }
    int first = getc(file);
    const char *tool = decompressor(first);
    if (!tool && (first == EOF || ungetc(first, file) == first))
        return file;
    if (!tool)
        snprintf(error_text, sizeof error_text, "cannot read %s: %s", path, strerror(errno));
    else if (is_stdin)
        snprintf(error_text, sizeof error_text,
                 "cannot read -: compressed with %s: pass it through `%s -dc`", tool, tool);
    else
        snprintf(error_text, sizeof error_text,
                 "cannot read %s: compressed with %s: try `%s -dc FILE | wire -r - --port PORT`",
                 path, tool, tool);
    if (!is_stdin)
        fclose(file);
    return NULL;
}

static pcap_t *open_file(const struct capture_options *o)
{
    char error[PCAP_ERRBUF_SIZE] = "";
    FILE *file = open_stream(o->file);
    if (!file)
        return NULL;
    pcap_t *pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO,
                                                            error);
    if (pcap)
        return pcap;
    snprintf(error_text, sizeof error_text, "cannot read %s: %s", o->file, explain(error));
    if (file != stdin)
        fclose(file);
    return NULL;
}

static bool check_link_type(struct capture *c, const struct capture_options *o)
{
    c->link_type = pcap_datalink(c->pcap);
    if (packet_knows_link(c->link_type))
        return true;
    const char *name = pcap_datalink_val_to_name(c->link_type);
    snprintf(error_text, sizeof error_text,
             "%s has frames of link type %s (%d), which are unsupported; supported: %s",
             o->interface ? o->interface : o->file, name ? name : "unknown", c->link_type,
             "Ethernet, cooked, loopback, raw IP, PPP and Wi-Fi");
    return false;
}

static const char *written_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard output" : path;
}

/* libpcap closes its output file: standard output is duplicated, since the program closes it itself. */
static FILE *open_written(const char *path)
{
    int fd = strcmp(path, "-") == 0 ? dup(STDOUT_FILENO)
                                    : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "wb");
    if (!file && fd >= 0) {
        close(fd);
        errno = EBADF; /* closed by the caller: see output_begin() */
    }
    return file;
}

static bool open_dumper(struct capture *c, const struct capture_options *o)
{
    if (!o->write)
        return true;
    FILE *file = open_written(o->write);
    c->dumper = file ? pcap_dump_fopen(c->pcap, file) : NULL;
    if (c->dumper)
        return true;
    snprintf(error_text, sizeof error_text, "cannot write %s: %s", written_name(o->write),
             file ? pcap_geterr(c->pcap) : strerror(errno));
    return false;
}

struct capture *capture_open(const struct capture_options *o, const char **why, bool *is_usage)
{
    struct capture *c = calloc(1, sizeof *c);
    *is_usage = false;
    *why = error_text;
    snprintf(error_text, sizeof error_text, "out of memory");
    if (!c)
        return NULL;
    c->is_live = o->interface != NULL;
    c->until_ns = UINT64_MAX;
    c->pcap = c->is_live ? open_live(o, is_usage) : open_file(o);
    if (!c->pcap) {
        free(c);
        return NULL;
    }
    char error[PCAP_ERRBUF_SIZE];
    if (c->is_live)
        pcap_setnonblock(c->pcap, 1, error);
    bool ready = check_link_type(c, o) && open_dumper(c, o);
    if (ready && c->is_live)
        set_filter(c->pcap, o->port);
    if (ready)
        return c;
    capture_close(c);
    return NULL;
}

int capture_link_type(const struct capture *c)
{
    return c->link_type;
}

static void keep(struct capture *c, const struct pcap_pkthdr *header, const u_char *bytes)
{
    if (!c->dumper || c->write_error)
        return;
    pcap_dump((u_char *)c->dumper, header, bytes);
    if (ferror(pcap_dump_file(c->dumper)))
        c->write_error = strerror(errno);
}

static void take_frame(u_char *context, const struct pcap_pkthdr *header, const u_char *bytes)
{
    struct capture *c = (struct capture *)context;
    /* tv_usec holds nanoseconds (PCAP_TSTAMP_PRECISION_NANO) */
    const struct capture_frame frame = {
        .time_ns = (uint64_t)header->ts.tv_sec * UINT64_C(1000000000) +
                   (uint64_t)header->ts.tv_usec,
        .bytes = bytes,
        .captured = header->caplen,
        .length = header->len,
    };
    if (frame.time_ns > c->until_ns) {
        c->is_past = true;
        return;
    }
    c->frames++;
    if (c->take(c->context, &frame) || c->is_live)
        keep(c, header, bytes);
}

int capture_read(struct capture *c, bool (*take)(void *, const struct capture_frame *),
                 void *context)
{
    struct pollfd readable = {.events = POLLIN};
    c->take = take;
    c->context = context;
    /* libpcap's own wait does not end without a packet, not even after a signal */
    readable.fd = c->is_live ? pcap_get_selectable_fd(c->pcap) : -1;
    if (readable.fd >= 0)
        poll(&readable, 1, WAIT_MS);
    int n = pcap_dispatch(c->pcap, c->is_live ? -1 : AT_A_TIME, take_frame, (u_char *)c);
    if (n < 0)
        return n == PCAP_ERROR_BREAK ? 1 : -1;
    return n > 0 || c->is_live;
}

bool capture_drain(struct capture *c, bool (*take)(void *, const struct capture_frame *),
                   void *context)
{
    c->until_ns = real_time_ns();
    for (uint64_t end = clock_ns() + DRAIN_NS; !c->is_past && clock_ns() < end;)
        if (capture_read(c, take, context) < 0)
            return false;
    return true;
}

const char *capture_error(const struct capture *c)
{
    return explain(pcap_geterr(c->pcap));
}

void capture_stats(const struct capture *c, struct capture_stats *stats)
{
    struct pcap_stat kernel = {0};
    if (c->is_live)
        pcap_stats(c->pcap, &kernel);
    *stats = (struct capture_stats){
        .frames = c->frames,
        .dropped = kernel.ps_drop,
        .interface_dropped = kernel.ps_ifdrop,
    };
}

const char *capture_close(struct capture *c)
{
    const char *error = c->write_error;
    if (c->dumper && !error && pcap_dump_flush(c->dumper) != 0)
        error = strerror(errno);
    if (c->dumper)
        pcap_dump_close(c->dumper);
    pcap_close(c->pcap);
    free(c);
    return error;
}
