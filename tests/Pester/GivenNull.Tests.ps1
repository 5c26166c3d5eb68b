#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $common = [System.Management.Automation.Cmdlet]::CommonParameters + [System.Management.Automation.Cmdlet]::OptionalCommonParameters

    # PowerShell itself refuses null for what is mandatory or is validated.
    $given = foreach ($command in Get-Command -Module Amp -CommandType Cmdlet) {
        foreach ($parameter in $command.Parameters.Values) {
            $isMandatory = $parameter.ParameterSets.Values.IsMandatory -contains $true
            $isSettled = $parameter.Attributes | Where-Object {
                $_ -is [System.Management.Automation.AllowNullAttribute] -or $_ -is [System.Management.Automation.ValidateArgumentsAttribute]
            }
            if (-not $isMandatory -and -not $isSettled -and -not $parameter.ParameterType.IsValueType -and $parameter.Name -notin $common) {
                @{ Command = $command.Name; Parameter = $parameter.Name }
            }
        }
    }

    # Where null means something, or what is piped in is looked at. New-AmpPermission is in Permission.Tests.ps1.
    $exceptions = @{
        'Export-AmpReport -InputObject' = 'It is refused as what is no message.'
        'Test-AmpPermission -Argument' = 'A call can have no inputs.'
        'Uninstall-AmpSkill -Target' = 'A built-in skill has no folder.'
    }
    $piped = foreach ($one in $given | Where-Object Command -NE 'New-AmpPermission') {
        $parameter = (Get-Command $one.Command).Parameters[$one.Parameter]
        $byValue = [bool] $parameter.ParameterSets.Values.Where{ $_.ValueFromPipeline }
        $byName = [bool] $parameter.ParameterSets.Values.Where{ $_.ValueFromPipelineByPropertyName }
        $isHidden = $parameter.Attributes.Where{ $_ -is [Parameter] -and $_.DontShow }
        if (($byValue -or $byName) -and -not $isHidden) {
            $one + @{ ByValue = $byValue; ByName = $byName }
        }
    }
    $known = $piped | ForEach-Object { "$($_.Command) -$($_.Parameter)" }
    $selecting = $piped | Where-Object { "$($_.Command) -$($_.Parameter)" -notin $exceptions.Keys }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $sessionPlace = Open-AmpTestPlace
    $sessionCall = Get-AmpFakeCall $sessionPlace 'init', 'turns'
    $openSession = New-AmpSession @sessionCall
    $place = Open-AmpTestPlace
    $call = Get-AmpFakeCall $place 'echo'
}

AfterAll {
    Close-AmpTestPlace $place
    Remove-AmpSession $openSession
    Close-AmpTestPlace $sessionPlace
}

