# Prints the opening comment of a C file, which follows its licence, as a C string, without the comment markers.

# SPDX-License-Identifier: BSD-2-Clause

/^\/\* SPDX-License-Identifier/ { next }
/^\/\*/ { print "extern const char strategy_description[];\nconst char strategy_description[] ="; next }
/^ \*\// { exit }
{ sub(/^ \* ?/, ""); gsub(/\\/, "\\\\"); gsub(/"/, "\\\""); print "    \"" $0 "\\n\"" }
END { print "    ;" }
