#!/bin/sh
# What build.sh does where no PowerShell can be had. build.ps1 is the full version of it.
set -eu
task=$1
shift
configuration=Release
if [ "${1:-}" = -Configuration ]; then
    configuration=$2
fi

build() {
    dotnet build Amp.PowerShell.sln --configuration "$configuration" --verbosity quiet -nologo
}

install_clis() {
    if ! (cd tests/cli && npm ci --ignore-scripts --loglevel=error); then
        echo "The real CLIs could not be installed with npm: the tests that need them are skipped."
    fi
}

what_is_missing() {
    cat <<'TEXT'

------------------------------------------------------------------------------
NOT RUN: no PowerShell 7.4 or later was found, and none could be restored with
'dotnet tool restore'. Left out: everything that runs in PowerShell itself (the
Pester suite, PSScriptAnalyzer, the demo and the package of the cmdlets).
Get PowerShell from https://aka.ms/powershell, or with
'dotnet tool install --global PowerShell', and run the same command again.
------------------------------------------------------------------------------
TEXT
}

case $task in
    build)
        build
        what_is_missing
        ;;
    bench)
        what_is_missing
        echo "Only the parser alone can be measured here: dotnet run -c Release --project bench/Amp.Bench -- parser" >&2
        exit 1
        ;;
    test)
        build
        install_clis
        log=$(mktemp)
        status=0
        { dotnet test Amp.PowerShell.sln --configuration "$configuration" --no-build --nologo 2>&1 || echo "dotnet test failed"; } | tee "$log"
        what_is_missing
        pester=$(cat tests/Pester/*.Tests.ps1 2>/dev/null | grep -c '^ *It ' || true)
        # "Passed!  - Failed:     0, Passed:     2, Skipped:     1, Total:     3, ..." is the closing line of each suite.
        counts=$(sed -n 's/.*Failed: *\([0-9]*\), Passed: *\([0-9]*\), Skipped: *\([0-9]*\), Total:.*/\1 \2 \3/p' "$log" \
            | awk '{ failed += $1; passed += $2; skipped += $3 } END { print failed + 0, passed + 0, skipped + 0 }')
        set -- $counts
        failed=$1
        # A suite that breaks off before its closing line has failed too.
        if grep -q '^dotnet test failed$' "$log" && [ "$failed" = 0 ]; then
            failed=1
        fi
        rm -f "$log"
        [ "$failed" = 0 ] && [ "$2" != 0 ] || status=1
        echo "$2 passed, $failed failed, $(($3 + pester)) skipped"
        exit $status
        ;;
    demo)
        build
        install_clis
        dotnet run --project examples/SdkDemo --configuration "$configuration" --no-build
        what_is_missing
        ;;
    package)
        build
        dotnet pack src/Amp.Sdk --configuration "$configuration" --no-build --output out/packages --verbosity quiet -nologo
        ls out/packages
        what_is_missing
        ;;
    clean)
        rm -rf out src/*/bin src/*/obj tests/*/bin tests/*/obj examples/*/bin examples/*/obj tests/cli/node_modules
        ;;
esac
