#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $missing = Get-AmpTestGap MarchCli
    $why = $IsLinux ? '' : ' (not run: the processes of a session that have left its tree are found on Linux only)'
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $module = (Get-AmpTestLayout).Module

    # The first process works on a message 'work' until it is told to end, as the real CLI does; any other answers.
    function Get-WorkingStep {
        'if start 1 spawn setsid child', 'polite', 'init', 'if start 1 until work', 'if start 1 user working',
        "if start 1 mark $($place.Root)/working", 'if start 1 hang', 'turns'
    }

    function Wait-Working { Wait-AmpTestFile $place working }
}

Describe 'A session' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place 'polite', 'init', 'turns'
    }

    AfterEach {
        Get-AmpSession | Remove-AmpSession -ErrorAction Ignore | Out-Null
        Close-AmpTestPlace $place
    }

    It 'takes ten messages in one process and ends with one result' {
        $session = New-AmpSession ten @call
        $session | Should -BeOfType [Amp.AmpSession]
        $session.State | Should -Be 'Ready'
        $session.ProcessId | Should -BeNullOrEmpty
        $processes = foreach ($number in 1..10) {
            $answer = "turn $number" | Send-AmpMessage $session -ErrorVariable errors
            $errors | Should -BeNullOrEmpty
            $answer[-1] | Should -BeOfType [Amp.AssistantMessage]
            $answer[-1].Text | Should -Be "Echo: turn $number"
            $session.ProcessId
        }

        $session.TurnCount | Should -Be 10
        $session.Usage.OutputTokens | Should -Be 200
        $processes | Select-Object -Unique | Should -HaveCount 1
        $result = Remove-AmpSession $session
        $result | Should -BeOfType [Amp.ResultMessage]
        $result.Result | Should -Be 'Echo: turn 10'
        $session.State | Should -Be 'Ended'
        $run = @(Get-AmpFakeRecord $place -Kind Run)
        $run.Count | Should -Be 1
        $run[0].processId | Should -Be $processes[0]
        $run[0].standardInput.reachedEnd | Should -BeTrue
        Get-AmpSession | Should -BeNullOrEmpty
    }

    It 'takes texts and messages from the pipeline, a turn each' {
        $session = New-AmpSession @call
        $answers = 'one', (New-AmpUserMessage 'two') | Send-AmpMessage $session | Where-Object { $_ -is [Amp.AssistantMessage] }
        $answers.Text | Should -Be 'Echo: one', 'Echo: two'
        '', (Get-Date), 'three' | Send-AmpMessage $session -ErrorVariable errors -ErrorAction SilentlyContinue | Out-Null
        $errors.FullyQualifiedErrorId | Should -Be (@('InvalidOption,Amp.PowerShell.Commands.SendAmpMessageCommand') * 2)
        $session.TurnCount | Should -Be 3
    }

    It 'is found by name and number, and shown as a table' {
        $one = New-AmpSession -Name build @call
        $two = New-AmpSession -Name bench @call
        (Get-AmpSession).Id | Should -Be $one.Id, $two.Id
        (Get-AmpSession b*).Id | Should -Be $one.Id, $two.Id
        (Get-AmpSession -Id $two.Id).Name | Should -Be 'bench'
        Get-AmpSession none* | Should -BeNullOrEmpty
        Get-AmpSession none -ErrorVariable errors -ErrorAction SilentlyContinue
        Get-AmpSession -Id 999999 -ErrorVariable +errors -ErrorAction SilentlyContinue
        $errors.FullyQualifiedErrorId | Should -Be (@('InvalidOption,Amp.PowerShell.Commands.GetAmpSessionCommand') * 2)
        $lines = (Get-AmpSession | Out-String -Width 120).Trim() -split '\r?\n'
        $lines[0] | Should -Match '^\s*Id +Name +State +Turns +ProcessId +ThreadId +Tokens'
        $lines[2] | Should -Match "^\s*$($one.Id) build +Ready +0 "
        Remove-AmpSession -Name bench | Should -BeNullOrEmpty
        (Get-AmpSession).Name | Should -Be 'build'
    }

    It 'starts nothing by -WhatIf, and nothing wrong with its options waits for the first message' {
        $shell = Invoke-AmpTestShell $place 'New-AmpSession @call -Environment @{ AMP_TEST = "canary" } -WhatIf; "[$(@(Get-AmpSession).Count)]"' -Call @{
            CliPath = $call.CliPath; WorkingDirectory = $call.WorkingDirectory
        }
        $shell.Error | Should -BeNullOrEmpty
        $shell.Output | Should -BeLike '*What if: *--stream-json-input*`[0`]*'
        $shell.Output | Should -Not -BeLike '*canary*'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
        { New-AmpSession @call -Toolbox /no/such } | Should -Throw -ErrorId 'InvalidOption,Amp.PowerShell.Commands.NewAmpSessionCommand'
        { New-AmpSession @call -DangerouslyAllow } | Should -Throw -ErrorId 'AmbiguousParameter,*'
        $session = New-AmpSession @call
        Send-AmpMessage $session 'hello' -WhatIf
        $session.State | Should -Be 'Ready'
        Remove-AmpSession $session -WhatIf
        $session.State | Should -Be 'Ready'
        Get-AmpFakeRecord $place -Kind Run | Should -BeNullOrEmpty
    }

    It 'keeps the answer to -NoWait for Receive-AmpMessage, and refuses another message meanwhile' {
        $call = Get-AmpFakeCall $place 'polite', 'init', 'readline', 'user half', "mark $($place.Root)/half", "waitfor $($place.Root)/go", 'assistant whole', 'turns'
        $session = New-AmpSession @call
        Send-AmpMessage $session 'long work' -NoWait | Should -BeNullOrEmpty
        $session.State | Should -Be 'Running'
        Send-AmpMessage $session 'more' -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors.FullyQualifiedErrorId | Should -Be 'SessionBusy,Amp.PowerShell.Commands.SendAmpMessageCommand'
        $errors.CategoryInfo.Category | Should -Be 'ResourceBusy'
        $half = [System.Collections.Generic.List[object]]::new()
        Wait-AmpTestCondition { Receive-AmpMessage $session | ForEach-Object { $half.Add($_) }; $half.Count -eq 2 } -Because 'half of it has come'
        $half.Type | Should -Be 'system', 'user'
        $null = New-Item -ItemType File -Path (Join-Path $place.Root 'go')
        $rest = @($session | Receive-AmpMessage -Wait)
        $rest.Text | Should -Be 'whole'
        Receive-AmpMessage $session -Wait | Should -BeNullOrEmpty
        (Send-AmpMessage $session 'next')[-1].Text | Should -Be 'Echo: next'
    }

    It 'whose CLI was killed answers every call at once with how it died' {
        $session = New-AmpSession @call
        $null = Send-AmpMessage $session 'one'
        Stop-Process -Id $session.ProcessId -Force
        Wait-AmpTestCondition { $session.State -eq 'Failed' } -Because 'the session has noticed'
        Send-AmpMessage $session 'two' -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        Send-AmpMessage $session 'three' -NoWait -ErrorVariable +errors -ErrorAction SilentlyContinue
        Receive-AmpMessage $session -ErrorVariable +errors -ErrorAction SilentlyContinue
        Remove-AmpSession $session -ErrorVariable +errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $expected = 'SendAmpMessage', 'SendAmpMessage', 'ReceiveAmpMessage', 'RemoveAmpSession'
        $errors.FullyQualifiedErrorId | Should -Be ($expected | ForEach-Object { "CliTerminated,Amp.PowerShell.Commands.$($_)Command" })
        $errors.TargetObject | Select-Object -Unique | Should -Be $session.ThreadId
        Get-AmpSession | Should -BeNullOrEmpty
    } -Skip:$IsWindows

    It 'whose CLI fails says with which exit code and what it wrote' {
        $call = Get-AmpFakeCall $place 'init', 'turn', 'readline', 'err out of cheese', 'exit 9'
        $session = New-AmpSession @call
        'one', 'two', 'three' | Send-AmpMessage $session -ErrorVariable errors -ErrorAction SilentlyContinue | Out-Null
        $errors.Count | Should -Be 2
        $errors.Exception.ExitCode | Should -Be 9, 9
        $errors.Exception.StandardError | Should -BeLike '*out of cheese*'
        $errors[1].ErrorDetails.RecommendedAction | Should -BeLike "*$($session.ThreadId)*"
    }

    It 'goes on after a turn that failed, which is an error' {
        $call = Get-AmpFakeCall $place 'init', 'if start 1 readline', 'if start 1 error overloaded', 'if start 1 exit 0', 'turns'
        $session = New-AmpSession @call
        $answers = 'one', 'two' | Send-AmpMessage $session -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors.FullyQualifiedErrorId | Should -Be 'Overloaded,Amp.PowerShell.Commands.SendAmpMessageCommand'
        $answers[-1].Text | Should -Be 'Echo: two'
        $answers.ThreadId | Select-Object -Unique | Should -HaveCount 1
    }

    It 'works in another runspace, beside another session' {
        $one = New-AmpSession @call
        $two = New-AmpSession @call
        $texts = $one, $two | ForEach-Object -ThrottleLimit 2 -Parallel {
            Import-Module $using:module
            $session = $_
            1..5 | ForEach-Object { (Send-AmpMessage $session "$($session.Id) $_")[-1].Text }
        }
        $texts | Sort-Object | Should -Be ($one.Id, $two.Id | ForEach-Object { $id = $_; 1..5 | ForEach-Object { "Echo: $id $_" } } | Sort-Object)
        $one.ProcessId | Should -Not -Be $two.ProcessId
    }
}