Describe 'A parameter that is given and is null' {
    It 'is in the table for every parameter that protects or selects' -ForEach @(@{ Table = $given }) {
        $known = $Table | ForEach-Object { "$($_.Command) -$($_.Parameter)" }
        foreach ($name in 'Permission', 'ApprovalScript', 'EnabledTool', 'ThreadId', 'McpServer', 'McpConfig', 'Tool', 'Toolbox', 'Skills', 'Label',
            'SettingsFile', 'WorkingDirectory', 'ApiKey', 'Environment', 'CliPath', 'Mode', 'Visibility', 'ExtraArgument') {
            $known | Should -Contain "Invoke-AmpAgent -$name"
            $known | Should -Contain "New-AmpSession -$name"
        }

        $known | Should -Contain 'Invoke-AmpAgent -Message'
        $known | Should -Contain 'New-AmpPermission -Match'
    }

    It 'is refused before anything is started: <Command> -<Parameter>' -ForEach $given {
        $all = @{ $Parameter = $null }
        $parameters = (Get-Command $Command).Parameters
        foreach ($set in (Get-Command $Command).ParameterSets | Where-Object { $_.Parameters.Name -contains $Parameter } | Select-Object -First 1) {
            foreach ($mandatory in $set.Parameters | Where-Object { $_.IsMandatory -and $_.Name -ne $Parameter }) {
                $all[$mandatory.Name] = switch ($mandatory.Name) {
                    'ThreadId' { 'T-5928a90d-d53b-488f-a829-4e36442142ee' }
                    'Permission' { New-AmpPermission Bash Ask }
                    { $_ -in 'Server', 'McpServer' } { New-AmpMcpServer x y }
                    'Session' { $openSession }
                    'ScriptBlock' { { 1 } }
                    'Url' { 'http://127.0.0.1:9/' }
                    'Kind' { 'Shell' }
                    'Id' { [int]::MaxValue }
                    { $mandatory.ParameterType -eq [switch] } { $true }
                    'Action' { 'Delegate' }
                    'Mock' { New-AmpMock -Text x }
                    'Replay' { [Amp.AmpReplay]::new(@(New-AmpMock -Text x)) }
                    { $mandatory.ParameterType -eq [datetime] } { '3:10' }
                    { $mandatory.ParameterType -eq [timespan] } { '1:00' }
                    { $mandatory.ParameterType -eq [System.DayOfWeek[]] } { 'Monday' }
                    default { 'x' }
                }
            }
        }

        if ($parameters.ContainsKey('CliPath') -and $Parameter -ne 'CliPath') {
            $all.CliPath = $call.CliPath
        }

        if ($parameters.ContainsKey('Environment') -and $Parameter -ne 'Environment' -and $Command -ne 'New-AmpMcpServer') {
            $all.Environment = $call.Environment
        }

        if ($parameters.ContainsKey('WhatIf')) {
            # Were null taken for "not given", nothing must be changed by this test.
            $all.WhatIf = $true
        }

        { & $Command @all } | Should -Throw -ErrorId 'InvalidOption,*'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'is refused within a list too: <Name>' -ForEach @(
        @{ Name = 'Permission'; Value = { (New-AmpPermission Bash Ask), $null } }
        @{ Name = 'McpServer'; Value = { (New-AmpMcpServer x y), $null } }
        @{ Name = 'Tool'; Value = { 'Get-Date', $null } }
        @{ Name = 'Message'; Value = { (New-AmpUserMessage a), $null } }
        @{ Name = 'EnabledTool'; Value = { 'Bash', $null } }
        @{ Name = 'Label'; Value = { 'a', $null } }
        @{ Name = 'ExtraArgument'; Value = { '--x', $null } }
    ) {
        $all = @{ $Name = & $Value }
        if ($Name -ne 'Message') {
            $all.Prompt = 'go'
        }

        { Invoke-AmpAgent @all @call } | Should -Throw -ErrorId 'InvalidOption,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'is refused as an empty list of messages, and of paths that a verification protects' {
        { Invoke-AmpAgent -Message @() @call } | Should -Throw -ErrorId 'InvalidOption,*'
        { Invoke-AmpAgent -Message @() -AsJob @call } | Should -Throw -ErrorId 'InvalidOption,*'
        { Invoke-AmpAgent go -Verify { $true } -VerifyPath @() @call } | Should -Throw -ErrorId 'InvalidOption,*'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'is refused as an empty list of rules, and not where a list without rules is what is tested' {
        { Invoke-AmpAgent go -Permission @() @call } | Should -Throw -ErrorId 'InvalidOption,*'
        { New-AmpSession -Permission @() @call } | Should -Throw -ErrorId 'InvalidOption,*'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }
}

Describe 'A piped value that is null' {
    It 'is in the table for every parameter that selects' -ForEach @(@{ Known = $known; Exceptions = $exceptions.Keys }) {
        foreach ($name in 'Get-AmpCheckpoint -Id', 'Get-AmpSchedule -Name', 'Get-AmpSkill -Name', 'Get-AmpMcpServer -Name', 'Get-AmpPermission -Tool',
            'Get-AmpTool -Name', 'Test-AmpMcpServer -Name', 'Get-AmpProcess -Id', 'Get-AmpSession -Name', 'Get-AmpBudget -LiteralPath') {
            $Known | Should -Contain $name
        }

        $Exceptions | Where-Object { $_ -notin $Known } | Should -BeNullOrEmpty
    }

    It 'is an error, and neither all nor a default: <Command> -<Parameter>' -ForEach $selecting {
        $all = @{}
        $set = (Get-Command $Command).ParameterSets | Where-Object { $_.Parameters.Name -contains $Parameter } | Select-Object -First 1
        foreach ($mandatory in $set.Parameters | Where-Object IsMandatory) {
            $all[$mandatory.Name] = 'x'
        }

        if ((Get-Command $Command).Parameters.ContainsKey('CliPath')) {
            $all.CliPath = $call.CliPath
            $all.Environment = $call.Environment
        }

        $pipes = @()
        if ($ByValue) {
            $pipes += { $null }
        }

        if ($ByName) {
            $pipes += { [pscustomobject] @{ $Parameter = $null } }
        }

        foreach ($pipe in $pipes) {
            & $pipe | & $Command @all -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $errors | Should -HaveCount 1
            $errors[0].FullyQualifiedErrorId | Should -BeLike 'InvalidOption,*'
        }

        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'is an error in a list too, and the next object is used' {
        $names = @('none-of-these', $null), $openSession.Name | ForEach-Object { [pscustomobject] @{ Name = $_ } }
        ($names | Get-AmpSession -ErrorVariable errors -ErrorAction SilentlyContinue).Name | Should -Be $openSession.Name
        $errors | Should -HaveCount 1
        $errors[0].FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.GetAmpSessionCommand'
    }

    It 'is not what a cmdlet without piped objects gets: it gets all' {
        1 | ForEach-Object { (Get-AmpSession).Name } | Should -Contain $openSession.Name
        & { process { (Get-AmpSession).Name } } | Should -Contain $openSession.Name
        $null | ForEach-Object { (Get-AmpSession).Name } | Should -Contain $openSession.Name
    }
}

Describe 'A list where one thread can be continued' {
    BeforeAll {
        $id = 'T-5928a90d-d53b-488f-a829-4e36442142ee'
    }

    BeforeEach {
        Get-ChildItem -LiteralPath $place.Log | Remove-Item
    }

    It 'is that thread where all of it name the same: <Name>' -ForEach @(
        @{ Name = 'IDs'; Given = { $id, $id } }
        @{ Name = 'one ID'; Given = { , @($id) } }
        @{ Name = 'messages'; Given = { [pscustomobject]@{ SessionId = $id }, [pscustomobject]@{ ThreadId = $id } } }
    ) {
        $null = Invoke-AmpAgent go @call -ThreadId (& $Given)
        $records = @(Get-AmpFakeRecord $place -Kind Run)
        $records.Count | Should -Be 1
        $records | ConvertTo-Json -Depth 6 | Should -Match $id
    }

    It 'is refused where they name different ones' {
        { Invoke-AmpAgent go @call -ThreadId $id, 'T-00000000-d53b-488f-a829-4e36442142ee' } | Should -Throw '*2 threads*'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }
}
