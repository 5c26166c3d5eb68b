#!/bin/sh
# Stands in for amp where a run has to be cheap. SOAK_ENDING says how the run ends, SOAK_THREAD names its thread.
here=${0%/*}
case "$1" in
--version) echo '0.0.1774310664-gcb98ac (released 2026-03-24T00:08:19.172Z)'; exit;;
--help) cat "$here/help.txt"; exit;;
esac

line() { printf '{"type":"%s",%s,"session_id":"%s"}\n' "$1" "$2" "$SOAK_THREAD"; }
say() { line assistant "\"message\":{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"$1\"}],\"stop_reason\":\"end_turn\"}"; }
result() { line result '"subtype":"success","is_error":false,"num_turns":1,"duration_ms":1,"result":"done"'; }

if [ "$SOAK_ENDING" = LoginPrompt ]; then
    echo 'No API key found. Starting login flow...'
    exec sleep 300
fi

line system '"subtype":"init","cwd":"/","tools":[],"mcp_servers":[]'
case "$SOAK_ENDING" in
Success) cat > /dev/null; say one; say two; result;;
ErrorResult) line result '"subtype":"error_during_execution","is_error":true,"error":"boom"'; exit 1;;
ExitCode) echo reason >&2; exit 3;;
NoResult) say one;;
Signal) kill -9 $$;;
BrokenLine) echo '{"type":"assis'; result;;
CutLine) printf '{"type":"assis'; kill -9 $$;;
TooLongLine) printf '{"type":"'; head -c 300000 /dev/zero | tr '\0' x; exec sleep 300;;
ErrorFlood) head -c 300000 /dev/zero | tr '\0' x >&2; result;;
NoiseAround) echo 'npm warn'; result; echo 'bye';;
Canceled|Timeout|IdleTimeout|Abandoned) exec sleep 300;;
StubbornCanceled) trap '' INT TERM; say ready; while :; do sleep 300; done;;
StaysAfterResult) result; exec sleep 300;;
LeavesChild) sleep 300 & result;;
LeavesStranger) setsid sleep 300 & result;;
*) echo "no such ending: $SOAK_ENDING" >&2; exit 9;;
esac
