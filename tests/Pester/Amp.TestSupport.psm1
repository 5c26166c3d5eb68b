Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# Remembered before any place changes the process's own temporary folder.
$systemTemp = [System.IO.Path]::GetTempPath()

# As a .NET tool, PowerShell is a process of 'dotnet': its own program comes first on PATH in a test run, or lies beside its libraries, where it can be for another system.
$ownShell = @(
    (Get-Process -Id $PID).Path
    (Get-Command pwsh -CommandType Application -TotalCount 1 -ErrorAction Ignore).Source
    Join-Path $PSHOME ($IsWindows ? 'pwsh.exe' : 'pwsh')
) | Where-Object { $_ -and (Test-Path $_) -and (Split-Path -LeafBase $_) -ne 'dotnet' } | Select-Object -First 1

. (Join-Path $PSScriptRoot 'Amp.TestPeers.ps1')
. (Join-Path $PSScriptRoot 'Amp.TestReader.ps1')

function Get-AmpTestLayout {
    [CmdletBinding()]
    [OutputType([pscustomobject])]
    param()

    $root = Split-Path (Split-Path $PSScriptRoot)
    $configuration = $env:AMP_TEST_CONFIGURATION ? $env:AMP_TEST_CONFIGURATION : 'Release'
    $suffix = $IsWindows ? '.exe' : ''
    $system = $IsWindows ? 'win32' : ($IsMacOS ? 'darwin' : 'linux')
    $arm = [System.Runtime.InteropServices.RuntimeInformation]::ProcessArchitecture -eq 'Arm64'
    $packages = Join-Path $root 'tests/cli/node_modules'
    $node = Get-Command node -CommandType Application -ErrorAction Ignore -TotalCount 1
    $existing = { param($path) (Test-Path -LiteralPath $path -PathType Leaf) ? $path : $null }
    $may = $node ? (& $existing (Join-Path $packages 'amp-2026-05-04/dist/main.js')) : $null
    $native = & $existing (Join-Path $packages "@ampcode/cli-$system-$($arm ? 'arm64' : 'x64')/amp$suffix")
    [pscustomobject]@{
        Root = $root
        Module = Join-Path $root 'out/Amp/Amp.psd1'
        FakeCli = Join-Path $root "tests/Amp.FakeCli/bin/$configuration/net8.0/Amp.FakeCli$suffix"
        Attack = Join-Path $root "tests/Amp.Attack/bin/$configuration/net8.0/Amp.Attack$suffix"
        LocalService = Join-Path $root "src/Amp.LocalService/bin/$configuration/net8.0/Amp.LocalService$suffix"
        JanuaryCli = $node ? (& $existing (Join-Path $packages 'amp-2026-01-08/dist/main.js')) : $null
        LateJanuaryCli = $node ? (& $existing (Join-Path $packages 'amp-2026-01-26/dist/main.js')) : $null
        MarchCli = $node ? (& $existing (Join-Path $packages 'amp-2026-03-24/dist/main.js')) : $null
        MayCli = $may
        NativeCli = $native
        # What a user who installs the CLI gets, or the newest that there is for this platform.
        NewestCli = $native ?? $may
        PowerShell = $ownShell
        # What each real CLI says of its version and its options; the build asks them once.
        CliAnswers = Join-Path $root 'out/tools/cli-answers'
    }
}

function Get-AmpTestGap {
    # For a block's name and its -Skip: what it needs and is not here, in words; empty where all is here.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory, Position = 0)]
        [ValidateSet('JanuaryCli', 'LateJanuaryCli', 'MarchCli', 'MayCli', 'NativeCli', 'NewestCli')]
        [string] $Need
    )

    if ((Get-AmpTestLayout).$Need) {
        return ''
    }

    $node = $Need -eq 'NativeCli' -or (Get-Command node -CommandType Application -ErrorAction Ignore)
    $node ? " (not run: $Need is not in tests/cli/node_modules)" : ' (not run: Node.js is not on PATH)'
}

function Wait-AmpTestCondition {
    # The time is only a guard against a test that hangs: on a machine that is busy, everything may take its time.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [scriptblock] $Condition,
        [Parameter(Mandatory)] [string] $Because,
        [double] $TimeoutSec = 600
    )

    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Condition)) {
        if ($watch.Elapsed.TotalSeconds -gt $TimeoutSec) {
            throw "Waited $TimeoutSec s in vain for this: $Because"
        }

        Start-Sleep -Milliseconds 10
    }
}

