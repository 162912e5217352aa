#!/usr/bin/env bash
# Is each of gevent's numbered behaviours either a test case or a line of the
# README with a reason?

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# The numbers of TEST_CASE("gevent 157, 158: ...") and of "- 251-260: the reason",
# one a line. A behaviour may have several cases.
tested=$(grep -hoE '"gevent [0-9]+(, [0-9]+)*:' ./*.cpp | grep -oE '[0-9]+')
excused=$(grep -E '^- [0-9]+(-[0-9]+)?: .{10,}' README.md |
  sed -E 's/^- ([0-9]+)(-([0-9]+))?:.*/\1 \3/' |
  awk '{ for (n = $1; n <= ($2 ? $2 : $1); ++n) print n }')

missing=$(comm -23 <(seq 412 | sort) <(printf '%s\n' "$tested" "$excused" | sort -u))
both=$(comm -12 <(sort -u <<<"$tested") <(sort -u <<<"$excused"))
unknown=$(comm -13 <(seq 412 | sort) <(printf '%s\n' "$tested" "$excused" | sort -u))

status=0
complain() {  # complain <what> <numbers>
  [[ -z $2 ]] && return
  echo "$1: $(sort -n <<<"$2" | xargs)"
  status=1
}
complain "neither tested nor excused" "$missing"
complain "tested and excused" "$both"
complain "no such number" "$unknown"
complain "excused twice" "$(sort <<<"$excused" | uniq -d)"
exit $status
