/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/lib/histogram.h"

#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 1001, EDGE_VALUES = 64 * 3 + 2, VALUES = EDGE_VALUES + 4096 };

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* A random number with a random number of bits: all octaves alike. */
static uint64_t random_value(unsigned bits)
{
    return random_number() >> (64 - 1 - random_number() % bits);
}

/* 0, the largest, each power of two and its neighbours, and random ones; in order. */
static const uint64_t *values(void)
{
    static uint64_t list[VALUES];
    unsigned n = 0;
    list[n++] = 0;
    list[n++] = UINT64_MAX;
    for (unsigned bit = 0; bit < 64; bit++)
        for (int offset = -1; offset <= 1; offset++)
            list[n++] = (UINT64_C(1) << bit) + (uint64_t)offset;
    while (n < VALUES)
        list[n++] = random_value(64);
    qsort(list, VALUES, sizeof *list, compare);
    return list;
}

TEST(index_is_in_range_and_monotone)
{
    const uint64_t *value = values();
    assert_int_equal(histogram_index(0), 0);
    assert_int_equal(histogram_index(UINT64_MAX), HISTOGRAM_BUCKETS - 1);
    for (int i = 1; i < VALUES; i++) {
        assert_true(histogram_index(value[i]) < HISTOGRAM_BUCKETS);
        assert_true(histogram_index(value[i - 1]) <= histogram_index(value[i]));
    }
}

/* True if `edge` is not below the value, and above it by less than 1/256 of it. */
static bool is_within_bound(uint64_t edge, uint64_t value)
{
    return edge == value || (edge > value && edge - value <= (value - 1) / 256);
}

TEST(edge_is_within_the_bound)
{
    const uint64_t *value = values();
    for (int i = 0; i < VALUES; i++)
        assert_true(is_within_bound(histogram_upper_edge(histogram_index(value[i])), value[i]));
}

TEST(edges_are_the_last_of_their_bucket)
{
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        uint64_t edge = histogram_upper_edge(i);
        assert_int_equal(histogram_index(edge), i);
        if (i + 1 < HISTOGRAM_BUCKETS)
            assert_int_equal(histogram_index(edge + 1), i + 1);
    }
    assert_int_equal(histogram_upper_edge(HISTOGRAM_BUCKETS - 1), UINT64_MAX);
}

static void record_all(struct histogram *h, const uint64_t *sample, size_t n)
{
    histogram_reset(h);
    for (size_t i = 0; i < n; i++)
        histogram_record(h, sample[i]);
}

static void fill_random(uint64_t *sample, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sample[i] = random_value(40);
}

/* Of n samples in order, the one with the rank ceil(p n): p in 1/10000, in integers because 0.161 *
 * 1000 is more than 161 in doubles. */
static size_t nearest_rank(unsigned p, size_t n)
{
    size_t rank = (p * n + 9999) / 10000;
    return rank ? rank : 1;
}

TEST(percentile_is_nearest_rank)
{
    static const unsigned shares[] = {0,    1,    10,   100,  1610, 2500, 3270,
                                      5000, 9000, 9900, 9990, 9999, 10000};
    static const size_t sizes[] = {1, 2, 3, 10, 99, 100, 101, 999, 1000, SAMPLES};
    static struct histogram h;
    uint64_t sample[SAMPLES];
    for (size_t s = 0; s < COUNT(sizes); s++) {
        size_t n = sizes[s];
        fill_random(sample, n);
        record_all(&h, sample, n);
        qsort(sample, n, sizeof *sample, compare);
        for (size_t p = 0; p < COUNT(shares); p++) {
            uint64_t got = histogram_percentile(&h, shares[p] / 100.0);
            assert_true(is_within_bound(got, sample[nearest_rank(shares[p], n) - 1]));
            assert_true(got <= sample[n - 1]);
        }
        assert_int_equal(histogram_percentile(&h, 100), sample[n - 1]);
    }
}

struct known {
    const char *name;
    double percent;
    uint64_t value;
};

/* Of 1, 2, ... 1000. Buckets are 1 wide up to 512, 2 wide from there: 999 is the last of its own. */
static const struct known known_percentiles[] = {
    {"p0", 0, 1},         {"p0.1", 0.1, 1},        {"p25", 25, 250},
    {"p50", 50, 500},     {"p51.1", 51.1, 511},    {"p99.8", 99.8, 999},
    {"p99.9", 99.9, 999}, {"p99.91", 99.91, 1000}, {"p100", 100, 1000},
};

TEST(percentile_of_1_to_1000)
{
    const struct known *row = *state;
    static struct histogram h;
    histogram_reset(&h);
    for (uint64_t i = 1; i <= 1000; i++)
        histogram_record(&h, i);
    assert_int_equal(histogram_percentile(&h, row->percent), row->value);
}

