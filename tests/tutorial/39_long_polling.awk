# How many data come in which second depends on the machine; that some do, and
# to whom, does not. gevent's departed clients take some still (README.md).
/^[0-9] "Hello World"$/ { if (!seen++) print "data"; next }
/^lines: [0-9]/ { print ($2 > 0) ? "lines: some" : "lines: none"; next }
/^[0-9]+$/ { print ($1 > 0) ? "some" : "none"; next }
{ print }
