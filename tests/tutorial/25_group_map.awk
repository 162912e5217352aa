# The greenlets are three different ones; what they are called differs.
/^Hello from Greenlet / && !seen[$4]++ { print "Hello from a new one"; next }
{ print }
