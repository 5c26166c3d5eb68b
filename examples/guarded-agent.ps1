#Requires -Version 7.4
#Requires -Modules Amp

<#
.SYNOPSIS
    Lets the agent work in a folder, and lets only calls through that are known to be safe.
.DESCRIPTION
    An approval script decides about each call, in this session: shell commands that -SafeCommand names from the first to the last
    character, and files that are written inside of the folder, outside of .git and .amp, and through no link. Everything else is
    rejected, and the model is told why, so that it can find another way. Tools that only read and search are not asked about.

    It is a guard against mistakes. A command that builds or tests runs what is in the folder; for work that you do not trust, give the
    agent a machine of its own. The CLI can be made to ask on Linux and macOS only.

    Exit codes: 0 the agent did its work, 1 it did not, or, with -FailOnDenial, was not allowed something.
.PARAMETER Prompt
    What to do.
.PARAMETER WorkingDirectory
    The folder that it may work in.
.PARAMETER SafeCommand
    Regular expressions of commands that it may run; each stands for a whole command.
.PARAMETER AuditPath
    A CSV file to which each decision is added.
.PARAMETER TimeoutSec
    How many seconds it may take.
.PARAMETER FailOnDenial
    Ends with 1 when something was not allowed.
.EXAMPLE
    ./guarded-agent.ps1 'Make the tests pass' -WorkingDirectory ./parser -AuditPath ./decisions.csv
.EXAMPLE
    ./guarded-agent.ps1 'Say what changed this week' -SafeCommand 'git log --since=\d+\.days' -FailOnDenial
#>
[CmdletBinding()]
[OutputType('Amp.ResultMessage')]
param(
    [Parameter(Mandatory, Position = 0)]
    [string] $Prompt,

    [string] $WorkingDirectory = '.',

    [string[]] $SafeCommand = @('git (status|log|diff)( --(stat|oneline|name-only))*', 'ls( -[al]+)?', 'dotnet (build|test)', 'npm test'),

    [string] $AuditPath,

    [ValidateRange(0, 86400)]
    [int] $TimeoutSec = 1800,

    [switch] $FailOnDenial
)

$folder = (Resolve-Path -LiteralPath $WorkingDirectory).ProviderPath
$safe = "\A(?:$($SafeCommand -join '|'))\z"
$refusal = "Only these commands may run: $($SafeCommand -join '; ')"

# Why a path may not be written, or nothing where it may.
function Get-PathObjection([string] $Path) {
    $full = [System.IO.Path]::GetFullPath($Path, $folder)
    $inside = [System.IO.Path]::GetRelativePath($folder, $full)
    if ($inside -eq '.' -or $inside -match '^\.\.([/\\]|$)' -or [System.IO.Path]::IsPathRooted($inside)) {
        return "Write inside of $folder only."
    }

    $parts = $inside -split '[/\\]'
    if ($parts[0] -in '.git', '.amp') {
        return "$($parts[0]) is not yours to change."
    }

    $place = $folder
    foreach ($part in $parts) {
        $place = Join-Path $place $part
        $item = Get-Item -LiteralPath $place -Force -ErrorAction Ignore
        if ($item -and $item.LinkType) {
            return "$place is a link."
        }
    }
}

$decide = {
    param($Call)

    switch ($Call.Kind) {
        'Shell' {
            if ($Call.CommandDirectory -and $Call.CommandDirectory -ne $folder) {
                "Run commands in $folder only."
            }
            elseif ($Call.ToolName -notin 'Bash', 'shell_command') {
                "The tool $($Call.ToolName) is not for this work."
            }
            else {
                $Call.Command -cmatch $safe ? $true : $refusal
            }
        }
        'Write' {
            if ($Call.ToolName -notin 'create_file', 'edit_file', 'apply_patch') {
                "The tool $($Call.ToolName) is not for this work."
            }
            elseif (-not $Call.Files) {
                'Name the files.'
            }
            else {
                $objection = $Call.Files | ForEach-Object { Get-PathObjection $_ } | Select-Object -First 1
                $objection ? $objection : $true
            }
        }
        default {
            "The tool $($Call.ToolName) is not for this work."
        }
    }
}

$options = @{
    WorkingDirectory = $folder
    ApprovalScript   = $decide
    TimeoutSec       = $TimeoutSec
    FailOnDenial     = $FailOnDenial
}
Invoke-AmpAgent $Prompt @options -ResultOnly -ErrorVariable failed -ErrorAction Continue | ForEach-Object {
    $_
    if ($AuditPath) {
        $_.Approvals | Select-Object @{ n = 'Time'; e = { $_.AskedAt.ToString('o') } }, ToolName, Input, IsAllowed, Reason |
            Export-Csv -LiteralPath $AuditPath -Append
    }
}
exit ($failed ? 1 : 0)
