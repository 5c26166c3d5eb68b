#Requires -Version 7.4
<#
.SYNOPSIS
    Builds, tests, shows and packs the Amp module and its SDK.
.DESCRIPTION
    The built module is out/Amp. Everything that tests a cmdlet imports that folder.
.PARAMETER Task
    Build    everything, analyzers included; warnings are errors
    Test     the xunit suites and, through the built module, the Pester suite
    Demo     a tour: the local service, the real CLI, the cmdlets
    Bench    measures speed and memory side by side with others, and writes the table into docs/performance.md
    Help     what Get-Help shows of the cmdlets, of the Markdown in docs/help; needs Microsoft.PowerShell.PlatyPS
    Package  the .nupkg files of module and SDK, into out/packages
    Clean    removes what the other tasks made
.PARAMETER Configuration
    Release or Debug.
.PARAMETER BuiltModule
    Tests the module that is already in out/Amp, built elsewhere, and leaves it as it is.
.EXAMPLE
    ./build.ps1 Test
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Demo', 'Bench', 'Help', 'Package', 'Clean')]
    [string] $Task = 'Build',

    [ValidateSet('Release', 'Debug')]
    [string] $Configuration = 'Release',

    [switch] $BuiltModule
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false
$root = $PSScriptRoot
$out = Join-Path $root 'out'
$moduleCache = Join-Path $out 'tools' 'modules'

# What is missing must be seen behind everything else that a task prints.
$notRun = [System.Collections.Generic.List[string]]::new()

function Invoke-Native([string] $Command, [string[]] $Arguments) {
    & $Command @Arguments | Out-Host
    if ($LASTEXITCODE -ne 0) {
        throw "'$Command $Arguments' ended with exit code $LASTEXITCODE."
    }
}

# Pester, PSScriptAnalyzer and platyPS: the installed one, or a copy from the PowerShell Gallery in out/tools.
function Get-TestModule([string] $Name, [version] $MinimumVersion) {
    $find = { Get-Module -ListAvailable -Name $Name | Where-Object Version -GE $MinimumVersion | Sort-Object Version | Select-Object -Last 1 }
    if (-not (& $find) -and (Get-Command Save-PSResource -ErrorAction Ignore)) {
        $null = New-Item -ItemType Directory -Force $moduleCache
        Save-PSResource -Name $Name -Version "[$MinimumVersion,)" -Path $moduleCache -TrustRepository -ErrorAction SilentlyContinue
    }

    & $find
}

function Install-RealCli {
    $folder = Join-Path $root 'tests' 'cli'
    $installed = Join-Path $folder 'node_modules' '.package-lock.json'
    if ((Test-Path $installed) -and (Get-Item -Force $installed).LastWriteTime -ge (Get-Item (Join-Path $folder 'package-lock.json')).LastWriteTime) {
        return
    }

    if (-not (Get-Command npm -ErrorAction Ignore)) {
        $notRun.Add('what needs the real CLIs: npm is not there (https://nodejs.org, 20 or later)')
        return
    }

    & npm ci --prefix $folder --ignore-scripts --loglevel=error | Out-Host
    if ($LASTEXITCODE -ne 0) {
        $notRun.Add('what needs the real CLIs: npm could not install them')
    }
}

function Invoke-Build([bool] $LayOutModule) {
    Invoke-Native dotnet @(
        'build', (Join-Path $root 'Amp.PowerShell.sln'), '--configuration', $Configuration, '--verbosity', 'quiet', '-nologo',
        "-p:LayOutModule=$LayOutModule"
    )
}

function Invoke-ScriptAnalysis {
    $analyzer = Get-TestModule PSScriptAnalyzer 1.22.0
    if (-not $analyzer) {
        $notRun.Add('PSScriptAnalyzer over the scripts: the module is not installed (Install-PSResource PSScriptAnalyzer)')
        return
    }

    Import-Module $analyzer.Path
    $settings = Join-Path $root 'PSScriptAnalyzerSettings.psd1'
    $findings = @('build.ps1', 'out/Amp/Amp.psd1', 'bench', 'examples', 'tests/Pester', 'tools' | ForEach-Object {
            Invoke-ScriptAnalyzer -Path (Join-Path $root $_) -Recurse -Settings $settings
        })
    if ($findings) {
        $findings | Format-Table -AutoSize Severity, RuleName, ScriptName, Line, Message | Out-String -Width 200 | Out-Host
        throw "PSScriptAnalyzer found $($findings.Count) things to mend."
    }

    Write-Information "PSScriptAnalyzer $($analyzer.Version): nothing to mend." -InformationAction Continue
}

function Get-XunitResult([string] $Folder) {
    $sum = @{ Passed = 0; Failed = 0; Skipped = 0; Failure = @() }
    foreach ($file in Get-ChildItem $Folder -Filter *.trx -ErrorAction Ignore) {
        $run = ([xml](Get-Content -Raw -LiteralPath $file.FullName)).TestRun
        $counters = $run.ResultSummary.Counters
        $sum.Passed += [int] $counters.passed
        $sum.Failed += [int] $counters.executed - [int] $counters.passed
        $sum.Skipped += [int] $counters.total - [int] $counters.executed
        $sum.Failure += @($run.Results.ChildNodes | Where-Object outcome -EQ 'Failed' | ForEach-Object {
                $_.testName, $_.Output.ErrorInfo.Message, $_.Output.ErrorInfo.StackTrace -join "`n"
            })
    }

    $sum
}

