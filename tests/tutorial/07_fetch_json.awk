# Each process once; in which order depends on chance.
asynchronous { print | "sort"; next }
{ print; fflush() }
/^Asynchronous:/ { asynchronous = 1 }
