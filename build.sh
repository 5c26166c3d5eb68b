#!/bin/sh
# Usage: ./build.sh [build|test|demo|bench|package|clean] [-Configuration Release|Debug] [-Fast] [-PesterVersion 6.2.0|5.7.1]
# Runs a task of build.ps1, 'build' by default, in the PowerShell that .config/dotnet-tools.json pins; where that cannot be had, in an installed 'pwsh'.
# AMP_BUILD_POWERSHELL names another one, 7.4 or later. Nothing is installed outside this folder, but for NuGet's and npm's caches.
set -eu
cd "$(dirname "$0")"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false MSBUILDDISABLENODEREUSE=1

task=${1:-build}
[ $# -gt 0 ] && shift
case $task in
    build | test | demo | bench | package | clean) ;;
    -h | --help | '-?' | help)
        sed -n '2,/^set /s/^# //p' build.sh
        exit 0
        ;;
    *)
        echo "build.sh: unknown task '$task'; there are build, test, demo, bench, package, clean" >&2
        exit 2
        ;;
esac

if ! command -v dotnet >/dev/null 2>&1; then
    echo "build.sh: the .NET SDK is missing. Get version 10 from https://dotnet.microsoft.com/download and run this again." >&2
    exit 1
fi

# The real CLIs of the tests and the demo are Node programs. Without Node, everything else still works.
case $task in
    test | demo | bench)
        if ! command -v npm >/dev/null 2>&1 || [ "$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)" -lt 20 ]; then
            echo "build.sh: Node.js 20 or later is missing (https://nodejs.org): what requires a real CLI is skipped." >&2
        fi
        ;;
esac

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

echo "build.sh: PowerShell 7.4 or later is required, and was not found." >&2
# What the pinned PowerShell runs on.
if ! dotnet --list-runtimes | grep -qE '^Microsoft\.NETCore\.App 1[0-9]\.'; then
    echo "The one that .config/dotnet-tools.json pins needs .NET 10, and there is only this:" >&2
    dotnet --list-runtimes | sed -n 's/^Microsoft\.NETCore\.App \([^ ]*\).*/  .NET \1/p' >&2
    echo "Get .NET 10 from https://dotnet.microsoft.com/download and run this again." >&2
else
    echo "'dotnet tool restore' and 'dotnet tool run pwsh' answered:" >&2
    echo "$reason" | sed 's/^/  /' >&2
fi
echo "Or install PowerShell from https://aka.ms/powershell, and set AMP_BUILD_POWERSHELL to its path if it is not on PATH." >&2
exit 1