function Open-AmpTestPlace {
    # Folders of a test's own, so that no CLI reads or writes the developer's, and a temporary folder in which nothing but
    # the leftovers of this test can be.
    [CmdletBinding()]
    [OutputType([pscustomobject])]
    param()

    $id = [guid]::NewGuid().ToString('N').Substring(0, 12)
    $root = Join-Path $systemTemp "amp-$id"
    $place = [pscustomobject]@{
        Id = $id
        Root = $root
        UserHome = Join-Path $root 'home'
        Project = Join-Path $root 'project'
        Temp = Join-Path $root 'temp'
        Log = Join-Path $root 'log'
        Environment = @{}
        OuterTemp = @{}
        Services = [System.Collections.Generic.List[object]]::new()
    }
    foreach ($folder in $place.UserHome, $place.Project, $place.Temp, $place.Log) {
        $null = New-Item -ItemType Directory -Path $folder
    }

    $place.Environment = @{
        HOME = $place.UserHome
        USERPROFILE = $place.UserHome
        LOCALAPPDATA = Join-Path $place.UserHome 'AppData'
        XDG_CONFIG_HOME = Join-Path $place.UserHome '.config'
        XDG_CACHE_HOME = Join-Path $place.UserHome '.cache'
        XDG_DATA_HOME = Join-Path $place.UserHome '.local/share'
        XDG_STATE_HOME = Join-Path $place.UserHome '.local/state'
        AMP_API_KEY = $null
        AMP_CLI_PATH = $null
        AMP_URL = $null
        AMP_SETTINGS_FILE = $null
        # Inherited by everything a run starts, also by what has left its session and its parent.
        AMP_TEST_PLACE = $id
        # The .NET runtime of the fake CLI would leave sockets of its debugger behind when it is killed.
        DOTNET_EnableDiagnostics = '0'
    }
    $place.OuterTemp = Use-AmpTestVariable @{ TMPDIR = $place.Temp; TEMP = $place.Temp; TMP = $place.Temp }
    $place
}

function Use-AmpTestVariable {
    # Sets variables of this process, takes those away that are null, and gives what they were before, to be set again.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory, Position = 0)] [hashtable] $Variable)

    $before = @{}
    foreach ($name in $Variable.Keys) {
        $before[$name] = [System.Environment]::GetEnvironmentVariable($name)
        # Not simply $null: PowerShell hands it on as an empty text, and Git, for one, takes that for a name.
        [System.Environment]::SetEnvironmentVariable($name, $Variable[$name] ?? [NullString]::Value)
    }

    $before
}

function Close-AmpTestPlace {
    # Fails the test when something of it is left, and takes that away, so that the next test does not fail for it.
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)] [AllowNull()] [pscustomobject] $Place)

    if ($null -eq $Place) {
        return
    }

    $left = @(Get-AmpTestLeftover $Place)
    foreach ($service in $Place.Services) {
        Close-AmpLocalService $service
    }

    foreach ($id in Get-AmpTestProcess $Place) {
        Stop-Process -Id $id -Force -ErrorAction Ignore
    }

    $null = Use-AmpTestVariable $Place.OuterTemp

    Remove-Item -LiteralPath $Place.Root -Recurse -Force -ErrorAction Ignore
    if ($left) {
        throw "The test left behind: $($left -join '; ')"
    }
}

function Get-AmpTestProcess {
    # The processes of a place by a variable they inherit; only Linux lets one read it.
    [CmdletBinding()]
    [OutputType([int])]
    param([Parameter(Mandatory, Position = 0)] [pscustomobject] $Place)

    if (-not $IsLinux) {
        return
    }

    $mark = "AMP_TEST_PLACE=$($Place.Id)"
    foreach ($folder in [System.IO.Directory]::GetDirectories('/proc')) {
        $id = 0
        if (-not [int]::TryParse([System.IO.Path]::GetFileName($folder), [ref] $id) -or $id -eq $PID) {
            continue
        }

        try {
            $variables = [System.IO.File]::ReadAllText("$folder/environ").Split([char] 0)
        } catch [System.Exception] {
            # It has ended in between, or is somebody else's.
            continue
        }

        if ($variables -ccontains $mark -and (Test-AmpProcess $id)) {
            $id
        }
    }
}

