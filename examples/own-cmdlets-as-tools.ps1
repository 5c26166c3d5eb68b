#Requires -Version 7.4
#Requires -Modules Amp

<#
.SYNOPSIS
    Lets the agent work through commands of this script, here on a list of tickets.
.DESCRIPTION
    The agent gets two functions as tools, and no others: no shell, no files, no web. It sees their parameters as their declarations say
    them, and is told an error when it gives what they do not take. Set-Ticket supports -WhatIf, so it changes nothing until -Apply is given.

    Exit codes: 0 the agent answered, 1 it did not.
.PARAMETER Path
    A CSV file with the columns Id, Title, State, Owner; examples/tickets.csv is one.
.PARAMETER Prompt
    What to do.
.PARAMETER Apply
    Lets the agent change tickets. Without it, it is told what would have happened.
.PARAMETER TimeoutSec
    How many seconds it may take.
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

$result.Result
exit 0
