#Requires -Version 7.4

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module

    # The longest and the strangest: what the console shows must not depend on how it happens to be rendered here.
    function Get-Shown([object[]] $Object, [string] $Rendering = 'PlainText') {
        $before = $PSStyle.OutputRendering
        try {
            $PSStyle.OutputRendering = $Rendering
            $Object | Out-String -Width 200
        } finally {
            $PSStyle.OutputRendering = $before
        }
    }
}

Describe 'What the console shows of a run' {
    BeforeAll {
        $place = Open-AmpTestPlace
        $steps = @(
            'init'
            'user what is here?'
            Get-AmpFakeToolStep -Name Bash -Argument @{ cmd = 'ls -la'; cwd = '/srv' } -Id toolu_1
            Get-AmpFakeToolStep -Result '{"output":"one\ntwo\n3\n4\n5\n6\n7\n8\n","exitCode":0}' -Id toolu_1
            Get-AmpFakeToolStep -Name Read -Argument @{ path = '/srv/one' } -Id toolu_2
            Get-AmpFakeToolStep -Result 'no such file' -Failed -Id toolu_2
            Get-AmpFakeToolStep -Name Bash -Argument @{ cmd = 'false' } -Id toolu_3
            Get-AmpFakeToolStep -Result '{"output":"","exitCode":4}' -Id toolu_3
            Get-AmpFakeToolStep -Name strange -Argument ([ordered]@{ size = 3; deep = @{ a = 1, 'x', $null } }) -Id toolu_4
            'out {"type":"rate_limit_event","session_id":"${SESSION}","left":7}'
            'assistant The answer is 42.'
            'out {"type":"result","subtype":"success","duration_ms":61500,"is_error":false,"num_turns":4,"result":"The answer is 42.",' +
            '"session_id":"${SESSION}"}'
        )
        $call = Get-AmpFakeCall $place $steps
        $messages = Invoke-AmpAgent 'what is here?' @call
        $shown = Get-Shown $messages
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'is the thread and the folder' {
        $shown | Should -Match "(?m)^Thread $($messages[0].ThreadId) in $([regex]::Escape($place.Project)), 23 tools$"
    }

    It 'is who says what' {
        $shown | Should -Match '(?m)^You   what is here\?$'
        $shown | Should -Match '(?m)^Amp   The answer is 42\.$'
    }

    It 'is every tool with its main argument' {
        $shown | Should -Match '(?m)^      > Bash  ls -la$'
        $shown | Should -Match '(?m)^      > Read  /srv/one$'
        $shown | Should -Match '(?m)^      > strange  .*size: 3'
    }

    It 'is what a tool gave, the first lines of it, and its exit code where it failed' {
        $shown | Should -Match '(?m)^      < one\n        two\n        3\n        4\n        5\n        6\n        … 2 more lines$'
        $shown | Should -Match '(?m)^      < no such file$'
        $shown | Should -Match '(?m)^      < exit code 4\n      > strange'
    }

    It 'is what is inside a deep argument, not the name of its type' {
        $shown | Should -Match '(?m)^      > strange  size: 3, deep: \{a: \[1, x, null\]\}$'
    }

    It 'is the type and the line of what is unknown' {
        $shown | Should -Match '(?m)^rate_limit_event  \{.*"left":7'
    }

    It 'is the time, the turns and the tokens at the end' {
        $shown | Should -Match '(?m)^Done in 1 min 1 s, 4 turns, 50 tokens in, 100 out$'
    }

    It 'is the answer too where only the result is there' {
        $result = Invoke-AmpAgent 'what is here?' @call -ResultOnly

        Get-Shown $result | Should -Match '(?s)^\s*The answer is 42\.\nDone in 1 min 1 s'
        $result | Should -BeOfType [Amp.ResultMessage]
    }

    It 'is in the order of the messages, also when other objects are among them' {
        $mixed = Get-Shown @($messages[0], [pscustomobject]@{ Name = 'between' }, $messages[1])

        $mixed | Should -Match '(?s)Thread.*You'
        $mixed | Should -Match 'between'
    }

    It 'is what was chosen, where properties were chosen' {
        $messages[-1] | Format-List NumTurns, Result | Out-String | Should -Match '^\s*NumTurns : 4\n\s*Result   : The answer is 42\.\s*$'
        $messages[2].ToolUse | Format-List Name | Out-String | Should -Match '^\s*Name : Bash\s*$'
        foreach ($table in ($messages | Format-Table Type, ThreadId | Out-String), ($messages | Select-Object Type, ThreadId | Out-String)) {
            $table | Should -Match '(?m)^rate_limit_event\s+T-'
            $table | Should -Not -Match 'Done in|Bash'
        }
    }

    It 'is a table or a list where one is asked for' {
        $table = Get-Shown ($messages | Format-Table)
        $table | Should -Match '(?m)^assistant +> Bash  ls -la$'
        $table | Should -Match '(?m)^user +< exit code 4: ?$'
        $table | Should -Match '(?m)^result +The answer is 42\.$'

        $list = Get-Shown ($messages | Format-List)
        $list | Should -Match '(?m)^ToolUse +: > strange  size: 3'
        $list | Should -Match '(?m)^Outcome +: Succeeded$'
        Get-Shown ($messages[-1] | Format-Table) | Should -Match '(?m)^Succeeded +4 00:01:01\.5 +0 The answer is 42\.$'
    }

    It 'is the call of a tool in full, where the call itself is asked for' {
        Get-Shown ($messages.ToolUse | Where-Object Name -EQ strange | Format-List) |
            Should -Match '(?m)^Name  : strange\nKind  : Other\nId    : toolu_4\nInput : size: 3\n +deep:\n +a:\n +- 1\n +- x\n +- null$'
        Get-Shown ($messages.Content) | Should -Match '(?m)^tool_use +> Bash  ls -la$'
    }

    It 'is in the colours that the user has chosen for PowerShell' {
        $before = $PSStyle.Formatting.FormatAccent
        try {
            $PSStyle.Formatting.FormatAccent = "`e[95m"
            Get-Shown $messages[-1] -Rendering Ansi | Should -Match "`e\[95mDone`e\[0m"
        } finally {
            $PSStyle.Formatting.FormatAccent = $before
        }

        Get-Shown $messages -Rendering PlainText | Should -Not -Match "`e"
    }

    It 'is the same of what came back from Clixml and from a job' {
        $file = Join-Path $place.Root 'messages.xml'
        $messages | Export-Clixml -LiteralPath $file
        $back = Import-Clixml -LiteralPath $file
        $twice = Start-Job { $using:back } | Receive-Job -Wait -AutoRemoveJob
        foreach ($copies in $back, $twice) {
            $copies[2].PSTypeNames[0] | Should -Be 'Deserialized.Amp.AssistantMessage'
            $copies[2].ToolUse[0].Input.cmd | Should -Be 'ls -la'
            $copies[8].ToolUse[0].Input.deep.a | Should -Be 1, 'x', $null
            $copies[-1].Usage.OutputTokens | Should -Be 100
            Get-Shown $copies | Should -Be (Get-Shown $messages)
            foreach ($shape in { $_ | Format-List }, { $_ | Format-Table }, { $_.Content }, { $_.ToolUse | Format-List }, { $_.Usage }) {
                Get-Shown ($copies | ForEach-Object $shape) | Should -Be (Get-Shown ($messages | ForEach-Object $shape))
            }
        }

        $foreign = Start-Job { Import-Clixml -LiteralPath $using:file | Out-String } | Receive-Job -Wait -AutoRemoveJob -ErrorVariable errors
        $errors | Should -BeNullOrEmpty
        $foreign | Should -Match 'The answer is 42\.'
    }

    It 'is its picture also behind objects of another type' {
        $mixed = Get-Shown @((Get-Item -LiteralPath $place.Root), $messages[2], $messages[-2])

        $mixed | Should -Match '> Bash  ls -la'
        $mixed | Should -Match 'Amp   The answer is 42\.'
        $mixed | Should -Not -Match 'RawJson'
        $messages[2] | Select-Object * | ForEach-Object { $_.PSObject.Properties.Name } | Should -Not -Contain 'Shown'
    }
}

Describe 'What the console shows of a model''s text' {
    BeforeAll {
        $place = Open-AmpTestPlace
        $bad = "before`e[2J`e[31mred`e]0;title`a`u{9b}5mblink`rover`bwrite`u{7}`u{202e}`u{2066}after"
        $steps = @(
            'init'
            'out ' + (@{ type = 'user'; message = @{ content = @(@{ type = 'text'; text = "user $bad" }) } } | ConvertTo-Json -Depth 9 -Compress)
            'out ' + (@{ type = 'assistant'; message = @{ content = @(@{ type = 'text'; text = "agent $bad" }) } } |
                    ConvertTo-Json -Depth 9 -Compress)
            'out ' + (@{ type = 'assistant'; message = @{ content = @(@{ type = 'thinking'; thinking = "thought $bad" }) } } |
                    ConvertTo-Json -Depth 9 -Compress)
            Get-AmpFakeToolStep -Name "tool$bad" -Argument @{ cmd = "cmd $bad" }
            Get-AmpFakeToolStep -Name strange -Argument @{ "key$bad" = "value $bad" }
            Get-AmpFakeToolStep -Result "result $bad"
            'out ' + (@{ type = "type$bad"; session_id = "T$bad" } | ConvertTo-Json -Compress)
            'out ' + (@{ type = 'result'; subtype = 'success'; result = "answer $bad"; is_error = $false } | ConvertTo-Json -Compress)
        )
        $call = Get-AmpFakeCall $place $steps
        $messages = Invoke-AmpAgent 'go' @call
        $answer = Invoke-AmpAgent 'go' @call -ResultOnly
        Set-Content -LiteralPath $call.Environment.AMP_FAKE_SCRIPT -Value (
            'init', ('out ' + (@{ type = 'result'; subtype = 'error'; error = "failure $bad"; is_error = $true } | ConvertTo-Json -Compress)))
        $failed = Invoke-AmpAgent 'go' @call -ErrorVariable errors -ErrorAction SilentlyContinue
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'has no control sequence of the model''s in it' {
        $shown = Get-Shown (@($messages) + $answer + $failed) -Rendering Ansi

        $shown | Should -Match 'agent beforered'
        foreach ($word in 'user', 'agent', 'thought', 'cmd', 'value', 'result', 'answer', 'failure') {
            $shown | Should -BeLike "*$word before*"
        }

        # The user's colours, bold and dim, and nothing else.
        $shown -replace "`e\[(0|1|2|3[1236];1)m" | Should -Not -Match "[\p{Cc}\u202a-\u202e\u2066-\u2069-[\n\r\t]]"
    }

    It 'has it neither in an error' {
        $errors.Count | Should -Be 1
        foreach ($text in (Get-Shown $errors[0]), "$($errors[0])", $errors[0].Exception.Message, "$($errors[0].CategoryInfo)") {
            $text | Should -BeLike '*failure before*'
            $text | Should -Not -Match "[\p{Cc}-[\n\r\t]]"
        }
    }

    It 'leaves the text itself as the model wrote it' {
        $messages[2].Text | Should -BeExactly "agent $bad"
        $answer.Result | Should -BeExactly "answer $bad"
    }

    It 'has no colour where the output is no terminal' {
        $shell = Invoke-AmpTestShell $place 'Invoke-AmpAgent go @call | Out-Default' -Call $call
        $shell.Output | Should -Not -Match "[\p{Cc}-[\n\r\t]]"
    }
}
