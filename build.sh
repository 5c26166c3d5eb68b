#!/bin/sh
# The one entry: ./build.sh [build|test|demo|bench|package|clean] [-Configuration Release|Debug] [-Fast]
# Runs build.ps1 in the PowerShell that .config/dotnet-tools.json pins. AMP_BUILD_POWERSHELL names another one, 7.4 or later, to run it in.
# Where the pinned one cannot be had, an installed 'pwsh' does; without any, the build fails.
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

is_new_enough() {
    "$@" -NoProfile -NonInteractive -Command 'if ($PSVersionTable.PSVersion -lt [version]"7.4") { exit 1 }' 2>&1
}

if [ -n "${AMP_BUILD_POWERSHELL:-}" ]; then
    if ! reason=$(is_new_enough "$AMP_BUILD_POWERSHELL"); then
        echo "build.sh: AMP_BUILD_POWERSHELL is '$AMP_BUILD_POWERSHELL', which is not PowerShell 7.4 or later. $reason" >&2
        exit 1
    fi
    exec "$AMP_BUILD_POWERSHELL" -NoProfile -NonInteractive -File ./build.ps1 -Task "$task" "$@"
fi
if reason=$(dotnet tool restore 2>&1) && reason=$(is_new_enough dotnet tool run pwsh); then
    exec dotnet tool run pwsh -NoProfile -NonInteractive -File ./build.ps1 -Task "$task" "$@"
fi
if command -v pwsh >/dev/null 2>&1 && is_new_enough pwsh >/dev/null; then
    exec pwsh -NoProfile -NonInteractive -File ./build.ps1 -Task "$task" "$@"
fi
no_powershell "$reason"
