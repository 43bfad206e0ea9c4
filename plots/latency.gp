# Latency by percentile, including connect(), one plot per worker count: the sum of the histograms of all valid samples, so
# that these are percentiles of all requests. x is 1 / (1 - percentile), as in HdrHistogram plots: one decade per step. It
# begins at the first percent.
# columns: milliseconds, 1/(1-percentile); blocks: strategies within worker counts

# SPDX-License-Identifier: BSD-2-Clause

FIRST = 1.01
eval panels
set logscale xy
stats data using 2 nooutput
set xrange [FIRST:STATS_max * 1.1]
stats data using ($2 >= FIRST ? $1 : NaN) nooutput
set yrange [STATS_min / 1.2:STATS_max * 1.2]
set xtics ("1" FIRST, "90" 10, "99" 100, "99.9" 1000, "99.99" 10000, "99.999" 100000, \
           "99.9999" 1000000)
set xlabel "percentile, axis 1/(1-p)" offset 0,0.6
eval one_two_five
set ylabel "ms" offset 1,0
do for [k = 1:panel_count] {
    eval panel
    plot for [i = 1:series] data index (k - 1) * series + i - 1 using 2:1 \
             with linespoints pointinterval 60 linecolor rgb colour(i) pointtype point(i) pointsize 0.6
}
unset multiplot