Describe "A turn that is broken off$why" -Skip:([bool] $why) {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place (Get-WorkingStep)
        $session = New-AmpSession @call

        function Assert-Usable {
            $session.State | Should -Be 'Ready'
            Get-AmpTestProcess $place | Should -BeNullOrEmpty -Because 'the process went with its turn'
            $next = @(Send-AmpMessage $session 'next' -ErrorVariable errors)
            $errors | Should -BeNullOrEmpty
            $next.Type | Should -Be 'system', 'user', 'assistant'
            $next[-1].Text | Should -Be 'Echo: next'
            $next[-1].ThreadId | Should -Be $session.ThreadId
        }
    }

    AfterEach {
        Remove-AmpSession $session -ErrorAction Ignore | Out-Null
        Close-AmpTestPlace $place
    }

    It 'by Select-Object -First 1 leaves the session usable' {
        Send-AmpMessage $session 'work' | Select-Object -First 1 | Should -BeOfType [Amp.SystemMessage]
        Assert-Usable
    }

    It 'by a downstream throw leaves the session usable' {
        { Send-AmpMessage $session 'work' | ForEach-Object { throw 'downstream' } } | Should -Throw 'downstream'
        Assert-Usable
    }

    It 'by PowerShell.Stop, as Ctrl+C does it, leaves the session usable' {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript('Import-Module $args[0]').AddArgument((Get-AmpTestLayout).Module).Invoke()
            $shell.Commands.Clear()
            $null = $shell.AddScript('Send-AmpMessage $args[0] work').AddArgument($session).BeginInvoke()
            Wait-Working
            $shell.Stop()
            $shell.InvocationStateInfo.State | Should -Be 'Stopped'
            $shell.Streams.Error | Should -BeNullOrEmpty
        } finally {
            $shell.Dispose()
        }

        Assert-Usable
    }

    It 'by Stop-AmpTurn ends with its last result and a warning, and leaves the session usable' {
        Send-AmpMessage $session 'work' -NoWait
        Wait-Working
        Stop-AmpTurn $session
        $rest = Receive-AmpMessage $session -Wait -ErrorAction Stop -WarningVariable warnings -WarningAction SilentlyContinue
        $rest[-1] | Should -BeOfType [Amp.ErrorResultMessage]
        $rest[-1].Outcome | Should -Be 'Canceled'
        $warnings | Should -HaveCount 1
        Stop-AmpTurn $session
        Assert-Usable
    }

    It 'by -TimeoutSec is an error, and leaves the session usable' {
        $null = Remove-AmpSession $session
        $session = New-AmpSession @call -TimeoutSec 15
        Send-AmpMessage $session 'work' -ErrorVariable errors -ErrorAction SilentlyContinue | Out-Null
        $errors.FullyQualifiedErrorId | Should -Be 'Timeout,Amp.PowerShell.Commands.SendAmpMessageCommand'
        Assert-Usable
    }

    It 'by Remove-AmpSession is told by the result' {
        Send-AmpMessage $session 'work' -NoWait
        Wait-Working
        $result = Remove-AmpSession $session
        $result.Outcome | Should -Be 'Canceled'
        Send-AmpMessage $session 'more' -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors.FullyQualifiedErrorId | Should -Be 'SessionEnded,Amp.PowerShell.Commands.SendAmpMessageCommand'
        Get-AmpTestProcess $place | Should -BeNullOrEmpty
    }
}

