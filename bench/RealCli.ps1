#Requires -Version 7.4

<#
.SYNOPSIS
    Measures what the module adds to a one-turn run of the real CLIs, and prints a table.
.DESCRIPTION
    Each CLI of tests/cli answers one prompt from the local service, by itself and through Invoke-AmpAgent, in turn, round after round.
    All figures come from one run of this script on one machine, and the median counts. Only the ratios say something on another machine.
    Run it on an idle one.
.PARAMETER Rounds
    How often each case is measured.
.PARAMETER WriteTo
    A Markdown file whose part between '<!-- real CLIs -->' and '<!-- /real CLIs -->' gets the table.
#>
[CmdletBinding()]
param(
    [int] $Rounds = 9,
    [string] $WriteTo,
    [string] $Configuration = 'Release'
)

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
Import-Module (Join-Path $root 'tests' 'Pester' 'Amp.TestSupport.psm1')
$env:AMP_TEST_CONFIGURATION = $Configuration
$layout = Get-AmpTestLayout
Import-Module $layout.Module

# Starts the CLI as the module does and reads it to its end: milliseconds to the first line and to the end.
function Measure-Cli([string] $Path) {
    $command, $arguments = $Path.EndsWith('.js') ? @('node', @($Path)) : @($Path, @())
    $start = [System.Diagnostics.ProcessStartInfo]::new($command, [string[]] @($arguments + '--execute' + '--stream-json'))
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $process = [System.Diagnostics.Process]::Start($start)
    $errorText = $process.StandardError.ReadToEndAsync()
    $process.StandardInput.Write('hello')
    $process.StandardInput.Close()
    if (-not $process.StandardOutput.ReadLine()) {
        throw "'$Path' wrote nothing: $($errorText.Result)"
    }

    $first = $watch.Elapsed.TotalMilliseconds
    $null = $process.StandardOutput.ReadToEnd()
    $process.WaitForExit()
    $first, $watch.Elapsed.TotalMilliseconds
}

function Measure-Module([string] $Path) {
    $script:first = $null
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    Invoke-AmpAgent hello -CliPath $Path | ForEach-Object { $script:first ??= $watch.Elapsed.TotalMilliseconds }
    $script:first, $watch.Elapsed.TotalMilliseconds
}

function Get-Median([double[]] $Figures) {
    @($Figures | Sort-Object)[[Math]::Floor($Figures.Count / 2)]
}

function Format-Pair([double] $Module, [double] $Cli) {
    [string]::Format([cultureinfo]::InvariantCulture, '{0:0.00}x ({1:0} ms to {2:0} ms)', $Module / $Cli, $Module, $Cli)
}

$builds = [ordered]@{ 'March 2026 (Node)' = $layout.MarchCli; 'September 2026 (native)' = $layout.NativeCli }
$place = Open-AmpTestPlace
try {
    $service = Open-AmpLocalService $place
    $variables = $place.Environment.Clone()
    $variables.AMP_URL = $service.Url
    $variables.AMP_API_KEY = 'local-service-takes-any-key'
    $before = Use-AmpTestVariable $variables
    Push-Location $place.Project
    $rows = foreach ($build in $builds.Keys) {
        $cli = [System.Collections.Generic.List[double[]]]::new()
        $module = [System.Collections.Generic.List[double[]]]::new()
        # The first of each is not counted: it asks the CLI what it can do, and reads the program from the disk.
        for ($round = 0; $round -le $Rounds; $round++) {
            $figures = @((Measure-Cli $builds[$build]), (Measure-Module $builds[$build]))
            if ($round -gt 0) {
                $cli.Add($figures[0])
                $module.Add($figures[1])
            }
        }

        foreach ($index in 0, 1) {
            $pair = Format-Pair (Get-Median ($module | ForEach-Object { $_[$index] })) (Get-Median ($cli | ForEach-Object { $_[$index] }))
            "| $build | $(('the first message', 'the end of the run')[$index]) | $pair |"
        }
    }
}
finally {
    Pop-Location
    if ($before) {
        $null = Use-AmpTestVariable $before
    }

    Close-AmpTestPlace $place
}

$table = @(
    "Measured on $(Get-Date -Format 'yyyy-MM-dd'): one prompt, one answer; medians of $Rounds rounds. $([Environment]::ProcessorCount) cores, PowerShell $($PSVersionTable.PSVersion), Node $(node --version)."
    ''
    '| CLI | time to | through the module, to the CLI by itself |'
    '|---|---|---|'
    $rows
)
$table
if ($WriteTo) {
    $text = Get-Content -Raw -LiteralPath $WriteTo
    $begin, $end = '<!-- real CLIs -->', '<!-- /real CLIs -->'
    $text = $text.Substring(0, $text.IndexOf($begin) + $begin.Length) + "`n" + ($table -join "`n") + "`n" + $text.Substring($text.IndexOf($end))
    Set-Content -LiteralPath $WriteTo -Value $text -NoNewline
}
