#Requires -Version 7.4
<#
.SYNOPSIS
    Measures the module and the SDK side by side with what else reads the same stream, and prints the table of goals.
.DESCRIPTION
    All figures of a table come from one run of this script on one machine: each case is done in turn, round after round, and the median
    counts. Only their ratios say something on another machine. Run it on an idle one.
.PARAMETER Rounds
    How often each case is measured.
.PARAMETER Messages
    How long the stream is.
.PARAMETER Seed
    What the stream is made from.
.PARAMETER WriteTo
    A Markdown file whose part between '<!-- figures -->' and '<!-- /figures -->' gets the table.
#>
[CmdletBinding()]
param(
    [int] $Rounds = 5,
    [int] $Messages = 100000,
    [int] $Seed = 1,
    [string] $WriteTo,
    [string] $Configuration = 'Release'
)

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
$module = Join-Path $root 'out' 'Amp' 'Amp.psd1'
$empty = Join-Path $PSScriptRoot 'empty' 'bin' $Configuration 'net8.0' 'Amp.Bench.Empty.psd1'
$program = Join-Path $PSScriptRoot 'Amp.Bench' 'bin' $Configuration 'net8.0' 'Amp.Bench.dll'
$cli = Join-Path $PSScriptRoot 'emitter' 'main.js'
$peer = Join-Path $PSScriptRoot 'peers' 'consume.js'
$work = (New-Item -ItemType Directory -Path (Join-Path ([System.IO.Path]::GetTempPath()) "amp-bench-$PID")).FullName
$shell = Join-Path $PSHOME ($IsWindows ? 'pwsh.exe' : 'pwsh')
$readings = [ordered]@{}

function Add-Reading([string] $Name, [double[]] $Figures) {
    if (-not $readings.Contains($Name)) {
        $readings[$Name] = [System.Collections.Generic.List[double]]::new()
    }

    $readings[$Name].AddRange($Figures)
}

function Get-Quantile([string] $Name, [double] $Part = 0.5) {
    $sorted = @($readings[$Name] | Sort-Object)
    $sorted[[Math]::Min($sorted.Count - 1, [Math]::Floor($sorted.Count * $Part))]
}

function Invoke-Session([string] $Case, [hashtable] $More = @{}) {
    $arguments = @('-NoProfile', '-NonInteractive', '-File', (Join-Path $PSScriptRoot 'Session.ps1'), '-Case', $Case, '-Cli', $cli)
    $settings = @{ Module = $module }
    foreach ($name in $More.Keys) {
        $settings[$name] = $More[$name]
    }

    foreach ($name in $settings.Keys) {
        $arguments += "-$name", $settings[$name]
    }

    $output = & $shell @arguments
    if ($LASTEXITCODE -ne 0) {
        throw "The case $Case ended with $LASTEXITCODE."
    }

    ($output | Select-Object -Last 1 | ConvertFrom-Json).figures
}

function Measure-Process([string] $Command, [string[]] $Arguments) {
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $start = [System.Diagnostics.ProcessStartInfo]::new($Command, $Arguments)
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $process = [System.Diagnostics.Process]::Start($start)
    $process.StandardInput.Close()
    $buffer = [byte[]]::new(1MB)
    $output = $process.StandardOutput.BaseStream
    while ($output.Read($buffer, 0, $buffer.Length) -gt 0) { }
    $process.WaitForExit()
    $watch.Elapsed.TotalMilliseconds
}

function Get-Peer([string] $Kind) {
    $line = node $peer $Kind | Select-Object -Last 1 | ConvertFrom-Json
    if ($line.messages -ne $Messages + 2) {
        throw "The TypeScript SDK read $($line.messages) messages."
    }

    $line
}

function Get-Sdk([string] $Kind) {
    $line = dotnet $program consume $Kind $cli | Select-Object -Last 1 | ConvertFrom-Json
    if ($line.messages -ne $Messages + 2) {
        throw "The SDK read $($line.messages) messages."
    }

    $line
}

function Write-Step([string] $Text) {
    Write-Information "$(Get-Date -Format HH:mm:ss)  $Text" -InformationAction Continue
}

