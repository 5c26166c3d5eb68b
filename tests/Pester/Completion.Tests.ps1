#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $missing = Get-AmpTestGap MarchCli
    $nativeMissing = Get-AmpTestGap NativeCli
    # What there is to complete: a parameter that has no completer where its name stands here is one that was forgotten.
    $completed = 'Mode', 'Visibility', 'Feature', 'LogLevel', 'Executor', 'EnabledTool', 'Tool', 'ThreadId', 'HandoffFrom', 'ForkFrom', 'Label', 'Session'
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $place = Open-AmpTestPlace
    $environment = $place.Environment
    $layout = Get-AmpTestLayout

    # As the Tab key does; what is completed ends at the end of the line.
    function Get-Completion([string] $Line) {
        @([System.Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null).CompletionMatches)
    }

    # The value that a command line gets when the first thing that is offered is taken.
    function Get-CompletedValue([System.Management.Automation.CompletionResult] $Completion) {
        & ([scriptblock]::Create("param(`$value) `$value")) @(& ([scriptblock]::Create("Write-Output $($Completion.CompletionText)")))
    }

    function Get-ProcessStart {
        Get-AmpFakeRecord $place | Measure-Object | ForEach-Object Count
    }
}

AfterAll {
    Close-AmpTestPlace $place
}

Describe 'Completion without anything that is known' {
    It 'offers the modes and visibilities of all CLIs, and says so' {
        $fresh = "Invoke-AmpAgent x -CliPath /nowhere/amp -Environment `$environment"
        $modes = Get-Completion "$fresh -Mode "
        $modes.CompletionText | Should -Be 'low', 'medium', 'high', 'ultra', 'smart', 'rush', 'deep', 'large', 'free'
        $modes[0].ToolTip | Should -BeLike '*Get-AmpCli*'
        (Get-Completion "$fresh -Visibility ").CompletionText | Should -Be 'private', 'workspace', 'group', 'unlisted', 'public'
        (Get-Completion "$fresh -LogLevel ").CompletionText | Should -Contain 'debug'
        (Get-Completion "$fresh -Executor ").CompletionText | Should -Be 'local', 'orb', 'runner:'
        (Get-Completion "$fresh -Feature ").CompletionText | Should -Be 'fast'
        (Get-Completion "$fresh -EnabledTool Bash, rea").CompletionText | Should -Contain 'Read'
    }

    It 'offers nothing, and no files either, where nothing can be known: <_>' -ForEach @(
        'Get-AmpThread -ThreadId ', 'Set-AmpThread -Label ', 'Get-AmpSession -Name ', 'Get-AmpSkill -Name ', 'Send-AmpMessage -Session '
    ) {
        $shell = [powershell]::Create()
        try {
            $line = "$_ "
            $null = $shell.AddScript('Import-Module $args[0]; Set-Location $args[1]').AddArgument($layout.Module).AddArgument($place.Project).Invoke()
            $shell.Commands.Clear()
            $found = $shell.AddScript('(TabExpansion2 $args[0] $args[0].Length).CompletionMatches').AddArgument($line).Invoke()
            $found.CompletionText | Should -BeNullOrEmpty
        } finally {
            $shell.Dispose()
        }
    }
}

Describe 'Completion by what the CLI said of itself' {
    BeforeAll {
        $call = Get-AmpFakeCall $place 'echo'
        $environment = $call.Environment
        $cliPath = $call.CliPath
        $null = Get-AmpCli $cliPath -Environment $environment
        $starts = Get-ProcessStart
    }

    It 'offers its modes and no others, and starts nothing' {
        $cli = Get-AmpCli $cliPath -Environment $environment
        $starts = Get-ProcessStart
        $modes = Get-Completion "Invoke-AmpAgent x -CliPath '$cliPath' -Environment `$environment -Mode "
        $modes.CompletionText | Should -Be $cli.Modes
        $modes[0].ToolTip | Should -BeLike "*$($cli.Version)*"
        $first = $cli.Modes[0]
        (Get-Completion "Get-AmpTool -CliPath '$cliPath' -Environment `$environment -Mode '$($first.Substring(0, 2))").CompletionText |
            Should -Be "'$first'"
        Get-ProcessStart | Should -Be $starts
    }

    It 'finds a relative -CliPath from the folder that PowerShell is in' {
        Push-Location -LiteralPath (Split-Path $cliPath)
        try {
            (Get-Completion "Invoke-AmpAgent x -CliPath ./$(Split-Path -Leaf $cliPath) -Environment `$environment -Mode ").ToolTip |
                Should -BeLike '*Amp CLI 0.0.*'
        } finally {
            Pop-Location
        }
    }
}

