# The run, round by round: throughput and p99 of each strategy as multiples of their configurations' medians (the median of
# several configurations), and below the number of invalid samples, by verdict. The band is the 95 % interval of the A/A
# control's ratio over the whole run.
# columns: see harness/runs/figure_timeline.c

# SPDX-License-Identifier: BSD-2-Clause

stats data index 0 using 1:2 nooutput
first = STATS_min_x
last = STATS_max_y
stats data index 0 using 3 nooutput
verdicts = int(STATS_min)
ROW = 190
eval head
height = HEAD + FOOT + 2 * ROW + 40 + 22 * (verdicts > 0 ? verdicts : 1) + 30
eval page
stats data index 1 using 1:2 nooutput
banded = exists("STATS_records")
band_low = banded ? STATS_min_x : NaN
band_high = banded ? STATS_max_y : NaN
set multiplot
set xrange [first - 0.7:last + 0.7]
set logscale y 2
set yrange [0.5:2]
set ytics ("1/2" 0.5, "0.7" 0.7071, "1" 1, "1.4" 1.4142, "2" 2)
set xtics last - first > 8 ? step_of(last - first, 8) : 1
set xtics format ""
set lmargin at screen 0.14
set rmargin at screen 0.97
clip(v) = v < 0.5 ? 0.5 : v > 2 ? 2 : v
if (banded) {
    set object 3 rectangle from graph 0,first band_low to graph 1,first band_high behind \
        fillcolor rgb "#E2E2E2" fillstyle solid noborder
}
do for [p = 1:2] {
    set tmargin at screen from_top(HEAD + 22 + ROW * (p - 1))
    set bmargin at screen from_top(HEAD + ROW * p)
    if (p == 2) { unset label; unset object 3 }
    set label 98 word("throughput p99", p) . ", as a multiple of the configuration's median" at graph 0,graph 1 offset 0,0.7 textcolor rgb INK
    plot 1 with lines linecolor rgb GREY dashtype (2, 3), \
         for [i = 1:series] data index 1 + series * (p - 1) + i using ($1 + 0.06 * (i - (series + 1) / 2.0)):(clip($2)) \
             with points linecolor rgb colour(i) pointtype point(i) pointsize 0.55
}
unset label
unset logscale y
set tmargin at screen from_top(HEAD + 22 + ROW * 2)
set bmargin at screen from_bottom(FOOT + 48)
set yrange [(verdicts > 0 ? verdicts : 1) + 0.5:0.5]
set grid noytics
set ytics scale 0 ("" 0)
set xtics format "%.0f"
set xlabel "round"
set label 98 verdicts > 0 ? "invalid samples, by verdict" : "all samples are valid" at graph 0,graph 1 offset 0,0.7 textcolor rgb INK
plot data index 2 + 2 * series + verdicts using (first - 1000):2:ytic(1) with points, \
     for [v = 1:verdicts] data index 1 + 2 * series + v using 1:2:(0.4 + 0.35 * log($3 + 1)) \
         with points pointtype 5 pointsize variable linecolor rgb "#A33B20"
unset multiplot
