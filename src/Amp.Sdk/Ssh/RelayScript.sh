# What runs on the host while the CLI does, if programs there talk with the client: each start of one is a conversation. Lines that begin with '#' are removed
# before it is sent. These variables come before it:
#   m marker of its lines    d private folder
# It has the standard error of the connection as descriptor 6. Everything here has the mark of the run, and ends with it.
PATH=/usr/bin:/bin${PATH:+:$PATH}
umask 077
set -f
trap '' HUP INT
nap() { sleep 0.05 2>/dev/null || sleep 1; }
# The CLI and its programs write to the same descriptor at any time. One write of at most so many bytes is not mixed with theirs: 4096 on Linux, 512 on macOS.
b=$(getconf PIPE_BUF / 2>/dev/null) || { b=512; [ "$(uname -s)" != Linux ] || b=4096; }
case $b in '' | *[!0-9]*) b=512 ;; esac
[ "$b" -ge 512 ] || b=512
[ "$b" -le 4096 ] || b=4096
# If the CLI has told the descriptor not to wait, and it is full, nothing is written.
send() {
  until dd bs="$b" count=1 <"$d/$i.out" >&6; do
    [ "$?" -lt 128 ] && [ -d "$d" ] || exit
    nap
  done
}
# There is no space, and the client is told, which ends the run. Other faults end the conversation only.
full() {
  if printf '%8192s' '' >"$d/$i.try"; then
    rm -f "$d/$i.try"
    return
  fi
  until printf '\n%s full\n' "$m" | dd bs=512 count=1 >&6; do
    [ -d "$d" ] || exit
    nap
  done
  exit
}
word() {
  printf '\n%s %s\n' "$m" "$1 $i$2" >"$d/$i.out" || {
    full
    printf '\n%s %s\n' "$m" "$1 $i$2" >"$d/$i.out" || exit
  }
  send
}
# What the client sends to the program is in files, so that a program that does not read holds up nothing but itself.
deliver() {
  echo open
  while read -r x; do
    [ "$x" != end ] || exit
    cat "$d/to$x"
    rm -f "$d/to$x"
  done <"$d/$i.note"
}
# A pipe that is opened for both directions first does not wait for a program that has been killed.
carry() {
  [ -p "$d/$n.up" ] && [ -p "$d/$n.down" ] || exit
  exec 8<>"$d/$n.up" 5<>"$d/$n.down"
  exec 8<"$d/$n.up" 5>"$d/$n.down"
  rm -f "$d/$i.note"
  mkfifo "$d/$i.note" || {
    full
    echo no >&5
    exit
  }
  exec 9<>"$d/$i.note"
  word open " $k"
  deliver >&5 5>&- 6>&- 8>&- 9>&- &
  exec 5>&-
  while dd bs=$((b - 80)) count=1 <&8 >"$d/$i.in" || { full; false; }; do
    x=$(($(wc -c <"$d/$i.in")))
    [ "$x" -gt 0 ] || break
    { printf '\n%s data %s %s\n' "$m" "$i" "$x" && cat "$d/$i.in"; } >"$d/$i.out" || { full; break; }
    send
  done
  word shut
  rm -f "$d/$i.in" "$d/$i.out" "$d/$i.note" "$d/$n.up" "$d/$n.down"
}
# The ID of a process can come again, and what was sent to the one before must not reach it.
c=0
while read -r n k; do
  case $n in '' | *[!0-9.]*) continue ;; esac
  [ "${#n}" -le 15 ] || continue
  c=$((c + 1))
  i=$n.$c
  (carry &)
done <"$d/calls"