Describe "Completion by the help of the native CLI$nativeMissing" -Skip:([bool] $nativeMissing) {
    It 'offers features with what they are, executors, and log levels that are some' {
        $environment = $place.Environment
        $cli = Get-AmpCli $layout.NativeCli -Environment $environment
        $cli.Features.Name | Should -Be 'fast', 'plaid', 'pro'
        $cli.Features[1].Description | Should -BeLike 'Ultrafast serving*steep premium; implies Fast on other models'

        $line = "Invoke-AmpAgent x -CliPath '$($layout.NativeCli)' -Environment `$environment"
        $features = Get-Completion "$line -Feature "
        $features.CompletionText | Should -Be 'fast', 'plaid', 'pro'
        $features[0].ToolTip | Should -BeLike 'Faster serving*'
        (Get-Completion "$line -Mode ").CompletionText | Should -Be 'low', 'medium', 'high', 'ultra'
        (Get-Completion "$line -Executor ").CompletionText | Should -Be 'local', 'orb', 'runner:'
        (Get-Completion "$line -LogLevel ").CompletionText | Should -Be 'error', 'warn', 'info', 'debug', 'audit'
        (Get-Completion "$line -Visibility un").CompletionText | Should -Be 'unlisted'
    }
}

Describe 'Completion by what the session has seen' {
    BeforeAll {
        # Of a place of its own: what a CLI has said is kept for each.
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place 'echo' -Variable @{
            AMP_FAKE_HELP = Join-Path $layout.Root 'tests/Amp.FakeCli/help/2026-09-23.txt'
            AMP_FAKE_VERSION = '0.0.1790142911-g7618fb'
        }
        $title = "Tidy `e[31mup`e]0;pwned`a the`u{202e} build`nand more of it, much more than a list has room for"
        $messages = Invoke-AmpAgent 'hello' @call -Title $title -Label nightly, ci
        $thread = $messages[0].ThreadId
        $session = New-AmpSession "it's [mine]" @call
        $starts = Get-ProcessStart
    }

    AfterAll {
        $session | Remove-AmpSession
        Close-AmpTestPlace $place
    }

    It 'offers threads by ID, with the title in list and tooltip and nothing hidden in it' {
        $found = Get-Completion 'Get-AmpThread -ThreadId '
        $one = $found | Where-Object CompletionText -EQ $thread
        $one.ListItemText | Should -BeLike "$($thread.Substring(0, 10))… Tidy up the build*…"
        $one.ToolTip | Should -BeLike "*Tidy up the build and more*$thread"
        "$($one.ListItemText)$($one.ToolTip)" | Should -Not -Match '[\p{Cc}\p{Cf}]|pwned'
    }

    It 'offers a thread for <_>' -ForEach 'Invoke-AmpAgent x -ThreadId ', 'Set-AmpThread -Id ', 'Rename-AmpThread ', 'New-AmpThread -HandoffFrom ', 'New-AmpThread -ForkFrom ' {
        (Get-Completion $_).CompletionText | Should -Contain $thread
        (Get-Completion "$_$($thread.Substring(0, 12).ToUpperInvariant())").CompletionText | Should -Contain $thread
    }

    It 'finds a thread by a part of its title' {
        (Get-Completion "Get-AmpThread -ThreadId 'THE BUILD").CompletionText | Should -Be "'$thread'"
        (Get-Completion "Get-AmpThread -ThreadId 'another build").CompletionText | Should -BeNullOrEmpty
    }

    It 'offers labels that were given' {
        # Other tests of this session have given labels too.
        (Get-Completion 'Set-AmpThread T-1 -Label ').CompletionText | Where-Object { $_ -in 'ci', 'nightly' } | Should -Be 'ci', 'nightly'
        (Get-Completion 'Invoke-AmpAgent x -Label ci, ni').CompletionText | Should -Be 'nightly'
    }

    It 'offers the tools of the run' {
        $tools = ($messages | Where-Object Type -EQ system)[0].Tools
        $tools | Should -Not -BeNullOrEmpty
        # Other tests of this session have seen others, too.
        (Get-Completion 'Invoke-AmpTool -Name ').CompletionText | Where-Object { $_ -in $tools } | Sort-Object | Should -Be ($tools | Sort-Object)
        (Get-Completion 'New-AmpPermission ').CompletionText | Where-Object { $_ -in $tools } | Sort-Object | Should -Be ($tools | Sort-Object)
    }

    It 'offers sessions by name and number, such that the name is no pattern' {
        $byName = Get-Completion 'Get-AmpSession -Name '
        Get-AmpSession (Get-CompletedValue $byName[0]) | Should -Be $session
        $byName[0].ToolTip | Should -BeLike "Session $($session.Id)*"
        $byId = Get-Completion 'Remove-AmpSession -Id '
        $byId.CompletionText | Should -Be "$($session.Id)"
        $forMessage = Get-Completion 'Send-AmpMessage -Session '
        Get-CompletedValue $forMessage[0] | Should -BeExactly "it's [mine]"
    }

    It 'starts nothing' {
        Get-ProcessStart | Should -Be $starts
    }
}

