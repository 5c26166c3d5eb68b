#Requires -Version 7.4
#Requires -Modules Amp

<#
.SYNOPSIS
    Triages piped events: one row for each kind of event, with its cause and the recommended action.
.DESCRIPTION
    The script counts events by source and ID, and asks the agent once about each kind. So the numbers are those of the log, whatever
    the model answers, and ten thousand events cost no more than their kinds. If the agent does not mention a kind, its row has
    the priority 'unknown'. The only tool of the agent is the one that reports its verdict.

    Exit codes: 0 nothing is urgent, 1 something is urgent, 2 the triage failed, or the agent did not mention every kind and nothing that
    it mentioned is urgent.
.PARAMETER InputObject
    Events with TimeCreated, ProviderName, Id and Message, such as those of Get-WinEvent. Convert other events with Select-Object.
.PARAMETER TimeoutSec
    The time limit in seconds; 0 means no limit.
.EXAMPLE
    Get-WinEvent -FilterHashtable @{ LogName = 'System'; Level = 1, 2; StartTime = [datetime]::Today.AddDays(-1) } |
        ./event-log-triage.ps1 | Format-Table Priority, Count, Source, Cause, Action -Wrap
.EXAMPLE
    journalctl --since yesterday --priority err --output json | ConvertFrom-Json |
        Select-Object @{ n = 'TimeCreated'; e = { [datetime]::UnixEpoch.AddMicroseconds([long] $_.__REALTIME_TIMESTAMP) } },
            @{ n = 'ProviderName'; e = 'SYSLOG_IDENTIFIER' }, @{ n = 'Id'; e = 'PRIORITY' }, @{ n = 'Message'; e = 'MESSAGE' } |
        ./event-log-triage.ps1
#>
[CmdletBinding()]
[OutputType([pscustomobject])]
param(
    [Parameter(Mandatory, ValueFromPipeline)]
    [psobject] $InputObject,

    [ValidateRange(0, 86400)]
    [int] $TimeoutSec = 300
)

begin {
    $kinds = [ordered]@{}
}
process {
    $name = "$($InputObject.ProviderName)/$($InputObject.Id)"
    if (-not $kinds.Contains($name)) {
        $text = "$($InputObject.Message)"
        $kinds[$name] = [pscustomobject]@{
            Number   = $kinds.Count + 1
            Priority = 'unknown'
            Count    = 0
            Source   = $InputObject.ProviderName
            Id       = $InputObject.Id
            First    = $InputObject.TimeCreated
            Last     = $InputObject.TimeCreated
            Cause    = $null
            Action   = $null
            Message  = $text.Length -gt 500 ? $text.Substring(0, 500) : $text
        }
    }

    $kind = $kinds[$name]
    $kind.Count++
    if ($InputObject.TimeCreated -lt $kind.First) { $kind.First = $InputObject.TimeCreated }
    if ($InputObject.TimeCreated -gt $kind.Last) { $kind.Last = $InputObject.TimeCreated }
}
end {
    if ($kinds.Count -eq 0) {
        exit 0
    }

    $verdict = New-AmpTool Set-Triage -Description 'Gives the verdict about one kind of event.' {
        param(
            # The Number of the kind.
            [Parameter(Mandatory)] [int] $Number,
            [Parameter(Mandatory)] [ValidateSet('now', 'today', 'later', 'ignore')] [string] $Priority,
            [Parameter(Mandatory)] [string] $Cause,
            [Parameter(Mandatory)] [string] $Action
        )

        $kind = $kinds.Values | Where-Object Number -EQ $Number
        if (-not $kind) {
            throw "There is no kind with the number $Number."
        }

        $kind.Priority = $Priority
        $kind.Cause = $Cause
        $kind.Action = $Action
        'Noted.'
    }
    $rules = @(
        New-AmpPermission mcp__ps__Set_Triage Allow
        New-AmpPermission * Reject
    )
    $prompt = 'These are the kinds of events of a log, with how often they came. Call Set_Triage once for each: how urgent it is, ' +
        'the likeliest cause, and what an administrator does about it, in a few words each.'
    try {
        $null = $kinds.Values | Select-Object Number, Count, Source, Id, First, Last, Message |
            Invoke-AmpAgent $prompt -Tool $verdict -Permission $rules -TimeoutSec $TimeoutSec -ResultOnly -ErrorAction Stop
    }
    catch {
        Write-Error "There is no triage: $_" -ErrorAction Continue
        exit 2
    }

    $order = 'now', 'unknown', 'today', 'later', 'ignore'
    $kinds.Values | Sort-Object { $order.IndexOf($_.Priority) }, @{ Expression = 'Count'; Descending = $true } |
        Select-Object -ExcludeProperty Number
    exit ($kinds.Values.Priority -contains 'now' ? 1 : $kinds.Values.Priority -contains 'unknown' ? 2 : 0)
}
