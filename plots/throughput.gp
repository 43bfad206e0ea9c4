# Requests per second by workers: medians, bars from the slowest to the fastest round.
# columns: workers median lowest highest

height = 440
eval page
eval workers_axis
set yrange [0:*]
set ylabel "requests a second"
plot for [i = 1:series] data index i - 1 using (dodge($1, i)):2:3:4 \
         with yerrorbars linecolor rgb colour(i) pointtype point(i) pointsize 0.8, \
     for [i = 1:series] data index i - 1 using (dodge($1, i)):2 with lines linecolor rgb colour(i)
