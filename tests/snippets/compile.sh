#!/bin/sh
# Compiles the complete ```cpp blocks of a Markdown file: those with an #include, unless <!-- no-compile --> stands
# before them.
#   compile.sh file.md folder c++ options...

set -eu
document=$1
folder=$2
shift 2

if [ ! -f "$document" ]; then
    echo "there is no $document"
    exit 0
fi
rm -rf "$folder"
mkdir -p "$folder"

# One file a block, named after its line; #line makes the compiler's errors point into the document.
awk -v document="$document" -v folder="$folder" '
    /^```cpp/ && !inside { inside = 1; text = ""; complete = 0; start = NR + 1; next }
    /^```/ && inside {
        inside = 0
        file = folder "/line_" start ".cpp"
        if (excluded) {
            print "line " start ": marked as not to be compiled"
        } else if (!complete) {
            print "line " start ": no #include, not complete"
        } else {
            printf "#line %d \"%s\"\n%s", start, document, text > file
            close(file)
        }
        excluded = 0
        next
    }
    inside { text = text $0 "\n"; if ($0 ~ /^#include/) complete = 1; next }
    /^<!-- no-compile -->/ { excluded = 1; next }
    /[^ \t]/ { excluded = 0 }
    END { if (inside) { print "line " start ": the block does not end"; exit 1 } }
' "$document"

for file in "$folder"/line_*.cpp; do
    if [ -f "$file" ]; then
        echo "compiling $(basename "$file")"
        "$@" -fsyntax-only "$file"
    fi
done
