# What the session has that scripts are let into: some of it is allowed to them, and all else tells when it was reached.

function global:Add-Reached { [Amp.Attack.Gate.Canaries]::Reach('Add-Reached'); 'reached' }

function global:Set-Sample { [Amp.Attack.Gate.Canaries]::Reach('Set-Sample') }

# Known by its pattern only, and it knows -WhatIf.
function global:Update-Sample {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(ValueFromPipeline)] $Value)

    process { [Amp.Attack.Gate.Canaries]::Reach('Update-Sample') }
}

# Allowed by its name: called with -WhatIf, or not at all.
function global:Remove-Sample {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(ValueFromPipeline)] $Value)

    process { if ($PSCmdlet.ShouldProcess("$Value")) { [Amp.Attack.Gate.Canaries]::Reach('Remove-Sample') } }
}

function global:Get-Sample {
    param([Parameter(ValueFromPipeline)] $Value, [switch] $Path, [switch] $Code)

    process {
        if ($Path) { return [string[]] @([System.IO.Path]::Combine($PWD.Path, 'Evil.psm1'), [System.IO.Path]::Combine($PWD.Path, 'Evil.ps1')) }
        if ($Code) { return { Add-Reached } }
        if ($Value -is [scriptblock]) { [Amp.Attack.Gate.Canaries]::Reach('a script block in the session') }
        if ($null -ne $Value) { return $Value }

        [pscustomobject]@{ Name = 'a'; Size = 1; Kind = [System.DayOfWeek]::Monday; When = [datetime]'2026-01-02' }
        [pscustomobject]@{ Name = 'b'; Size = 2; Kind = [System.DayOfWeek]::Friday; When = [datetime]'2026-01-03' }
    }
}
