# The words for a load; with stats/words.awk.
# variables: connections, rate, requests ('-' for what it has not)

BEGIN { print load_words(connections, rate, requests) }
