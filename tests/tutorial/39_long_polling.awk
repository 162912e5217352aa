# How many data come in which second depends on the machine; that some come, and
# to whom, does not. In gevent, clients that have gone still take some.
/^[0-9] "Hello World"$/ { if (!seen++) print "data"; next }
/^lines: [0-9]/ { print ($2 > 0) ? "lines: some" : "lines: none"; next }
/^[0-9]+$/ { print ($1 > 0) ? "some" : "none"; next }
{ print }
