#Requires -Version 7.4

<#
.SYNOPSIS
    One PowerShell session of the bench: does what a case asks for and writes its figures as one line of JSON.
.DESCRIPTION
    Measure.ps1 starts this in a process of its own for each reading, so that the cases do not warm each other up.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [ValidateSet('Pipeline', 'ConvertFromJson', 'Count', 'Read', 'Statement', 'Retained', 'Recorded', 'Imported', 'ReadTranscript', 'Report', 'Import', 'ImportEmpty', 'Short', 'Latency', 'Memory', 'Parallel', 'Fleet', 'Queue')]
    [string] $Case,

    [string] $Module,
    [string] $Cli,

    # How often the measured thing is done; the first time is cold.
    [int] $Times = 1,
    [int] $Width = 1,

    # How many prompts are piped in.
    [int] $Prompts = 1,

    # The transcript that is written or read.
    [string] $Transcript,

    # The report that is written.
    [string] $Report
)

$ErrorActionPreference = 'Stop'
$env:AMP_CLI_PATH = $Cli

function Measure-Once([scriptblock] $Work) {
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $null = & $Work
    $watch.Elapsed.TotalMilliseconds
}

if ($Case -notin 'Pipeline', 'ConvertFromJson', 'Import', 'ImportEmpty') {
    Import-Module $Module
    $null = Get-AmpCli
}

