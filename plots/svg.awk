# An SVG as gnuplot writes it -> with a title for those who hear it, without gnuplot's own names of its parts, which show as
# tool tips; and, to stand in a page beside others, with ids of its own and without a size.
# With lib/document.awk, whose form is html.
# variables: caption, prefix (of all ids; empty = a file of its own), data (the checksum of what it was drawn from, written
# into a file of its own: it shows whether a figure is that of the data, whichever gnuplot drew it)

BEGIN { caption = escape(caption) }

prefix != "" && (/^<!-- data: / || /^<\?xml/ || /^ width="/ || /^ xmlns/) { next }
/^<svg/ { print prefix == "" ? $0 : "<svg role=\"img\" aria-label=\"" caption "\""; next }
/^<title>Gnuplot<\/title>$/ { print "<title>" caption "</title>"; next }
/^<desc>Produced by GNUPLOT/ { if (data != "") print "<!-- data: cksum " data " -->"; next }

{
    sub(/<title>gnuplot_plot_[0-9a-z]*<\/title>/, "")
    if (prefix != "") {
        gsub(/ id=["']/, "&" prefix)
        gsub(/href='#/, "&" prefix)
        gsub(/url\(#/, "&" prefix)
    }
    print
}
