# What runs on the host of a run: it finds the CLI, starts it, and ends it with everything it started, also if the connection drops. It requires a POSIX
# shell and the usual programs. Lines that begin with '#' are removed before it is sent. These variables come before it:
#   m marker of our lines    id mark of the run     name private folder     w folder    c path of the CLI    known CLIs that are known
#   every seconds between signs of life    grace seconds after SIGINT    runs set if the CLI must be able to start programs of d    us xdg hm variables of the run that decide about settings    pp PATH of the run
# A profile that reads its standard input has taken the first of them.
[ "${#id}" = 32 ] && [ "${#m}" = 28 ] || exit 125
umask 077
set -f
unset CDPATH ENV BASH_ENV
trap : HUP INT TERM PIPE
LF='
'
d= helpers= l= n= sent= sums= seen= no=
main=$$
say() { printf '%s\n' "$*"; }
nap() { sleep "$1" 2>/dev/null || sleep 1; }
# When a process began, which tells it from a later one of the same ID. A process that has ended has none, even if nobody has asked for its exit code.
born() {
  if [ -r "/proc/$1/stat" ]; then
    v=$(sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 1,20)
    case $v in [ZX]*) ;; *) say "${v#* }" ;; esac
  else LC_ALL=C TZ=UTC0 ps -o stat= -o lstart= -p "$1" | while read -r x y; do case $x in Z*) ;; *) say "$y" | tr -s ' ' _ ;; esac; done; fi 2>/dev/null
}
live() { kill -s 0 "$main" 2>/dev/null && [ "$(born "$main")" = "$start" ]; }
# The processes with a mark. Where there is no /proc, ps shows the variables of the user's processes. Some programs stop reading at a zero byte.
if printf 'x\000y' | grep -qF y 2>/dev/null; then holders() { grep -lsF -e "$1" /proc/[0-9]*/environ | cut -d / -f 3; }
else holders() {
  for f in /proc/[0-9]*; do
    # The kernel's own processes have no program, and those of others cannot be read. Each search costs two processes.
    [ -r "$f/environ" ] && [ -e "$f/exe" ] && tr '\000' '\n' <"$f/environ" | grep -qF -e "$1" && say "${f#/proc/}"
  done
}; fi
marked() (
  set +f
  [ -n "$1" ] || exit 0
  if [ -r /proc/self/environ ]; then holders "$1"
  else ps -axEww -o pid= -o command= | while read -r x y; do case $y in *"$1"*) say "$x" ;; esac; done; fi 2>/dev/null
)
if command -v sha256sum >/dev/null 2>&1; then digest() { sha256sum; }
elif command -v shasum >/dev/null 2>&1; then digest() { shasum -a 256; }
else digest() { cksum; }; fi
if command -v setsid >/dev/null 2>&1; then own() { setsid "$@"; }
elif command -v perl >/dev/null 2>&1; then own() { perl -e 'use POSIX; POSIX::setsid(); exec { $ARGV[0] } @ARGV; exit 127' "$@"; }
else own() { "$@"; }; fi
# The CLI leads a process group, and so does each question to it. What has left the group still has the mark.
pid() { r=; [ -n "$d" ] && { read -r r <"$d/$1"; } 2>/dev/null; case $r in '' | *[!0-9]* | 0 | 1) return 1 ;; esac; }
sig() { pid pid && kill -s "$1" "$r" 2>/dev/null; }
kills() {
  for x in pid relay.pid help.pid version.pid; do
    pid "$x" && { kill -s KILL -- "-$r"; kill -s KILL "$r"; } 2>/dev/null
  done
  r=$(marked "$id")
  for x in $r; do kill -s KILL "$x" 2>/dev/null; done
  [ -n "$r" ]
}
# From now on, it is no fault that the relay has ended, and what has not started yet does not start. Who ends the run writes this and then looks for the ID of
# a process, which writes its ID and then looks for this. So one of them sees the other.
over() { [ -z "$d" ] || printf '' >"$d/over"; }
# A client that knows that the end goes on waits longer for it. Its reading must not hold up the end.
ending() { printf '\n%s ending\n' "$m" >&6 & }
# The end of main: nothing is left, and only then the exit code, or why there is no run, is told.
leave() {
  trap '' HUP INT TERM PIPE
  y=0 z=
  over
  while kills && [ "$y" -lt 40 ]; do
    y=$((y + 1)) z="$z $r"
    ending
    nap 0.05
  done
  # A process that is about to end has lost its mark before it is gone.
  for x in $z; do
    while [ -n "$(born "$x")" ] && [ "$y" -lt 40 ]; do y=$((y + 1)); nap 0.05; done
  done
  [ -z "$1" ] || changes
  # A shell that was forked just now can lose a signal (dash does), and would be waited for until the connection ends.
  kill $helpers 2>/dev/null
  for x in $helpers; do
    while [ -n "$(born "$x")" ]; do kill "$x" 2>/dev/null; nap 0.02; done
  done
  [ -z "$helpers" ] || wait $helpers 2>/dev/null
  [ -z "$d" ] || rm -rf "$d"
  [ -z "$1" ] || printf '\n%s exit %s\n' "$m" "$1" >&6
  [ -z "$2" ] || say "$2"
  exit 0
}
fail() { leave '' "fail $*"; }
there() { [ -e "$1" ] || [ -h "$1" ]; }
# Whether Git takes a path for a repository: 0, 1 if it passes over it, and 2 if its configuration may name another work tree, which is then searched for. In a
# worktree and a submodule, the path is a file. Every submodule names its work tree. extensions.worktreeConfig, which sparse checkouts have, names none.
repo() {
  [ ! -f "$1" ] || return 0
  [ -d "$1/objects" ] && [ -d "$1/refs" ] || return 1
  if [ -h "$1/HEAD" ]; then case $(readlink "$1/HEAD") in refs/*) ;; *) return 1 ;; esac
  else [ -f "$1/HEAD" ] && head -c 255 <"$1/HEAD" | tr '\000' '!' | head -n 1 | LC_ALL=C grep -qE '^(ref:[[:blank:]]*refs/|[0-9a-fA-F]{40})' || return 1; fi
  ! there "$1/commondir" || return 2
  for x in "$1/config" "$1/config.worktree"; do
    ! there "$x" || { [ -r "$x" ] && [ -f "$x" ] && [ "$(wc -c <"$x")" -le 16777216 ] && ! tr -d '\000' <"$x" | LC_ALL=C grep -qiE 'worktree([^cC]|$)'; } || return 2
  done
}
# The settings file of the workspace, or the place of it if there is none. The CLI resolves links in its folder first (2026-03-24). The user's file keeps its path.
project() {
  f=$real
  while :; do
    for x in settings.json settings.jsonc; do ! there "$f/.amp/$x" || { f=$f/.amp/$x; [ "$f" -ef "$u" ] && f=$u; return; }; done
    [ "$f" != "$last" ] && [ -n "$f" ] && [ "$f" != / ] || break
    f=${f%/*}
  done
  f=$top/.amp/settings.json
}
# What decides about calls is watched: the files of the run, and settings, whose new content the client judges. These are those of the workspace where the CLI has
# found them at its start and where it would find them now, and those of the user. '-' stands for a file that is not there, and '?' for one that cannot be read.
changes() {
  v=-
  for x in $sent; do
    [ ! -h "$d/$x" ] && [ -f "$d/$x" ] && case $sums in *"$LF$x $(digest <"$d/$x")$LF"*) ;; *) false ;; esac || v=$x
  done
  [ "$v" = - ] || printf '\n%s changed %s - \n' "$m" "$v" >&6
  project
  for x in "$at" "$f" "$u"; do
    o=- z=0
    if [ -f "$x" ]; then o='?'; head -c 16777217 <"$x" >"$d/copy" && o=$(digest <"$d/copy") && z=$(($(wc -c <"$d/copy")))
    elif there "$x"; then o='?'
    else case $seen in *"$LF$x "*) ;; *) continue ;; esac; fi
    case $seen in *"$LF$x $o$LF"*) continue ;; esac
    seen=$seen$LF$x\ $o$LF
    [ "$o" != '?' ] && [ "$z" -le 1048576 ] || z=x
    printf '\n%s changed - %s %s\n' "$m" "$z" "$x" >&6
    case $z in [0x]) ;; *) cat "$d/copy" >&6 ;; esac
  done
}
# The end by a helper, when nobody is there anymore: as the client ends a run, and then until main has gone.
drop() {
  over
  echo stop >&4
  sig INT
  rest "$grace" || { sig TERM; rest 1; }
  while live; do kills; nap 0.1; done
  kills
  rm -rf "$d"
  exit 0
}
rest() {
  y=$(($1 * 10))
  while pid pid && kill -s 0 "$r" 2>/dev/null; do [ "$y" -gt 0 ] || return 1; y=$((y - 1)); nap 0.1; done
}
pulse() { t=$((t + 1)); echo "$t" >"$d/beat"; }
# So many bytes of the connection, and none more. Returns 1 at the end of the connection, and 2 if the file cannot be written.
take() {
  printf '' >"$2" || return 2
  z=0
  while [ "$z" -lt "$1" ]; do
    dd bs=$(($1 - z)) count=1 >>"$2" 2>/dev/null || return 2
    y=$(($(wc -c <"$2")))
    [ "$y" -gt "$z" ] || return 1
    z=$y
    pulse
  done
}
# For a conversation with a program: a file that was stored for it, or its end.
pass() { if [ -p "$d/$1.note" ]; then echo "$2" 1<>"$d/$1.note"; else rm -f "$d/to$2"; fi; }
store() {
  take "$@"; y=$?
  # A CLI that is asked to end may still write a result, which would look like one of the whole run.
  [ "$y" != 2 ] || { printf '\n%s full\n' "$m" >&6; kills; }
  return "$y"
}
# Reads the connection. Input for the CLI goes through files, so that a CLI that does not read holds up nothing.
control() {
  trap '' HUP INT PIPE
  trap - TERM
  t=0 i=0 j=0
  while read -r a b e; do
    case $a in
      beat) ;;
      file) store "$b" "$d/$e" || break ;;
      program) store "$b" "$d/$e" && chmod 700 "$d/$e" || break ;;
      to) j=$((j + 1)); store "$b" "$d/to$j" || break; pass "$e" "$j" ;;
      shut) pass "$b" end ;;
      input) i=$((i + 1)); store "$b" "$d/i$i" || break; echo "$i" >&5 ;;
      end) echo end >&5 ;;
      start) echo "start $b $e" >&4 ;;
      kill) ending; over; echo stop >&4; kills ;;
      # A CLI that has no ID yet cannot be told, and would do what nobody wants anymore.
      INT | TERM) pid pid || over; sig "$a" ;;
    esac
    pulse
  done
  drop
}
feed() {
  trap '' HUP INT
  trap - TERM PIPE
  while read -r i; do
    [ "$i" != end ] || exit 0
    cat "$d/i$i"
    rm -f "$d/i$i"
  done <"$d/note" >"$d/in"
}
# A link that is cut tells nobody; silence does.
watch() {
  trap '' HUP INT PIPE
  trap 'kill "$s"; exit' TERM
  o= u=0
  while :; do
    sleep "$every" 6>&- & s=$!
    wait "$s"
    live || drop
    ! pid relay.pid || kill -s 0 "$r" || [ -e "$d/over" ] || { printf '\n%s lost\n' "$m" >&6; kills; drop; }
    v=; read -r v <"$d/beat"
    if [ "$v" = "$o" ]; then u=$((u + 1)); else u=0 o=$v; fi
    [ "$u" -lt 3 ] || drop
  done
}
# The private folder. An approval requires that programs there may be run.
private() {
  mkdir "$1/$name" && d=$1/$name || return 1
  [ -n "$runs" ] || return 0
  printf '#!/bin/sh\n' >"$d/try" && chmod 700 "$d/try" && "$d/try" && return
  no=program
  rm -rf "$d"; d=
}
# Folders that a killed predecessor has left, with its processes.
sweep() {
  set +f
  for f in "$1"/amp-ssh-*; do
    [ -d "$f" ] && [ ! -h "$f" ] && [ -O "$f" ] || continue
    x= y= z= v=
    { read -r x y z v <"$f/owner"; } 2>/dev/null
    case $x in '' | *[!0-9]*) continue ;; esac
    case $v in *[!0-9a-f]*) continue ;; esac
    [ "$z" = "$space" ] && [ "${#v}" = 32 ] && [ "$(born "$x")" != "$y" ] || continue
    for x in $(marked "$v"); do kill -s KILL "$x" 2>/dev/null; done
    rm -rf "$f"
  done
  set -f
}
# Finds a program in folders as those of PATH, but in none of the project, also through a link, and not in the current one.
seek() {
  v=$IFS
  IFS=:
  for f in $2; do
    case $f in /*) ;; *) continue ;; esac
    case $f in "$w" | */node_modules/*) continue ;; esac
    [ -f "$f/$1" ] && [ -x "$f/$1" ] || continue
    case $(cd -P -- "$f" && pwd -P)/ in "$real"/ | "$root"/*) ;; *) IFS=$v; found=$f/$1; return 0 ;; esac
  done
  IFS=$v
  return 1
}
# A shell that does not log in has a short PATH. Its profile may write anything.
login() {
  [ -z "$l" ] || return 0
  o=-l
  case ${SHELL##*/} in csh | tcsh) o= ;; esac
  own env "AMP_SDK_RUN_ID=$mark" "${SHELL:-/bin/sh}" $o -c 'printf "%s" "amp-path:$PATH" ":amp-path"' </dev/null >"$d/login" 2>/dev/null 4>&- 5>&- 6>&-
  l=$(cat "$d/login")
  case $l in *amp-path:*:amp-path*) l=${l#*amp-path:} l=${l%%:amp-path*} ;; *) l=: ;; esac
}
ask() {
  q=$1; shift
  own env "AMP_SDK_RUN_ID=$mark" sh -c 'echo $$ >"$0"; [ ! -e "${0%/*}/over" ] || exit 1; exec env "$@"' "$d/$q.pid" "PATH=$p" NO_COLOR=1 AMP_SKIP_UPDATE_CHECK=1 "$@" </dev/null 2>"$d/why" 4>&- 5>&- 6>&- |
    head -c 1048576 >"$d/$q"
  o=$?
  rm -f "$d/$q.pid"
  return "$o"
}
part() { say "$1 $(($(wc -c <"$2"))) $3"; cat "$2"; say; }
settings() {
  o=-
  if [ -f "$2" ]; then
    [ "$(wc -c <"$2")" -le 16777216 ] && cat "$2" >"$d/copy" || fail "settings $2"
    part "$1" "$d/copy" "$2"
    o=$(digest <"$d/copy")
  elif there "$2"; then fail "settings $2"
  else say "$1 - $2"; fi
  seen=$seen$LF$2\ $o$LF
}

