#Requires -Version 7.4
[System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidGlobalVars', '', Justification = 'The handler of an event sees nothing else.')]
param()

# Each kind of what scripts do, over all cmdlets: a call that is refused before anything is started must be refused in the same way whoever
# calls, wherever and however. What is started for it, where it is, is the fake CLI.

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $common = [System.Management.Automation.Cmdlet]::CommonParameters + [System.Management.Automation.Cmdlet]::OptionalCommonParameters
    $all = Get-Command -Module Amp -CommandType Cmdlet
    $commands = $all | ForEach-Object { @{ Command = $_.Name } }
    $own = foreach ($command in $all) {
        foreach ($parameter in $command.Parameters.Values | Where-Object Name -NotIn $common) {
            $set = $command.ParameterSets | Where-Object { $_.Parameters.Name -contains $parameter.Name } | Select-Object -First 1
            @{
                Command = $command.Name
                Parameter = $parameter.Name
                Type = $parameter.ParameterType
                Set = $set.Name
                IsMandatory = ($set.Parameters | Where-Object Name -EQ $parameter.Name).IsMandatory
                ByName = $parameter.ParameterSets.Values.ValueFromPipelineByPropertyName -contains $true
                AllowsNull = [bool] ($parameter.Attributes | Where-Object { $_ -is [System.Management.Automation.AllowNullAttribute] })
            }
        }
    }

    $values = $own | Where-Object { $_.Type.IsValueType -and $_.Type -ne [switch] }
    $enumerations = $own | Where-Object { ([System.Nullable]::GetUnderlyingType($_.Type) ?? $_.Type).IsEnum -or ($_.Type.IsArray -and $_.Type.GetElementType().IsEnum) }
    # Text of its own: what a person or a model reads may be anything, and has checks of its own.
    $names = $own | Where-Object { $_.Type -eq [string] -and $_.Parameter -match 'Path|Directory|File|Folder|Toolbox|Skills|^Mode$|Visibility|Executor|LogLevel|^Title$|ThreadId' }
    $singles = $own | Where-Object { $_.Type -eq [string] }
    $byName = $own | Where-Object { $_.ByName }
    $folders = $all | Where-Object { $_.Parameters.ContainsKey('WorkingDirectory') } | ForEach-Object { @{ Command = $_.Name } }
    $cultures = foreach ($culture in 'tr-TR', 'de-DE', 'ar-SA') { $commands | ForEach-Object { @{ Command = $_.Command; Culture = $culture } } }
    $actions = foreach ($action in 'Continue', 'SilentlyContinue', 'Ignore', 'Stop') {
        $commands | ForEach-Object { @{ Command = $_.Command; Action = $action } }
    }

    $table = [ordered]@{
        'null for a number or a choice' = $values.Count
        'empty text for a name or a place' = $names.Count
        'two values for one' = $singles.Count
        'choices in any case and culture' = $enumerations.Count
        'odd objects by the property''s name' = $byName.Count
        'wildcard characters in a folder''s name' = $folders.Count
        'each -ErrorAction' = @($actions).Count
        'each culture' = @($cultures).Count
        'strict mode' = $commands.Count
        'constrained language' = $commands.Count
        'a job, a thread, an event' = 4
    }
    Write-Information -InformationAction Continue "kinds x cmdlets: $(($table.GetEnumerator() | ForEach-Object { "$($_.Key): $($_.Value)" }) -join '; '); together $(($table.Values | Measure-Object -Sum).Sum)"
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $module = (Get-AmpTestLayout).Module
    Import-Module $module
    $place = Open-AmpTestPlace
    $call = Get-AmpFakeCall $place
    $thread = 'T-5928a90d-d53b-488f-a829-4e36442142ee'
    $oddFailures = [System.Collections.Generic.List[object]]::new()

    # What a call of a cmdlet needs beside what it is about: the mandatory parameters of a set, and nothing that is changed or starts a real CLI.
    function Get-Base([string] $Command, [string] $Set, [string] $But) {
        $info = Get-Command $Command -Module Amp
        $parameters = ($info.ParameterSets | Where-Object { $Set ? $_.Name -eq $Set : ($_.IsDefault -or $info.ParameterSets.Count -eq 1) } | Select-Object -First 1).Parameters
        $base = @{}
        foreach ($mandatory in $parameters | Where-Object { $_.IsMandatory -and $_.Name -ne $But }) {
            $base[$mandatory.Name] = switch ($mandatory.Name) {
                { $_ -in 'ThreadId', 'ForkFrom', 'HandoffFrom' } { $thread }
                'Permission' { New-AmpPermission Bash Ask }
                { $_ -in 'Server', 'McpServer' } { New-AmpMcpServer x y }
                'Session' { 'no such session' }
                'ScriptBlock' { { 1 } }
                'Command' { $Command -eq 'New-AmpTool' ? 'Get-Date' : 'x' }
                'Url' { 'http://127.0.0.1:9/' }
                'Kind' { 'Shell' }
                'Id' { [int]::MaxValue }
                { $mandatory.ParameterType -eq [switch] } { $true }
                'Action' { 'Allow' }
                default { 'x' }
            }
        }

        foreach ($name in 'CliPath', 'Environment', 'WorkingDirectory') {
            if ($parameters.Name -contains $name -and $name -ne $But -and -not ($name -eq 'Environment' -and $Command -eq 'New-AmpMcpServer')) {
                $base[$name] = $call[$name]
            }
        }

        if ($parameters.Name -contains 'WhatIf' -and $But -ne 'WhatIf') {
            $base.WhatIf = $true
        }

        if ($Command -eq 'Invoke-AmpAgent' -and $But -ne 'Prompt' -and $But -ne 'Message') {
            $base.Prompt = 'go'
        }

        if ($Command -eq 'Set-AmpThread' -and $But -ne 'Visibility') {
            $base.Visibility = 'private'
        }

        if ($Command -eq 'Send-AmpMessage' -and $But -ne 'Message') {
            $base.Message = 'go'
        }

        $base
    }

    # A call that must be refused: of all cmdlets that work somewhere, with a folder that is not there.
    function Get-Refused([string] $Command) {
        # With -WhatIf, most of them look no further than what would happen.
        $base = Get-Base $Command -But WhatIf
        $bad = switch ($Command) {
            'Get-AmpCli' { @{ CliPath = '/nowhere/amp' } }
            'Get-AmpProcess' { @{ Id = [int]::MaxValue } }
            'Get-AmpSession' { @{ Name = 'no such session' } }
            'Install-AmpCli' { @{ Version = '../evil' } }
            'New-AmpMcpServer' { @{ Name = 'a name with blanks' } }
            'New-AmpPermission' { @{ Tool = '' } }
            'New-AmpTool' { @{ Name = 'a name with blanks' } }
            'New-AmpUserMessage' { @{ Text = ' ' } }
            'Stop-AmpProcess' { @{ Id = [int]::MaxValue } }
            { $_ -in 'Receive-AmpMessage', 'Remove-AmpSession', 'Send-AmpMessage', 'Stop-AmpTurn' } { @{ Session = 'no such session' } }
            default { @{ WorkingDirectory = Join-Path $place.Root 'nowhere' } }
        }
        $bad.Keys | ForEach-Object { $base[$_] = $bad[$_] }
        if ($Command -in 'Remove-AmpThread', 'Uninstall-AmpSkill') {
            # They ask first; a host that cannot ask has an error of its own.
            $base.Confirm = $false
        }

        $base
    }

    # The error of a call, whether it ended the statement or not.
    function Get-Refusal([string] $Command, [hashtable] $Given, [string] $Action = 'Continue') {
        $failures = @()
        try {
            $null = & $Command @Given -ErrorAction $Action -ErrorVariable failures -WarningAction SilentlyContinue 2>$null
        } catch {
            return $_
        }

        $failures | Select-Object -First 1
    }

    # In the culture, and with everything as it was behind it.
    function Use-Culture([string] $Name, [scriptblock] $Script) {
        $before = [cultureinfo]::CurrentCulture, [cultureinfo]::CurrentUICulture
        try {
            [cultureinfo]::CurrentCulture = $Name
            [cultureinfo]::CurrentUICulture = $Name
            & $Script
        } finally {
            [cultureinfo]::CurrentCulture, [cultureinfo]::CurrentUICulture = $before
        }
    }

    $expected = @{}
    foreach ($command in Get-Command -Module Amp -CommandType Cmdlet) {
        $expected[$command.Name] = Get-Refusal $command.Name (Get-Refused $command.Name)
    }
}

