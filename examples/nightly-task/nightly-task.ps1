#Requires -Version 7.4
#Requires -Modules Amp

<#
.SYNOPSIS
    Runs the agent unattended: a report, a log, a limit on time, and an exit code that tells the truth.
.DESCRIPTION
    The agent may read and search in the folder, and nothing else, unless -Permission says more. The report is a Markdown file of the day,
    which is there whole or not at all. Each run adds one line of JSON to the log, whatever became of it.

    Exit codes:

    0  the report is written
    1  the agent failed, was not allowed something, or gave no whole answer; what it said is in the report
    2  the time was over
    3  nothing was started: no CLI, no key, no service, or an option that cannot be used

    amp-nightly.service and amp-nightly.timer beside this file run it every night with systemd; README.md has the same for Task Scheduler.
.PARAMETER Prompt
    What to do.
.PARAMETER WorkingDirectory
    The folder that the agent looks at.
.PARAMETER ReportFolder
    Where reports and the log go; it is made if it is not there.
.PARAMETER Name
    What the report's file is called before the date.
.PARAMETER Permission
    Rules for tools.
.PARAMETER TimeoutSec
    How many seconds the run may take.
.PARAMETER IdleTimeoutSec
    How many seconds the agent may be silent.
.PARAMETER ApiKey
    The access token, from a vault for instance; without it, that in the variable AMP_API_KEY.
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

# Nobody reads progress bars in a task, and nobody answers questions.
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
