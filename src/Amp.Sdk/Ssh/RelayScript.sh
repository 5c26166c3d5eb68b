# What runs on the host while the CLI does, if programs there talk with the client: each start of one is a conversation. Lines that begin with '#' are removed
# before it is sent. These variables come before it:
#   m marker of our lines    d private folder
# It has the standard error of the connection as descriptor 6. Everything here has the mark of the run, and ends with it.
umask 077
set -f
trap '' HUP INT
nap() { sleep 0.05 2>/dev/null || sleep 1; }
# The CLI and its programs write to the same descriptor at any time. One write of at most 4096 bytes is not mixed with theirs. If the CLI has told the descriptor
# not to wait, and it is full, nothing is written.
send() {
  until dd bs=4096 count=1 <"$d/$n.out" >&6; do
    [ "$?" -lt 128 ] && [ -d "$d" ] || exit
    nap
  done
}
full() {
  printf '\n%s full\n' "$m" >&6
  exit
}
word() {
  printf '\n%s %s\n' "$m" "$1 $n$2" >"$d/$n.out" || full
  send
}
# What the client sends to the program is in files, so that a program that does not read holds up nothing but itself.
deliver() {
  while read -r i; do
    [ "$i" != end ] || exit
    cat "$d/to$i"
    rm -f "$d/to$i"
  done <"$d/$n.note" >"$d/$n.down"
}
carry() {
  mkfifo "$d/$n.note" || exit
  exec 9<>"$d/$n.note"
  deliver 6>&- 9>&- &
  word open " $k"
  exec 8<"$d/$n.up"
  while dd bs=3900 count=1 <&8 >"$d/$n.in" || full; do
    x=$(($(wc -c <"$d/$n.in")))
    [ "$x" -gt 0 ] || break
    { printf '\n%s data %s %s\n' "$m" "$n" "$x" && cat "$d/$n.in"; } >"$d/$n.out" || full
    send
  done
  word shut
  rm -f "$d/$n.in" "$d/$n.out" "$d/$n.note" "$d/$n.up" "$d/$n.down"
}
while read -r n k; do
  case $n in '' | *[!0-9.]*) ;; *) (carry &) ;; esac
done <"$d/calls"