AfterAll {
    Close-AmpTestPlace $place
}

Describe 'A call that cannot be' {
    It 'is refused by an error with an ID and a name: <Command>' -ForEach $commands {
        $expected[$Command] | Should -Not -BeNullOrEmpty
        $expected[$Command].FullyQualifiedErrorId | Should -Match '^(InvalidOption|CliNotFound|UnsupportedByCli|ParameterArgument\w+|ProcessNotFound|\w+)(,Amp\.PowerShell\.Commands\.\w+Command)?$'
        "$($expected[$Command])" | Should -Not -Match 'Object reference|NullReference|System\.\w+Exception'
    }

    It 'is the same error with -ErrorAction <Action>: <Command>' -ForEach $actions {
        $refusal = Get-Refusal $Command (Get-Refused $Command) $Action
        if ($Action -eq 'Ignore' -and $null -eq $refusal) {
            # As with PowerShell's own cmdlets, what does not end the statement is then nowhere.
            return
        }

        $id = $refusal.FullyQualifiedErrorId ?? $refusal.ErrorRecord.FullyQualifiedErrorId
        $id | Should -Be $expected[$Command].FullyQualifiedErrorId
    }

    It 'is the same error in <Culture>: <Command>' -ForEach $cultures {
        $refusal = Use-Culture $Culture { Get-Refusal $Command (Get-Refused $Command) }
        $refusal.FullyQualifiedErrorId | Should -Be $expected[$Command].FullyQualifiedErrorId
        if ($refusal.FullyQualifiedErrorId -like 'InvalidOption,*') {
            $refusal.Exception.Message | Should -BeExactly $expected[$Command].Exception.Message
        }
    }

    It 'is the same error in strict mode: <Command>' -ForEach $commands {
        Set-StrictMode -Version 3
        $given = Get-Refused $Command
        try {
            $failures = @()
            $null = & $Command @given -ErrorVariable failures -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
            $refusal = $failures[0]
        } catch {
            $refusal = $_
        }

        $refusal.FullyQualifiedErrorId | Should -Be $expected[$Command].FullyQualifiedErrorId
    }

    It 'is the same error in constrained language: <Command>' -ForEach $commands {
        $state = [initialsessionstate]::CreateDefault()
        $state.ImportPSModule($module)
        $runspace = [runspacefactory]::CreateRunspace($state)
        $runspace.Open()
        try {
            $runspace.SessionStateProxy.LanguageMode = 'ConstrainedLanguage'
            $shell = [powershell]::Create($runspace).AddCommand($Command).AddParameters((Get-Refused $Command)).AddParameter('WarningAction', 'SilentlyContinue')
            try {
                $null = $shell.Invoke()
                $refusal = $shell.Streams.Error[0]
            } catch {
                $refusal = $_.Exception.InnerException.ErrorRecord
            }

            $refusal.FullyQualifiedErrorId | Should -Be $expected[$Command].FullyQualifiedErrorId
        } finally {
            $runspace.Dispose()
        }
    }

    It 'starts nothing' {
        Get-AmpFakeRecord $place -Kind Run | Should -BeNullOrEmpty
    }
}

