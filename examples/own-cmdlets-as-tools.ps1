#Requires -Version 7.4
#Requires -Modules Amp

<#
.SYNOPSIS
    Runs the agent with functions of this script as its tools, for a list of tickets.
.DESCRIPTION
    The agent gets two functions as tools, and no others: no shell, no files, no web. It gets their parameters from their declarations,
    and an error if a value is not valid. Set-Ticket supports -WhatIf, so it changes tickets only with -Apply.

    Exit codes: 0 the agent answered, 1 the run failed, or the answer is empty or incomplete.
.PARAMETER Path
    A CSV file with the columns Id, Title, State, Owner; examples/tickets.csv is one.
.PARAMETER Prompt
    The task of the agent.
.PARAMETER Apply
    Allows the agent to change tickets. Without it, the agent gets the result of -WhatIf.
.PARAMETER TimeoutSec
    The time limit in seconds; 0 means no limit.
.EXAMPLE
    ./own-cmdlets-as-tools.ps1 ./tickets.csv
.EXAMPLE
    ./own-cmdlets-as-tools.ps1 ./tickets.csv 'Close what is a duplicate' -Apply
#>
[CmdletBinding()]
[OutputType([string])]
param(
    [Parameter(Mandatory, Position = 0)]
    [string] $Path,

    [Parameter(Position = 1)]
    [string] $Prompt = 'Which tickets are about the same thing? Close all but the oldest of them.',

    [switch] $Apply,

    [ValidateRange(0, 86400)]
    [int] $TimeoutSec = 300
)

$file = (Resolve-Path -LiteralPath $Path).ProviderPath

function Get-Ticket {
    <#
    .SYNOPSIS
    Gets tickets: all of them, or those of a state or an owner.
    #>
    [CmdletBinding()]
    param(
        [ValidateSet('new', 'open', 'closed')] [string] $State,
        [string] $Owner
    )

    Import-Csv -LiteralPath $file |
        Where-Object { (-not $State -or $_.State -eq $State) -and (-not $Owner -or $_.Owner -eq $Owner) }
}

function Set-Ticket {
    <#
    .SYNOPSIS
    Changes the state of a ticket.
    .PARAMETER Id
    The ticket's number.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)] [int] $Id,
        [Parameter(Mandatory)] [ValidateSet('new', 'open', 'closed')] [string] $State
    )

    $tickets = @(Import-Csv -LiteralPath $file)
    $ticket = $tickets | Where-Object Id -EQ $Id
    if (-not $ticket) {
        throw "There is no ticket $Id."
    }

    if ($PSCmdlet.ShouldProcess("ticket $Id, $($ticket.Title)", "Set to $State")) {
        $ticket.State = $State
        $tickets | Export-Csv -LiteralPath $file
        "Ticket $Id is $State."
    }
}

$rules = @(
    New-AmpPermission mcp__ps__Get_Ticket, mcp__ps__Set_Ticket Allow
    New-AmpPermission * Reject
)
try {
    $result = Invoke-AmpAgent $Prompt -Tool Get-Ticket, Set-Ticket -AllowToolChange:$Apply -Permission $rules -TimeoutSec $TimeoutSec -ResultOnly -ErrorAction Stop
}
catch {
    Write-Error "The agent did not answer: $_" -ErrorAction Continue
    exit 1
}

if ($result.Outcome -notin 'Succeeded', 'Denied') {
    Write-Error "The answer is not complete: $($result.Outcome)." -ErrorAction Continue
    exit 1
}

$result.Result
exit 0
