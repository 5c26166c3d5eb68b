#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $missing = Get-AmpTestGap MarchCli
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
}

Describe 'A conversation' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place 'init', 'turns'
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'is one run with a turn for each message and one result' {
        $messages = New-AmpUserMessage 'one', 'two' | Invoke-AmpAgent @call -ErrorVariable errors -WarningVariable warnings

        $errors | Should -BeNullOrEmpty
        $warnings | Should -BeNullOrEmpty
        $run = @(Get-AmpFakeRecord $place -Kind Run)
        $run.Count | Should -Be 1
        $run[0].arguments | Should -Contain '--stream-json-input'
        $sent = $run[0].standardInput.text.Trim().Split("`n") | ForEach-Object { $_ | ConvertFrom-Json }
        $sent.type | Should -Be 'user', 'user'
        $sent.message.content.text | Should -Be 'one', 'two'
        @($messages | Where-Object { $_ -is [Amp.AssistantMessage] }).Count | Should -Be 2
        @($messages | Where-Object { $_ -is [Amp.ResultMessage] }).Count | Should -Be 1
        $messages[-1] | Should -BeOfType [Amp.ResultMessage]
    }

    It 'may be given by -Message, with nothing piped in' {
        $turns = New-AmpUserMessage 'one', 'two', 'three'
        $turns | Should -BeOfType [Amp.UserInputMessage]
        $messages = Invoke-AmpAgent -Message $turns @call

        @(Get-AmpFakeRecord $place -Kind Run).Count | Should -Be 1
        @($messages | Where-Object { $_ -is [Amp.AssistantMessage] }).Count | Should -Be 3
        @($messages | Where-Object { $_ -is [Amp.ResultMessage] }).Count | Should -Be 1
    }

    It 'begins with those of -Message and goes on with those that are piped in' {
        New-AmpUserMessage 'two' | Invoke-AmpAgent -Message (New-AmpUserMessage 'one') @call | Out-Null

        $run = @(Get-AmpFakeRecord $place -Kind Run)
        $run.Count | Should -Be 1
        ($run[0].standardInput.text.Trim().Split("`n") | ConvertFrom-Json).message.content.text | Should -Be 'one', 'two'
    }

    It 'gives only its one result with -ResultOnly' {
        $result = New-AmpUserMessage 'one', 'two' | Invoke-AmpAgent @call -ResultOnly
        @($result).Count | Should -Be 1
        $result | Should -BeOfType [Amp.ResultMessage]
    }

    It 'keeps lines, quotes and other alphabets of a message' {
        $text = "a `"b`" \n`r`nc`t€ ü 😀"
        New-AmpUserMessage $text | Invoke-AmpAgent @call | Out-Null
        ((Get-AmpFakeRecord $place -Kind Run).standardInput.text | ConvertFrom-Json).message.content.text | Should -BeExactly $text
    }

    It 'gives answers while messages still come up the pipeline' {
        # Deadlocks, and ends by the guard, where answers come only after the last message.
        $order = [System.Collections.Generic.List[string]]::new()
        & {
            New-AmpUserMessage 'one'
            Wait-AmpTestCondition { Test-Path -LiteralPath (Join-Path $place.Root 'assistant') } -Because 'the first answer comes before the second message'
            $order.Add('second message')
            New-AmpUserMessage 'two'
        } | Invoke-AmpAgent @call -OutVariable messages | ForEach-Object {
            $order.Add($_.Type)
            $null = New-Item -ItemType File -Force -Path (Join-Path $place.Root $_.Type)
        }

        $order | Should -Contain 'second message'
        @($messages | Where-Object { $_ -is [Amp.AssistantMessage] }).Count | Should -Be 2
    }

    It 'ends with the error of a limit that comes before its next message, although the CLI ends well' -Skip:$IsWindows {
        $call = Get-AmpFakeCall $place 'ignore INT,TERM', 'init', 'turns'
        $result = & {
            New-AmpUserMessage 'one'
            Wait-AmpTestCondition {
                $run = @(Get-AmpFakeRecord $place -Kind Run)
                $run.Count -eq 1 -and -not (Test-AmpProcess $run[0].processId)
            } -Because 'the limit ends the CLI'
            New-AmpUserMessage 'two'
        } | Invoke-AmpAgent @call -TimeoutSec 10 -ResultOnly -ErrorVariable errors -ErrorAction SilentlyContinue

        $errors.FullyQualifiedErrorId | Should -Be 'Timeout,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        $result.Outcome | Should -Not -Be 'Succeeded'
        (Get-AmpFakeRecord $place -Kind Run).standardInput.text | Should -Not -Match 'two'
    }

    It 'ends with the error of what makes its messages, which the caller gets as it is' {
        $call = Get-AmpFakeCall $place 'init', 'turn', 'read', 'hang'
        {
            & {
                New-AmpUserMessage 'one'
                Wait-AmpTestCondition { @(Get-AmpFakeRecord $place -Kind Run).Count -eq 1 } -Because 'the run has begun'
                throw 'upstream'
            } | Invoke-AmpAgent @call
        } | Should -Throw 'upstream'

        $run = @(Get-AmpFakeRecord $place -Kind Run)
        $run.Count | Should -Be 1
        Test-AmpProcess $run[0].processId | Should -BeFalse
    }

    It 'ends with Select-Object -First 1' {
        $call = Get-AmpFakeCall $place 'init', 'turn', 'hang'
        $first = New-AmpUserMessage 'one' | Invoke-AmpAgent @call | Select-Object -First 1

        $first | Should -BeOfType [Amp.SystemMessage]
        $run = @(Get-AmpFakeRecord $place -Kind Run)
        $run.Count | Should -Be 1
        Test-AmpProcess $run[0].processId | Should -BeFalse
    }

    It 'that fails in its first turn is one error, whatever else was to be said' {
        $call = Get-AmpFakeCall $place 'init', 'readline', 'error it broke'
        New-AmpUserMessage 'one', 'two', 'three' | Invoke-AmpAgent @call -ErrorVariable errors -ErrorAction SilentlyContinue | Out-Null

        $errors.FullyQualifiedErrorId | Should -Be 'AgentError,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
    }

    It 'is not tried again, and -RetryLimit is no error, since it may be a default of all runs' {
        $call = Get-AmpFakeCall $place 'init', 'readline', 'error 529 overloaded_error: Overloaded, try again in 1 ms'
        New-AmpUserMessage 'one', 'two' | Invoke-AmpAgent @call -RetryLimit 3 -ErrorVariable errors -ErrorAction SilentlyContinue | Out-Null

        $errors.FullyQualifiedErrorId | Should -Be 'Overloaded,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        @(Get-AmpFakeRecord $place -Kind Run).Count | Should -Be 1
    }

    It 'is described once by -WhatIf, and nothing is started' {
        $script = 'New-AmpUserMessage canary-one, canary-two | Invoke-AmpAgent @call -WhatIf
            Invoke-AmpAgent -Message (New-AmpUserMessage canary-three) @call -WhatIf'
        $shell = Invoke-AmpTestShell $place $script -Call $call

        $shell.Error | Should -BeNullOrEmpty
        [regex]::Matches($shell.Output, 'What if: ').Count | Should -Be 2
        $shell.Output | Should -BeLike '*--stream-json-input*'
        $shell.Output | Should -Not -BeLike '*canary*'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'has no <Name> message' -ForEach @(
        @{ Name = 'empty'; Text = '' }
        @{ Name = 'blank'; Text = " `t" }
    ) {
        { New-AmpUserMessage $Text } | Should -Throw -ErrorId 'InvalidOption,Amp.PowerShell.Commands.NewAmpUserMessageCommand'
    }

    It 'is not mixed with runs of their own: <Name>' -ForEach @(
        @{ Name = 'a prompt after a message'; Work = { (New-AmpUserMessage 'one'), 'two' | Invoke-AmpAgent @call } }
        @{ Name = 'a prompt with -Message'; Work = { 'two' | Invoke-AmpAgent -Message (New-AmpUserMessage 'one') @call } }
        @{ Name = 'a message after a prompt'; Work = { 'one', (New-AmpUserMessage 'two') | Invoke-AmpAgent @call } }
    ) {
        $call = Get-AmpFakeCall $place
        $Work | Should -Throw -ErrorId 'InvalidOption,Amp.PowerShell.Commands.InvokeAmpAgentCommand'

        $run = @(Get-AmpFakeRecord $place -Kind Run)
        $run.Count | Should -Be 1
        "$($run[0].standardInput.text)" | Should -Not -Match 'two'
        Test-AmpProcess $run[0].processId | Should -BeFalse
    }

    It 'has no prompt beside its messages' {
        { Invoke-AmpAgent 'go' -Message (New-AmpUserMessage 'one') @call } |
            Should -Throw -ErrorId 'InvalidOption,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }
}

Describe "A conversation with the real CLI$missing" -Skip:([bool] $missing) {
    BeforeEach {
        $place = Open-AmpTestPlace
        $service = Open-AmpLocalService $place
        $call = Get-AmpLocalCall $place $service
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'is one thread, and each message has its own answer' {
        $messages = New-AmpUserMessage 'alpha', 'beta' | Invoke-AmpAgent @call -ErrorVariable errors -WarningVariable warnings

        $errors | Should -BeNullOrEmpty
        $warnings | Should -BeNullOrEmpty
        @($messages | Where-Object { $_ -is [Amp.AssistantMessage] }).Text | Should -Be 'Echo: alpha', 'Echo: beta'
        @($messages | Where-Object { $_ -is [Amp.ResultMessage] }).Count | Should -Be 1
        $messages[-1].Outcome | Should -Be 'Succeeded'
        $messages.ThreadId | Select-Object -Unique | Should -HaveCount 1
    }
}