Describe 'What is given' {
    It 'is no number or choice where it is null: <Command> -<Parameter>' -ForEach $values {
        $given = Get-Base $Command $Set $Parameter
        $given[$Parameter] = $null
        $refusal = Get-Refusal $Command $given
        $refusal | Should -Not -BeNullOrEmpty
        $refusal.FullyQualifiedErrorId | Should -Match 'Argument|InvalidOption|Parameter'
    }

    It 'is no name or place where it is empty: <Command> -<Parameter>' -ForEach $names {
        # With -WhatIf, some look no further than what would happen. The fake CLI is asked for nothing that it could do.
        $given = Get-Base $Command $Set $Parameter
        if ($given.WhatIf) {
            $given.Remove('WhatIf')
            $given.Confirm = $Command -in 'Invoke-AmpAgent', 'New-AmpSession' ? $null : $false
            if ($null -eq $given.Confirm) { $given.Remove('Confirm') }
        }

        $given[$Parameter] = ''
        $refusal = Get-Refusal $Command $given
        $refusal | Should -Not -BeNullOrEmpty
        $refusal.FullyQualifiedErrorId | Should -Match 'Argument|InvalidOption|Parameter'
    }

    It 'is not joined to one where it is two: <Command> -<Parameter>' -ForEach $singles {
        $given = Get-Base $Command $Set $Parameter
        $given[$Parameter] = 'a', 'b'
        $refusal = Get-Refusal $Command $given
        $refusal | Should -Not -BeNullOrEmpty
        $refusal.FullyQualifiedErrorId | Should -Match 'Argument|InvalidOption|Parameter'
    }

    It 'is a choice in any case, in <_>' -ForEach 'en-US', 'tr-TR', 'de-DE', 'ar-SA' {
        Use-Culture $_ {
            foreach ($action in 'ALLOW', 'reject', 'Ask') {
                (New-AmpPermission Bash $action -Context SUBAGENT).ToJson() | Should -BeExactly (New-AmpPermission Bash $action.ToLowerInvariant() -Context subagent).ToJson()
            }

            (New-AmpPermission -Kind MCP -Action ALLOW).ToJson() | Should -BeExactly (New-AmpPermission -Kind Mcp -Action Allow).ToJson()
            (New-AmpPermission -Kind WRITE -Action reject).Kind | Should -Be 'Write'
            $rules = (Get-Command Invoke-AmpAgent).Parameters.Permission.Attributes.Where{ $_ -is [System.Management.Automation.ArgumentTransformationAttribute] }[0].Transform($ExecutionContext, @{ kind = 'WRITE'; action = 'REJECT' })
            $rules[0].ToJson() | Should -BeExactly (New-AmpPermission -Kind Write -Action Reject).ToJson()
        }
    }

    It 'is a choice whatever its case: <Command> -<Parameter>' -ForEach $enumerations {
        $element = [System.Nullable]::GetUnderlyingType($Type) ?? ($Type.IsArray ? $Type.GetElementType() : $Type)
        foreach ($choice in [enum]::GetNames($element)) {
            [System.Management.Automation.LanguagePrimitives]::ConvertTo($choice.ToUpperInvariant(), $element) | Should -Be ([enum]::Parse($element, $choice))
        }
    }

    It 'is a folder as it is called, whatever characters it has: <Command>' -ForEach $folders {
        $folder = Join-Path $place.Root 'a[1] *? $b'
        $null = New-Item -ItemType Directory -Path ([wildcardpattern]::Escape($folder)) -Force -ErrorAction Ignore
        [System.IO.Directory]::CreateDirectory($folder) | Out-Null
        $given = Get-Base $Command
        $given.WorkingDirectory = $folder
        if ($Command -eq 'Export-AmpReport') {
            $given.TranscriptPath = Join-Path $PSScriptRoot '../transcripts/approval-needed.jsonl'
        }

        $refusal = Get-Refusal $Command $given
        "$($refusal.FullyQualifiedErrorId)" | Should -Not -Match 'InvalidOption|Wildcard|PathNotFound' -Because "$refusal"
    }

    It 'is a folder in which a CLI has worked, where one was started' {
        (Get-AmpFakeRecord $place).workingDirectory | ForEach-Object { [System.IO.Path]::GetFileName($_) } | Should -Contain 'a[1] *? $b'
    }

    It 'is not taken of an object that has something else by that name: <Command> -<Parameter>' -ForEach $byName {
        # A process, a file and a table have properties of these names, of other types.
        $odd = [pscustomobject]@{ $Parameter = [pscustomobject]@{ Deep = 1 } }
        $given = Get-Base $Command $Set $Parameter
        $failures = @()
        try {
            $odd | & $Command @given -ErrorAction SilentlyContinue -ErrorVariable failures -WarningAction SilentlyContinue | Out-Null
        } catch {
            $failures = @($_)
        }

        @($failures) | ForEach-Object { $oddFailures.Add($_) }
        $failures | ForEach-Object { "$_" } | Should -Not -Match 'Object reference|NullReference'
        Get-AmpFakeRecord $place | ForEach-Object { "$($_.commandLine)" } | Should -Not -Match 'Deep=1'
    }

    It 'was refused in some of these calls, so that there were errors to look at' {
        $oddFailures | Should -Not -BeNullOrEmpty
    }
}

