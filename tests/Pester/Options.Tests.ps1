#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $missing = Get-AmpTestGap MarchCli
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
}

Describe 'An option of Invoke-AmpAgent' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place

        function Use-Build([string] $Build, [string] $Version) {
            $call.Environment.AMP_FAKE_VERSION = $Version
            $call.Environment.AMP_FAKE_HELP = Join-Path (Get-AmpTestLayout).Root "tests/Amp.FakeCli/help/$Build.txt"
        }

        function Get-Run([hashtable] $More) {
            $null = Invoke-AmpAgent 'go' @call @More
            Get-AmpFakeRecord $place -Kind Run
        }

        # The settings that the CLI read.
        function Get-RunSetting([hashtable] $More) {
            $file = (Get-Run $More).files | Where-Object { $_.content -like '*amp.*' } | Select-Object -First 1
            $file.content | ConvertFrom-Json -AsHashtable
        }
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'is an argument of the CLI of 2026-03-24: -<Name>' -ForEach @(
        @{ Name = 'Visibility'; Value = 'private'; Argument = '--visibility=private' }
        @{ Name = 'Label'; Value = 'nightly', 'a-1'; Argument = '--label=nightly', '--label=a-1' }
        @{ Name = 'LogLevel'; Value = 'debug'; Argument = '--log-level=debug' }
        @{ Name = 'Archive'; Value = $true; Argument = '--archive' }
        @{ Name = 'Mode'; Value = 'deep'; Argument = '--mode=deep' }
        @{ Name = 'ExtraArgument'; Value = '--new-option=x y', '--flag'; Argument = '--new-option=x y', '--flag' }
    ) {
        $arguments = (Get-Run @{ $Name = $Value }).arguments
        $arguments | Where-Object { $_ -in $Argument } | Should -Be $Argument
    }

    It 'is an argument of the CLI of 2026-09-23: -<Name>' -ForEach @(
        @{ Name = 'Title'; Value = 'A "title" with $signs'; Argument = '--title=A "title" with $signs' }
        @{ Name = 'Feature'; Value = 'fast', 'other'; Argument = '--features=fast', '--features=other' }
        @{ Name = 'Executor'; Value = 'runner:abc'; Argument = '--executor=runner:abc' }
        @{ Name = 'Visibility'; Value = 'public'; Argument = '--visibility=unlisted' }
    ) {
        Use-Build 2026-09-23 '0.0.1790142911-g7618fb'
        $arguments = (Get-Run @{ $Name = $Value }).arguments
        $arguments | Where-Object { $_ -in $Argument } | Should -Be $Argument
    }

    It 'that a CLI lacks is refused before the run, with a way out: -<Name>' -ForEach @(
        @{ Name = 'Title'; Value = 'x'; WayOut = '*rename*' }
        @{ Name = 'Feature'; Value = 'fast'; WayOut = '*September 2026*' }
        @{ Name = 'Executor'; Value = 'orb'; WayOut = '*Omit it*' }
        @{ Name = 'Mode'; Value = 'turbo'; WayOut = '*deep, free, large, rush, smart*' }
        @{ Name = 'Visibility'; Value = 'everybody'; WayOut = '*private, public, workspace, group*' }
        @{ Name = 'SystemPrompt'; Value = 'Be brief.'; WayOut = '*prompt*AGENTS.md*skill*' }
    ) {
        $more = @{ $Name = $Value }
        $refusal = { Invoke-AmpAgent 'go' @call @more } | Should -Throw -PassThru `
            -ErrorId 'UnsupportedByCli,Amp.PowerShell.Commands.InvokeAmpAgentCommand'

        $refusal.CategoryInfo.Category | Should -Be 'NotImplemented'
        $refusal.Exception.Message | Should -BeLike '*0.0.1774310664-gcb98ac*'
        $refusal.ErrorDetails.RecommendedAction | Should -BeLike $WayOut
        Get-AmpFakeRecord $place -Kind Run | Should -BeNullOrEmpty
    }

    It 'keeps an unattended run quiet unless -<Name>:$false is said' -ForEach @(
        @{ Name = 'NoIde'; Argument = '--no-ide' }
        @{ Name = 'NoJetBrains'; Argument = '--no-jetbrains' }
        @{ Name = 'NoNotifications'; Argument = '--no-notifications' }
        @{ Name = 'NoColor'; Argument = '--no-color' }
    ) {
        (Get-Run @{ $Name = $false }).arguments | Should -Not -Contain $Argument
        (Get-Run @{ $Name = $true }).arguments | Where-Object { $_ -eq $Argument } | Should -Not -BeNullOrEmpty
    }

    It 'leaves what the session says of colours as it is: -NoColor:$false' {
        $before = $env:NO_COLOR, $env:FORCE_COLOR
        try {
            $env:NO_COLOR = $null
            $env:FORCE_COLOR = '3'
            $run = Get-Run @{ NoColor = $false }
        } finally {
            $env:NO_COLOR, $env:FORCE_COLOR = $before
        }

        $run.environment.ContainsKey('NO_COLOR') | Should -BeFalse
        $run.environment.FORCE_COLOR | Should -Be '3'
    }

    It 'is a variable of the CLI: -ApiKey before that of the session, -Toolbox' {
        $toolbox = New-Item -ItemType Directory -Path (Join-Path $place.Project 'tools')
        $call.Environment.AMP_API_KEY = 'key-of-the-session'
        $key = [System.Net.NetworkCredential]::new('', 'key-of-the-call').SecurePassword
        $run = Get-Run @{ ApiKey = $key; Toolbox = $toolbox.FullName }

        $run.environment.AMP_API_KEY | Should -BeExactly 'key-of-the-call'
        $run.environment.AMP_TOOLBOX | Should -BeExactly $toolbox.FullName
        $run.arguments -join ' ' | Should -Not -BeLike '*key-of*'
    }

    It 'is a setting beside those of the user: -Permission, -EnabledTool, -Skills' {
        $skills = New-Item -ItemType Directory -Path (Join-Path $place.Project 'skills')
        $file = Join-Path $place.Project 'mine.json'
        $text = '{ /* mine */ "amp.permissions": [{ "tool": "Read", "action": "reject" }], "amp.skills.path": "/own", "other": [1,], }'
        Set-Content -LiteralPath $file -Value $text -NoNewline
        $settings = Get-RunSetting @{
            SettingsFile = $file; Permission = New-AmpPermission Bash Allow; EnabledTool = 'Read', 'mcp__*'; Skills = $skills.FullName
        }

        $settings.'amp.permissions'.tool | Should -Be 'Bash', 'Read'
        $settings.'amp.permissions'.action | Should -Be 'allow', 'reject'
        $settings.'amp.tools.enable' | Should -Be 'Read', 'mcp__*'
        $settings.'amp.skills.path' | Should -Be "$($skills.FullName)$([System.IO.Path]::PathSeparator)/own"
        $settings.other | Should -Be @(1)
        Get-Content -Raw -LiteralPath $file | Should -BeExactly $text -Because 'the file of the user is only read'
    }

    It 'is the user''s own settings file, as it is, where nothing else is set: -SettingsFile' {
        $file = Join-Path $place.Project 'mine.json'
        Set-Content -LiteralPath $file -Value '{}'
        (Get-Run @{ SettingsFile = $file }).arguments | Should -Contain "--settings-file=$file"
    }

    It 'offers no tool at all where -EnabledTool is an empty list' {
        # The CLIs take an empty list for no list at all, and would offer every tool.
        (Get-RunSetting @{ EnabledTool = @() }).'amp.tools.enable' | Should -Be 'no-tool-at-all'
    }

    It 'is a private file: -McpConfig as <Name>' -ForEach @(
        @{ Name = 'a hashtable'; Value = @{ one = @{ command = 'node'; args = 'a', 'b' } } }
        @{ Name = 'JSON'; Value = '{ "one": { "command": "node", "args": ["a", "b"], }, } // mine' }
        @{ Name = 'the path of a file'; Value = 'servers.json' }
    ) {
        Set-Content -LiteralPath (Join-Path $place.Project 'servers.json') -Value '{"one":{"command":"node","args":["a","b"]}}'
        Push-Location -LiteralPath $place.Project
        try {
            $run = Get-Run @{ McpConfig = $Value }
        } finally {
            Pop-Location
        }

        @($run.arguments -like '--mcp-config=*').Count | Should -Be 1
        $run.arguments -join ' ' | Should -Not -BeLike '*node*'
        $servers = @($run.files)[0].content | ConvertFrom-Json -AsHashtable
        $servers.one.command | Should -Be 'node'
        $servers.one.args | Should -Be 'a', 'b'
    }

    It 'that is a path starts from PowerShell''s location, not from the process''s' {
        $folder = New-Item -ItemType Directory -Path (Join-Path $place.Project 'sub')
        $null = New-Item -ItemType Directory -Path (Join-Path $folder 'tools')
        Set-Content -LiteralPath (Join-Path $folder 'mine.json') -Value '{}'
        Push-Location -LiteralPath $folder
        try {
            $run = Get-Run @{ SettingsFile = './mine.json'; LogFile = 'amp.log'; Toolbox = 'tools' }
        } finally {
            Pop-Location
        }

        $run.arguments | Should -Contain "--settings-file=$(Join-Path $folder 'mine.json')"
        $run.arguments | Should -Contain "--log-file=$(Join-Path $folder 'amp.log')"
        $run.environment.AMP_TOOLBOX | Should -Be (Join-Path $folder 'tools')
    }
}

Describe 'A value that cannot be used' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place

        # Every file of the place, those of the user, the project and the system's temporary folder among them.
        function Get-State {
            Get-ChildItem -LiteralPath $place.Root -Recurse -Force | ForEach-Object { "$($_.FullName) $($_.LastWriteTimeUtc.Ticks)" }
        }

        function Get-Refusal([hashtable] $More) {
            $before = Get-State
            $refusal = { Invoke-AmpAgent 'go' @call @More } | Should -Throw -PassThru `
                -ErrorId 'InvalidOption,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
            $refusal.CategoryInfo.Category | Should -Be 'InvalidArgument'
            $refusal.Exception | Should -BeOfType [Amp.AmpValidationException]
            $refusal.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
            Get-AmpFakeRecord $place | Should -BeNullOrEmpty -Because 'it is refused before a CLI is asked anything'
            Get-State | Should -Be $before -Because 'it is refused before anything is written'
            $refusal
        }
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'is refused: -<Name> <Shown>' -ForEach @(
        @{ Name = 'Label'; Value = 'a b'; Shown = 'with a space' }
        @{ Name = 'Label'; Value = '-a'; Shown = 'that begins with a hyphen' }
        @{ Name = 'Label'; Value = "ok`n"; Shown = 'with a line end' }
        @{ Name = 'Label'; Value = 'ü'; Shown = 'with other letters' }
        @{ Name = 'Label'; Value = 1..21 | ForEach-Object { "l$_" }; Shown = 'of more than 20' }
        @{ Name = 'Mode'; Value = ' '; Shown = 'that is blank' }
        @{ Name = 'Visibility'; Value = ' '; Shown = 'that is blank' }
        @{ Name = 'SystemPrompt'; Value = ''; Shown = 'that is empty' }
        @{ Name = 'LogFile'; Value = ''; Shown = 'that is empty' }
        @{ Name = 'EnabledTool'; Value = 'Read', ''; Shown = 'with an empty name' }
        @{ Name = 'Toolbox'; Value = 'no-such-folder'; Shown = 'that is not there' }
        @{ Name = 'Skills'; Value = 'no-such-folder'; Shown = 'that is not there' }
        @{ Name = 'SettingsFile'; Value = 'no-such-file.json'; Shown = 'that is not there' }
        @{ Name = 'McpConfig'; Value = 'no-such-file.json'; Shown = 'that is not there' }
        @{ Name = 'McpConfig'; Value = 42; Shown = 'that is a number' }
        @{ Name = 'McpConfig'; Value = '[]'; Shown = 'that is a list' }
        @{ Name = 'McpConfig'; Value = '{"a":{"nothing":1}}'; Shown = 'with an entry that is no server' }
    ) {
        (Get-Refusal @{ $Name = $Value }).Exception.OptionName | Should -BeLike "$Name*"
    }

    It 'is refused: a NUL character in -<_>' -ForEach @(
        'Mode', 'Visibility', 'Title', 'Executor', 'LogLevel', 'LogFile', 'SystemPrompt', 'EnabledTool', 'Feature', 'Label',
        'Toolbox', 'Skills', 'SettingsFile', 'ExtraArgument', 'McpConfig'
    ) {
        $null = Get-Refusal @{ $_ = "--a`0b" }
    }

    It 'is refused: a path of -<_> that is none of the file system' -ForEach @(
        'Toolbox', 'Skills', 'SettingsFile', 'LogFile', 'McpConfig'
    ) {
        $refusal = Get-Refusal @{ $_ = 'Env:\PATH' }
        $refusal.Exception.Message | Should -BeLike "*-$_*Environment*"
        $refusal.TargetObject | Should -Be 'Env:\PATH'
    }

    It 'is refused: an extra argument that breaks the run, <_>' -ForEach @(
        '--execute', '-x', '-xfoo', '--stream-json=false', '--stream-json-input', '--settings-file=/x', '--mcp-config={}', '--help',
        '--version', '-V', '--dangerously-allow-all', 'threads', '--', '-', ''
    ) {
        (Get-Refusal @{ ExtraArgument = $_ }).Exception.OptionName | Should -Be 'ExtraArguments'
    }

    It 'in JSON is told by line and column: -<Name>' -ForEach @(
        @{ Name = 'SettingsFile'; Source = '*mine.json*' }
        @{ Name = 'McpConfig'; Source = '*McpConfig*' }
    ) {
        $json = "{`n  ""a"": {`n    ""command"": nope }`n}"
        $file = Join-Path $place.Project 'mine.json'
        Set-Content -LiteralPath $file -Value $json
        $refusal = Get-Refusal @{ $Name = $Name -eq 'McpConfig' ? $json : $file }

        $refusal.Exception.Message | Should -BeLike "${Source}line 3, column 17*"
    }

    It 'is refused: -ContinueThread beside -ThreadId' {
        $null = Get-Refusal @{ ContinueThread = $true; ThreadId = 'T-01a1fc29-d07b-7559-bfd5-81c55e0aa685' }
    }

    It 'is refused: -<_> for a thread that is continued' -ForEach 'Visibility', 'Title', 'Executor' {
        $null = Get-Refusal @{ $_ = 'local'; ThreadId = 'T-01a1fc29-d07b-7559-bfd5-81c55e0aa685' }
    }

    It 'is refused with -WhatIf too' {
        $null = Get-Refusal @{ Label = 'a b'; WhatIf = $true }
    }
}

Describe "The sample of the SDK's options$missing" -Skip:([bool] $missing) {
    It 'runs to its end with the real CLI and a local service' {
        $layout = Get-AmpTestLayout
        $program = $layout.FakeCli.Replace('tests/Amp.FakeCli', 'examples/SdkOptions').Replace('Amp.FakeCli', 'SdkOptions')
        $program | Should -Exist
        $output = & $program

        $LASTEXITCODE | Should -Be 0
        $output | Should -Be @(
            'allowed:   Succeeded, 1 tool call(s)'
            'denied:    Denied, 1 denial(s)'
            'as error:  AgentError'
            'server:    --mcp-config=<private mcp.json>'
            'called:    weather {"city":"Rome"}, Succeeded, sunny'
            'turn:      Echo: hello'
            'turn:      Echo: and you?'
            'cancelled: Canceled, thread known'
        )
    }
}
