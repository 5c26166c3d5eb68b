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
    [int] $Rounds = 3,
    [int] $Messages = 100000,
    [int] $Seed = 1,
    [string] $WriteTo,
    [string] $Configuration = 'Release'
)

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
$module = Join-Path $root 'out' 'Amp' 'Amp.psd1'
$empty = Join-Path $PSScriptRoot 'empty' 'bin' $Configuration 'net8.0' 'Amp.Bench.Empty.psd1'
$oneView = Join-Path (Split-Path $empty) 'Amp.Bench.OneView.psd1'
$program = Join-Path $PSScriptRoot 'Amp.Bench' 'bin' $Configuration 'net8.0' 'Amp.Bench.dll'
$cli = Join-Path $PSScriptRoot 'emitter' 'main.js'
$peer = Join-Path $PSScriptRoot 'peers' 'consume.js'
$work = (New-Item -ItemType Directory -Path (Join-Path ([System.IO.Path]::GetTempPath()) "amp-bench-$PID")).FullName
$shell = Join-Path $PSHOME ($IsWindows ? 'pwsh.exe' : 'pwsh')
$readings = [ordered]@{}

# Of each process that is measured, the first time counts as its cold one, and the median of its later half as its warm one. .NET compiles hot
# code again and again until about the seventh time: the third to the sixth are slower than the second.
$times = 16

function Add-Reading([string] $Name, [double[]] $Figures) {
    if (-not $readings.Contains($Name)) {
        $readings[$Name] = [System.Collections.Generic.List[double]]::new()
    }

    $readings[$Name].AddRange($Figures)
}