function Get-Row([string] $What, [string] $Goal, [double] $Ratio, [double] $Limit, [string] $Figures) {
    [pscustomobject]@{ What = $What; Goal = $Goal; Reached = $Ratio -le $Limit ? 'yes' : 'no'; Measured = $Figures }
}

function Format-Ratio([double] $Value) { $Value.ToString('0.00', [cultureinfo]::InvariantCulture) + 'x' }
function Format-Time([double] $Milliseconds) { [Math]::Round($Milliseconds).ToString([cultureinfo]::InvariantCulture) + ' ms' }

try {
    Write-Step 'making the streams'
    $stream = Join-Path $work 'stream.jsonl'
    $short = Join-Path $work 'short.jsonl'
    $large = Join-Path $work 'large.jsonl'
    $long = Join-Path $work 'long.jsonl'
    dotnet $program stream $stream $Messages $Seed
    dotnet $program stream $short 2 $Seed
    dotnet $program longline $long (63MB)
    $size = (Get-Item $stream).Length
    $largeMessages = [int] ($Messages * (1GB / $size))
    dotnet $program stream $large $largeMessages $Seed

    for ($round = 1; $round -le $Rounds; $round++) {
        Write-Step "round $round of $Rounds"
        $env:AMP_BENCH_STREAM = $stream
        Add-Reading 'pipe' (Measure-Process node $cli)
        Add-Reading 'pipeline' (Invoke-Session Pipeline @{ Times = 3 })[-1]
        foreach ($kind in 'count', 'read') {
            Add-Reading "typescript $kind" (Get-Peer $kind).milliseconds
            Add-Reading "sdk $kind" (Get-Sdk $kind).milliseconds
            $module3 = Invoke-Session $kind @{ Times = 4 }
            Add-Reading "module $kind cold" $module3[0]
            Add-Reading "module $kind" $module3[-1]
        }

        Add-Reading 'json' (Invoke-Session ConvertFromJson @{ Times = 2 })[-1]
        Add-Reading 'import' (Invoke-Session Import)
        Add-Reading 'import empty' (Invoke-Session ImportEmpty @{ Module = $empty })
        $env:AMP_BENCH_STREAM = $short
        1..5 | ForEach-Object { Add-Reading 'cli' (Measure-Process node $cli) }
        $shorts = Invoke-Session Short @{ Times = 8 }
        Add-Reading 'short first' $shorts[0]
        Add-Reading 'short' $shorts[1..7]
    }

    Write-Step 'latency, memory, many at once'
    $env:AMP_BENCH_LINES = 1000
    $env:AMP_BENCH_INTERVAL_MS = 3
    Add-Reading 'latency' ((Invoke-Session Latency) | Select-Object -Skip 200)
    Remove-Item Env:AMP_BENCH_LINES
    $env:AMP_BENCH_STREAM = $large
    Add-Reading 'memory' (Invoke-Session Memory)
    $env:AMP_BENCH_STREAM = $long
    Add-Reading 'long line' (Invoke-Session Memory)
    $env:AMP_BENCH_STREAM = $short
    dotnet $program stream $short 2000 $Seed
    foreach ($width in 1, 8, 64) {
        $parallel = Invoke-Session Parallel @{ Width = $width }
        Add-Reading "parallel $width" $parallel[0]
        Add-Reading "parallel cpu $width" $parallel[1]
    }

    $m = @{}
    foreach ($name in $readings.Keys) { $m[$name] = Get-Quantile $name }
    $rows = @(
        Get-Row 'all messages through `Invoke-AmpAgent | ForEach-Object { $n++ }`' '0.5x the TypeScript SDK' ($m['module count'] / $m['typescript count']) 0.5 "$(Format-Ratio ($m['module count'] / $m['typescript count'])) ($(Format-Time $m['module count']) to $(Format-Time $m['typescript count']))"
        Get-Row 'the same' '0.2x `ConvertFrom-Json`' ($m['module count'] / $m['json']) 0.2 "$(Format-Ratio ($m['module count'] / $m['json'])) ($(Format-Time $m['module count']) to $(Format-Time $m['json']))"
        Get-Row 'reading every text, tool input and tool result' '1.0x the TypeScript SDK' ($m['module read'] / $m['typescript read']) 1.0 "$(Format-Ratio ($m['module read'] / $m['typescript read'])) ($(Format-Time $m['module read']) to $(Format-Time $m['typescript read']))"
        Get-Row 'the first such run of a session' '1.5x a later one' ($m['module count cold'] / $m['module count']) 1.5 "$(Format-Ratio ($m['module count cold'] / $m['module count'])) ($(Format-Time $m['module count cold']) to $(Format-Time $m['module count']))"
        Get-Row '`Import-Module Amp`' '1.5x an empty binary module' ($m['import'] / $m['import empty']) 1.5 "$(Format-Ratio ($m['import'] / $m['import empty'])) ($(Format-Time $m['import']) to $(Format-Time $m['import empty']))"
        Get-Row 'first `Invoke-AmpAgent` over the CLI by itself' '150 ms' ($m['short first'] - $m['cli']) 150 (Format-Time ($m['short first'] - $m['cli']))
        Get-Row 'later ones over the CLI by itself' '10 ms' ($m['short'] - $m['cli']) 10 (Format-Time ($m['short'] - $m['cli']))
        Get-Row 'a line to the object at the next cmdlet, median' '1 ms' $m['latency'] 1 ('{0:0.00} ms' -f $m['latency'])
        Get-Row 'the same, 99th percentile' '5 ms' (Get-Quantile latency 0.99) 5 ('{0:0.00} ms' -f (Get-Quantile latency 0.99))
        Get-Row 'working set above the start while 1 GB streams through' '60 MB' $m['memory'] 60 ('{0:0} MB' -f $m['memory'])
        Get-Row 'the same for one line of 63 MB' '' 0 1 ('{0:0} MB' -f $m['long line'])
        Get-Row '64 runs at once, CPU time a run' '1.2x one alone' ($m['parallel cpu 64'] / $m['parallel cpu 1']) 1.2 "$(Format-Ratio ($m['parallel cpu 64'] / $m['parallel cpu 1'])) (1: $(Format-Time $m['parallel cpu 1']), 8: $(Format-Time $m['parallel cpu 8']), 64: $(Format-Time $m['parallel cpu 64']))"
        Get-Row '64 runs at once, time a run' '' 0 1 "1: $(Format-Time $m['parallel 1']), 8: $(Format-Time ($m['parallel 8'] / 8)), 64: $(Format-Time ($m['parallel 64'] / 64))"
        Get-Row '`Amp.Sdk` alone, `await foreach`' '0.35x the TypeScript SDK' ($m['sdk count'] / $m['typescript count']) 0.35 "$(Format-Ratio ($m['sdk count'] / $m['typescript count'])) ($(Format-Time $m['sdk count']) to $(Format-Time $m['typescript count']))"
        Get-Row 'floors: the pipe; 100,002 integers through `ForEach-Object`' '' 0 1 "$(Format-Time $m['pipe']); $(Format-Time $m['pipeline'])"
    )
    $machine = "$([Environment]::ProcessorCount) cores, $([System.Runtime.InteropServices.RuntimeInformation]::OSDescription), PowerShell $($PSVersionTable.PSVersion), .NET $([Environment]::Version), Node $(node --version), TypeScript SDK $((Get-Content -Raw (Join-Path $PSScriptRoot 'peers' 'package.json') | ConvertFrom-Json).dependencies.'@sourcegraph/amp-sdk')"
    $table = @(
        "Measured on $(Get-Date -Format 'yyyy-MM-dd'): $($Messages + 2) messages, $([Math]::Round($size / 1e6, 1)) MB, seed $Seed; medians of $Rounds rounds."
        "$machine."
        ''
        '| what | goal, at most | measured | reached |'
        '|---|---|---|---|'
        $rows | ForEach-Object { "| $($_.What) | $($_.Goal) | $($_.Measured) | $($_.Goal ? $_.Reached : '') |" }
    )
    $table
    if ($WriteTo) {
        $text = Get-Content -Raw -LiteralPath $WriteTo
        $begin, $end = '<!-- figures -->', '<!-- /figures -->'
        $text = $text.Substring(0, $text.IndexOf($begin) + $begin.Length) + "`n" + ($table -join "`n") + "`n" + $text.Substring($text.IndexOf($end))
        Set-Content -LiteralPath $WriteTo -Value $text -NoNewline
    }
}
finally {
    Remove-Item -Recurse -Force $work
}