# Whatever a profile has written, what comes after these lines is ours. The shell's own words are not the CLI's.
say "$m"
say "$m" >&2
exec 6>&2 2>/dev/null
case $w in '' | '~') w=$HOME ;; '~/'*) w=$HOME/${w#??} ;; /*) ;; *) w=$HOME/$w ;; esac
cd -- "$w" || fail "folder $w"
w=$(pwd) real=$(pwd -P)
ns=$(readlink /proc/self/ns/pid | tr -dc 0-9)
space=$(uname -n)/$ns
start=$(born "$main")
mark=$id@$main.${start:-0}.${ns:-0}
for base in "${TMPDIR:-/tmp}" /tmp "$XDG_RUNTIME_DIR" "$HOME/.cache"; do
  case $base in /*) ;; *) continue ;; esac
  base=${base%/}
  sweep "$base"
  case $base/ in "${w%/}"/* | "${real%/}"/*) continue ;; esac
  [ -n "$d" ] || private "$base"
done
[ -n "$d" ] || private /tmp
[ -n "$d" ] || fail "${no:-private}"
say "$main $start $space $id" >"$d/owner" && [ -s "$d/owner" ] || fail private
mkfifo "$d/go" "$d/note" "$d/in" || fail private
exec 3<&0 </dev/null 4<>"$d/go" 5<>"$d/note"
control <&3 >/dev/null 2>&1 3<&- & helpers=$!
watch </dev/null >/dev/null 2>&1 3<&- & helpers="$helpers $!"
exec 3<&-

f=$real top=$real last=$real
while :; do
  repo "$f/.git"
  case $? in 0) top=$f last=$f; break ;; 2) [ -z "$last" ] || top=$f last= ;; esac
  [ -n "$f" ] && [ "$f" != / ] || break
  f=${f%/*}
done
# The home folder and what is above it is not a project, and has the programs of the user.
root=$top
case $(cd -P -- "${HOME:-/}" && pwd -P)/ in "${root%/}"/*) root=/dev/null ;; esac

from=Explicit
p=${pp:-${PATH:-/usr/bin:/bin}}
[ -n "$c" ] || { c=$AMP_CLI_PATH from=EnvironmentVariable; }
if [ -n "$c" ]; then
  case $c in '~/'*) c=$HOME/${c#??} ;; /*) ;; *) c=$HOME/$c ;; esac
  [ -f "$c" ] || fail "cli $c"
else
  from=SearchPath
  if seek amp "$p"; then c=$found
  else
    from=HomeFolder
    set +f
    set -- "$HOME"/.nvm/versions/node/*/bin
    set -f
    places=$HOME/.amp/bin:$HOME/.local/bin:$HOME/.npm-global/bin:$HOME/bin:${XDG_DATA_HOME:-$HOME/.local/share}/amp-sdk-dotnet/cli/bin:/usr/local/bin:/opt/homebrew/bin:$HOME/.volta/bin:$HOME/.local/share/mise/shims:$HOME/.asdf/shims:$HOME/.bun/bin
    while [ "$#" -gt 1 ]; do shift; done
    if seek amp "$places:$1"; then c=$found
    else
      login
      seek amp "$l" || fail "search $p:$places:$1:$l"
      c=$found p=$l
    fi
  fi
fi
case :$p: in *":${c%/*}:"*) ;; *) p=$p:${c%/*} ;; esac
h=$(dd bs=256 count=1 <"$c" | tr -d '\000' | head -n 1)
form=Native
case $h in '#!'*node*) form=Node ;; '#!'*) form=Script ;; esac
case $c in *.js | *.mjs | *.cjs) form=Node; n=node ;; *) [ -x "$c" ] || fail "mode $c" ;; esac
if [ "$form" = Node ] && ! seek node "$p"; then
  login
  seek node "$l" || fail "node $c"
  p=$p:$l
fi
print=$(stat -L -c '%d %i %s %Y' "$c" || stat -L -f '%d %i %z %m' "$c" || ls -lLnd "$c")
case $w$real$c$p$d$HOME$print in *"$LF"*) fail line ;; esac
case $known in
  *"$LF$form $print $c$LF"*) ;;
  *)
    ask help ${n:+"$n"} "$c" --help & x=$!
    ask version ${n:+"$n"} "$c" --version || fail private
    wait "$x" || fail private
    [ -s "$d/version" ] || cp "$d/why" "$d/version"
    part version "$d/version"
    part help "$d/help"
    ;;
esac
u=${us:-$AMP_SETTINGS_FILE}
if [ -z "$u" ]; then
  f=${xdg:-${XDG_CONFIG_HOME:-${hm:-$HOME}/.config}}
  u=$f/amp/settings.json
  [ -f "$u" ] || [ ! -f "${u}c" ] || u=${u}c
fi
settings user "$u"
project
at=$f
settings workspace "$f"
say "cli $c"
say "form $form"
say "from $from"
say "node $n"
say "print $print"
say "path $p"
say "home $HOME"
say "folder $w"
say "private $d"
say "mark $mark"
say ready
read -r x sent <&4
[ "$x" = start ] || leave ''
for x in $sent; do
  sums=$sums$LF$x\ $(digest <"$d/$x")$LF
  [ ! -e "$d/over" ] || leave ''
done
feed </dev/null >/dev/null 2>&1 4>&- 5>&- 6>&- & helpers="$helpers $!"
if [ -f "$d/relay" ]; then
  mkfifo "$d/calls" && exec 7<>"$d/calls"
  own env "AMP_SDK_RUN_ID=$mark" sh -c 'echo $$ >"$0/relay.pid"; exec sh "$0/relay"' "$d" </dev/null >/dev/null 2>&1 4>&- 5>&- 7>&- &
fi
# The words of the shell about a signal are not the CLI's.
own env "AMP_SDK_RUN_ID=$mark" sh -c 'exec 2>&6 6>&-; echo $$ >"$0/pid"; [ ! -e "$0/over" ] || exit 130; . "$0/start"' "$d" <"$d/in" 4>&- 5>&- 7>&-
leave "$?"