# The second to the sixth time are what a script meets that starts a few runs.
function Add-Warmth([string] $Name, [double[]] $Figures) {
    $early = @($Figures | Select-Object -Skip 1 -First 5 | Sort-Object)
    Add-Reading "$Name early" $early[[Math]::Floor($early.Count / 2)]
    $later = @($Figures | Select-Object -Skip ([Math]::Floor($Figures.Count / 2)) | Sort-Object)
    Add-Reading "$Name cold" $Figures[0]
    Add-Reading $Name $later[[Math]::Floor($later.Count / 2)]
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

# The times of a reader that is a program of its own.
function Measure-Reader([string] $Name, [string] $Command, [string[]] $Arguments) {
    $line = & $Command @Arguments | Select-Object -Last 1 | ConvertFrom-Json
    if ($line.messages -ne $Messages + 2) {
        throw "$Name read $($line.messages) messages."
    }

    $line.figures
}

function Write-Step([string] $Text) {
    Write-Information "$(Get-Date -Format HH:mm:ss)  $Text" -InformationAction Continue
}

function Get-Row([string] $What, [string] $Goal, [double] $Ratio, [double] $Limit, [string] $Figures) {
    [pscustomobject]@{ What = $What; Goal = $Goal; Reached = $Ratio -le $Limit ? 'yes' : 'no'; Measured = $Figures }
}

# A row whose figure is the ratio of two times.
function Get-TimeRow([string] $What, [string] $Goal, [string] $Measured, [string] $Other, [double] $Limit) {
    $ratio = $m[$Measured] / $m[$Other]
    Get-Row $What ($Goal -f $Limit) $ratio $Limit "$(Format-Ratio $ratio) ($(Format-Time $m[$Measured]) to $(Format-Time $m[$Other]))"
}

function Format-Ratio([double] $Value) { $Value.ToString('0.00', [cultureinfo]::InvariantCulture) + 'x' }
function Format-Time([double] $Milliseconds) { [Math]::Round($Milliseconds).ToString([cultureinfo]::InvariantCulture) + ' ms' }

try {
    Write-Step 'making the streams'
    $stream = Join-Path $work 'stream.jsonl'
    $short = Join-Path $work 'short.jsonl'
    $large = Join-Path $work 'large.jsonl'
    $long = Join-Path $work 'long.jsonl'
    $transcript = Join-Path $work 'transcript.ndjson'
    $recorded = Join-Path $work 'recorded.ndjson'
    $report = Join-Path $work 'report.html'
    dotnet $program stream $stream $Messages $Seed
    dotnet $program stream $short 9998 $Seed
    $env:AMP_BENCH_STREAM = $short
    $null = Invoke-Session Recorded @{ Transcript = $recorded }
    dotnet $program stream $short 2 $Seed
    dotnet $program longline $long (63MB)
    $size = (Get-Item $stream).Length
    $largeMessages = [int] ($Messages * (1GB / $size))
    dotnet $program stream $large $largeMessages $Seed

    for ($round = 1; $round -le $Rounds; $round++) {
        Write-Step "round $round of $Rounds"
        $env:AMP_BENCH_STREAM = $stream
        Add-Reading 'pipe' (Measure-Process node $cli)
        Add-Warmth 'pipeline' (Invoke-Session Pipeline @{ Times = $times })
        foreach ($kind in 'count', 'read') {
            Add-Warmth "typescript $kind" (Measure-Reader 'The TypeScript SDK' node @($peer, $kind, $times))
            Add-Warmth "sdk $kind" (Measure-Reader Amp.Sdk dotnet @($program, 'consume', $kind, $cli, $times))
            Add-Warmth "module $kind" (Invoke-Session $kind @{ Times = $times })
        }

        Add-Warmth 'json' (Invoke-Session ConvertFromJson @{ Times = 4 })
        Add-Warmth 'module statement' (Invoke-Session Statement @{ Times = 6 })
        Add-Warmth 'typescript keep' (Measure-Reader 'The TypeScript SDK' node @($peer, 'keep', 6))
        Add-Warmth 'module recorded' (Invoke-Session Recorded @{ Times = $times; Transcript = $transcript })
        Add-Warmth 'module imported' (Invoke-Session Imported @{ Times = $times; Transcript = $transcript })
        Remove-Item -LiteralPath $transcript
        Add-Warmth 'transcript' (Invoke-Session ReadTranscript @{ Times = $times; Transcript = $recorded })
        Add-Warmth 'report' (Invoke-Session Report @{ Times = $times; Transcript = $recorded; Report = $report })
        $loops = @(1..[Environment]::ProcessorCount | ForEach-Object { Start-Process node -ArgumentList '-e', 'for(;;);' -PassThru })
        try {
            Add-Warmth 'busy typescript' (Measure-Reader 'The TypeScript SDK' node @($peer, 'count', 8))
            Add-Warmth 'busy module' (Invoke-Session Count @{ Times = 8 })
        }
        finally {
            $loops | Stop-Process
        }

        Add-Reading 'import' (Invoke-Session Import)
        Add-Reading 'import empty' (Invoke-Session ImportEmpty @{ Module = $empty })
        Add-Reading 'import one view' (Invoke-Session ImportEmpty @{ Module = $oneView })
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
    # Each process gives one figure, of its second time: a later one would be of more compiled code where there is one run a time.
    foreach ($round in 1..$Rounds) {
        foreach ($width in 1, 8, 64) {
            $parallel = Invoke-Session Parallel @{ Width = $width }
            Add-Reading "parallel $width" $parallel[0]
            Add-Reading "parallel cpu $width" $parallel[1]
        }

        foreach ($width in 1, 64) {
            $fleet = Invoke-Session Fleet @{ Width = $width }
            Add-Reading "fleet $width" $fleet[0]
            Add-Reading "fleet cpu $width" $fleet[1]
        }
    }

    dotnet $program stream $short 2 $Seed
    foreach ($prompts in 10, 1000) {
        Add-Reading "queue $prompts" (Invoke-Session Queue @{ Prompts = $prompts })
    }

    $m = @{}
    foreach ($name in $readings.Keys) { $m[$name] = Get-Quantile $name }
    $rows = @(
        Get-TimeRow 'all messages through `Invoke-AmpAgent \| ForEach-Object { $n++ }`' '{0:0.##}x the TypeScript SDK' 'module count' 'typescript count' 0.5
        Get-TimeRow 'the same' '{0:0.##}x `ConvertFrom-Json`' 'module count' 'json' 0.2
        Get-TimeRow 'the same, each for the first time' '' 'module count cold' 'typescript count cold' 0
        Get-TimeRow 'reading every text, tool input and tool result' '{0:0.##}x the TypeScript SDK' 'module read' 'typescript read' 1
        Get-TimeRow 'the second to the sixth run of a session, all messages counted' '{0:0.##}x those of the TypeScript SDK' 'module count early' 'typescript count early' 0.5
        Get-TimeRow 'the same, everything read' '{0:0.##}x those of the TypeScript SDK' 'module read early' 'typescript read early' 1
        Get-TimeRow 'the same, everything read in a `foreach` statement, which first collects all messages' '{0:0.##}x those of the TypeScript SDK' 'module statement early' 'typescript read early' 1
        Get-TimeRow 'the same, to the TypeScript SDK when it also collects all messages first' '' 'module statement early' 'typescript keep early' 0
        Get-TimeRow 'all messages counted while as many busy loops run as there are cores' '{0:0.##}x the TypeScript SDK' 'busy module early' 'busy typescript early' 0.6
        Get-TimeRow 'all messages counted and recorded (`-TranscriptPath`)' '{0:0.##}x not recorded' 'module recorded' 'module count' 1.1
        Get-TimeRow 'all messages of the transcript through `Import-AmpTranscript`' '{0:0.##}x the TypeScript SDK' 'module imported' 'typescript count' 0.5
        Get-TimeRow 'a report of 10,000 messages of a transcript' '{0:0.##}x reading them' 'report' 'transcript' 2
        Get-TimeRow 'the same, each for the first time' '{0:0.##}x reading them' 'report cold' 'transcript cold' 2
        Get-TimeRow 'the first run of a session' '{0:0.##}x a later one' 'module count cold' 'module count' 1.5
        Get-TimeRow 'for comparison: the first pipeline of 100,002 integers' '' 'pipeline cold' 'pipeline' 0
        Get-TimeRow '`Import-Module Amp`' '{0:0.##}x an empty binary module' 'import' 'import empty' 1.5
        Get-TimeRow 'for comparison: the empty module with one view and one alias' '' 'import one view' 'import empty' 0
        Get-Row 'first `Invoke-AmpAgent` over the CLI by itself' '150 ms' ($m['short first'] - $m['cli']) 150 (Format-Time ($m['short first'] - $m['cli']))
        Get-Row 'later ones over the CLI by itself' '10 ms' ($m['short'] - $m['cli']) 10 (Format-Time ($m['short'] - $m['cli']))
        Get-Row 'a line to the object at the next cmdlet, median' '1 ms' $m['latency'] 1 ('{0:0.00} ms' -f $m['latency'])
        Get-Row 'the same, 99th percentile' '5 ms' (Get-Quantile latency 0.99) 5 ('{0:0.00} ms' -f (Get-Quantile latency 0.99))
        Get-Row 'working set above the start while 1 GB streams through' '60 MB' $m['memory'] 60 ('{0:0} MB' -f $m['memory'])
        Get-Row 'the same for one line of 63 MB' '' 0 1 ('{0:0} MB' -f $m['long line'])
        Get-Row '64 runs at once, CPU time a run' '1.2x one alone' ($m['parallel cpu 64'] / $m['parallel cpu 1']) 1.2 "$(Format-Ratio ($m['parallel cpu 64'] / $m['parallel cpu 1'])) (1: $(Format-Time $m['parallel cpu 1']), 8: $(Format-Time $m['parallel cpu 8']), 64: $(Format-Time $m['parallel cpu 64']))"
        Get-Row '64 runs at once, time a run' '' 0 1 "1: $(Format-Time $m['parallel 1']), 8: $(Format-Time ($m['parallel 8'] / 8)), 64: $(Format-Time ($m['parallel 64'] / 64))"
        Get-Row '64 runs of one call (`-ThrottleLimit 64`), CPU time a run' '1.1x one alone' ($m['fleet cpu 64'] / $m['fleet cpu 1']) 1.1 "$(Format-Ratio ($m['fleet cpu 64'] / $m['fleet cpu 1'])) (1: $(Format-Time $m['fleet cpu 1']), 64: $(Format-Time $m['fleet cpu 64']))"
        Get-Row 'the same, to `ForEach-Object -Parallel`' '1x' ($m['fleet cpu 64'] / $m['parallel cpu 64']) 1 "$(Format-Ratio ($m['fleet cpu 64'] / $m['parallel cpu 64'])) of its CPU time, $(Format-Ratio ($m['fleet 64'] / $m['parallel 64'])) of its time"
        Get-Row 'memory of 1,000 piped prompts over that of 10, four at a time' '20 MB' ($m['queue 1000'] - $m['queue 10']) 20 ('{0:0.0} MB' -f ($m['queue 1000'] - $m['queue 10']))
        Get-TimeRow '`Amp.Sdk` alone, `await foreach`' '{0:0.##}x the TypeScript SDK' 'sdk count' 'typescript count' 0.35
        Get-TimeRow 'the same, each for the first time' '' 'sdk count cold' 'typescript count cold' 0
        Get-TimeRow 'the same, reading everything' '' 'sdk read' 'typescript read' 0
        Get-TimeRow 'for comparison: the pipe itself' '' 'pipe' 'typescript count' 0
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
