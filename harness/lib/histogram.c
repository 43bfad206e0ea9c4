/* SPDX-License-Identifier: BSD-2-Clause */
#include "histogram.h"

#include <math.h>
#include <string.h>

void histogram_reset(struct histogram *h)
{
    memset(h, 0, sizeof *h);
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
        into->buckets[i] += from->buckets[i];
    into->count += from->count;
    into->sum += from->sum;
    into->sum_of_squares += from->sum_of_squares;
    if (from->max > into->max)
        into->max = from->max;
}

static uint64_t edge_within_max(const struct histogram *h, unsigned index)
{
    uint64_t edge = histogram_upper_edge(index);
    return edge < h->max ? edge : h->max;
}

uint64_t histogram_percentile(const struct histogram *h, double percent)
{
    /* 99.9 % of 1000 is 999, although the nearest double to 0.999 is slightly larger */
    uint64_t wanted = (uint64_t)ceil(percent * (double)h->count / 100.0 - 1e-6);
    uint64_t reached = 0;
    if (wanted == 0)
        wanted = 1;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        reached += h->buckets[i];
        if (reached >= wanted)
            return edge_within_max(h, i);
    }
    return h->max;
}

bool histogram_is_enough(uint64_t samples, double percent)
{
    /* 0.1 % of 1000 is 1, although it is slightly smaller in floating point */
    return samples > 0 && (percent >= 100 || (double)samples * (100 - percent) / 100 >= 1 - 1e-9);
}

double histogram_percentile_us(const struct histogram *h, double percent)
{
    return histogram_is_enough(h->count, percent) ? (double)histogram_percentile(h, percent) / 1e3
                                                  : NAN;
}

double histogram_mean(const struct histogram *h)
{
    return h->count ? h->sum / (double)h->count : 0;
}

double histogram_deviation(const struct histogram *h)
{
    if (h->count == 0)
        return 0;
    double mean = histogram_mean(h);
    double variance = h->sum_of_squares / (double)h->count - mean * mean;
    return variance > 0 ? sqrt(variance) : 0;
}

int histogram_write_hgrm(const struct histogram *h, FILE *file)
{
    uint64_t reached = 0;
    fprintf(file, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
            "1/(1-Percentile)");
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        if (h->buckets[i] == 0)
            continue;
        reached += h->buckets[i];
        double fraction = (double)reached / (double)h->count;
        fprintf(file, "%12.3f %14.12f %10llu", (double)edge_within_max(h, i) / 1000.0, fraction,
                (unsigned long long)reached);
        if (reached < h->count)
            fprintf(file, " %14.2f\n", 1.0 / (1.0 - fraction));
        else
            fprintf(file, " %14s\n", "inf");
    }
    fprintf(file, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", histogram_mean(h) / 1000.0,
            histogram_deviation(h) / 1000.0);
    fprintf(file, "#[Max     = %12.3f, Total count    = %12llu]\n", (double)h->max / 1000.0,
            (unsigned long long)h->count);
    fprintf(file, "#[Buckets = %12d, SubBuckets     = %12d]\n", 64 - HISTOGRAM_BITS + 1,
            1 << HISTOGRAM_BITS);
    return ferror(file) ? -1 : 0;
}