TEST(nothing_recorded)
{
    static struct histogram h;
    histogram_record(&h, 7);
    histogram_reset(&h);
    assert_int_equal(h.count, 0);
    assert_int_equal(histogram_percentile(&h, 50), 0);
    assert_near(histogram_mean(&h), 0);
    assert_near(histogram_deviation(&h), 0);
}

TEST(merge_equals_recording_into_one)
{
    static struct histogram one, a, b;
    uint64_t sample[SAMPLES];
    fill_random(sample, SAMPLES);
    record_all(&one, sample, SAMPLES);
    for (size_t part = 0; part <= SAMPLES; part += SAMPLES / 7) {
        record_all(&a, sample, part);
        record_all(&b, sample + part, SAMPLES - part);
        histogram_merge(&a, &b);
        assert_int_equal(a.count, one.count);
        assert_int_equal(a.max, one.max);
        assert_memory_equal(a.buckets, one.buckets, sizeof a.buckets);
        assert_near(histogram_mean(&a), histogram_mean(&one));
        assert_near(histogram_deviation(&a), histogram_deviation(&one));
    }
}

/* 2 4 4 4 5 5 7 9: the mean is 40/8 = 5, the squares of the distances are 9+1+1+1+0+0+4+16 = 32. */
TEST(mean_and_deviation)
{
    static const uint64_t sample[] = {2, 4, 4, 4, 5, 5, 7, 9};
    static struct histogram h;
    record_all(&h, sample, COUNT(sample));
    assert_near(histogram_mean(&h), 5);
    assert_near(histogram_deviation(&h), 2);
}

static FILE *written(const struct histogram *h)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(histogram_write_hgrm(h, file), 0);
    rewind(file);
    return file;
}

/* Reads the lines of a .hgrm file back into `h`, which must be all zeros. */
static void read_back(FILE *file, struct histogram *h)
{
    char line[256], inverse[32];
    double value, fraction, last_value = -1, last_fraction = 0;
    unsigned long long reached, last_reached = 0;
    assert_non_null(fgets(line, sizeof line, file));
    assert_non_null(strstr(line, "Value"));
    assert_non_null(fgets(line, sizeof line, file));
    assert_string_equal(line, "\n");
    while (fgets(line, sizeof line, file) && line[0] != '#') {
        assert_int_equal(sscanf(line, "%lf %lf %llu %31s", &value, &fraction, &reached, inverse),
                         4);
        assert_true(value > last_value && fraction > last_fraction && reached > last_reached);
        h->buckets[histogram_index((uint64_t)llround(value * 1000))] += reached - last_reached;
        last_value = value;
        last_fraction = fraction;
        last_reached = reached;
    }
    assert_near(last_fraction, 1);
    assert_string_equal(inverse, "inf");
    h->count = last_reached;
    h->max = (uint64_t)llround(last_value * 1000);
}

TEST(hgrm_is_read_back_whole)
{
    static struct histogram h, back;
    uint64_t sample[SAMPLES];
    fill_random(sample, SAMPLES);
    record_all(&h, sample, SAMPLES);
    FILE *file = written(&h);
    read_back(file, &back);
    fclose(file);
    assert_int_equal(back.count, SAMPLES);
    assert_int_equal(back.max, h.max);
    assert_memory_equal(back.buckets, h.buckets, sizeof h.buckets);
}

/* 1000 ns three times and 3000 ns once: mean 1500, variance (3 * 500^2 + 1500^2) / 4 = 866.025^2. */
TEST(hgrm_as_text)
{
    static const uint64_t sample[] = {1000, 3000, 1000, 1000};
    static struct histogram h;
    char text[1024];
    record_all(&h, sample, COUNT(sample));
    FILE *file = written(&h);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(text, "       Value     Percentile TotalCount 1/(1-Percentile)\n"
                              "\n"
                              "       1.001 0.750000000000          3           4.00\n"
                              "       3.000 1.000000000000          4            inf\n"
                              "#[Mean    =        1.500, StdDeviation   =        0.866]\n"
                              "#[Max     =        3.000, Total count    =            4]\n"
                              "#[Buckets =           57, SubBuckets     =          256]\n");
}

TEST(hgrm_to_a_full_disk)
{
    static struct histogram h;
    FILE *file = fopen("/dev/full", "w");
    assert_non_null(file);
    setbuf(file, NULL);
    assert_int_equal(histogram_write_hgrm(&h, file), -1);
    fclose(file);
}

int main(void)
{
    ADD(index_is_in_range_and_monotone);
    ADD(edge_is_within_the_bound);
    ADD(edges_are_the_last_of_their_bucket);
    ADD(percentile_is_nearest_rank);
    ADD_ROWS(percentile_of_1_to_1000, known_percentiles);
    ADD(nothing_recorded);
    ADD(merge_equals_recording_into_one);
    ADD(mean_and_deviation);
    ADD(hgrm_is_read_back_whole);
    ADD(hgrm_as_text);
    ADD(hgrm_to_a_full_disk);
    return run_added(NULL, NULL);
}
