#Requires -Version 7.4

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $module = (Get-AmpTestLayout).Module
}

Describe 'Messages that leave their session' {
    BeforeAll {
        $place = Open-AmpTestPlace
        $toolInput = [ordered]@{ cmd = 'ls -la'; options = [ordered]@{ depth = 3; names = 'a', 'b' } }
        $steps = @(
            'init'
            Get-AmpFakeToolStep -Name Bash -Argument $toolInput
            Get-AmpFakeToolStep -Result '{"output":"one\ntwo\n","exitCode":0}'
            'assistant All done.'
            'out {"type":"future","session_id":"${SESSION}","limit":{"left":7}}'
            'result All done.'
        )
        $call = Get-AmpFakeCall $place $steps
        $local = Invoke-AmpAgent 'go' @call

        function Assert-Same($Messages) {
            $Messages.Count | Should -Be 6
            $Messages.ThreadId | Select-Object -Unique | Should -Match '^T-'
            $Messages.SessionId | Should -Be $Messages.ThreadId
            $Messages.Type | Should -Be $local.Type
            $Messages[1].ToolUse.Name | Should -Be 'Bash'
            $Messages[1].ToolUse.Input.cmd | Should -Be 'ls -la'
            $Messages[1].ToolUse.Input.options.depth | Should -Be 3
            $Messages[1].ToolUse.Input.options.names | Should -Be 'a', 'b'
            $Messages.ToolUse.Input.cmd | Should -Be 'ls -la'
            $Messages[2].ToolResult.ExitCode | Should -Be 0
            $Messages[2].ToolResult.Text | Should -Be "one`ntwo`n"
            $Messages[3].Text | Should -Be 'All done.'
            $Messages[3].Usage.OutputTokens | Should -Be 20
            $Messages[4].AdditionalProperties.limit.left | Should -Be 7
            $Messages[5].Result | Should -Be 'All done.'
            $Messages[5].Duration | Should -BeOfType [timespan]
            $Messages[5].IsError | Should -BeFalse
            ($Messages[3].RawJson | ConvertFrom-Json).type | Should -Be 'assistant'
            $Messages[5].PSObject.TypeNames | Should -Contain 'Deserialized.Amp.ResultMessage'
        }
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'by Export-Clixml and Import-Clixml keep what they say' {
        $file = Join-Path $place.Root 'run.xml'
        $local | Export-Clixml -LiteralPath $file
        $back = Import-Clixml -LiteralPath $file

        Assert-Same $back
        $back.ThreadId | Should -Be $local.ThreadId
    }

    It 'by Start-Job keep what they say' {
        $job = Start-Job { Import-Module $args[0]; $call = $args[1]; Invoke-AmpAgent 'go' @call } -ArgumentList $module, $call
        try {
            $messages = $job | Wait-Job -Timeout 600 | Receive-Job
        } finally {
            Remove-Job $job -Force
        }

        Assert-Same $messages
    }

    It 'by Start-ThreadJob are the objects themselves' {
        $job = Start-ThreadJob { Import-Module $args[0]; $call = $args[1]; Invoke-AmpAgent 'go' @call } -ArgumentList $module, $call
        try {
            $messages = $job | Wait-Job -Timeout 600 | Receive-Job
        } finally {
            Remove-Job $job -Force
        }

        $messages[1] | Should -BeOfType [Amp.AssistantMessage]
        $messages[1].ToolUse.Input.cmd | Should -Be 'ls -la'
    }

    It 'as JSON hold their text and input' {
        $json = $local | ConvertTo-Json -Depth 8 | ConvertFrom-Json

        $json[1].ToolUse.Input.cmd | Should -Be 'ls -la'
        $json[5].Result | Should -Be 'All done.'
    }
}

Describe 'Runs beside each other' {
    BeforeEach {
        $place = Open-AmpTestPlace
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'by ForEach-Object -Parallel get their own messages and no others' {
        # None goes on before all eight have started: they do run at the same time.
        $steps = @('init') + (1..8 | ForEach-Object { "if start $_ mark $($place.Root)/started-$_" }) +
            (1..8 | ForEach-Object { "waitfor $($place.Root)/started-$_" }) + 'repeat 50 assistant ${SESSION}' + 'echo'
        $call = Get-AmpFakeCall $place $steps
        $runs = 1..8 | ForEach-Object -ThrottleLimit 8 -TimeoutSeconds 600 -Parallel {
            Import-Module $using:module
            $call = $using:call
            $messages = Invoke-AmpAgent "prompt $_" @call -ErrorVariable errors -ErrorAction SilentlyContinue
            [pscustomobject]@{ Number = $_; Messages = $messages; Errors = @($errors) }
        }

        $runs.Count | Should -Be 8
        $runs.Errors | Should -BeNullOrEmpty
        foreach ($run in $runs) {
            $run.Messages.Count | Should -Be 55
            $thread = $run.Messages.ThreadId | Select-Object -Unique
            @($thread).Count | Should -Be 1
            $run.Messages[1..50].Text | Select-Object -Unique | Should -Be $thread
            $run.Messages[-1].Result | Should -Be "Echo: prompt $($run.Number)"
        }

        @($runs.Messages.ThreadId | Select-Object -Unique).Count | Should -Be 8
    }

    It 'do not take each other''s last thread' {
        $call = Get-AmpFakeCall $place
        $here = (Invoke-AmpAgent 'here' @call)[0].ThreadId
        $other = 1..2 | ForEach-Object -Parallel {
            Import-Module $using:module
            $call = $using:call
            (Invoke-AmpAgent "there $_" @call)[0].ThreadId
        }
        $continued = Invoke-AmpAgent 'and on' @call -ContinueThread

        $continued[0].ThreadId | Should -Be $here
        $here | Should -Not -BeIn $other
    }

    It 'one inside the pipeline of the other both end well' {
        $call = Get-AmpFakeCall $place
        $inner = Invoke-AmpAgent 'outer' @call | Where-Object { $_ -is [Amp.AssistantMessage] } |
            ForEach-Object { Invoke-AmpAgent "inner of $($_.Text)" @call -ResultOnly }

        $inner.Result | Should -Be 'Echo: inner of Echo: outer'
    }

    It 'a result piped into the next run is its prompt' {
        $call = Get-AmpFakeCall $place
        $second = (Invoke-AmpAgent 'one' @call -ResultOnly).Result | Invoke-AmpAgent @call -ResultOnly

        $second.Result | Should -Be 'Echo: Echo: one'
    }
}
