<#
.SYNOPSIS
    Runs Pester files from a queue until it is empty, and writes the counts of each, and what failed, to a file of its own.
.DESCRIPTION
    build.ps1 starts several of these side by side and adds their results to those of the other suites. The queue is a folder with an empty
    file for each test file, named in the order in which they are to run. Whoever moves one away runs it.
#>
param(
    [Parameter(Mandatory)]
    [string] $PesterPath,

    [Parameter(Mandatory)]
    [string] $QueueFolder,

    [Parameter(Mandatory)]
    [string] $ResultFolder
)

$ErrorActionPreference = 'Stop'
Import-Module $PesterPath

# The name of the next test file; nothing when the queue is empty.
function Get-NextFile([string] $Folder) {
    foreach ($entry in [System.IO.Directory]::GetFiles($Folder) | Sort-Object) {
        $name = [System.IO.Path]::GetFileName($entry) -replace '^\d+-'
        try {
            [System.IO.File]::Move($entry, (Join-Path $ResultFolder "$name.started"))
            return $name
        } catch [System.IO.FileNotFoundException] {
            # Another process was faster.
            continue
        }
    }
}

function Get-FailureText([object] $Failed) {
    $name = $Failed.ExpandedPath ?? "$Failed"
    $errors = $Failed.ErrorRecord | ForEach-Object { "$_"; $_.ScriptStackTrace -split "`n" -notmatch '[\\/]Pester\.[\w.]*ps' }
    @($name; $errors) -join "`n"
}

while (($name = Get-NextFile $QueueFolder)) {
    $configuration = New-PesterConfiguration
    $configuration.Run.Path = Join-Path $PSScriptRoot $name
    $configuration.Run.PassThru = $true
    $configuration.Output.Verbosity = 'None'
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $result = Invoke-Pester -Configuration $configuration
    $seconds = [Math]::Round($watch.Elapsed.TotalSeconds, 1)

    # A file that does not even load, or a block whose set-up fails, has run no test that could have failed.
    $summary = [ordered]@{
        Passed  = $result.PassedCount
        Failed  = $result.FailedCount + $result.FailedContainersCount + $result.FailedBlocksCount
        Skipped = $result.SkippedCount + $result.NotRunCount + $result.InconclusiveCount
        Seconds = $seconds
        Failure = @(@($result.Failed) + $result.FailedBlocks + $result.FailedContainers | Where-Object { $_ } | ForEach-Object {
                "${name}: $(Get-FailureText $_)"
            })
    }
    $summary | ConvertTo-Json | Set-Content (Join-Path $ResultFolder "$name.json")
    '{0} {1}: {2} passed, {3} failed, {4} skipped, {5} s' -f ($summary.Failed ? '[-]' : '[+]'), $name, $summary.Passed, $summary.Failed, $summary.Skipped, $seconds
    $summary.Failure | ForEach-Object { $_ -replace '(?m)^(?=.)', '    ' }
}
