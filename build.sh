#!/bin/sh
# The one entry: ./build.sh [build|test|demo|bench|package|clean] [-Configuration Release|Debug]
# Hands over to build.ps1 in a PowerShell 7.4 or later: the one on PATH, or the one that .config/dotnet-tools.json pins.
# Where none can be had it still builds everything, runs the xunit suites and the SDK's demo, and says what was left out.
set -eu
cd "$(dirname "$0")"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false MSBUILDDISABLENODEREUSE=1
. ./tools/prerequisites.sh

task=${1:-build}
[ $# -gt 0 ] && shift
case $task in
    build | test | demo | bench | package | clean) ;;
    *)
        echo "build.sh: unknown task '$task'; there are build, test, demo, bench, package, clean" >&2
        exit 2
        ;;
esac

need_dotnet
[ "$task" = clean ] || need_node

version_check='if ($PSVersionTable.PSVersion -lt [version]"7.4") { exit 1 }'
if command -v pwsh >/dev/null 2>&1 && pwsh -NoProfile -NonInteractive -Command "$version_check" >/dev/null 2>&1; then
    exec pwsh -NoProfile -NonInteractive -File ./build.ps1 -Task "$task" "$@"
fi
if dotnet tool restore >/dev/null 2>&1 \
    && dotnet tool run pwsh -NoProfile -NonInteractive -Command "$version_check" >/dev/null 2>&1; then
    exec dotnet tool run pwsh -NoProfile -NonInteractive -File ./build.ps1 -Task "$task" "$@"
fi
exec sh ./tools/build-without-powershell.sh "$task" "$@"
