# Fits the Universal Scalability Law to throughput by CPUs, and prints one line:
#   lambda sigma kappa, their standard errors, covariances lambda-sigma lambda-kappa sigma-kappa,
#   degrees of freedom, root mean square of the residuals as a share of the measured values
#
#   gnuplot -c usl.gp DATA        columns of DATA: cpus, requests per second, half width of its interval
#
# X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)): sigma is contention, kappa is coherency cost. (N. J. Gunther,
# "Guerrilla Capacity Planning", 2007, chapter 4.) It fails if the fit does not converge.

# SPDX-License-Identifier: BSD-2-Clause

data = ARG1
set fit quiet logfile "/dev/null" errorvariables covariancevariables
X(n) = lambda * n / (1 + sigma * (n - 1) + kappa * n * (n - 1))
stats data using 1:($2 / $1) nooutput
lambda = STATS_max_y
sigma = 0.05
kappa = 0.0005
fit X(x) data using 1:2:($3 > 0.005 * $2 ? $3 : 0.005 * $2) yerrors via lambda, sigma, kappa
# A negative coherency cost is noise of points without one: use Amdahl's law.
if (kappa < 0) {
    kappa = 0
    fit X(x) data using 1:2:($3 > 0.005 * $2 ? $3 : 0.005 * $2) yerrors via lambda, sigma
    kappa_err = FIT_COV_lambda_kappa = FIT_COV_sigma_kappa = 0
}
# A negative contention is noise, too, if it is within twice its error of 0.
if (sigma < 0 && sigma > -2 * sigma_err && kappa > 0) {
    sigma = 0
    fit X(x) data using 1:2:($3 > 0.005 * $2 ? $3 : 0.005 * $2) yerrors via lambda, kappa
    sigma_err = FIT_COV_lambda_sigma = FIT_COV_sigma_kappa = 0
}
stats data using (($2 / X($1) - 1) ** 2) nooutput
set print "-"
print sprintf("%.10g %.10g %.10g %.10g %.10g %.10g %.10g %.10g %.10g %d %.10g", lambda, sigma, kappa, lambda_err, sigma_err, \
    kappa_err, FIT_COV_lambda_sigma, FIT_COV_lambda_kappa, FIT_COV_sigma_kappa, FIT_NDF, sqrt(STATS_mean))
