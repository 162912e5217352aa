# Each process once; the order depends on chance.
asynchronous { print | "sort"; next }
{ print; fflush() }
/^Asynchronous:/ { asynchronous = 1 }
