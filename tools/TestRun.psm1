# How build.ps1 runs the suites: side by side, each as a process of its own, and what they wrote added up.
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
$results = Join-Path $root 'out' 'TestResults'
$pesterResults = Join-Path $results 'pester'
$queue = Join-Path $results 'queue'
# Outside of the results, which every run begins anew.
$secondsFile = Join-Path $root 'out' 'tools' 'pester-seconds.json'
# What a Node CLI has compiled stays for its next start, which then takes a third less processor time. Node.js 22.1 and later know this.
$compileCache = Join-Path $root 'out' 'tools' 'node-compile-cache'

# Files that take a minute and more. On a clone that has not run them yet, they must not be left for the end.
$longPesterFile = 'HelpExamples', 'Native', 'ManageThreads', 'McpServerCommands', 'JobEnd', 'Job', 'FanOutEndings', 'Attack', 'Kinds', 'EarlyStop', 'PowerShellToolAttack', 'Skills'

# What '-Fast' runs: the library's tests that start few processes and no real CLI, and the Pester files of a few seconds each.
$fastPesterFile = 'Messages', 'Module', 'Views'
$fastXunitLeftOut = 'Real', 'Reliability', 'Processes', 'ManyRuns', 'BudgetRun', 'Fuzz', 'HugeValue', 'InstallTests', 'LateOutput', 'ProbeTests', 'ReportPage',
'RulesInForce', 'StandardErrorTests', '.Approval.', '.Checkpoints.', '.Ends.', '.Fleet.', '.Output.OutputRunTests', '.Permissions.', '.Records.', '.Retries.', '.Schedules.',
'.Sessions.', '.Ssh.', '.Tools.', '.Verification.'
$fastXunitFilter = ($fastXunitLeftOut | ForEach-Object { "FullyQualifiedName!~$_" }) -join '&'

function Get-AmpPowerShell {
    # The command that starts a PowerShell as this one. As a .NET tool this one runs in 'dotnet', and the program beside it is not for every system.
    [CmdletBinding()]
    [OutputType([string])]
    param()

    $beside = Join-Path $PSHOME ($IsWindows ? 'pwsh.exe' : 'pwsh')
    if (-not (Test-Path $beside)) {
        return (Get-Process -Id $PID).Path
    }

    if ($IsWindows) {
        return $beside
    }

    try {
        if ((& $beside -NoProfile -NonInteractive -Command '$PSHOME') -eq $PSHOME) {
            return $beside
        }
    } catch [System.Management.Automation.ApplicationFailedException] {
        Write-Verbose "'$beside' is for another system: $_"
    }

    $folder = (New-Item -ItemType Directory -Force (Join-Path $root 'out' 'tools' 'bin')).FullName
    $launcher = Join-Path $folder 'pwsh'
    Set-Content -LiteralPath $launcher -Value '#!/bin/sh', "exec dotnet '$(Join-Path $PSHOME 'pwsh.dll')' `"`$@`""
    & chmod +x $launcher
    $launcher
}

function Get-PrecompiledPowerShell {
    # A copy of the given PowerShell, compiled for this machine, as the one that users install is: it starts in less than half of the processor time, and a test run
    # starts hundreds. The given one where that is not possible or not needed, or, with -Existing, where the copy would have to be made first.
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory)] [string] $Shell, [switch] $Existing)

    $runtime = [System.Runtime.InteropServices.RuntimeEnvironment]::GetRuntimeDirectory().TrimEnd('/', '\')
    $program = Split-Path -Leaf $Shell
    $folder = Join-Path $root 'out' 'tools' "powershell-$($PSVersionTable.PSVersion)-$(Split-Path -Leaf $runtime)"
    if (Test-Path $folder) {
        return (Join-Path $folder $program)
    }

    $stream = [System.IO.File]::OpenRead([psobject].Assembly.Location)
    try {
        $isCompiled = [System.Reflection.PortableExecutable.PEReader]::new($stream).PEHeaders.CorHeader.ManagedNativeHeaderDirectory.Size -gt 0
    } finally {
        $stream.Dispose()
    }

    if ($Existing -or $isCompiled -or (Split-Path $Shell) -ne $PSHOME) {
        return $Shell
    }

    # Under another name until it is whole.
    $unfinished = "$folder.$PID"
    $output = $null
    try {
        Remove-Item -Recurse -Force $unfinished -ErrorAction Ignore
        Copy-Item -Recurse -LiteralPath $PSHOME $unfinished
        $project = Join-Path $root 'tools' 'PrecompiledPowerShell'
        $output = & dotnet restore $project --verbosity quiet -nologo 2>&1
        if ($LASTEXITCODE -eq 0) {
            $output = & dotnet build $project --no-restore -target:Precompile --verbosity quiet -nologo "-p:PowerShellHome=$PSHOME" "-p:RuntimeDirectory=$runtime" "-p:PrecompiledFolder=$unfinished" 2>&1
        }

        if ($LASTEXITCODE -ne 0 -or -not (& (Join-Path $unfinished $program) -NoProfile -NonInteractive -Command '$PSHOME')) {
            throw ($output -join "`n")
        }

        [System.IO.Directory]::Move($unfinished, $folder)
    } catch {
        "PowerShell was not compiled for this machine, so the tests take longer:`n$_" | Out-Host
    } finally {
        Remove-Item -Recurse -Force $unfinished -ErrorAction Ignore
    }

    # Another run can have finished one at the same time.
    (Test-Path $folder) ? (Join-Path $folder $program) : $Shell
}

