#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $builds = foreach ($need in 'JanuaryCli', 'LateJanuaryCli', 'MarchCli', 'NativeCli') {
        @{ Need = $need; Gap = Get-AmpTestGap $need }
    }
    $missing = Get-AmpTestGap MarchCli
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module

    function Get-Failure([scriptblock] $Statement) {
        try {
            $null = & $Statement
        } catch {
            return $_
        }

        throw 'It did not fail.'
    }
}

Describe 'The rules of <Need><Gap>' -ForEach $builds {
    BeforeAll {
        $place = Open-AmpTestPlace
        $call = @{ CliPath = (Get-AmpTestLayout).$Need; WorkingDirectory = $place.Project; Environment = $place.Environment }
        $file = Join-Path $place.UserHome '.config/amp/settings.json'
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'are added in one go, come back equal and judge calls' -Skip:([bool] $Gap) {
        $null = New-Item -ItemType Directory -Path (Split-Path $file)
        Set-Content -LiteralPath $file -Value "{`n  // mine`n  `"amp.permissions`": [`n    { `"tool`": `"Task`", `"action`": `"ask`" } // keep`n  ]`n}"
        $rules = @(
            New-AmpPermission Bash Reject -Match @{ cmd = 'rm *', '/^sudo\b/'; options = @{ deep = @{ er = 1, $true, $null } } } -Message 'No.'
            New-AmpPermission Bash Reject -Match @{ cmd = 'rm *' }
            New-AmpPermission Read, Grep Allow -Context Subagent
        )

        $passed = $rules | Add-AmpPermission @call -PassThru -Confirm:$false

        $passed | ForEach-Object ToJson | Should -Be ($rules | ForEach-Object ToJson)
        $read = Get-AmpPermission @call
        $read | ForEach-Object ToJson | Should -Be (@($rules | ForEach-Object ToJson) + '{"tool":"Task","action":"ask"}')
        $read | Should -BeOfType Amp.AmpPermission
        $read[0].Matches.options.deep.er | Should -Be 1, $true, $null
        Get-Content -LiteralPath $file -Raw | Should -BeLike '*// mine*// keep*'

        $decision = Test-AmpPermission Bash @{ cmd = 'rm -r x' } @call
        $decision.Action | Should -Be Reject
        $decision.Index | Should -Be 1
        $decision.Source | Should -Be User
        $decision.Rule.ToJson() | Should -Be $rules[1].ToJson()
    }
}

Describe "The rules of the CLI of March$missing" -Skip:([bool] $missing) {
    BeforeAll {
        $place = Open-AmpTestPlace
        $call = @{ CliPath = (Get-AmpTestLayout).MarchCli; WorkingDirectory = $place.Project; Environment = $place.Environment }
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'are listed where they are asked for: the workspace''s, and the built-in ones by tool' {
        New-AmpPermission Bash Ask | Add-AmpPermission @call -Workspace
        Get-AmpPermission @call | Should -BeNullOrEmpty
        Get-AmpPermission @call -Workspace | ForEach-Object ToJson | Should -Be '{"tool":"Bash","action":"ask"}'
        Join-Path $place.Project '.amp/settings.json' | Should -Exist
        (Get-AmpPermission mcp* @call -Builtin).Tool | Should -Contain 'mcp__*'
        (Get-AmpPermission mcp* @call -Builtin).Tool | Should -Not -Contain 'Bash'
    }

    It 'judge the tool calls of a message, one after the other' {
        $calls = [pscustomobject]@{ Name = 'Bash'; Input = @{ cmd = 'ls' } }, [pscustomobject]@{ Name = 'Read'; Input = @{ path = 'x'; read_range = 1, 5 } }
        $decisions = $calls | Test-AmpPermission @call -Permission (New-AmpPermission Read Reject), (New-AmpPermission Bash Allow)
        $decisions.Action | Should -Be Allow, Reject
        $decisions.Index | Should -Be 1, 0
        ($decisions | Format-Table | Out-String) | Should -Match '(?m)^Bash\s+Allow'
    }

    It 'may be none, which leaves the built-in ones' {
        (Test-AmpPermission Bash @{ cmd = 'git push' } @call -Permission @()).Source | Should -Be BuiltIn
    }

    It 'are tested in Pester as the example shows' {
        $env:AMP_CLI_PATH = $call.CliPath
        try {
            $example = Join-Path (Get-AmpTestLayout).Root 'examples/permission-tests'
            # The one that runs this test: the build has it where no module is looked for.
            $pester = (Get-Module Pester).Path
            $script = "Import-Module '$pester'; `$r = Invoke-Pester '$example' -PassThru -Output None; `"`$(`$r.PassedCount) `$(`$r.FailedCount)`""
            $shell = Invoke-AmpTestShell $place $script -Variable @{ AMP_CLI_PATH = $call.CliPath }
        } finally {
            $env:AMP_CLI_PATH = $null
        }

        $shell.Error | Should -BeNullOrEmpty
        $shell.Output.Trim() | Should -Be '10 0'
    }
}

Describe 'Cmdlets for rules' {
    BeforeEach {
        $place = Open-AmpTestPlace
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'start nothing and write nothing with -WhatIf' {
        $call = Get-AmpFakeCall $place 'hang'
        $before = Get-ChildItem -LiteralPath $place.Root -Recurse -Force | ForEach-Object FullName

        New-AmpPermission Bash Reject | Add-AmpPermission @call -WhatIf

        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
        Get-ChildItem -LiteralPath $place.Root -Recurse -Force | ForEach-Object FullName | Should -Be $before
    }

    It 'write nothing when a rule among many is <Name>' -ForEach @(
        @{ Name = 'incomplete'; Wrong = [pscustomobject]@{ Tool = 'x' }; Message = 'Rule 2 *' }
        @{ Name = 'misspelled'; Wrong = [pscustomobject]@{ tool = 'x'; acton = 'reject' }; Message = 'Rule 2 *' }
        @{ Name = 'a string'; Wrong = 'Bash'; Message = 'Rule 2 *' }
        @{ Name = 'null'; Wrong = $null; Message = '*-Permission*' }
        @{ Name = 'for a program on no drive'; Wrong = @{ tool = '*'; action = 'delegate'; to = 'Nope:/x' }; Message = '*Nope*' }
    ) {
        $file = Join-Path $place.Root 'settings.json'
        Set-Content -LiteralPath $file -Value '{}' -NoNewline
        $call = Get-AmpFakeCall $place 'hang'
        $rules = (New-AmpPermission Bash Reject), $Wrong, (New-AmpPermission Bash Allow)

        foreach ($statement in { $rules | Add-AmpPermission @call -SettingsFile $file }, { Add-AmpPermission $rules @call -SettingsFile $file }) {
            $failure = Get-Failure $statement
            $failure.FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.AddAmpPermissionCommand'
            $failure.Exception.Message | Should -BeLike $Message
        }

        Get-Content -LiteralPath $file -Raw | Should -Be '{}'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'write nothing for <Name>' -ForEach @(
        @{ Name = 'an empty list'; Statement = { Add-AmpPermission @() @call -SettingsFile $file } }
        @{ Name = 'lists that are all empty'; Statement = { Add-AmpPermission (@(), @()) @call -SettingsFile $file } }
        @{ Name = 'an empty list before a rule'; Statement = { @(), (New-AmpPermission Bash Reject) | Add-AmpPermission @call -SettingsFile $file } }
        @{ Name = 'an empty list after a rule'; Statement = { (New-AmpPermission Bash Reject), @() | Add-AmpPermission @call -SettingsFile $file } }
        @{ Name = 'a list that contains itself'; Statement = {
                $list = [System.Collections.Generic.List[object]] @(New-AmpPermission Bash Reject)
                $list.Add($list)
                Add-AmpPermission $list @call -SettingsFile $file
            }
        }
    ) {
        $file = Join-Path $place.Root 'settings.json'
        Set-Content -LiteralPath $file -Value '{}' -NoNewline
        $call = Get-AmpFakeCall $place 'hang'

        (Get-Failure $Statement).FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.AddAmpPermissionCommand'
        Get-Content -LiteralPath $file -Raw | Should -Be '{}'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'end a CLI that hangs' {
        $call = Get-AmpFakeCall $place 'hang'
        $call.TimeoutSec = 1
        foreach ($statement in { Get-AmpPermission @call }, { New-AmpPermission x Allow | Add-AmpPermission @call }) {
            (Get-Failure $statement).FullyQualifiedErrorId | Should -BeLike 'Timeout,*'
        }

        Test-AmpPermission Bash @call -Permission @() -ErrorVariable problem -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'Timeout,*'
        Join-Path $place.UserHome '.config/amp/settings.json' | Should -Not -Exist
    }

    It 'refuse inputs that the CLI cannot be asked about, and go on with the next' {
        $call = Get-AmpFakeCall $place 'hang'
        $failed = [pscustomobject]@{ Tool = 'Bash'; Argument = @{ cmd = '--version' } } |
            Test-AmpPermission @call -ErrorVariable problem -ErrorAction SilentlyContinue

        $failed | Should -BeNullOrEmpty
        $problem[0].FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.TestAmpPermissionCommand'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }
}
