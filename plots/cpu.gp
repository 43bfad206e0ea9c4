# CPU time per request: one bar per strategy, the server's part, then the client's (lighter); medians over the rounds, and the
# interval of the sum; one plot per worker count, with a common axis.
# columns: server client sum low high, in microseconds; one line per block

# SPDX-License-Identifier: BSD-2-Clause

stats data using ($5 > $1 + $2 ? $5 : $1 + $2) nooutput
most = STATS_max > 0 ? STATS_max : 1
eval bars
set xrange [0:most * 1.5]
set xtics step_of(most * 1.5, 5)
set xlabel "us per request" offset 0,0.6
do for [k = 1:panel_count] {
    eval panel
    plot for [i = 1:series] data index (k - 1) * series + i - 1 \
             using ($1 / 2):(i):(0):1:(i - 0.33):(i + 0.33) with boxxyerror linecolor rgb colour(i), \
         for [i = 1:series] data index (k - 1) * series + i - 1 \
             using ($1 + $2 / 2):(i):1:($1 + $2):(i - 0.33):(i + 0.33) \
             with boxxyerror fillstyle transparent solid 0.35 border rgb "white" linecolor rgb colour(i), \
         for [i = 1:series] data index (k - 1) * series + i - 1 using 3:(i):4:5 \
             with xerrorbars linecolor rgb INK pointtype 7 pointsize 0.3, \
         for [i = 1:series] data index (k - 1) * series + i - 1 \
             using (($5 > $1 + $2 ? $5 : $1 + $2) + most * 0.02):(i):(sprintf("%.0f + %.0f", $1, $2)) \
             with labels left font SMALL textcolor rgb GREY
}
unset multiplot
