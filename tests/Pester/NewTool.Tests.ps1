#Requires -Version 7.4

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
}

Describe 'New-AmpTool' {
    It 'says in JSON Schema what a command takes' {
        function Get-Sample {
            <#
            .SYNOPSIS
            Gets a sample.
            .PARAMETER Name
            Which
            one.
            #>
            [CmdletBinding()]
            param(
                [Parameter(Mandatory)] [string] $Name,
                [ValidateRange(1, 5)] [int] $Count,
                [ValidateSet('red', 'green')] [string[]] $Color,
                [System.DayOfWeek] $Day,
                [switch] $Force,
                [hashtable] $Filter,
                [datetime] $Since,
                [Nullable[double]] $Factor,
                [ValidateLength(2, 4)] [ValidatePattern('^x')] [string] $Code,
                [ValidateCount(1, 3)] [long[]] $Id,
                [Parameter(HelpMessage = 'Anything.')] [object] $Any,
                [securestring] $Secret,
                [scriptblock] $Script,
                [Parameter(DontShow)] [int] $Hidden
            )

            "$Name$Count$Color$Day$Force$Filter$Since$Factor$Code$Id$Any$Secret$Script$Hidden"
        }

        $tool = New-AmpTool -Command Get-Sample
        $tool.Name | Should -Be 'Get-Sample'
        $tool.Description | Should -Be 'Gets a sample.'
        $schema = $tool.InputSchema | ConvertFrom-Json -AsHashtable
        $schema.type | Should -Be 'object'
        $schema.required | Should -Be 'Name'
        $schema.additionalProperties | Should -BeFalse
        $properties = $schema.properties
        $properties.Keys | Sort-Object | Should -Be 'Any', 'Code', 'Color', 'Count', 'Day', 'Factor', 'Filter', 'Force', 'Id', 'Name', 'Since'
        $properties.Name | ConvertTo-Json -Compress | Should -Be '{"type":"string","description":"Which one."}'
        $properties.Count.minimum, $properties.Count.maximum, $properties.Count.type | Should -Be 1, 5, 'integer'
        $properties.Color.type | Should -Be 'array'
        $properties.Color.items.enum | Should -Be 'red', 'green'
        $properties.Day.enum | Should -HaveCount 7
        $properties.Force.type | Should -Be 'boolean'
        $properties.Filter.type | Should -Be 'object'
        $properties.Since.format | Should -Be 'date-time'
        $properties.Factor.type | Should -Be 'number'
        $properties.Code.minLength, $properties.Code.maxLength | Should -Be 2, 4
        $properties.Code.description | Should -BeLike '*^x*'
        $properties.Id.minItems, $properties.Id.maxItems, $properties.Id.items.type | Should -Be 1, 3, 'integer'
        $properties.Any.description | Should -Be 'Anything.'
    }

    It 'says of a custom object that it is an object, and names a script block as one in an error' {
        function Show-Sample { param([pscustomobject] $One, [pscustomobject[]] $Many, [psobject] $Any) "$One$Many$Any" }

        $properties = ((New-AmpTool -Command Show-Sample).InputSchema | ConvertFrom-Json -AsHashtable).properties
        $properties.One.type | Should -Be 'object'
        $properties.Many.type, $properties.Many.items.type | Should -Be 'array', 'object'
        $properties.Any.Keys | Should -Not -Contain 'type'
        $thrown = { New-AmpTool a { param([Parameter(Mandatory)] [scriptblock] $Code) $Code } } | Should -Throw '*script block*' -PassThru
        "$thrown" | Should -Not -Match '__Amp'
    }

    It 'says of a class what the agent can set, and within which limits' {
        class ToolJob {
            [ValidateSet('a', 'b')] [string] $Name
            [ValidateRange(1, 5)] [int] $Count
            static [int] $Made
            hidden [string] $Token
        }
        function Start-Sample { param([ToolJob] $Job) "$Job" }

        $job = ((New-AmpTool -Command Start-Sample).InputSchema | ConvertFrom-Json -AsHashtable).properties.Job
        $job.properties.Keys | Sort-Object | Should -Be 'Count', 'Name'
        $job.properties.Name.enum | Should -Be 'a', 'b'
        $job.properties.Count.minimum, $job.properties.Count.maximum | Should -Be 1, 5
    }

    It 'takes the parameter set that is named, and else the default one or the first that an agent can use' {
        (New-AmpTool -Command Stop-Process).ParameterSet | Should -Be 'Id'
        (New-AmpTool -Command Stop-Process -ParameterSet Name).InputSchema | Should -BeLike '*"required":`["Name"`]*'
        (Get-Command Stop-Process | New-AmpTool).SupportsShouldProcess | Should -BeTrue
        { New-AmpTool -Command Stop-Process -ParameterSet None } | Should -Throw -ErrorId 'InvalidOption,Amp.PowerShell.Commands.NewAmpToolCommand'
        { New-AmpTool -Command Stop-Process -ParameterSet InputObject } | Should -Throw -ErrorId 'InvalidOption,*'
    }

    It 'says of a range of <Range> what JSON can say' -ForEach @(
        @{ Range = '0 to the largest number'; Tool = { param([ValidateRange(0.0, 1.7976931348623157E+308)] [double] $A) $A }; Minimum = 0; Maximum = [double]::MaxValue }
        @{ Range = '0.1 to infinity'; Tool = { param([ValidateRange([float] 0.1, [float]::PositiveInfinity)] [float] $A) $A }; Minimum = 0.1; Maximum = $null }
    ) {
        $schema = ((New-AmpTool a $Tool).InputSchema | ConvertFrom-Json -AsHashtable).properties.A
        $schema.minimum | Should -Be $Minimum
        $schema.maximum | Should -Be $Maximum
    }

    It 'has cmd.exe read a path of PowerShell with other letters than ASCII as it is' {
        $file = (Get-Command New-AmpTool).ImplementingType.Assembly.GetType('Amp.PowerShell.Tools.ToolboxFile')
        $batch = $file.GetMethod('Batch', [System.Reflection.BindingFlags] 'NonPublic, Static')
        $lines = $batch.Invoke($null, @('stock', '1', [string[]] "C:\Users\J$([char] 0xF6)rg\pwsh.exe")) -split "`r`n"
        $start = $lines.Where({ $_ -like "*J$([char] 0xF6)rg\pwsh.exe*" })[0]
        $page = $lines.Where({ $_ -like '"%SystemRoot%\System32\chcp.com" 65001 *' })[0]
        $lines.IndexOf($page) | Should -BeGreaterThan $lines.IndexOf($lines.Where({ $_ -like '*describe*' })[0])
        $lines.IndexOf($start) | Should -BeGreaterThan $lines.IndexOf($page)
        $batch.Invoke($null, @('stock', '1', [string[]] 'C:\pwsh.exe')) | Should -Not -BeLike '*chcp*'
    }

    It 'keeps what it is given' {
        $tool = New-AmpTool Get-It { param([int] $Number) $Number } -Description 'Gets it.'
        $tool.Name, $tool.Description | Should -Be 'Get-It', 'Gets it.'
        $tool.Command | Should -Be 'param([int] $Number) $Number'
    }

    It 'refuses what is no tool: <Case>' -ForEach @(
        @{ Case = 'no such command'; Make = { New-AmpTool -Command Get-NoSuchThing } }
        @{ Case = 'a program'; Make = { New-AmpTool -Command pwsh } }
        @{ Case = 'a name with a blank'; Make = { New-AmpTool 'a b' { 1 } } }
        @{ Case = 'a number'; Make = { New-AmpTool -Command 5 } }
        @{ Case = 'a mandatory secret'; Make = { New-AmpTool a { param([Parameter(Mandatory)] [securestring] $Key) $Key } } }
    ) {
        $Make | Should -Throw -ErrorId 'InvalidOption,Amp.PowerShell.Commands.NewAmpToolCommand'
    }
}
