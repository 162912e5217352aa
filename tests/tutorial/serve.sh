# For the scripts that drive a server of the tutorial; they source this.
#
#   serve 44_echo_server    starts it at a port that the system picks: $port.
#                           What it prints goes to $folder/printed
#
# The server ends with the script. PROGRAMS says where the programs are.

folder=$(mktemp -d)
server=
end() {
  if [[ -n $server ]]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -r "$folder"
}
trap end EXIT

# The port at which a process listens, on the loopback address.
port_of() {  # port_of <pid>
  local sockets address
  sockets=$(readlink /proc/"$1"/fd/* | sed -n 's/^socket:\[\(.*\)\]$/ \1 /p')
  address=$(awk -v sockets="$sockets" \
    '$4 == "0A" && index(sockets, " " $10 " ") { print $2 }' /proc/net/tcp)
  [[ -n $address ]] && echo $((16#${address#*:}))
}

serve() {  # serve <program>
  PORT=0 "$PROGRAMS/$1" >"$folder/printed" &
  server=$!
  until port=$(port_of "$server"); do
    kill -0 "$server"  # or it has ended, and so does this
    sleep 0.02
  done
}