$figures = switch ($Case) {
    'Pipeline' {
        1..$Times | ForEach-Object { Measure-Once { $n = 0; 1..100002 | ForEach-Object { $n++ } } }
    }
    'ConvertFromJson' {
        1..$Times | ForEach-Object { Measure-Once { $n = 0; '' | node $Cli | ConvertFrom-Json | ForEach-Object { $n++ } } }
    }
    'Count' {
        1..$Times | ForEach-Object { Measure-Once { $n = 0; Invoke-AmpAgent go | ForEach-Object { $n++ } } }
    }
    'Read' {
        1..$Times | ForEach-Object {
            Measure-Once {
                # Not by a foreach statement, which would collect all messages before it looks at the first.
                $n = 0
                Invoke-AmpAgent go | ForEach-Object {
                    switch ($_.Type) {
                        'assistant' { $n += $_.Text.Length; foreach ($use in $_.ToolUse) { $n += $use.Input.Count } }
                        'user' { foreach ($block in $_.Content) { $n += $block.Content.Length } }
                    }
                }
            }
        }
    }
    'Statement' {
        1..$Times | ForEach-Object {
            Measure-Once {
                $n = 0
                foreach ($message in Invoke-AmpAgent go) {
                    switch ($message.Type) {
                        'assistant' { $n += $message.Text.Length; foreach ($use in $message.ToolUse) { $n += $use.Input.Count } }
                        'user' { foreach ($block in $message.Content) { $n += $block.Content.Length } }
                    }
                }
            }
        }
    }
    'Retained' {
        # Bytes a message: allocated and retained by the collected run, then after all of it was read.
        Invoke-AmpAgent go | ForEach-Object { $n++ }
        $first = [GC]::GetTotalMemory($true)
        $allocated = [GC]::GetTotalAllocatedBytes($true)
        $all = Invoke-AmpAgent go
        ([GC]::GetTotalAllocatedBytes($true) - $allocated) / $all.Count
        ([GC]::GetTotalMemory($true) - $first) / $all.Count
        $allocated = [GC]::GetTotalAllocatedBytes($true)
        foreach ($message in $all) {
            switch ($message.Type) {
                'assistant' { $n += $message.Text.Length; foreach ($use in $message.ToolUse) { $n += $use.Input.Count } }
                'user' { foreach ($block in $message.Content) { $n += $block.Content.Length } }
            }
        }
        ([GC]::GetTotalAllocatedBytes($true) - $allocated) / $all.Count
        ([GC]::GetTotalMemory($true) - $first) / $all.Count
        $null = $all[0]
    }
    'Recorded' {
        1..$Times | ForEach-Object {
            Remove-Item -LiteralPath $Transcript -ErrorAction Ignore
            Measure-Once { $n = 0; Invoke-AmpAgent go -TranscriptPath $Transcript | ForEach-Object { $n++ } }
        }
    }
    'Imported' {
        1..$Times | ForEach-Object { Measure-Once { $n = 0; Import-AmpTranscript -Path $Transcript | ForEach-Object { $n++ } } }
    }
    'ReadTranscript' {
        1..$Times | ForEach-Object {
            Measure-Once {
                $n = 0
                Import-AmpTranscript -Path $Transcript | ForEach-Object {
                    switch ($_.Type) {
                        'assistant' { $n += $_.Text.Length; foreach ($use in $_.ToolUse) { $n += $use.Input.Count } }
                        'user' { foreach ($block in $_.Content) { $n += $block.Content.Length } }
                    }
                }
            }
        }
    }
    'Report' {
        $files = @{ LiteralPath = $Report; TranscriptPath = $Transcript }
        1..$Times | ForEach-Object { Measure-Once { Export-AmpReport @files } }
    }
    { $_ -in 'Import', 'ImportEmpty' } { Measure-Once { Import-Module $Module } }

    # What a run takes that hardly has anything to read, and the CLI by itself.
    'Short' {
        1..$Times | ForEach-Object { Measure-Once { Invoke-AmpAgent go } }
    }
    'Latency' {
        $perMillisecond = [System.Diagnostics.Stopwatch]::Frequency / 1000
        Invoke-AmpAgent go | ForEach-Object {
            if ($_.AdditionalProperties -and $_.AdditionalProperties['sent']) {
                ([System.Diagnostics.Stopwatch]::GetTimestamp() / $perMillisecond) - ([double] $_.AdditionalProperties['sent'] / 1e6)
            }
        }
    }
    'Memory' {
        [GC]::Collect()
        $process = [System.Diagnostics.Process]::GetCurrentProcess()
        $before = $process.WorkingSet64
        $peak = $before
        $n = 0
        Invoke-AmpAgent go | ForEach-Object {
            if (($n++ % 1000) -eq 0) {
                $process.Refresh()
                $peak = [Math]::Max($peak, $process.WorkingSet64)
            }
        }

        $process.Refresh()
        ([Math]::Max($peak, $process.WorkingSet64) - $before) / 1MB
    }
    { $_ -in 'Parallel', 'Fleet' } {
        # Figures: milliseconds in all, and milliseconds of this process's CPU time a run.
        $process = [System.Diagnostics.Process]::GetCurrentProcess()
        $work = $Case -eq 'Fleet' ? {
            $n = 0
            1..$Width | ForEach-Object { 'go' } | Invoke-AmpAgent -ThrottleLimit $Width -WarningAction Ignore | ForEach-Object { $n++ }
        } : {
            1..$Width | ForEach-Object -ThrottleLimit $Width -Parallel {
                Import-Module $using:Module
                $n = 0
                Invoke-AmpAgent go | ForEach-Object { $n++ }
            }
        }
        & $work | Out-Null
        $process.Refresh()
        $cpu = $process.TotalProcessorTime.TotalMilliseconds
        $wall = Measure-Once $work
        $process.Refresh()
        $wall
        ($process.TotalProcessorTime.TotalMilliseconds - $cpu) / $Width
    }
    'Queue' {
        # What is held while the prompts are worked through, of a kilobyte each: the most after a collection that any fourth run sees.
        $null = 'go' | Invoke-AmpAgent
        $peak = 0
        $n = 0
        1..$Prompts | ForEach-Object { 'x' * 1024 } | Invoke-AmpAgent -ThrottleLimit 4 -ResultOnly -WarningAction Ignore | ForEach-Object {
            if ($n++ % 4 -eq 0) { $peak = [Math]::Max($peak, [GC]::GetTotalMemory($true)) }
        }
        $peak / 1MB
    }
}

@{ figures = @($figures); peakMegabytes = [System.Diagnostics.Process]::GetCurrentProcess().PeakWorkingSet64 / 1MB } | ConvertTo-Json -Compress