Describe 'A run' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'gives its messages to -OutVariable and -PipelineVariable too' {
        $run = Invoke-AmpAgent go @call -OutVariable kept -PipelineVariable message | ForEach-Object { $message.Type }
        $run | Should -Be 'system', 'user', 'assistant', 'result'
        $kept.Type | Should -Be $run
        $kept[-1] | Should -BeOfType ([Amp.ResultMessage])
    }

    It 'can be started in <Name>' -ForEach @(
        @{ Name = 'a thread job'; Start = { Start-ThreadJob { $with = $using:call; Import-Module $using:module; Invoke-AmpAgent go @with -ResultOnly } | Receive-Job -Wait -AutoRemoveJob } }
        @{ Name = 'a process''s job'; Start = { Start-Job { $with = $using:call; Import-Module $using:module; Invoke-AmpAgent go @with -ResultOnly } | Receive-Job -Wait -AutoRemoveJob } }
        @{ Name = 'ForEach-Object -Parallel'; Start = { 1 | ForEach-Object -Parallel { $with = $using:call; Import-Module $using:module; Invoke-AmpAgent go @with -ResultOnly } } }
        @{ Name = 'an event''s handler'; Start = {
                $global:ampKindsCall = $call
                $timer = [System.Timers.Timer]::new(10)
                $timer.AutoReset = $false
                $job = Register-ObjectEvent $timer Elapsed -Action { $with = $global:ampKindsCall; Invoke-AmpAgent go @with -ResultOnly }
                try {
                    $timer.Start()
                    while (-not $job.HasMoreData -and $job.State -notin 'Failed', 'Stopped') { Start-Sleep -Milliseconds 50 }
                    Receive-Job $job
                } finally {
                    $timer.Dispose()
                    Get-EventSubscriber | Where-Object { $_.Action -eq $job } | Unregister-Event
                    Remove-Job $job -Force
                    Remove-Variable ampKindsCall -Scope Global
                }
            }
        }
    ) {
        $results = @(& $Start)
        $results.Count | Should -Be 1
        $results[0].Result | Should -Be 'Echo: go'
    }

    It 'needs no home and no folder for temporary files of its own: <Name>' -Skip:($IsWindows) -ForEach @(
        @{ Name = 'no HOME'; Variables = @{ HOME = $null; XDG_CONFIG_HOME = $null; XDG_CACHE_HOME = $null; XDG_DATA_HOME = $null } }
        @{ Name = 'no TMPDIR'; Variables = @{ TMPDIR = $null; TEMP = $null; TMP = $null } }
        @{ Name = 'a home that is not there'; Variables = @{ HOME = '/nowhere/at/all'; XDG_CACHE_HOME = '/nowhere/cache' } }
        @{ Name = 'a home that cannot be written'; Variables = @{ HOME = '/proc'; XDG_CACHE_HOME = '/proc/cache' } }
    ) {
        $before = Use-AmpTestVariable $Variables
        try {
            (Invoke-AmpAgent go @call -ResultOnly -WarningAction SilentlyContinue).Result | Should -Be 'Echo: go'
        } finally {
            $null = Use-AmpTestVariable $before
        }
    }

    It 'shows numbers and times of its result in the same way in <_>' -ForEach 'tr-TR', 'de-DE', 'ar-SA' {
        $result = Invoke-AmpAgent go @call -ResultOnly
        $shown = $result | Out-String
        $json = $result | ConvertTo-Json -Depth 3
        Use-Culture $_ {
            $result | Out-String | Should -BeExactly $shown
            $result | ConvertTo-Json -Depth 3 | Should -BeExactly $json
            $again = Invoke-AmpAgent go @call -ResultOnly -TimeoutSec 30.5
            $again.Result | Should -Be 'Echo: go'
        }
    }
}
