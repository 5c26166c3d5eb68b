#Requires -Version 7.4
#Requires -Modules Amp

<#
.SYNOPSIS
    Runs the agent unattended, with a report, a log, a time limit and a reliable exit code.
.DESCRIPTION
    The agent can only read and search in the folder, unless you set -Permission. The report is a Markdown file with the date in its name;
    it is written completely or not at all. Each run adds one line of JSON to the log, whatever its outcome.

    Exit codes:

    0  the report is written
    1  the agent failed, a call was denied, or the answer is incomplete; if there is an answer, it is in the report
    2  the run exceeded a time limit
    3  the run could not start: no CLI, no key, no service, or an option that is not valid

    To run the script every night, see README.md in this folder.
.PARAMETER Prompt
    The task of the agent.
.PARAMETER WorkingDirectory
    The folder that the agent reads.
.PARAMETER ReportFolder
    The folder for reports and the log. It is created if it does not exist.
.PARAMETER Name
    The first part of the file name of the report, before the date.
.PARAMETER Permission
    Rules for tools.
.PARAMETER TimeoutSec
    The time limit of the run, in seconds.
.PARAMETER IdleTimeoutSec
    The limit of the time without output, in seconds; 0 means no limit.
.PARAMETER ApiKey
    The access token, for example from a vault. By default, the variable AMP_API_KEY is used.
.EXAMPLE
    pwsh -NoProfile -File ./nightly-task.ps1 -WorkingDirectory ~/site -ReportFolder ~/reports
.EXAMPLE
    ./nightly-task.ps1 'Which dependencies have known faults?' -WorkingDirectory ~/site -ReportFolder ~/reports -ApiKey (Get-Secret amp)
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [string] $Prompt = 'Look through this folder as its administrator would: what is broken, out of date or about to fail? A short list, the worst first.',

    [Parameter(Mandatory)]
    [string] $WorkingDirectory,

    [Parameter(Mandatory)]
    [string] $ReportFolder,

    [ValidatePattern('^[\w-]+$')]
    [string] $Name = 'nightly',

    [object[]] $Permission = (New-AmpPermission -ReadOnly),

    [ValidateRange(1, 86400)]
    [int] $TimeoutSec = 3600,

    [ValidateRange(0, 86400)]
    [int] $IdleTimeoutSec = 600,

    [securestring] $ApiKey
)

# A scheduled task has no console for progress bars and prompts.
$ProgressPreference = 'SilentlyContinue'
$ConfirmPreference = 'None'
$started = [datetimeoffset]::Now
$options = @{
    WorkingDirectory = $WorkingDirectory
    Permission       = $Permission
    TimeoutSec       = $TimeoutSec
    IdleTimeoutSec   = $IdleTimeoutSec
    Label            = $Name
}
if ($ApiKey) {
    $options['ApiKey'] = $ApiKey
}

$result = $null
$failure = $null
try {
    $null = New-Item -ItemType Directory -Path $ReportFolder -Force -ErrorAction Stop
    $result = Invoke-AmpAgent $Prompt @options -ResultOnly -FailOnDenial -ErrorAction Stop
    $exitCode = $result.Outcome -eq 'Succeeded' ? 0 : 1
}
catch {
    $failure = $_
    $exitCode = switch (($failure.FullyQualifiedErrorId -split ',')[0]) {
        { $_ -in 'Timeout', 'IdleTimeout' } { 2 }
        { $_ -in 'CliNotFound', 'NotAuthenticated', 'ServiceUnreachable', 'InvalidOption', 'UnsupportedByCli' } { 3 }
        default { 1 }
    }
    if ($failure.Exception -is [Amp.AmpAgentException]) {
        $result = $failure.Exception.Result
    }

    Write-Error "$($failure.FullyQualifiedErrorId): $failure $($failure.ErrorDetails.RecommendedAction)" -ErrorAction Continue
}

$threadId = $result ? $result.ThreadId : $failure.Exception.ThreadId
if ($result) {
    $lines = @(
        "# $Name, $($started.ToString('yyyy-MM-dd'))"
        ''
        $result.Result ? $result.Result : '(no answer)'
        ''
        "Outcome: $($result.Outcome) after $([int] $result.Duration.TotalSeconds) s. Thread: $threadId"
        $result.Denials | ForEach-Object { "Not allowed: $($_.Tool)" }
    )
    $report = Join-Path $ReportFolder "$Name-$($started.ToString('yyyy-MM-dd')).md"
    Set-Content -LiteralPath "$report.part" -Value $lines
    Move-Item -LiteralPath "$report.part" -Destination $report -Force
}

[ordered]@{
    time     = $started.ToString('o')
    exitCode = $exitCode
    outcome  = $result ? "$($result.Outcome)" : $null
    errorId  = $failure ? ($failure.FullyQualifiedErrorId -split ',')[0] : $null
    threadId = $threadId
    seconds  = [math]::Round(([datetimeoffset]::Now - $started).TotalSeconds, 1)
    tokens   = $result ? $result.Usage.InputTokens + $result.Usage.OutputTokens : $null
} | ConvertTo-Json -Compress | Add-Content -LiteralPath (Join-Path $ReportFolder "$Name.log")
exit $exitCode