Describe "A session that is forgotten leaves nothing behind$why" -Skip:([bool] $why) {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place 'polite', 'init', 'turns'
        $busy = Get-AmpFakeCall $place (Get-WorkingStep)
        $start = '$s = New-AmpSession @call -Permission (New-AmpPermission Read -Action Allow); '

        # Without a time to wait: the runs of other test processes clean up what the exit of a PowerShell has left.
        function Assert-AllGone {
            $runs = @(Get-AmpFakeRecord $place -Kind Run)
            $runs.Count | Should -BeGreaterThan 0
            $runs.files | Should -Not -BeNullOrEmpty -Because 'a test of the clean-up needs something to clean up'
            Get-AmpTestLeftover $place -TimeoutSec 0 | Should -BeNullOrEmpty
        }
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'at the end of PowerShell, between turns: <_>' -ForEach 'exit 7', '' {
        $shell = Invoke-AmpTestShell $place ($start + 'Send-AmpMessage $s one | Out-Null; ' + $_) -Call $call
        $shell.Error | Should -BeNullOrEmpty
        $shell.ExitCode | Should -Be ($_ ? 7 : 0)
        Assert-AllGone
    }

    It 'at the end of PowerShell, in a turn' {
        $script = $start + 'Send-AmpMessage $s work -NoWait; while (-not (Test-Path $env:AMP_TEST_RUNNING)) { Start-Sleep -Milliseconds 20 }'
        $shell = Invoke-AmpTestShell $place $script -Call $busy -Variable @{ AMP_TEST_RUNNING = "$($place.Root)/working" }
        $shell.Error | Should -BeNullOrEmpty
        Assert-AllGone
    }

    It 'by SIG<_>, which ends PowerShell itself' -ForEach 'TERM', 'HUP' {
        $signal = $_
        $null = Invoke-AmpTestShell $place ($start + 'Send-AmpMessage $s work -NoWait; Start-Sleep 1800') -Call $busy -While {
            param($process)
            Wait-Working
            kill "-$signal" $process.Id
        }
        Assert-AllGone
    }

    It 'by Remove-Module' {
        $script = $start + 'Send-AmpMessage $s one | Out-Null; $id = $s.ProcessId; Remove-Module Amp; "$($s.State) $(Test-Path /proc/$id)"'
        (Invoke-AmpTestShell $place $script -Call $call).Output.Trim() | Should -Be 'Ended False'
        Assert-AllGone
    }

    It 'by the end of its runspace' {
        $runspace = [runspacefactory]::CreateRunspace()
        $runspace.Open()
        $shell = [powershell]::Create($runspace)
        try {
            $script = 'Import-Module $args[0]; $call = $args[1]; ' + $start + '$null = Send-AmpMessage $s one; $s'
            $session = $shell.AddScript($script).AddArgument((Get-AmpTestLayout).Module).AddArgument($call).Invoke()[0]
            $shell.Streams.Error | Should -BeNullOrEmpty
            $session.ProcessId | Should -Not -BeNullOrEmpty
            $runspace.Dispose()
            $session.State | Should -Be 'Ended'
            Get-AmpTestProcess $place | Should -BeNullOrEmpty
        } finally {
            $shell.Dispose()
        }

        Assert-AllGone
    }
}

