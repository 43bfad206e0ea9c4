# Functions only: `awk -f spread.awk -f ...`.

# Moves at[1..n], heights from 0 to 1, apart so that no two are nearer to each other than gap, as little as may be, in
# their order, and keeps them within 0 and 1. Where there is no room for all, they are evenly spread.
function spread(at, n, gap,    i, j, k, order, sum, size, first, middle, swap) {
    if (n > 1 && gap * (n - 1) > 1) gap = 1 / (n - 1)
    for (i = 1; i <= n; i++) order[i] = i
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && at[order[j]] < at[order[j - 1]]; j--) {
            swap = order[j]; order[j] = order[j - 1]; order[j - 1] = swap
        }
    # Groups of neighbours that touch: each is centred on the mean of where its members want to be.
    for (i = 1; i <= n; i++) {
        k++
        first[k] = i
        size[k] = 1
        sum[k] = at[order[i]]
        middle[k] = within(sum[k], 1, gap)
        while (k > 1 && middle[k] - middle[k - 1] < gap * (size[k] + size[k - 1]) / 2 - 1e-12) {
            size[k - 1] += size[k]
            sum[k - 1] += sum[k]
            k--
            middle[k] = within(sum[k] / size[k], size[k], gap)
        }
    }
    for (j = 1; j <= k; j++)
        for (i = 0; i < size[j]; i++)
            at[order[first[j] + i]] = middle[j] + gap * (i - (size[j] - 1) / 2)
}

# The middle of a group of so many, so that none of it is outside
function within(middle, size, gap,    half) {
    half = gap * (size - 1) / 2
    if (middle - half < 0) middle = half
    if (middle + half > 1) middle = 1 - half
    return middle
}
