#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    # March takes a sample: what differs between the builds is how a tool is offered and called, not the schema.
    
    enum OutputLevel { Low; High }
    class OutputDisk { [string] $Name; [long] $Size }
    class OutputServer {
        [ValidateNotNullOrEmpty()] [string] $Name
        [ValidateRange(1, 64)] [int] $Cpus
        [OutputLevel] $Level
        [datetime] $Since
        [Nullable[int]] $Port = 443
        [AllowNull()] [string] $Note = 'none'
        [ValidateSet('web', 'db')] [string[]] $Role
        [OutputDisk[]] $Disks
        [OutputDisk] $Root
        [System.Collections.Generic.Dictionary[string, int]] $Limits
        hidden [string] $Secret
        static [int] $Made
    }

    # Classes of this block are known by their names only here.
    $builds = 'MarchCli', 'NativeCli' | ForEach-Object { @{ Build = $_; Missing = Get-AmpTestGap $_; Disk = [OutputDisk]; Disks = [OutputDisk[]] } }
    $server = '{"Name":"a","Cpus":2,"Level":"High","Since":"2026-11-29T10:00:00Z","Port":null,"Note":null,"Role":["web"],"Disks":[{"Name":"sda","Size":9000000000}],"Root":{"Name":"r","Size":1},"Limits":{"x":3}}'
    $cases = @(
        @{ Name = 'a class'; Schema = [OutputServer]; Right = $server; Wrong = '{"Name":"a"}'
            Check = { $_.GetType().Name | Should -Be 'OutputServer'; $_.Disks[0].Size | Should -Be 9000000000; $_.Root.Name | Should -Be 'r'; $_.Limits['x'] | Should -Be 3; $_.Port | Should -Be $null; $null -eq $_.Note | Should -BeTrue; $_.Since.ToUniversalTime().Hour | Should -Be 10 } }
        @{ Name = 'a range of a class'; Schema = [OutputServer]; Right = $server; Wrong = $server.Replace('"Cpus":2', '"Cpus":65'); Check = { $_.Cpus | Should -Be 2 } }
        @{ Name = 'a set of a class'; Schema = [OutputServer]; Right = $server; Wrong = $server.Replace('web', 'mail'); Check = { $_.Role | Should -Be 'web' } }
        @{ Name = 'an enum of a class'; Schema = [OutputServer]; Right = $server; Wrong = $server.Replace('High', 'Middle'); Check = { $_.Level | Should -Be 'High' } }
        @{ Name = 'an array of a class'; Schema = [OutputDisk[]]; Right = '[{"Name":"a","Size":1},{"Name":"b","Size":2}]'; Wrong = '{"Name":"a","Size":1}'; Count = 2; Check = { $_[1].GetType().Name | Should -Be 'OutputDisk'; $_[1].Name | Should -Be 'b' } }
        @{ Name = 'a list of a class'; Schema = [System.Collections.Generic.List[OutputDisk]]; Right = '[{"Name":"a","Size":1}]'; Wrong = '[{"Name":"a"}]'; Check = { $_[0].GetType().Name | Should -Be 'OutputDisk' } }
        @{ Name = 'an empty array'; Schema = [OutputDisk[]]; Right = '[]'; Wrong = '[1]'; Count = 0; Check = { } }
        @{ Name = 'an enum'; Schema = [OutputLevel]; Right = '"Low"'; Wrong = '"low-ish"'; Check = { $_.GetType().Name | Should -Be 'OutputLevel'; $_ | Should -Be 'Low' } }
        @{ Name = 'enums'; Schema = [OutputLevel[]]; Right = '["Low","High"]'; Wrong = '["None"]'; Count = 2; Check = { $_[1] | Should -Be 'High' } }
        @{ Name = 'a text'; Schema = [string]; Right = '"Grüße"'; Wrong = '1'; Check = { $_ | Should -Be 'Grüße' } }
        @{ Name = 'texts'; Schema = [string[]]; Right = '["a","b"]'; Wrong = '"a"'; Count = 2; Check = { $_[0] | Should -Be 'a' } }
        @{ Name = 'a number'; Schema = [int]; Right = '7'; Wrong = '"7"'; Check = { $_ | Should -BeOfType ([int]); $_ | Should -Be 7 } }
        @{ Name = 'a broken number'; Schema = [double]; Right = '0.5'; Wrong = '"half"'; Check = { $_ | Should -Be 0.5 } }
        @{ Name = 'yes or no'; Schema = [bool]; Right = 'true'; Wrong = '"yes"'; Check = { $_ | Should -BeTrue } }
        @{ Name = 'a time'; Schema = [datetime]; Right = '"2026-11-29T10:00:00Z"'; Wrong = '"today"'; Check = { $_ | Should -BeOfType ([datetime]) } }
        @{ Name = 'a dictionary'; Schema = [System.Collections.Generic.Dictionary[string, int]]; Right = '{"a":1}'; Wrong = '{"a":"1"}'; Check = { $_['a'] | Should -Be 1 } }
        @{ Name = 'a hashtable as schema'; Schema = @{ type = 'object'; properties = @{ name = @{ type = 'string' }; size = @{ type = 'integer' } }; required = 'name', 'size' }; Right = '{"name":"a","size":3}'; Wrong = '{"name":"a"}'
            Check = { $_ | Should -BeOfType ([pscustomobject]); $_.name | Should -Be 'a'; $_.size | Should -Be 3 } }
        @{ Name = 'a list by hashtable'; Schema = @{ type = 'array'; items = @{ type = 'object'; properties = @{ n = @{ type = 'number' } }; required = @('n') } }; Right = '[{"n":1.5},{"n":2}]'; Wrong = '[{}]'; Count = 2; Check = { $_[0].n | Should -Be 1.5 } }
        @{ Name = 'nested objects'; Schema = '{"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"array","items":{"type":"integer"}}},"required":["b"]}},"required":["a"]}'; Right = '{"a":{"b":[1,2]}}'; Wrong = '{"a":{"b":[null]}}'; Check = { $_.a.b | Should -Be 1, 2 } }
        @{ Name = 'a choice'; Schema = '{"anyOf":[{"type":"string"},{"type":"integer"}]}'; Right = '5'; Wrong = 'true'; Check = { $_ | Should -Be 5 } }
        @{ Name = 'a union told by a field'; Schema = '{"oneOf":[{"type":"object","properties":{"kind":{"const":"file"},"path":{"type":"string"}},"required":["kind","path"]},{"type":"object","properties":{"kind":{"const":"host"},"name":{"type":"string"}},"required":["kind","name"]}]}'; Right = '{"kind":"host","name":"h"}'; Wrong = '{"kind":"host","path":"p"}'; Check = { $_.name | Should -Be 'h' } }
        @{ Name = 'a value or null'; Schema = '{"type":["integer","null"]}'; Right = 'null'; Wrong = '"x"'; Check = { $_ | Should -BeNullOrEmpty } }
        @{ Name = 'an enum of texts'; Schema = '{"enum":["red","green"]}'; Right = '"red"'; Wrong = '"blue"'; Check = { $_ | Should -Be 'red' } }
        @{ Name = 'definitions'; Schema = '{"$defs":{"p":{"type":"object","properties":{"x":{"type":"integer"}},"required":["x"]}},"type":"array","items":{"$ref":"#/$defs/p"}}'; Right = '[{"x":1}]'; Wrong = '[{"x":"1"}]'; Check = { $_[0].x | Should -Be 1 } }
        @{ Name = 'a tree'; Schema = '{"type":"object","properties":{"name":{"type":"string"},"children":{"type":"array","items":{"$ref":"#"}}},"required":["name"]}'; Right = '{"name":"a","children":[{"name":"b"}]}'; Wrong = '{"name":"a","children":[{}]}'; Check = { $_.children[0].name | Should -Be 'b' } }
        @{ Name = 'a tuple of draft 2020-12'; Schema = '{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"items":false,"minItems":2}'; Right = '["a",1]'; Wrong = '["a"]'; Count = 2; Check = { $_[1] | Should -Be 1 } }
        @{ Name = 'draft 7'; Schema = '{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"a":{"type":"integer","exclusiveMinimum":0}},"required":["a"]}'; Right = '{"a":1}'; Wrong = '{"a":0}'; Check = { $_.a | Should -Be 1 } }
        @{ Name = 'a pattern'; Schema = '{"type":"string","pattern":"^[A-Z]{2}-\\d+$"}'; Right = '"AB-12"'; Wrong = '"ab-12"'; Check = { $_ | Should -Be 'AB-12' } }
        @{ Name = 'a map'; Schema = '{"type":"object","additionalProperties":{"type":"boolean"}}'; Right = '{"a":true}'; Wrong = '{"a":1}'; Check = { $_.a | Should -BeTrue } }
        @{ Name = 'conditions'; Schema = '{"type":"object","properties":{"ok":{"type":"boolean"},"reason":{"type":"string"}},"required":["ok"],"if":{"properties":{"ok":{"const":false}}},"then":{"required":["reason"]}}'; Right = '{"ok":false,"reason":"r"}'; Wrong = '{"ok":false}'; Check = { $_.reason | Should -Be 'r' } }
        @{ Name = 'small numbers'; Schema = [double[]]; Right = '[1e-30,0.5]'; Wrong = '["small"]'; Count = 2; Check = { $_[0] | Should -Be 1e-30; $_[1] | Should -Be 0.5 } }
        @{ Name = 'an exact number'; Schema = [decimal]; Right = '0.1'; Wrong = '"small"'; Check = { $_ | Should -BeOfType ([decimal]); $_ | Should -Be 0.1d } }
        @{ Name = 'numbers as from ConvertFrom-Json'; Schema = @{ type = 'array'; items = @{ type = 'number' } }; Right = '[1,0.1,1e-30]'; Wrong = '["1"]'; Count = 3
            Check = { $_[0] | Should -BeOfType ([long]); $_[1] | Should -BeOfType ([double]); $_[2] | Should -Be 1e-30 } }
    )
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module

    function Get-Submission {
        # A prompt that makes the model give answers, each in a call of its own. Only a plain object is the input of the tool as it is.
        param([Parameter(Mandatory)] [string[]] $Answer, [switch] $Wrapped)
        ($Answer | ForEach-Object { 'RUN:mcp__amp_output__submit {0}END' -f ($Wrapped ? "{`"value`":$_}" : $_) }) -join ' '
    }
}

Describe 'Answers in the shape of a schema on <Build><Missing>' -ForEach $builds {
    BeforeAll {
        if (-not $Missing) {
            $place = Open-AmpTestPlace
            $service = Open-AmpLocalService $place
            $call = Get-AmpLocalCall $place $service
            $call.CliPath = (Get-AmpTestLayout).$Build
            $call.ErrorAction = 'Stop'
        }
    }

    AfterAll {
        if (-not $Missing) {
            Close-AmpTestPlace $place
        }
    }

    It 'gives objects of <Name>, after an answer that does not fit' -ForEach ($Build -eq 'NativeCli' ? $cases : $cases[0, 4, 7, 16, 19, 24]) -Skip:([bool] $Missing) {
        $prompt = Get-Submission $Wrong, $Right -Wrapped:(-not $Right.StartsWith('{') -or $Schema -match 'oneOf|"if"')
        $result = Invoke-AmpAgent $prompt @call -OutputSchema $Schema -ResultOnly
        $result.Outcome | Should -Be 'Succeeded'
        $result.OutputJson | Should -Be $Right
        if ($null -ne $Count) {
            @($result.Output).Count | Should -Be $Count
        }

        , $result.Output | ForEach-Object $Check
    }

    It 'writes only the objects, one by one' -Skip:([bool] $Missing) {
        $objects = Invoke-AmpAgent (Get-Submission -Wrapped '[{"Name":"a","Size":4},{"Name":"b","Size":2},{"Name":"c","Size":3}]') @call -OutputSchema $Disks -OutputOnly
        $objects | Should -HaveCount 3
        ($objects | Where-Object Size -GT 2 | Sort-Object Size).Name | Should -Be 'c', 'a'
    }

    It 'is an error without an answer, and nothing else is written' -Skip:([bool] $Missing) {
        $call.ErrorAction = 'SilentlyContinue'
        $objects = Invoke-AmpAgent 'Say nothing.' @call -OutputSchema @{ type = 'string' } -OutputOnly -ErrorVariable failures
        $call.ErrorAction = 'Stop'
        $objects | Should -BeNullOrEmpty
        $failures | Should -HaveCount 1
        $failures[0].FullyQualifiedErrorId | Should -Be 'OutputMissing,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        $failures[0].TargetObject.Outcome | Should -Be 'OutputMissing'
    }

    It 'works in a session, turn by turn' -Skip:([bool] $Missing) {
        $session = New-AmpSession @call -OutputSchema $Disk
        try {
            $answer = Send-AmpMessage $session (Get-Submission '{"Name":"a","Size":4}') -OutputOnly
            $answer | Should -BeOfType $Disk
            { Send-AmpMessage $session 'Say nothing.' -OutputOnly -ErrorAction Stop } | Should -Throw -ErrorId 'OutputMissing,Amp.PowerShell.Commands.SendAmpMessageCommand'
            $answer = Send-AmpMessage $session (Get-Submission '{"Name":"b","Size":5}') -ResultOnly
            $answer.Output.Name | Should -Be 'b'
        } finally {
            $null = Remove-AmpSession $session -ErrorAction SilentlyContinue
        }
    }
}

Describe 'Schemas and verifications that cannot be used' {
    It 'refuses <Name> before anything is started' -ForEach @(
        @{ Name = 'text that is not valid JSON Schema'; Parameters = @{ OutputSchema = '{"type":"text"}' }; Target = '{"type":"text"}' }
        @{ Name = 'a file that is not there'; Parameters = @{ OutputSchema = '/not/there.json' }; Target = '/not/there.json' }
        @{ Name = 'a type as text'; Parameters = @{ OutputSchema = '[int[]]' }; Target = '[int[]]' }
        @{ Name = 'a type that no JSON can say'; Parameters = @{ OutputSchema = [System.Action] }; Target = [System.Action] }
        @{ Name = 'a number'; Parameters = @{ OutputSchema = 7 }; Target = 7 }
        @{ Name = 'objects of no schema'; Parameters = @{ OutputOnly = $true }; Target = 'OutputOnly' }
        @{ Name = 'objects and the result'; Parameters = @{ OutputSchema = [int]; OutputOnly = $true; ResultOnly = $true }; Target = 'OutputOnly' }
        @{ Name = 'protected files without a verification'; Parameters = @{ VerifyPath = '/etc' }; Target = 'VerifyPath' }
    ) {
        $failure = { Invoke-AmpAgent 'go' -CliPath (Get-AmpTestLayout).FakeCli @Parameters } | Should -Throw -PassThru -ErrorId 'InvalidOption,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        $failure.TargetObject | Should -Be $Target
    }

    It 'refuses a class that refers to itself and names the place' {
        class OutputNode { [string] $Name; [OutputNode[]] $Children }
        $failure = { Invoke-AmpAgent 'go' -CliPath (Get-AmpTestLayout).FakeCli -OutputSchema ([OutputNode]) } | Should -Throw -PassThru -ErrorId 'InvalidOption,*'
        $failure.Exception.Message | Should -Match 'OutputNode\.Children\[\]'
    }
}

Describe 'What a class says of itself' {
    It 'describes it by attributes and by comment-based help, which -WhatIf shows' {
        $place = Open-AmpTestPlace
        try {
            Set-Content -LiteralPath (Join-Path $place.Project 'inventory.ps1') @'
<#
.SYNOPSIS
    A server of the rack.
.PARAMETER Name
    The name in DNS,
    without the domain.
.PARAMETER Cpus
    Not used: the attribute counts.
#>
class DescribedServer {
    [string] $Name
    [System.ComponentModel.Description('Threads, not cores.')] [int] $Cpus
    [DescribedDisk] $Disk
}
class DescribedDisk {
    # .DESCRIPTION
    # Local disks only.
    [long] $Size
}
# An ordinary comment is not help.
class PlainRoom { [string] $Name }
Invoke-AmpAgent 'go' @call -WhatIf -OutputSchema ([DescribedServer])
Invoke-AmpAgent 'go' @call -WhatIf -OutputSchema ([PlainRoom])
'@
            $call = Get-AmpFakeCall $place 'echo'
            $shell = Invoke-AmpTestShell $place ". '$(Join-Path $place.Project 'inventory.ps1')'" -Call $call
            $shell.Error | Should -BeNullOrEmpty
            $server, $room = [regex]::Matches($shell.Output, '(?m)^  output: *(\{.*)$').ForEach{ $_.Groups[1].Value | ConvertFrom-Json -AsHashtable }
            $server.description | Should -Be 'A server of the rack.'
            $server.properties.Name.description | Should -Be 'The name in DNS, without the domain.'
            $server.properties.Cpus.description | Should -Be 'Threads, not cores.'
            $server.properties.Disk.description | Should -Be 'Local disks only.'
            $room.Keys | Should -Not -Contain 'description'
            $room.properties.Name.type | Should -Be 'string'
        } finally {
            Close-AmpTestPlace $place
        }
    }
}

Describe 'Work that is verified on <Build><Missing>' -ForEach $builds {
    BeforeAll {
        if (-not $Missing) {
            $place = Open-AmpTestPlace
            $service = Open-AmpLocalService $place
            $call = Get-AmpLocalCall $place $service
            $call.CliPath = (Get-AmpTestLayout).$Build
            $call.ResultOnly = $true
        }
    }

    AfterAll {
        if (-not $Missing) {
            Close-AmpTestPlace $place
        }
    }

    It 'passes with <Name>' -Skip:([bool] $Missing) -ForEach @(
        @{ Name = 'nothing'; Script = { } }
        @{ Name = '$true'; Script = { $true } }
        @{ Name = 'a program that is content'; Script = { & sh -c 'echo fine >&2; exit 0' } }
        @{ Name = 'a Pester run'; Script = { [pscustomobject] @{ Result = 'Passed'; FailedCount = 0; Failed = @() } } }
    ) {
        $result = Invoke-AmpAgent 'Work.' @call -Verify $Script -ErrorAction Stop
        $result.Outcome | Should -Be 'Succeeded'
        $result.Verifications | Should -HaveCount 1
        $result.Verifications[0].Passed | Should -BeTrue
    }

    It 'does not pass with <Name>, and the agent is told' -Skip:([bool] $Missing) -ForEach @(
        @{ Name = 'a throw'; Script = { throw 'It is red.' }; Told = 'It is red.' }
        @{ Name = '$false'; Script = { 'Look here.'; $false }; Told = 'Look here.' }
        @{ Name = 'an exit code'; Script = { & sh -c 'echo one test failed; exit 3' }; Told = 'one test failed' }
        @{ Name = 'an error'; Script = { Write-Error 'not good' }; Told = 'not good' }
        @{ Name = 'a failed Pester run'; Script = { [pscustomobject] @{ Result = 'Failed'; FailedCount = 1; Failed = @([pscustomobject] @{ ExpandedPath = 'adds numbers'; ErrorRecord = @('Expected 2, got 3.') }) } }; Told = 'adds numbers' }
    ) {
        $result = Invoke-AmpAgent 'Work.' @call -Verify $Script -VerifyLimit 2 -ErrorAction SilentlyContinue -ErrorVariable failures -WarningAction SilentlyContinue
        $result.Outcome | Should -Be 'NotVerified'
        $result.Verifications | Should -HaveCount 2
        $result.Result | Should -Match ([regex]::Escape($Told))
        $failures | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] -and $_.FullyQualifiedErrorId -eq 'VerificationFailed,Amp.PowerShell.Commands.InvokeAmpAgentCommand' } | Should -HaveCount 1
    }

    It 'passes at the third try, in this session' -Skip:([bool] $Missing) {
        $tries = @{ Count = 0 }
        $result = Invoke-AmpAgent 'Work.' @call -Verify { $tries.Count++; $tries.Count -ge 3 } -ErrorAction Stop
        $result.Verifications.Passed | Should -Be $false, $false, $true
        $result.Outcome | Should -Be 'Succeeded'
    }

    It 'stops a verification that hangs' -Skip:([bool] $Missing) {
        $result = Invoke-AmpAgent 'Work.' @call -Verify { Start-Sleep 600 } -VerifyTimeoutSec 1 -ErrorAction SilentlyContinue -ErrorVariable failures
        $result.Verifications[0].IsTimedOut | Should -BeTrue
        $failures[0].FullyQualifiedErrorId | Should -Be 'VerificationFailed,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        Get-AmpTestProcess $place | Should -BeNullOrEmpty
    }
}