Describe 'Completion by files' {
    BeforeAll {
        $folder = Join-Path $place.Project '.amp'
        $null = New-Item -ItemType Directory $folder
        $hostile = "x'; Remove-Item *; '", 'with blank', '$(exit)', '1kb', '-Force', '@splat', "smart`u{2019}quote", 'a[b]', 'tab`nope'
        $hidden = "line`nend", "esc`e[2Jape", "right`u{202e}left", "`u{feff}"
        $servers = @{}
        foreach ($name in $hostile + $hidden) {
            $servers[$name] = @{ command = 'x' }
        }

        $settings = @{
            'amp.mcpServers' = $servers
            'amp.permissions' = @(@{ tool = 'from_rule'; action = 'allow' }, 'no rule', @{ tool = 7 })
        }
        Set-Content -LiteralPath (Join-Path $folder 'settings.json') -Value "// a comment`n$($settings | ConvertTo-Json -Depth 9)"
        $userFile = Join-Path $place.Root 'user.json'
        Set-Content -LiteralPath $userFile -Value '{ "amp.mcpServers": { "tickets": { "url": "https://h.example/mcp" }, }, "amp.tools.disable": ["off_tool"] }'
        $given = "-SettingsFile '$userFile' -WorkingDirectory '$($place.Project)' -Environment `$environment"
        $environment = $place.Environment

        # What earlier tests of this process have seen is offered too.
        $empty = "-SettingsFile '$(Join-Path $place.Root 'none.json')' -WorkingDirectory '$(Join-Path $place.Root 'home')' -Environment `$environment"
        $seen = @((Get-Completion "Remove-AmpMcpServer $empty -Name ").CompletionText)
        'tickets', 'with blank' | Should -Not -BeIn $seen
    }

    It 'offers the MCP servers of both settings to <_>' -ForEach @(
        'Test-AmpMcpServer', 'Approve-AmpMcpServer', 'Connect-AmpMcpServer', 'Disconnect-AmpMcpServer', 'Remove-AmpMcpServer'
    ) {
        $found = Get-Completion "$_ $given -Name " | Where-Object CompletionText -NotIn $seen
        $values = $found | ForEach-Object { Get-CompletedValue $_ }
        $values | Should -Contain 'tickets'
        foreach ($name in $hostile) {
            $values | Should -Contain $name -Because 'each is one word for the parser, whatever is in it'
        }

        ($found | Where-Object CompletionText -EQ tickets).ToolTip | Should -BeLike '*your settings*'
        $found.CompletionText + $found.ListItemText + $found.ToolTip | Should -Not -Match '[\p{Cc}\p{Cf}]'
        $found.Count | Should -Be ($hostile.Count + 1)
    }

    It 'offers a name as it stands where wildcards are taken' {
        $found = Get-Completion "Get-AmpMcpServer $given -Name 'a"
        $value = Get-CompletedValue $found[0]
        'a[b]' -like $value | Should -BeTrue
        'ab' -like $value | Should -BeFalse
    }

    It 'offers tools that rules and lists name, and those of a server by a pattern' {
        $values = Get-Completion "Get-AmpPermission $given -Tool " | ForEach-Object { Get-CompletedValue $_ }
        $values | Should -Contain 'from_rule'
        $values | Should -Contain 'off_tool'
        (Get-Completion "Invoke-AmpAgent x $given -EnabledTool mcp__ti").CompletionText | Should -Be 'mcp__tickets__*'
    }

    It 'offers skills that lie in the folders of the workspace and the user' {
        $skill = Join-Path $place.Project '.agents/skills/tidy up'
        $other = Join-Path $place.UserHome '.config/agents/skills/global-one'
        $null = New-Item -ItemType Directory $skill, $other, (Join-Path $place.Project '.agents/skills/no-skill')
        $skill, $other | ForEach-Object { Set-Content -LiteralPath (Join-Path $_ 'SKILL.md') -Value '---' }
        # Those that this session has seen are offered too.
        (Get-Completion "Uninstall-AmpSkill -WorkingDirectory '$($place.Project)' -Environment `$environment -Name ").CompletionText |
            Where-Object { $_ -in 'global-one', "'tidy up'", 'no-skill' } | Should -Be 'global-one', "'tidy up'"
    }

    It 'takes a settings file that cannot be read for an empty one: <Name>' -ForEach @(
        @{ Name = 'broken'; Content = '{ "amp.mcpServers": {' }
        @{ Name = 'a list'; Content = '[1, 2]' }
        @{ Name = 'half a character'; Content = '{ "amp.mcpServers": { "\ud800": {} }, "amp.permissions": [{ "tool": "\udfff" }] }' }
        @{ Name = 'deep'; Content = '[' * 100000 }
        @{ Name = 'of other kinds'; Content = '{ "amp.mcpServers": [7], "amp.permissions": "x", "amp.tools.enable": { } }' }
        @{ Name = 'missing'; Content = $null }
    ) {
        $file = Join-Path $place.Root 'strange.json'
        Remove-Item -LiteralPath $file -ErrorAction Ignore
        if ($Content) {
            Set-Content -LiteralPath $file -Value $Content
        }

        $Error.Clear()
        $outside = Join-Path $place.Root 'home'
        (Get-Completion "Remove-AmpMcpServer -SettingsFile '$file' -WorkingDirectory '$outside' -Environment `$environment -Name ").CompletionText | Where-Object { $_ -notin $seen } |
            Should -BeNullOrEmpty
        (Get-Completion "New-AmpPermission ").CompletionText | Should -Not -BeNullOrEmpty
        $Error.Count | Should -Be 0
    }

    It 'does not wait for a pipe in the place of a settings file' -Skip:$IsWindows {
        $pipe = Join-Path $place.Root 'pipe.json'
        mkfifo $pipe
        (Get-Completion "Remove-AmpMcpServer -SettingsFile '$pipe' -WorkingDirectory '$($place.UserHome)' -Environment `$environment -Name ").CompletionText | Where-Object { $_ -notin $seen } |
            Should -BeNullOrEmpty
    }

    It 'is not thrown off by what stands before it: <_>' -ForEach @(
        "-CliPath ''", '-CliPath nosuchdrive:\x', '-CliPath $null', '-WorkingDirectory /nowhere', "-Environment 'text'", '-SettingsFile', '-CliPath @(1,2)'
    ) {
        $Error.Clear()
        { Get-Completion "Get-AmpTool $_ -Mode " } | Should -Not -Throw
        $Error.Count | Should -Be 0
    }
}