Describe "A session with the real CLI$missing" -Skip:([bool] $missing) {
    BeforeAll {
        $place = Open-AmpTestPlace
        $service = Open-AmpLocalService $place -Scenario @{
            rules = @(
                @{ when = @{ prompt = '^tool'; step = 0 }; answer = @{ blocks = 'I wait', @{ tool = 'Bash'; input = @{ cmd = "touch $($place.Root)/tool; sleep 300" } } } }
                @{ when = @{ prompt = '^hang' }; answer = @{ hang = $true } }
                @{ when = @{ prompt = '^fail' }; times = 1; answer = @{ error = @{ status = 529; type = 'overloaded_error'; message = 'busy' } } }
                @{ when = @{ prompt = '^first' }; answer = 'The first was ${firstPrompt}' }
            )
        }
        $call = Get-AmpLocalCall $place $service
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'remembers over ten turns of one process' {
        $session = New-AmpSession @call
        $texts = foreach ($number in 1..9) {
            (Send-AmpMessage $session "turn $number")[-1].Text
            $process = $process ? $process : $session.ProcessId
            $session.ProcessId | Should -Be $process
        }

        $texts | Should -Be (1..9 | ForEach-Object { "Echo: turn $_" })
        (Send-AmpMessage $session 'first?')[-1].Text | Should -Be 'The first was turn 1'
        $result = Remove-AmpSession $session
        $result.Outcome | Should -Be 'Succeeded'
        $result.Result | Should -Be 'The first was turn 1'
        Test-AmpProcess $process | Should -BeFalse
    }

    It 'whose turn is broken off <When> continues its thread' -ForEach @(
        @{ When = 'in a tool call'; Message = 'tool'; Begun = { Test-Path -LiteralPath "$($place.Root)/tool" } }
        @{ When = 'while the model answers'; Message = 'hang'; Begun = { (Get-AmpModelRequest $service).prompt -contains 'hang' } }
        @{ When = 'before the CLI has said anything'; Message = 'hang'; Begun = { $true } }
    ) {
        $session = New-AmpSession @call -DangerouslyAllowAll
        Send-AmpMessage $session 'begin' | Out-Null
        Send-AmpMessage $session $Message -NoWait
        Wait-AmpTestCondition $Begun -Because 'the turn has begun'
        Stop-AmpTurn $session
        $session.State | Should -Be 'Ready'
        Receive-AmpMessage $session -Wait -ErrorAction Ignore | Out-Null
        (Send-AmpMessage $session 'first?')[-1].Text | Should -Be 'The first was begin'
        (Remove-AmpSession $session).Outcome | Should -Be 'Succeeded'
    }

    It 'goes on after an answer that failed' {
        $session = New-AmpSession @call
        $answers = 'begin', 'fail', 'first?' | Send-AmpMessage $session -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors.FullyQualifiedErrorId | Should -Be 'Overloaded,Amp.PowerShell.Commands.SendAmpMessageCommand'
        $answers[-1].Text | Should -Be 'The first was begin'
        $null = Remove-AmpSession $session
    }

    It 'calls a function of the caller in the cmdlet that waits, and keeps the call while none does' {
        $seen = [System.Collections.Generic.List[string]]::new()
        $session = New-AmpSession @call -DangerouslyAllowAll -Tool (New-AmpTool Note { param([string] $Text) $seen.Add($Text); "noted $Text" })
        $prompt = { param($text) 'RUN:mcp__ps__Note ' + (@{ Text = $text } | ConvertTo-Json -Compress) + 'END' }
        foreach ($text in 'one', 'two') {
            (Send-AmpMessage $session (& $prompt $text) -ErrorVariable errors)[-1].Text | Should -BeLike "Result: *noted $text*"
            $errors | Should -BeNullOrEmpty
        }

        Send-AmpMessage $session (& $prompt 'three') -NoWait
        $first = [System.Collections.Generic.List[object]]::new()
        Wait-AmpTestCondition { Receive-AmpMessage $session | ForEach-Object { $first.Add($_) }; $first.ToolUse.Count } -Because 'the tool is called'
        $seen | Should -Be 'one', 'two'
        (Receive-AmpMessage $session -Wait)[-1].Text | Should -BeLike 'Result: *noted three*'
        $seen | Should -Be 'one', 'two', 'three'
        (Remove-AmpSession $session).Outcome | Should -Be 'Succeeded'
    }
}
