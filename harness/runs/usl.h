/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WAKEONE_USL_H
#define WAKEONE_USL_H

/*
 * The Universal Scalability Law, fitted to throughput by CPUs: X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)).
 * Sigma is contention, kappa is coherency cost (N. J. Gunther, "Guerrilla Capacity Planning", 2007, chapter 4).
 */

#include "complaint.h"

#include <stddef.h>

struct usl_point {
    double cpus, throughput, half; /* half the width of its interval */
};

struct usl {
    double lambda, sigma, kappa;
    double error[3];      /* standard errors */
    double covariance[3]; /* lambda-sigma, lambda-kappa, sigma-kappa */
    unsigned freedom;     /* degrees of freedom */
    double residual;      /* root mean square, as a share of the measured values */
};

/* Fits by gnuplot (plots/usl.gp). False: `why` has the reason: too few points, no convergence, parameters below 0, a poor fit.
 * */
bool usl_fit(const struct usl_point *points, size_t count, struct usl *usl, struct complaint *why);

double usl_at(const struct usl *usl, double cpus);

/* Half the width of the curve's 95 % band, from the parameters' covariance (delta method, Student's t). */
double usl_half(const struct usl *usl, double cpus);

/* The parameters as text; the caller frees it. */
char *usl_parameters(const struct usl *usl);

#endif
