# Who took the connections: a bar per strategy, cut into the shares of its workers, the busiest
# first; one plot per worker count; means over the rounds. Beside a bar: how many workers took none.
# columns: from and to in percent; the second part of a block is one number, the idle workers

PANEL = series <= 9 ? PANEL : 90 + 20 * series
LABELS = longest <= 9 ? LABELS : 0.22
eval panels
set xrange [0:125]
set xtics ("0" 0, "25 %%" 25, "50 %%" 50, "75 %%" 75, "100 %%" 100)
set yrange [series + 0.6:0.4]
set grid noytics
set ytics scale 0 ("" 0)
set for [i = 1:series] ytics add (name(i) i)
set style fill solid border rgb "white"
do for [k = 1:words(workers)] {
    eval panel
    plot for [i = 1:series] data index (k - 1) * series + i - 1 every :::0::0 \
             using (($1 + $2) / 2):(i):1:2:(i - 0.35):(i + 0.35) \
             with boxxyerror linecolor rgb colour(i) linewidth 0.5, \
         for [i = 1:series] data index (k - 1) * series + i - 1 every :::1::1 \
             using (102):(i):($1 > 0 ? sprintf("%d idle", $1) : "") \
             with labels left font ",11" textcolor rgb GREY
}
unset multiplot
