# A fit of usl.gp -> the curve with its 95 % band, from the fewest CPUs that were measured to `upto`: lines "cpus requests
# low high", and before them a comment with the parameters; or, where the fit is too poor to go by, "# " and the reason,
# and no curve. The band is that of the parameters' covariance (delta method, Student's t).
# input: the line of usl.gp, or nothing (it did not converge)
# variables: name (of the strategy), points (different numbers of CPUs), from, upto (CPUs)

BEGIN {
    LEAST_POINTS = 5     # three parameters, and two degrees of freedom to see whether they fit
    RESIDUAL_MOST = 0.05 # root mean square, as a share
    split("12.706 4.303 3.182 2.776 2.571 2.447 2.365 2.306 2.262 2.228", student, " ")
    if (points < LEAST_POINTS)
        why = "measured with " points (points == 1 ? " number" : " numbers") " of CPUs, a fit takes " LEAST_POINTS
}

{ for (i = 1; i <= NF; i++) p[i] = $i; fitted = NF == 11 }

function law(n, lambda, sigma, kappa) { return lambda * n / (1 + sigma * (n - 1) + kappa * n * (n - 1)) }

# The standard error of the curve at n
function error_at(n,    q, d, i, h) {
    for (i = 1; i <= 3; i++) {
        q[1] = p[1]; q[2] = p[2]; q[3] = p[3]
        h = (p[i] < 0 ? -p[i] : p[i]) * 1e-4 + 1e-9
        q[i] += h
        d[i] = (law(n, q[1], q[2], q[3]) - law(n, p[1], p[2], p[3])) / h
    }
    return sqrt(positive(d[1] * d[1] * p[4] * p[4] + d[2] * d[2] * p[5] * p[5] + d[3] * d[3] * p[6] * p[6] + \
        2 * (d[1] * d[2] * p[7] + d[1] * d[3] * p[8] + d[2] * d[3] * p[9])))
}

function positive(v) { return v > 0 ? v : 0 }

function parameters() {
    return sprintf("lambda %.0f+-%.0f, sigma %.3g+-%.2g, kappa %.3g+-%.2g, residual %.1f %%", \
        p[1], p[4], p[2], p[5], p[3], p[6], 100 * p[11])
}

END {
    if (!why && !fitted) why = "the fit did not converge"
    # It would speed up more than in proportion, and without end.
    if (!why && (p[2] < 0 || p[3] < 0)) why = "below 0: " parameters()
    if (!why && p[11] > RESIDUAL_MOST) why = "the fit is poor: " parameters()
    if (why) { print "# " name ": no curve, " why; exit }
    t = p[10] <= 10 ? student[p[10]] : 2
    e = t * error_at(upto)
    printf "# %s: %s; %d CPUs: %.0f [%.0f, %.0f]\n", name, parameters(), upto, law(upto, p[1], p[2], p[3]), positive(law(upto, p[1], p[2], p[3]) - e), law(upto, p[1], p[2], p[3]) + e
    for (n = from; n < upto * 1.001; n *= 2 ^ 0.25) {
        e = t * error_at(n)
        print n, law(n, p[1], p[2], p[3]), positive(law(n, p[1], p[2], p[3]) - e), law(n, p[1], p[2], p[3]) + e
    }
}
