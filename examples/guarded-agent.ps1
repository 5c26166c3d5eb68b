#Requires -Version 7.4
#Requires -Modules Amp

<#
.SYNOPSIS
    Runs the agent in a folder, and allows only calls that are known to be safe.
.DESCRIPTION
    An approval script decides about each call, in this session. It allows shell commands that match a pattern of -SafeCommand
    completely, and files that are written inside the folder, but not in .git or .amp, and not through a link. Everything else is
    rejected, and the model gets the reason, so that it can find another way. It is not called for tools that only read and search.

    The script protects against mistakes. A command that builds or tests runs the files in the folder: for work that you do not trust,
    use a separate machine. Approvals require Linux or macOS.

    Exit codes: 0 the agent did its work, 1 the run failed, its answer is empty or incomplete or, with -FailOnDenial, a call was denied.
.PARAMETER Prompt
    The task of the agent.
.PARAMETER WorkingDirectory
    The folder in which the agent works.
.PARAMETER SafeCommand
    Regular expressions for allowed commands; each must match a complete command.
.PARAMETER AuditPath
    A CSV file to which each decision is added.
.PARAMETER TimeoutSec
    The time limit in seconds; 0 means no limit.
.PARAMETER FailOnDenial
    Returns exit code 1 if a call was denied.
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

# Returns the reason why a path must not be written, or nothing if it can be written.
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
Invoke-AmpAgent $Prompt @options -ResultOnly -OutVariable result -ErrorVariable failed -ErrorAction Continue | ForEach-Object {
    $_
    if ($AuditPath) {
        $_.Approvals | Select-Object @{ n = 'Time'; e = { $_.AskedAt.ToString('o') } }, ToolName, Input, IsAllowed, Reason |
            Export-Csv -LiteralPath $AuditPath -Append
    }
}
exit ($failed -or $result.Outcome -notin 'Succeeded', 'Denied' ? 1 : 0)
