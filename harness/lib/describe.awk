# Prints the opening comment of a C file as a C string, without the comment markers.
/^\/\*/ { print "extern const char strategy_description[];\nconst char strategy_description[] ="; next }
/^ \*\// { exit }
{ sub(/^ \* ?/, ""); gsub(/\\/, "\\\\"); gsub(/"/, "\\\""); print "    \"" $0 "\\n\"" }
END { print "    ;" }
