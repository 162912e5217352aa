# There are three different greenlets; their names differ.
/^Hello from Greenlet / && !seen[$4]++ { print "Hello from a new one"; next }
{ print }