function Get-Pester {
    # The module's file, of the package that tools/TestModules pins; the package client compares its hash.
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory)] [string] $Version)

    & dotnet restore (Join-Path $root 'tools' 'TestModules') "-p:PesterVersion=$Version" --verbosity quiet -nologo | Out-Host
    if ($LASTEXITCODE -ne 0) {
        throw "Pester $Version was not restored: 'dotnet restore' ended with exit code $LASTEXITCODE."
    }

    Join-Path $root 'out' 'tools' 'packages' 'pester' $Version 'tools' 'Pester.psd1'
}

function Get-XunitResult {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([int] $ExitCode)

    $sum = @{ Passed = 0; Failed = 0; Skipped = 0; Failure = @() }
    foreach ($file in Get-ChildItem $results -Filter *.trx -ErrorAction Ignore) {
        $run = ([xml](Get-Content -Raw -LiteralPath $file.FullName)).TestRun
        $counters = $run.ResultSummary.Counters
        $sum.Passed += [int] $counters.passed
        $sum.Failed += [int] $counters.executed - [int] $counters.passed
        $sum.Skipped += [int] $counters.total - [int] $counters.executed
        $sum.Failure += @($run.SelectNodes("//*[local-name()='UnitTestResult'][@outcome='Failed']") | ForEach-Object {
                $texts = $_.SelectNodes(".//*[local-name()='Message' or local-name()='StackTrace']") | ForEach-Object InnerText
                @($_.testName) + $texts -join "`n"
            })
    }

    if ($ExitCode -ne 0 -and $sum.Failed -eq 0) {
        # A suite that broke off before it could write its results.
        $sum.Failed = 1
        $sum.Failure += "'dotnet test' ended with exit code $ExitCode before every suite had written its results."
    }

    $sum
}

function Get-PesterResult {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([string[]] $File)

    $sum = @{ Passed = 0; Failed = 0; Skipped = 0; Failure = @() }
    $seconds = Get-PesterSecond
    foreach ($name in $File) {
        $resultFile = Join-Path $pesterResults "$name.json"
        if (-not (Test-Path $resultFile)) {
            $sum.Failed++
            $sum.Failure += "${name}: the Pester process ended before it had written the results of this file."
            continue
        }

        $result = Get-Content -Raw $resultFile | ConvertFrom-Json -AsHashtable
        foreach ($kind in 'Passed', 'Failed', 'Skipped') {
            $sum[$kind] += $result[$kind]
        }

        $sum.Failure += $result.Failure
        $seconds[$name] = $result.Seconds
    }

    $null = New-Item -ItemType Directory -Force (Split-Path $secondsFile)
    $seconds | ConvertTo-Json | Set-Content $secondsFile
    $sum
}

function Get-PesterSecond {
    # How long each file took the last time, by its name. A file that was not written to its end is as none.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param()

    $seconds = $null
    try {
        $seconds = (Test-Path $secondsFile) ? (Get-Content -Raw $secondsFile | ConvertFrom-Json -AsHashtable) : $null
    } catch {
        Write-Verbose "'$secondsFile' cannot be read: $_"
    }

    $seconds -is [System.Collections.IDictionary] ? $seconds : @{}
}

function New-PesterQueue {
    # What took longest the last time comes first, so that no long file is left for the end; what was never measured goes by the list above, then by its length.
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType([string])]
    param([switch] $Fast)

    $files = Get-ChildItem (Join-Path $root 'tests' 'Pester') -Filter *.Tests.ps1 |
        Where-Object { -not $Fast -or ($_.Name -replace '\.Tests\.ps1$') -in $fastPesterFile }
    $seconds = Get-PesterSecond
    $null = New-Item -ItemType Directory -Force $queue, $pesterResults
    $place = 100
    $expected = {
        $rank = $longPesterFile.IndexOf(($_.Name -replace '\.Tests\.ps1$'))
        $seconds[$_.Name] ?? ($rank -ge 0 ? 1000 - $rank : $_.Length / 1000)
    }
    foreach ($file in $files | Sort-Object -Descending $expected) {
        $null = New-Item -ItemType File (Join-Path $queue "$place-$($file.Name)")
        $place++
        $file.Name
    }
}

