#include "capture.h"

#include "harness/lib/clock.h"
#include "packet.h"

#include <errno.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AT_A_TIME = 512, WAIT_MS = 100 };

/* The kernel hands over a block that is not full after WAIT_MS. */
static const uint64_t DRAIN_NS = NS_PER_MS * 2 * WAIT_MS;

struct capture {
    pcap_t *pcap;
    pcap_dumper_t *dumper;
    bool is_live, is_past;
    int link_type;
    uint64_t frames, until_ns;
    const char *write_error;
    void (*take)(void *, const struct capture_frame *);
    void *context;
};

static char said[PCAP_ERRBUF_SIZE + 128];

static bool set_filter_text(pcap_t *pcap, const char *text)
{
    struct bpf_program program;
    if (pcap_compile(pcap, &program, text, 1, PCAP_NETMASK_UNKNOWN) != 0)
        return false;
    bool set = pcap_setfilter(pcap, &program) == 0;
    pcap_freecode(&program);
    return set;
}

/* "vlan" moves all that stands behind it by a tag. A filter in the kernel cannot follow the chain of IPv6's
 * extension headers: what has any is passed on. Link types that know no VLANs refuse the word. */
static bool set_filter(pcap_t *pcap, uint16_t port)
{
    char plain[128], text[512];
    snprintf(plain, sizeof plain,
             "tcp port %u or ip6 proto 0 or ip6 proto 43 or ip6 proto 44 or ip6 proto 60", port);
    snprintf(text, sizeof text, "%s or (vlan and (%s or (vlan and (%s))))", plain, plain, plain);
    return set_filter_text(pcap, text) || set_filter_text(pcap, plain);
}

static pcap_t *open_live(const struct capture_options *o, bool *is_usage)
{
    char error[PCAP_ERRBUF_SIZE] = "";
    *is_usage = if_nametoindex(o->interface) == 0 && strcmp(o->interface, "any") != 0;
    if (*is_usage) {
        snprintf(said, sizeof said, "there is no interface '%s': see `ip link`", o->interface);
        return NULL;
    }
    pcap_t *pcap = pcap_create(o->interface, error);
    if (!pcap) {
        snprintf(said, sizeof said, "cannot capture on %s: %s", o->interface, error);
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
    snprintf(said, sizeof said, "cannot capture on %s: %s%s", o->interface,
             status == PCAP_ERROR ? pcap_geterr(pcap) : pcap_statustostr(status),
             status == PCAP_ERROR_PERM_DENIED ? "; it takes root, or CAP_NET_RAW" : "");
    pcap_close(pcap);
    return NULL;
}

static pcap_t *open_file(const struct capture_options *o)
{
    char error[PCAP_ERRBUF_SIZE] = "";
    pcap_t *pcap = pcap_open_offline_with_tstamp_precision(o->file, PCAP_TSTAMP_PRECISION_NANO,
                                                           error);
    if (!pcap)
        snprintf(said, sizeof said, "cannot read %s: %s", o->file, error);
    return pcap;
}

static bool check_link_type(struct capture *c, const struct capture_options *o, bool *is_usage)
{
    c->link_type = pcap_datalink(c->pcap);
    if (packet_knows_link(c->link_type))
        return true;
    const char *name = pcap_datalink_val_to_name(c->link_type);
    snprintf(said, sizeof said, "%s has frames of link type %s (%d), which are not understood",
             o->interface ? o->interface : o->file, name ? name : "unknown", c->link_type);
    *is_usage = true;
    return false;
}

static bool open_dumper(struct capture *c, const struct capture_options *o)
{
    if (!o->write)
        return true;
    c->dumper = pcap_dump_open(c->pcap, o->write);
    if (!c->dumper)
        snprintf(said, sizeof said, "cannot write %s", pcap_geterr(c->pcap)); /* names the file */
    return c->dumper != NULL;
}

struct capture *capture_open(const struct capture_options *o, const char **why, bool *is_usage)
{
    struct capture *c = calloc(1, sizeof *c);
    *is_usage = false;
    *why = said;
    snprintf(said, sizeof said, "out of memory");
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
    bool ready = check_link_type(c, o, is_usage) && open_dumper(c, o);
    if (ready && !set_filter(c->pcap, o->port)) {
        snprintf(said, sizeof said, "cannot filter by port: %s", pcap_geterr(c->pcap));
        ready = false;
    }
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
    /* what libpcap calls microseconds are nanoseconds, as was asked for */
    const struct capture_frame frame = {
        .time_ns = (uint64_t)header->ts.tv_sec * UINT64_C(1000000000) +
                   (uint64_t)header->ts.tv_usec,
        .bytes = bytes,
        .captured = header->caplen,
    };
    if (frame.time_ns > c->until_ns) {
        c->is_past = true;
        return;
    }
    c->frames++;
    keep(c, header, bytes);
    c->take(c->context, &frame);
}

int capture_read(struct capture *c, void (*take)(void *, const struct capture_frame *),
                 void *context)
{
    struct pollfd readable = {.events = POLLIN};
    c->take = take;
    c->context = context;
    /* libpcap's own wait does not end while no packet comes, not even for a signal */
    readable.fd = c->is_live ? pcap_get_selectable_fd(c->pcap) : -1;
    if (readable.fd >= 0)
        poll(&readable, 1, WAIT_MS);
    int n = pcap_dispatch(c->pcap, c->is_live ? -1 : AT_A_TIME, take_frame, (u_char *)c);
    if (n < 0)
        return n == PCAP_ERROR_BREAK ? 1 : -1;
    return n > 0 || c->is_live;
}

bool capture_drain(struct capture *c, void (*take)(void *, const struct capture_frame *),
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
    return pcap_geterr(c->pcap);
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
