# What is compared in the answers of a server. On purpose greenroom says
# "Connection: close" wherever it closes, and why a request is bad; the order of
# header lines does not count.

function print_head(  i, j, line) {
  for (i = 2; i <= lines; ++i) {
    line = head[i]
    for (j = i - 1; j >= 1 && head[j] > line; --j) head[j + 1] = head[j]
    head[j + 1] = line
  }
  for (i = 1; i <= lines; ++i) print head[i]
  lines = 0
}

/^\$ / { in_bad = in_head = 0 }
in_bad { next }
in_head && /^(\r|\\r)?$/ { in_head = 0; print_head(); print; next }
in_head && /^Connection: / { next }
in_head { head[++lines] = $0; next }
/HTTP\/1\.1 400/ { in_bad = 1; print "400"; next }
/HTTP\/1\.1 [0-9]+/ { in_head = 1 }
{ print }