function Save-CliAnswer {
    # Asks each real CLI once what it is and what it can do: a start costs more than a second of processor time, and hundreds of tests have
    # a home of their own, in which nothing is known yet.
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $Shell)

    Import-Module (Join-Path $root 'tests' 'Pester' 'Amp.TestSupport.psm1')
    $layout = Get-AmpTestLayout
    Remove-Item -Recurse -Force $layout.CliAnswers -ErrorAction Ignore
    $clis = $layout.JanuaryCli, $layout.LateJanuaryCli, $layout.MarchCli, $layout.MayCli, $layout.NativeCli | Where-Object { $_ }
    if ($clis) {
        & $Shell -NoProfile -NonInteractive -Command {
            param($module, $answers, $clis)
            $env:XDG_CACHE_HOME = $env:LOCALAPPDATA = $answers
            Import-Module $module
            $clis | ForEach-Object { Get-AmpCli -CliPath $_ -ErrorAction Continue } | Out-Null
        } -args $layout.Module, $layout.CliAnswers, @($clis)
    }
}

function Invoke-TestRun {
    # Runs the suites and gives their counts together. One lane runs the xunit suites and then helps with the Pester files.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory)] [string] $PesterPath,
        [Parameter(Mandatory)] [string] $Configuration,
        [switch] $Fast
    )

    Remove-Item -Recurse -Force $results -ErrorAction Ignore
    $files = @(New-PesterQueue -Fast:$Fast -Confirm:$false)
    $shell = Get-PrecompiledPowerShell (Get-AmpPowerShell) -Existing:$Fast
    # Tests start 'pwsh' by its name too.
    $env:PATH = (Split-Path $shell) + [System.IO.Path]::PathSeparator + $env:PATH
    $env:AMP_TEST_CONFIGURATION = $Configuration
    $env:NODE_COMPILE_CACHE = $compileCache
    # Few of the processes here live long enough for the profile that .NET would collect of them.
    $env:DOTNET_TieredPGO = '0'
    # While all lanes are at work, a real CLI may take longer to report its version than a user would wait.
    $env:AMP_PROBE_TIMEOUT_SEC = '900'
    if (-not $Fast) {
        Save-CliAnswer $shell
    }

    $xunit = @('test', (Join-Path $root ($Fast ? 'tests/Amp.Sdk.Tests' : 'Amp.PowerShell.sln')), '--configuration', $Configuration, '--no-build', '--nologo', '--logger', 'trx', '--results-directory', $results)
    if ($Fast) {
        $xunit += '--filter', $fastXunitFilter
    }

    $pester = '-NoProfile', '-NonInteractive', '-File', (Join-Path $root 'tests' 'Pester' 'Invoke-Suite.ps1'),
    '-PesterPath', $PesterPath, '-QueueFolder', $queue, '-ResultFolder', $pesterResults
    $exitCode = [System.Collections.Concurrent.ConcurrentDictionary[string, int]]::new()
    # Much of a test's time is waiting, so that one more lane than there are cores keeps them busy; more would only make everything slower.
    $lanes = [Math]::Clamp([System.Environment]::ProcessorCount + 1, 2, 6)
    # A line on standard error, such as the name of a test that has failed, comes out of a parallel block as an error, which would stop all lanes.
    1..$lanes | ForEach-Object -ThrottleLimit $lanes -Parallel {
        if ($_ -eq 1) {
            & dotnet $using:xunit 2>&1 | ForEach-Object ToString
            $null = ($using:exitCode).TryAdd('xunit', $LASTEXITCODE)
        }

        # A process that breaks off has taken its file with it. Another one does the rest.
        while (($left = [System.IO.Directory]::GetFiles($using:queue).Count) -gt 0) {
            & $using:shell $using:pester 2>&1 | ForEach-Object ToString
            if ([System.IO.Directory]::GetFiles($using:queue).Count -ge $left) {
                break
            }
        }
    } | Out-Host

    $suites = @((Get-XunitResult ($exitCode.ContainsKey('xunit') ? $exitCode['xunit'] : -1)), (Get-PesterResult $files))
    $sum = @{ Failure = @($suites | ForEach-Object Failure) }
    foreach ($kind in 'Passed', 'Failed', 'Skipped') {
        $sum[$kind] = ($suites | ForEach-Object { $_[$kind] } | Measure-Object -Sum).Sum
    }

    $sum
}

function Get-AmpTestOmission {
    # What '-Fast' leaves out, in words.
    [CmdletBinding()]
    [OutputType([string])]
    param()

    $left = Get-ChildItem (Join-Path $root 'tests' 'Pester') -Filter *.Tests.ps1 | ForEach-Object { $_.Name -replace '\.Tests\.ps1$' } |
        Where-Object { $_ -notin $fastPesterFile }
    "the Pester files $($left -join ', ')"
    'the other xunit suites'
    "the tests of Amp.Sdk.Tests whose names contain $($fastXunitLeftOut -join ', ')"
    'PSScriptAnalyzer over the scripts'
}

Export-ModuleMember -Function Get-AmpPowerShell, Get-Pester, Invoke-TestRun, Get-AmpTestOmission
