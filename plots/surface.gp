# The surface: one square per number of workers and load, with the server CPU time per request of racing as a multiple of
# wakeone's; contours at 1 and at 1.16, the 16 % of 2010. Geometric means over rounds with both; in parentheses if the 95 %
# interval contains 1; grey, with the name, if most samples of one fell behind the load.
# columns: see harness/runs/figure_surface.c

# SPDX-License-Identifier: BSD-2-Clause

stats data index 0 using 1:2 nooutput
columns = int(STATS_min_x)
lines = int(STATS_min_y)
named_above = 0
height = 150 + (lines <= 12 ? 34 : 22) * lines
LEFT = 0.15
eval page
set border 0
unset grid
set contour base
unset surface
set cntrparam levels discrete 1.0,1.16
set table $contours
splot data index 2 using 1:2:3 with lines
unset table
unset contour
set xrange [0.5:columns + 0.5]
set yrange [0.5:lines + 0.5]
set xtics scale 0 ("" 0)
set ytics scale 0 ("" 0)
set xlabel "workers / CPUs"
plot data index 1 using 1:2:($1 - 0.49):($1 + 0.49):($2 - 0.48):($2 + 0.48):4 \
         with boxxyerror fillstyle solid noborder linecolor rgb variable, \
     data index 1 using 1:2:3 with labels textcolor rgb INK font SMALL, \
     data index 3 using 1:(-10):xtic(2) with points, \
     data index 4 using (-10):1:ytic(2) with points, \
     $contours using (column(3) > 1.08 ? column(1) : NaN):2 with lines linecolor rgb INK linewidth 2, \
     $contours using (column(3) < 1.08 ? column(1) : NaN):2 with lines linecolor rgb INK linewidth 2 dashtype (6, 4)
