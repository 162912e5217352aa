# The fields of the handshake have no order, "upgrade" may be written in upper or
# lower case, and a server may add fields. A request that is no handshake is a
# mistake of the client, and is answered so; gevent's 500 is not kept.
/^'Connection: / { sub(/upgrade/, "Upgrade") }
/^'[A-Z][A-Za-z-]*: / { if (!/^'(Date|Server):/) print | "sort"; next }
/^'\\r\\n'$/ { close("sort") }
/^(plain GET|version 99)/ { sub(/->.*HTTP\/1.1 [45].*/, "refused") }
{ print }
