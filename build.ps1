#Requires -Version 7.4

<#
.SYNOPSIS
    Builds, tests, shows and packs the Amp module and its SDK.
.DESCRIPTION
    Requires the .NET SDK and, for what runs a real CLI, Node.js 20 or later. It installs neither: what it fetches itself lies in out and in folders named
    node_modules, and 'Clean' removes it. The built module is out/Amp; everything that tests a cmdlet imports that folder.
.PARAMETER Task
    Build    everything, analyzers included; warnings are errors
    Test     the xunit suites and, through the built module, the Pester suite
    Demo     a tour: the local service, the real CLI, the cmdlets
    Bench    measures speed and memory side by side with others, and writes the table into docs/performance.md
    Help     brings the parameters in docs/help/*.md up to those of the cmdlets; requires Microsoft.PowerShell.PlatyPS
    Package  the .nupkg files of module and SDK, into out/packages
    Clean    removes what the other tasks built and fetched
.PARAMETER Configuration
    Release or Debug.
.PARAMETER Fast
    Tests what a change usually breaks, in a minute or so, and says what it left out.
.PARAMETER PesterVersion
    The Pester that runs the Pester suite, of those that tools/TestModules pins.
.PARAMETER BuiltModule
    Tests the module that is already in out/Amp, built elsewhere, and leaves it as it is.
.EXAMPLE
    ./build.ps1
    Import-Module ./out/Amp/Amp.psd1
.EXAMPLE
    ./build.ps1 Test -Fast
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Demo', 'Bench', 'Help', 'Package', 'Clean')]
    [string] $Task = 'Build',

    [ValidateSet('Release', 'Debug')]
    [string] $Configuration = 'Release',

    [switch] $Fast,

    [ValidateSet('6.2.0', '5.7.1')]
    [string] $PesterVersion = '6.2.0',

    [switch] $BuiltModule
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false
$root = $PSScriptRoot
$out = Join-Path $root 'out'
$gallery = $null
$moduleCache = Join-Path $out 'tools' 'modules'

# What is missing must be seen behind everything else that a task prints.
$notRun = [System.Collections.Generic.List[string]]::new()
$watch = [System.Diagnostics.Stopwatch]::StartNew()

trap {
    Write-AtEnd 'NOT RUN' $notRun
    [Console]::Error.WriteLine("$Task failed after $([int] $watch.Elapsed.TotalSeconds) s: $_")
    exit 1
}

function Invoke-Native([string] $Command, [string[]] $Arguments) {
    & $Command @Arguments | Out-Host
    if ($LASTEXITCODE -ne 0) {
        throw "'$Command $Arguments' ended with exit code $LASTEXITCODE."
    }
}

# PSScriptAnalyzer and platyPS: the installed one, or a copy from the PowerShell Gallery in out/tools.
function Get-TestModule([string] $Name, [version] $MinimumVersion, [string] $Purpose) {
    $find = { Get-Module -ListAvailable -Name $Name | Where-Object Version -GE $MinimumVersion | Sort-Object Version | Select-Object -Last 1 }
    if (-not (& $find) -and (Test-Gallery)) {
        $null = New-Item -ItemType Directory -Force $moduleCache
        Save-PSResource -Name $Name -Version "[$MinimumVersion,)" -Repository PSGallery -Path $moduleCache -TrustRepository -ErrorAction SilentlyContinue
    }

    $module = & $find
    if (-not $module -and $Purpose) {
        $notRun.Add("${Purpose}: $Name is not installed, and the PowerShell Gallery was not reached (Install-PSResource $Name)")
    }

    $module
}

# Asked once, and not for long: without the gallery everything else runs all the same.
function Test-Gallery {
    if ($null -eq $script:gallery) {
        $script:gallery = $false
        try {
            $null = Invoke-WebRequest 'https://www.powershellgallery.com/api/v2' -ConnectionTimeoutSeconds 5 -OperationTimeoutSeconds 5
            $script:gallery = [bool] (Get-Command Save-PSResource -ErrorAction Ignore)
        } catch {
            Write-Verbose "The PowerShell Gallery was not reached: $_"
        }
    }

    $script:gallery
}

function Install-RealCli {
    $folder = Join-Path $root 'tests' 'cli'
    $installed = Join-Path $folder 'node_modules' '.package-lock.json'
    if ((Test-Path $installed) -and (Get-Item -Force $installed).LastWriteTime -ge (Get-Item (Join-Path $folder 'package-lock.json')).LastWriteTime) {
        return
    }

    if (-not (Get-Command npm -ErrorAction Ignore)) {
        $notRun.Add('what requires the real CLIs: npm is missing (https://nodejs.org, 20 or later)')
        return
    }

    & npm ci --prefix $folder --ignore-scripts --loglevel=error | Out-Host
    if ($LASTEXITCODE -ne 0) {
        $notRun.Add('what requires the real CLIs: npm could not install them')
    }
}

function Invoke-Build([bool] $LayOutModule, [string] $Project = 'Amp.PowerShell.sln') {
    # One compiler for all projects takes a third less time than a new one for each, also where the machine's settings say otherwise because a compiler that stays is not
    # wanted: this one has a name of its own, and ends with the build.
    $compiler = "amp-build-$PID"
    try {
        Invoke-Native dotnet @(
            'build', (Join-Path $root $Project), '--configuration', $Configuration, '--verbosity', 'quiet', '-nologo',
            "-p:LayOutModule=$LayOutModule", '-p:UseSharedCompilation=true', "-p:SharedCompilationId=$compiler"
        )
    } finally {
        Stop-Compiler $compiler
    }
}

function Stop-Compiler([string] $Name) {
    $compiler = & dotnet msbuild (Join-Path $root 'tools' 'TestModules' 'TestModules.csproj') -getProperty:RoslynTargetsPath
    if ($compiler) {
        & dotnet (Join-Path $compiler 'bincore' 'VBCSCompiler.dll') -shutdown "-pipename:$Name" | Out-Null
    }
}

function Invoke-ScriptAnalysis {
    $analyzer = Get-TestModule PSScriptAnalyzer 1.22.0 'PSScriptAnalyzer over the scripts'
    if (-not $analyzer) {
        return
    }

    Import-Module $analyzer.Path
    $settings = Join-Path $root 'PSScriptAnalyzerSettings.psd1'
    $findings = @('build.ps1', 'out/Amp/Amp.psd1', 'bench', 'examples', 'tests/Pester', 'tools' | ForEach-Object {
            Invoke-ScriptAnalyzer -Path (Join-Path $root $_) -Recurse -Settings $settings
        })
    if ($findings) {
        $findings | Format-Table -AutoSize Severity, RuleName, ScriptName, Line, Message | Out-String -Width 200 | Out-Host
        throw "PSScriptAnalyzer has $($findings.Count) findings."
    }

    Write-Information "PSScriptAnalyzer $($analyzer.Version): no findings." -InformationAction Continue
}

# What must be seen, also where only the end of what a task printed is kept.
function Write-AtEnd([string] $Heading, [string[]] $Text) {
    if ($Text) {
        $line = '-' * 78
        "`n$line`n${Heading}:`n$($Text -replace '(?m)^(?=.)', '  ' -join "`n")`n$line" | Out-Host
    }
}

# The last line of every task but 'Test', which has its sum there.
function Write-Success([string] $Text) {
    "$Task succeeded in $([int] $watch.Elapsed.TotalSeconds) s: $Text" | Out-Host
}

if ($Task -ne 'Clean' -and -not (Get-Command dotnet -CommandType Application -ErrorAction Ignore)) {
    throw 'the .NET SDK is missing. Get version 10 from https://dotnet.microsoft.com/download.'
}

$env:PSModulePath = $moduleCache + [System.IO.Path]::PathSeparator + $env:PSModulePath
switch ($Task) {
    'Build' {
        Invoke-Build (-not $BuiltModule)
        Invoke-ScriptAnalysis
        Write-AtEnd 'NOT RUN' $notRun
        Write-Success "the module is in $(Join-Path $out 'Amp')."
    }
    'Test' {
        Invoke-Build (-not $BuiltModule) ($Fast ? 'tests/Amp.Sdk.Tests' : 'Amp.PowerShell.sln')
        if (-not $Fast) {
            Invoke-ScriptAnalysis
            Install-RealCli
        }

        Import-Module (Join-Path $root 'tools' 'TestRun.psm1')
        $sum = Invoke-TestRun -PesterPath (Get-Pester $PesterVersion) -Configuration $Configuration -Fast:$Fast
        if ($Fast) {
            Write-AtEnd "LEFT OUT BY '-Fast'" (Get-AmpTestOmission)
        }

        Write-AtEnd 'NOT RUN' $notRun
        Write-AtEnd 'FAILED' ($sum.Failure -join "`n`n")
        '{0} passed, {1} failed, {2} skipped' -f $sum.Passed, $sum.Failed, $sum.Skipped
        exit ($sum.Failed -gt 0 -or $sum.Passed -eq 0 ? 1 : 0)
    }
    'Demo' {
        Invoke-Build (-not $BuiltModule)
        Install-RealCli
        & (Join-Path $root 'examples' 'demo.ps1') -Configuration $Configuration
        Write-AtEnd 'NOT RUN' $notRun
        Write-Success 'that was the tour.'
    }
    'Bench' {
        Invoke-Build (-not $BuiltModule)
        Invoke-Native npm @('ci', '--prefix', (Join-Path $root 'bench' 'peers'), '--ignore-scripts', '--loglevel=error')
        Install-RealCli
        foreach ($script in 'Measure.ps1', 'RealCli.ps1') {
            & (Join-Path $root 'bench' $script) -Configuration $Configuration -WriteTo (Join-Path $root 'docs' 'performance.md')
        }

        Write-Success 'the tables are in docs/performance.md.'
    }
    'Help' {
        Invoke-Build (-not $BuiltModule)
        if (-not (Get-TestModule Microsoft.PowerShell.PlatyPS 1.0.0)) {
            throw 'Microsoft.PowerShell.PlatyPS is not installed (Install-PSResource Microsoft.PowerShell.PlatyPS).'
        }

        # In a PowerShell of its own, which does not keep the module loaded.
        Import-Module (Join-Path $root 'tools' 'TestRun.psm1')
        Invoke-Native (Get-AmpPowerShell) @('-NoProfile', '-NonInteractive', '-File', (Join-Path $root 'tools' 'Update-HelpPage.ps1'))
        Write-Success 'the pages in docs/help have the parameters of the cmdlets. Fill in what they leave open, and build again.'
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
        Write-Success "the packages are in $(Join-Path $out 'packages')."
    }
    'Clean' {
        $folders = @($out) + @('src', 'tests', 'examples', 'bench', 'tools' | ForEach-Object { "$root/$_/*/bin"; "$root/$_/*/obj" }) +
            "$root/tests/cli/node_modules" + "$root/bench/peers/node_modules"
        Get-Item -Force $folders -ErrorAction Ignore | Remove-Item -Recurse -Force
        Write-Success 'nothing built or fetched is left.'
    }
}
