# Threads may agree by chance.
NR == 1 && /^(True|False)$/ { print "what threads do"; next }
{ print }
