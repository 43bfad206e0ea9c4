# Wakeups per accepted connection by workers: medians, bars from the lowest to the highest round,
# and as a dashed line what each strategy should cost while all workers are idle.
# columns: workers median lowest highest expected

height = 440
eval page
eval workers_axis
set logscale y
set yrange [0.5:*]
set ylabel "wakeups per accepted connection"
plot for [i = 1:series] data index i - 1 using 1:5 \
         with lines linecolor rgb colour(i) dashtype (6, 4), \
     for [i = 1:series] data index i - 1 using (dodge($1, i)):2:3:4 \
         with yerrorbars linecolor rgb colour(i) pointtype point(i) pointsize 0.8
