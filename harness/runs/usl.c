/* SPDX-License-Identifier: BSD-2-Clause */
#include "usl.h"

#include "picture.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { POINTS_LEAST = 5 }; /* three parameters, and two degrees of freedom to check the fit */
static const double RESIDUAL_MOST = 0.05;

static double law(double n, const double p[3])
{
    return p[0] * n / (1 + p[1] * (n - 1) + p[2] * n * (n - 1));
}

double usl_at(const struct usl *usl, double cpus)
{
    const double parameters[3] = {usl->lambda, usl->sigma, usl->kappa};
    return law(cpus, parameters);
}

static double student(unsigned freedom)
{
    static const double t[] = {12.706, 4.303, 3.182, 2.776, 2.571,
                               2.447,  2.365, 2.306, 2.262, 2.228};
    return freedom >= 1 && freedom <= 10 ? t[freedom - 1] : 2;
}

double usl_half(const struct usl *usl, double cpus)
{
    const double parameters[3] = {usl->lambda, usl->sigma, usl->kappa};
    double d[3], variance = 0;
    for (int i = 0; i < 3; i++) {
        double moved[3] = {parameters[0], parameters[1], parameters[2]};
        double step = fabs(parameters[i]) * 1e-4 + 1e-9;
        moved[i] += step;
        d[i] = (law(cpus, moved) - law(cpus, parameters)) / step;
        variance += d[i] * d[i] * usl->error[i] * usl->error[i];
    }
    variance += 2 * (d[0] * d[1] * usl->covariance[0] + d[0] * d[2] * usl->covariance[1] +
                     d[1] * d[2] * usl->covariance[2]);
    return student(usl->freedom) * sqrt(fmax(0, variance));
}

char *usl_parameters(const struct usl *usl)
{
    return format_string("lambda %.0f+-%.0f, sigma %.3g+-%.2g, kappa %.3g+-%.2g, residual %.1f %%",
                         usl->lambda, usl->error[0], usl->sigma, usl->error[1], usl->kappa,
                         usl->error[2], 100 * usl->residual);
}

static bool read_fit(const char *line, struct usl *usl)
{
    return sscanf(line, "%lf %lf %lf %lf %lf %lf %lf %lf %lf %u %lf", &usl->lambda, &usl->sigma,
                  &usl->kappa, &usl->error[0], &usl->error[1], &usl->error[2], &usl->covariance[0],
                  &usl->covariance[1], &usl->covariance[2], &usl->freedom, &usl->residual) == 11;
}

static bool refuse(struct complaint *why, const char *reason, const struct usl *usl)
{
    char *parameters = usl_parameters(usl);
    complain(why, "%s: %s", reason, parameters);
    free(parameters);
    return false;
}

bool usl_fit(const struct usl_point *points, size_t count, struct usl *usl, struct complaint *why)
{
    struct text data = {NULL, 0, 0};
    if (count < POINTS_LEAST)
        return complain(why, "measured with %zu %s of CPUs, a fit needs %d", count,
                        count == 1 ? "number" : "numbers", POINTS_LEAST);
    for (size_t i = 0; i < count; i++)
        text_add(&data, "%.10g %.10g %.10g\n", points[i].cpus, points[i].throughput,
                 points[i].half);
    char *line = gnuplot_calculate("usl.gp", text_of(&data), data.length);
    text_free(&data);
    bool fitted = line && read_fit(line, usl);
    free(line);
    if (!fitted)
        return complain(why, "the fit did not converge");
    if (usl->sigma < 0 || usl->kappa < 0) /* superlinear without a limit */
        return refuse(why, "below 0", usl);
    if (usl->residual > RESIDUAL_MOST)
        return refuse(why, "the fit is poor", usl);
    return true;
}