function Test-AmpProcess {
    # Whether it runs; one that has ended and was not collected by its parent yet does not.
    [CmdletBinding()]
    [OutputType([bool])]
    param([Parameter(Mandatory, Position = 0)] [int] $Id)

    if (-not $IsLinux) {
        return $null -ne (Get-Process -Id $Id -ErrorAction Ignore)
    }

    try {
        $stat = [System.IO.File]::ReadAllText("/proc/$Id/stat")
    } catch [System.IO.IOException] {
        return $false
    }

    $stat[$stat.LastIndexOf(')') + 2] -notin 'Z', 'X'
}

function Get-AmpTestLeftover {
    # What of a place's runs is still there, in words; empty when nothing is. An ended process may take a moment to go, on a busy machine a longer one.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory, Position = 0)] [pscustomobject] $Place,
        [double] $TimeoutSec = 60
    )

    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    do {
        $recorded = foreach ($record in Get-AmpFakeRecord $Place) {
            $record.processId
            $record.children | ForEach-Object { $_.processId }
        }

        $running = @(@(Get-AmpTestProcess $Place) + @($recorded | Where-Object { Test-AmpProcess $_ }) | Sort-Object -Unique)
        if (-not $running) {
            break
        }

        Start-Sleep -Milliseconds 20
    } while ($watch.Elapsed.TotalSeconds -lt $TimeoutSec)

    foreach ($id in $running) {
        "process $id ($((Get-Process -Id $id -ErrorAction Ignore).ProcessName))"
    }

    # A PowerShell that is killed, as that of Start-Job is, leaves the sockets of its own host and debugger, and the native
    # CLI leaves the libraries that it unpacks.
    Get-ChildItem -LiteralPath $Place.Temp -Force -Recurse |
        Where-Object Name -NotMatch '^(CoreFxPipe_PSHost\.|clr-debug-pipe-|dotnet-diagnostic-|\.bun-)' |
        ForEach-Object { "file $($_.FullName)" }
}

function Invoke-AmpTestShell {
    # Runs a script in a PowerShell of its own, with the module imported and the call as $call, and gives what it wrote; for
    # what only a host shows or ends. The block of -While gets the process.
    [CmdletBinding()]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Mandatory, Position = 0)] [pscustomobject] $Place,
        [Parameter(Mandatory, Position = 1)] [string] $Script,
        [hashtable] $Call,
        [hashtable] $Variable = @{},
        [scriptblock] $While
    )

    $layout = Get-AmpTestLayout
    $file = Join-Path $Place.Root "shell-$([guid]::NewGuid().ToString('N').Substring(0, 8)).ps1"
    $lines = @("Import-Module '$($layout.Module)'")
    if ($Call) {
        $Call | Export-Clixml -LiteralPath "$file.xml"
        $lines += "`$call = Import-Clixml -LiteralPath '$file.xml'"
    }

    Set-Content -LiteralPath $file -Value ($lines + $Script)
    $start = [System.Diagnostics.ProcessStartInfo]::new($layout.PowerShell)
    foreach ($argument in '-NoProfile', '-NonInteractive', '-File', $file) {
        $start.ArgumentList.Add($argument)
    }

    $start.WorkingDirectory = $Place.Project
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $start.Environment['NO_COLOR'] = '1'
    foreach ($name in $Variable.Keys) {
        $start.Environment[$name] = $Variable[$name]
    }

    $process = [System.Diagnostics.Process]::Start($start)
    try {
        $process.StandardInput.Close()
        $output = $process.StandardOutput.ReadToEndAsync()
        $errors = $process.StandardError.ReadToEndAsync()
        if ($While) {
            & $While $process
        }

        if (-not $process.WaitForExit(600000)) {
            throw 'The shell of the test did not end.'
        }

        [pscustomobject]@{
            Output = $output.GetAwaiter().GetResult()
            Error = $errors.GetAwaiter().GetResult()
            ExitCode = $process.ExitCode
        }
    } finally {
        if (-not $process.HasExited) {
            $process.Kill($true)
        }

        $process.Dispose()
    }
}

Export-ModuleMember -Function *-Amp*
