# What is not claimed of a cell: what the reference differs from itself by in the cell's block.
# input: lines of bin/stats for the reference against itself, then the pairs (key, a, b)
# output: "key TAB share" of each other cell

BEGIN { FS = OFS = "\t" }

function block(key) { sub(/^[^|]*/, "", key); return key }

FNR == NR { floor[block($1)] = floor_share($3, $4, $5); next }

{ b = block($1) }
b in floor && $1 !~ /-again[|]/ && !($1 in seen) { seen[$1] = 1; print $1, floor[b] }
