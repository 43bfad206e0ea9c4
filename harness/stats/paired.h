#ifndef WAKEONE_PAIRED_H
#define WAKEONE_PAIRED_H

#include <stddef.h>

/* The ratio a/b of two things measured side by side, from one ratio per round. */
struct paired {
    size_t n;         /* pairs */
    double ratio;     /* geometric mean of the ratios */
    double low, high; /* 95 % interval: Student's t on the logarithms; NAN if n < 2 */
    double smallest;  /* the smallest difference, as a share (0.05 = 5 %), that n such pairs would
                         have shown: the half width of the interval; NAN if n < 2 */
};

/* All values must be positive and finite. n = 0 gives NANs. */
struct paired paired_ratio(const double *a, const double *b, size_t n);

/* One sentence that claims no more than the interval does. */
void paired_sentence(const struct paired *p, char *text, size_t size);

#endif
