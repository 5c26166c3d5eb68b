#Requires -Version 7.4

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
}

Describe 'The messages of a run' {
    BeforeAll {
        $place = Open-AmpTestPlace
        $toolInput = [ordered]@{ cmd = 'ls -la'; cwd = '/srv'; options = [ordered]@{ depth = 3; names = 'a', 'b' } }
        $steps = @(
            'init'
            'user what is here?'
            Get-AmpFakeToolStep -Name Bash -Argument $toolInput -Id toolu_1
            Get-AmpFakeToolStep -Result '{"output":"one\ntwo\n","exitCode":0}' -Id toolu_1
            Get-AmpFakeToolStep -Name Read -Argument @{ path = '/srv/one' } -Id toolu_2
            Get-AmpFakeToolStep -Result 'no such file' -Failed -Id toolu_2
            'out {"type":"rate_limit_event","session_id":"${SESSION}","limit":{"kind":"tokens","left":7},"retry":[1,2]}'
            'out {"type":"assistant","message":{"role":"assistant","content":[{"type":"hologram","depth":3},' +
            '{"type":"text","text":"All"},{"type":"text","text":"done."}],"stop_reason":"end_turn","confidence":0.5},' +
            '"session_id":"${SESSION}","trace":"abc"}'
            'result All done.'
        )
        $call = Get-AmpFakeCall $place $steps
        $messages = Invoke-AmpAgent 'what is here?' @call -ErrorVariable errors -WarningVariable warnings
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'come without a complaint, also of what nobody knows' {
        $errors | Should -BeNullOrEmpty
        $warnings | Should -BeNullOrEmpty
        $messages.Count | Should -Be 9
    }

    It 'can be chosen by their type' {
        @($messages | Where-Object { $_ -is [Amp.AssistantMessage] }).Count | Should -Be 3
        @($messages | Where-Object { $_ -is [Amp.UserMessage] }).Count | Should -Be 3
        @($messages | Where-Object { $_ -is [Amp.ResultMessage] }).Count | Should -Be 1
        @($messages | Where-Object Type -EQ 'assistant').Count | Should -Be 3
    }

    It 'can be chosen by their text' {
        ($messages | Where-Object Text -Like '*done*').Text | Should -BeExactly "All`ndone."
        ($messages | Where-Object { $_.Text -match 'here' }).Type | Should -Be 'user'
    }

    It 'can be chosen by the input of a tool' {
        $found = @($messages | Where-Object { $_.ToolUse.Input.cmd -like 'ls*' })
        $found.Count | Should -Be 1
        $found[0].ToolUse.Name | Should -Be 'Bash'
    }

    It 'give the inputs of all tools by member enumeration' {
        $messages.ToolUse.Name | Should -Be 'Bash', 'Read'
        $messages.ToolUse.Input.cmd | Should -Be 'ls -la'
        $messages.ToolUse.Input.path | Should -Be '/srv/one'
        $messages.ToolResult.ExitCode | Should -Be 0, $null
    }

    It 'give what is deep inside an input with dots, whatever the case' {
        $toolUse = $messages[2].ToolUse[0]
        $toolUse.Input.options.depth | Should -Be 3
        $toolUse.Input.options.names | Should -Be 'a', 'b'
        $toolUse.Input.OPTIONS.Depth | Should -Be 3
        $toolUse.Input.Keys | Should -Be 'cmd', 'cwd', 'options'
        $toolUse.Input.nothing | Should -BeNullOrEmpty
    }

    It 'hold an input that can be splatted' {
        function Get-Splatted($Cmd, $Cwd, $Options) { "$Cmd in $Cwd, $($Options.depth)" }
        $splat = $messages[2].ToolUse[0].Input

        Get-Splatted @splat | Should -Be 'ls -la in /srv, 3'
    }

    It 'hold no JSON element at any depth' {
        function Get-Type($Value) {
            if ($null -ne $Value) { $Value.GetType().FullName }
            if ($Value -is [System.Collections.IDictionary]) { $Value.Values | ForEach-Object { Get-Type $_ } }
            elseif ($Value -is [array]) { $Value | ForEach-Object { Get-Type $_ } }
        }
        $types = @($messages.ToolUse.Input) + @($messages.AdditionalProperties) | ForEach-Object { Get-Type $_ } | Select-Object -Unique
        $types | Should -Not -BeNullOrEmpty
        $types | Should -Not -Match 'Json'
    }

    It 'tell the tokens of a step and of the run' {
        $messages[2].Usage.InputTokens | Should -Be 10
        ($messages | Where-Object { $_.Usage.InputTokens -gt 0 }).Count | Should -Be 3
        $messages[-1].Usage.OutputTokens | Should -Be 40
        $messages[7].Usage | Should -BeNullOrEmpty
    }

    It 'have the thread by two names' {
        $messages.ThreadId | Should -Be $messages.SessionId
        ($messages | Where-Object ThreadId -Like 'T-*').Count | Should -Be 9
        ($messages | Group-Object ThreadId).Count | Should -Be 9
    }

    It 'of an unknown type keep their type, their line and their fields' {
        $unknown = $messages[6]
        $unknown | Should -BeOfType [Amp.UnknownMessage]
        $unknown.Type | Should -Be 'rate_limit_event'
        $unknown.AdditionalProperties.limit.left | Should -Be 7
        $unknown.AdditionalProperties.retry | Should -Be 1, 2
        ($unknown.RawJson | ConvertFrom-Json).limit.kind | Should -Be 'tokens'
    }

    It 'keep unknown fields and blocks' {
        $messages[7].AdditionalProperties.trace | Should -Be 'abc'
        $messages[7].Content[0] | Should -BeOfType [Amp.UnknownContent]
        $messages[7].Content[0].Type | Should -Be 'hologram'
        $messages[7].Content[0].AdditionalProperties.depth | Should -Be 3
    }

    It 'tell of a tool what came of it' {
        $messages[3].ToolResult[0].Text | Should -Be "one`ntwo`n"
        $messages[3].ToolResult[0].Output.exitCode | Should -Be 0
        $messages[5].ToolResult[0].IsError | Should -BeTrue
        $messages[5].ToolResult[0].Text | Should -Be 'no such file'
        $messages[5].ToolResult[0].ExitCode | Should -BeNullOrEmpty
    }

    It 'work in the cmdlets that everybody uses' {
        ($messages | Group-Object Type -NoElement | Sort-Object Name).Name |
            Should -Be 'assistant', 'rate_limit_event', 'result', 'system', 'user'
        ($messages.Usage | Measure-Object OutputTokens -Sum).Sum | Should -Be 80
        ($messages | Select-Object -ExpandProperty Content -ErrorAction Ignore).Count | Should -Be 8
        "$($messages[-1])" | Should -Be 'All done.'
    }
}
