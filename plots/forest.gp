# A forest plot: a row for each cell, the ratio with its interval, and behind it, in grey, what the same server
# differs from itself by. It is run by itself:
#
#   gnuplot -c forest.gp DATA OUT TITLE SUBTITLE RUNS
#
# columns, tab-separated: run (1, 2, ...), label, ratio, low, high, floor (a share), the same in words

data = ARG1
out = ARG2
runs = ARG5 + 0
GREY = "#666666"
array COLOURS[6] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"] # M. Okabe and K. Ito, 2008
array POINTS[6] = [7, 5, 9, 13, 11, 15]

set datafile separator "\t"
set encoding utf8
stats data using 3 nooutput
rows = STATS_records
stats data using 4 nooutput prefix "L"
stats data using 5 nooutput prefix "H"
low = (L_min < 0.95 ? L_min : 0.95) / 1.02
high = (H_max > 1.05 ? H_max : 1.05) * 1.02
height = 120 + 22 * rows
from_top(pixels) = 1 - (1.0 * pixels) / height

set terminal svg size 900,height font "sans-serif,13" background "white" noenhanced
set output out
set label 1 ARG3 at screen 0.02,from_top(18) font ",15"
set label 2 ARG4 at screen 0.02,from_top(38) font ",11" textcolor rgb GREY
set lmargin at screen 0.36
set rmargin at screen 0.78
set tmargin at screen from_top(56)
set bmargin at screen from_top(height - 56)
set border 1 linecolor rgb GREY
set tics nomirror textcolor rgb GREY
unset ytics
set key off
set logscale x 2
set xrange [low:high]
set yrange [rows + 0.5:0.5]
# Ticks at round numbers of a step that fits: automatic ones of a logarithmic axis are too few here.
step = high / low > 4 ? 0.5 : high / low > 1.6 ? 0.2 : 0.05
set xtics ("1" 1)
do for [i = 1:40] { t = step * i; if (t > low && t < high && abs(t - 1) > step / 2) { set xtics add (sprintf("%g", t) t) } }
set xlabel "times as much"
set arrow 1 from 1,graph 0 to 1,graph 1 nohead linecolor rgb GREY linewidth 0.8
y(row) = row + 1
plot data using (1 / (1 + $6)):(y($0)):(1 / (1 + $6)):(1 + $6):(y($0) - 0.4):(y($0) + 0.4) \
         with boxxyerror fillcolor rgb "#E4E4E4" fillstyle solid noborder, \
     for [r = 1:runs] data using ($1 == r ? $3 : NaN):(y($0)):4:5 with xerrorbars \
         linecolor rgb COLOURS[(r - 1) % 6 + 1] pointtype POINTS[(r - 1) % 6 + 1] pointsize 0.8, \
     data using (low):(y($0)):2 with labels right offset -1,0, \
     data using (high):(y($0)):7 with labels left offset 1,0 font ",11"
