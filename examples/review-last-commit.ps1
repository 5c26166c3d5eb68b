#Requires -Version 7.4
#Requires -Modules Amp

<#
.SYNOPSIS
    Reviews a commit: findings as objects, and an exit code for a pipeline.
.DESCRIPTION
    The agent gets the commit and adds each finding with a command of this script. So findings are objects with validated properties,
    and the script does not parse text. The agent can read the repository and add findings; everything else is rejected.

    Exit codes: 0 no finding of the severity -FailOn or higher, 1 at least one such finding, 2 the review failed.
.PARAMETER Commit
    The commit, as any revision that Git accepts.
.PARAMETER RepositoryPath
    The folder of the repository.
.PARAMETER FailOn
    The lowest severity that fails the pipeline.
.PARAMETER TimeoutSec
    The time limit in seconds; 0 means no limit.
.EXAMPLE
    ./review-last-commit.ps1 | Format-Table Severity, File, Line, Text
.EXAMPLE
    ./review-last-commit.ps1 main~3 -FailOn medium | Export-Csv ./findings.csv
#>
[CmdletBinding()]
[OutputType([pscustomobject])]
param(
    [Parameter(Position = 0)]
    [string] $Commit = 'HEAD',

    [string] $RepositoryPath = '.',

    [ValidateSet('low', 'medium', 'high')]
    [string] $FailOn = 'high',

    [ValidateRange(0, 86400)]
    [int] $TimeoutSec = 900
)

$PSNativeCommandUseErrorActionPreference = $false
$severities = 'low', 'medium', 'high'
$findings = [System.Collections.Generic.List[pscustomobject]]::new()

$note = New-AmpTool Add-Finding -Description 'Notes one finding of the review.' {
    param(
        [Parameter(Mandatory)] [string] $File,
        [ValidateRange(1, 10000000)] [int] $Line,
        [Parameter(Mandatory)] [ValidateSet('low', 'medium', 'high')] [string] $Severity,
        # What is wrong, and how to fix it.
        [Parameter(Mandatory)] [string] $Text
    )

    $findings.Add([pscustomobject]@{ Severity = $Severity; File = $File; Line = $Line; Text = $Text })
    'Noted.'
}
$rules = @(
    New-AmpPermission mcp__ps__Add_Finding Allow
    New-AmpPermission -ReadOnly
)
$prompt = @'
Review the commit below: mistakes, lost errors, unsafe input, secrets in the code. Look at the files around it where you need to.
Call Add_Finding once for each finding, with the severity high where it must not be merged. Say at the end in one sentence what you think of it.
'@

# Converts the name to an ID first, so that Git cannot read it as an option.
$id = git -C $RepositoryPath rev-parse --verify --quiet --end-of-options "$Commit^{commit}"
if ($LASTEXITCODE -ne 0) {
    Write-Error "There is no commit '$Commit' in '$RepositoryPath'." -ErrorAction Continue
    exit 2
}

try {
    $result = git -C $RepositoryPath show --stat --patch $id |
        Invoke-AmpAgent $prompt -WorkingDirectory $RepositoryPath -Tool $note -Permission $rules -TimeoutSec $TimeoutSec -ResultOnly -ErrorAction Stop
}
catch {
    Write-Error "There is no review of ${id}: $_" -ErrorAction Continue
    exit 2
}

# A truncated run may have missed findings; a run with a denied call did the rest of its work.
if ($result.Outcome -notin 'Succeeded', 'Denied') {
    Write-Error "The review of $id is not whole: $($result.Outcome)." -ErrorAction Continue
    exit 2
}

Write-Verbose $result.Result
$findings
$worst = $findings | ForEach-Object { $severities.IndexOf($_.Severity) } | Measure-Object -Maximum
exit ($worst.Count -gt 0 -and $worst.Maximum -ge $severities.IndexOf($FailOn) ? 1 : 0)