Describe 'A completer' {
    BeforeAll {
        $completers = (Get-Command Invoke-AmpAgent).ImplementingType.Assembly.GetTypes() | Where-Object {
            -not $_.IsAbstract -and [System.Management.Automation.IArgumentCompleter].IsAssignableFrom($_)
        }
    }

    It 'takes whatever it is called with, and never fails' {
        $completers.Count | Should -BeGreaterThan 10
        foreach ($type in $completers) {
            foreach ($word in $null, '', "'", '"', '[', "`u{2019}", '*', 'a`', ('x' * 10000)) {
                foreach ($bound in $null, @{}, @{ CliPath = 3; Environment = @{ a = $null }; WorkingDirectory = '???'; SettingsFile = "`0" }) {
                    $found = [Activator]::CreateInstance($type).CompleteArgument('No-Command', 'None', $word, $null, $bound)
                    $null -eq $found | Should -BeFalse -Because $type.Name
                }
            }
        }
    }

    It 'stands at every parameter of a name that has one: <_>' -ForEach $completed {
        $name = $_
        foreach ($command in Get-Command -Module Amp | Where-Object { $_.Parameters.ContainsKey($name) }) {
            $command.Parameters[$name].Attributes | Where-Object { $_ -is [System.Management.Automation.ArgumentCompleterAttribute] } |
                Should -Not -BeNullOrEmpty -Because $command.Name
        }
    }
}
