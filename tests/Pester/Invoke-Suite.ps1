<#
.SYNOPSIS
    Runs the Pester suite and writes its counts, and what failed, to a file, for build.ps1, which adds them to those of the other suites.
#>
param(
    [Parameter(Mandatory)]
    [string] $PesterPath,

    [Parameter(Mandatory)]
    [string] $ResultFile
)

$ErrorActionPreference = 'Stop'
Import-Module $PesterPath
$configuration = New-PesterConfiguration
$configuration.Run.Path = $PSScriptRoot
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
$result = Invoke-Pester -Configuration $configuration

# A file that does not even load, or a block whose set-up fails, has run no test that could have failed.
$failed = $result.FailedCount + $result.FailedContainersCount + $result.FailedBlocksCount
@{
    Passed  = $result.PassedCount
    Failed  = $failed
    Skipped = $result.SkippedCount + $result.NotRunCount + $result.InconclusiveCount
    Failure = @(@($result.Failed) + $result.FailedBlocks + $result.FailedContainers | ForEach-Object {
            $name = $_.ExpandedPath ?? "$_"
            $errors = $_.ErrorRecord | ForEach-Object { "$_"; $_.ScriptStackTrace -split "`n" -notmatch '[\\/]Pester\.[\w.]*ps' }
            @($name; $errors) -join "`n"
        })
} | ConvertTo-Json | Set-Content $ResultFile