function Invoke-Xunit {
    $results = Join-Path $out 'TestResults'
    Remove-Item -Recurse -Force $results -ErrorAction Ignore
    & dotnet test (Join-Path $root 'Amp.PowerShell.sln') --configuration $Configuration --no-build --nologo `
        --logger trx --results-directory $results | Out-Host
    $exitCode = $LASTEXITCODE
    $result = Get-XunitResult $results
    if ($exitCode -ne 0 -and $result.Failed -eq 0) {
        # A suite that broke off before it could write its results.
        $result.Failed = 1
        $result.Failure += "'dotnet test' ended with exit code $exitCode before every suite had written its results."
    }

    $result
}

# In a PowerShell of its own: the module is loaded from out/Amp as users load it, and no build is kept from replacing it.
function Invoke-PesterSuite {
    $pester = Get-TestModule Pester 5.5.0
    $suites = Get-ChildItem (Join-Path $root 'tests' 'Pester') -Filter *.Tests.ps1
    if (-not $pester) {
        $notRun.Add('the Pester suite: Pester 5.5 or later is not installed (Install-PSResource Pester)')
        return @{ Passed = 0; Failed = 0; Skipped = @($suites | Select-String -Pattern '^\s*It\s').Count; Failure = @() }
    }

    $resultFile = Join-Path $out 'TestResults' 'pester.json'
    $runner = Join-Path $root 'tests' 'Pester' 'Invoke-Suite.ps1'
    $arguments = @('-NoProfile', '-NonInteractive', '-File', $runner, '-PesterPath', $pester.Path, '-ResultFile', $resultFile)
    $env:AMP_TEST_CONFIGURATION = $Configuration
    $executable = Join-Path $PSHOME ($IsWindows ? 'pwsh.exe' : 'pwsh')
    if (Test-Path $executable) {
        & $executable @arguments | Out-Host
    }
    else {
        & dotnet (Join-Path $PSHOME 'pwsh.dll') @arguments | Out-Host
    }

    if (Test-Path $resultFile) {
        Get-Content -Raw $resultFile | ConvertFrom-Json -AsHashtable
    }
    else {
        @{ Passed = 0; Failed = 1; Skipped = 0; Failure = @('The Pester suite ended before it had written its results.') }
    }
}

# What must be seen, also where only the end of what a task printed is kept.
function Write-AtEnd([string] $Heading, [string[]] $Text) {
    if ($Text) {
        $line = '-' * 78
        "`n$line`n${Heading}:`n$($Text -replace '(?m)^(?=.)', '  ' -join "`n")`n$line" | Out-Host
    }
}

$env:PSModulePath = $moduleCache + [System.IO.Path]::PathSeparator + $env:PSModulePath
switch ($Task) {
    'Build' {
        Invoke-Build (-not $BuiltModule)
        Invoke-ScriptAnalysis
        Write-AtEnd 'NOT RUN' $notRun
    }
    'Test' {
        Invoke-Build (-not $BuiltModule)
        Invoke-ScriptAnalysis
        Install-RealCli
        $suites = @((Invoke-Xunit), (Invoke-PesterSuite))
        Write-AtEnd 'NOT RUN' $notRun
        Write-AtEnd 'FAILED' ($suites.Failure -join "`n`n")
        $sum = @{}
        foreach ($kind in 'Passed', 'Failed', 'Skipped') {
            $sum[$kind] = ($suites | ForEach-Object { $_[$kind] } | Measure-Object -Sum).Sum
        }

        '{0} passed, {1} failed, {2} skipped' -f $sum.Passed, $sum.Failed, $sum.Skipped
        exit ($sum.Failed -gt 0 -or $sum.Passed -eq 0 ? 1 : 0)
    }
    'Demo' {
        Invoke-Build (-not $BuiltModule)
        Install-RealCli
        & (Join-Path $root 'examples' 'demo.ps1') -Configuration $Configuration
        Write-AtEnd 'NOT RUN' $notRun
    }
    'Bench' {
        Invoke-Build (-not $BuiltModule)
        Invoke-Native npm @('ci', '--prefix', (Join-Path $root 'bench' 'peers'), '--ignore-scripts', '--loglevel=error')
        & (Join-Path $root 'bench' 'Measure.ps1') -Configuration $Configuration -WriteTo (Join-Path $root 'docs' 'performance.md')
    }
    'Help' {
        Invoke-Build (-not $BuiltModule)
        if (-not (Get-TestModule Microsoft.PowerShell.PlatyPS 1.0.0)) {
            throw 'The help is not made: Microsoft.PowerShell.PlatyPS is not installed (Install-PSResource Microsoft.PowerShell.PlatyPS).'
        }

        # In a PowerShell of its own, which does not keep the module loaded.
        Invoke-Native (Get-Process -Id $PID).Path @('-NoProfile', '-NonInteractive', '-File', (Join-Path $root 'tools' 'Build-Help.ps1'))
        Invoke-Build (-not $BuiltModule)
    }
    'Package' {
        Invoke-Build (-not $BuiltModule)
        # What lies there is published: no package of an earlier version may be among it.
        Remove-Item -Recurse -Force (Join-Path $out 'packages') -ErrorAction Ignore
        & (Join-Path $root 'tools' 'Build-Package.ps1') -Configuration $Configuration
        if ((Import-PowerShellDataFile (Join-Path $out 'Amp' 'Amp.psd1')).PrivateData.PSData.Keys -notcontains 'ProjectUri') {
            Write-Warning "The packages name no address of the project: the repository has no remote 'origin' with one."
        }

        Get-ChildItem (Join-Path $out 'packages')
    }
    'Clean' {
        Get-Item $out, "$root/src/*/bin", "$root/src/*/obj", "$root/tests/*/bin", "$root/tests/*/obj", "$root/examples/*/bin", "$root/examples/*/obj", "$root/bench/*/bin", "$root/bench/*/obj" -ErrorAction Ignore |
            Remove-Item -Recurse -Force
    }
}
